import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'

/** How much an API server writes, as a case tells. */
export interface LogVolume {
  readonly casePath: string
  /** Bytes of audit log a day of the API server that writes most; NULL where the case does not tell. */
  readonly bytesPerDay: number | null
  /** What was measured, for people. */
  readonly sentence: string
}

interface VolumeRow {
  readonly apiserver: string | null
  readonly seconds: number | null
  readonly bytes_per_day: number | bigint | string | null
}

function spanText(seconds: number): string {
  const hours = seconds / 3600
  if (hours < 2) return `${Math.round(seconds / 60)} minutes`
  return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`
}

/**
 * What the busiest API server of a case writes in a day. Each API server keeps its own log file, so they are not added up.
 *
 * @param casePath As it was given, for the answer.
 */
export async function logVolume(caseFile: CaseFile, casePath: string): Promise<LogVolume> {
  const [row] = await caseFile.all<VolumeRow>(queryFile('log-volume'))
  const bytesPerDay = row?.bytes_per_day == null ? null : Number(row.bytes_per_day)
  if (bytesPerDay === null)
    return {
      casePath,
      bytesPerDay,
      sentence: 'The case holds less than ten minutes of logs: what is written in a day cannot be told from it.',
    }
  const megabytes = (bytesPerDay / 1024 / 1024).toLocaleString('en-US', {maximumSignificantDigits: 3})
  const server = row?.apiserver == null ? 'An API server' : `The API server ${row.apiserver}`
  return {
    casePath,
    bytesPerDay,
    sentence: `${server} writes ${megabytes} MB of audit log a day, by ${spanText(row?.seconds ?? 0)} of logs in the case.`,
  }
}
