import {existsSync} from 'node:fs'
import {MetricsError, parseAuditMetrics} from '../audit/metrics-text.ts'
import type {GivenMetrics} from '../investigations/coverage/metrics.ts'
import {UsageError} from './explain-error.ts'
import {readListText} from './read-list.ts'

/** The name of an API server and the file, as `--metrics` takes them; a file whose name holds `=` is taken as it is. */
function partsOf(given: string): {readonly apiserver: string | null; readonly path: string} {
  const at = given.indexOf('=')
  if (at < 1 || existsSync(given)) return {apiserver: null, path: given}
  return {apiserver: given.slice(0, at), path: given.slice(at + 1)}
}

/**
 * Reads dumps of API servers' metrics: `FILE`, `NAME=FILE`, or `-` for standard input.
 *
 * @throws UsageError where one cannot be read, or is no such dump
 */
export async function readMetrics(given: readonly string[]): Promise<GivenMetrics[]> {
  const read: GivenMetrics[] = []
  for (const one of given) {
    const {apiserver, path} = partsOf(one)
    const text = await readListText(path, 'metrics of an API server', {
      what: 'metrics file',
      hint: 'Write it with: kubectl get --raw /metrics > metrics.txt; or give - for standard input.',
    })
    try {
      read.push({place: path, apiserver, metrics: parseAuditMetrics(text)})
    } catch (error) {
      if (!(error instanceof MetricsError)) throw error
      throw new UsageError(
        `The metrics ${path} cannot be used: ${error.message}`,
        'Write them with: kubectl get --raw /metrics > metrics.txt',
      )
    }
  }
  return read
}
