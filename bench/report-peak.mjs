// Preloaded into a measured process: leaves the most memory that it held, in bytes, in the file BENCH_PEAK_FILE.
import {writeFileSync} from 'node:fs'
import {isMainThread} from 'node:worker_threads'

if (isMainThread)
  process.once('exit', () => {
    writeFileSync(process.env.BENCH_PEAK_FILE, String(process.resourceUsage().maxRSS * 1024))
  })
