// Preloaded into a measured process: leaves the most memory that it held, in bytes, and the processor time that it took, in
// seconds, in the file BENCH_PEAK_FILE.
import {writeFileSync} from 'node:fs'
import {isMainThread} from 'node:worker_threads'

if (isMainThread)
  process.once('exit', () => {
    const {maxRSS, userCPUTime, systemCPUTime} = process.resourceUsage()
    writeFileSync(process.env.BENCH_PEAK_FILE, `${maxRSS * 1024} ${(userCPUTime + systemCPUTime) / 1e6}`)
  })
