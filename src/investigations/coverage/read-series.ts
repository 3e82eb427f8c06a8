import type {CaseFile} from '../../case/case-file.ts'
import {globPattern} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import type {Question} from '../question.ts'
import {logPartOf} from './series-name.ts'
import type {Piece, SteadySeconds} from './silences.ts'

/** A file of a log, and what became of it. Times are in microseconds since 1970. */
export interface LogFile {
  readonly source: number
  /** Path, and the member inside the archive. */
  readonly place: string
  readonly log: string
  readonly endedUs: number | null
  readonly exactUs: number
  readonly isLive: boolean
  readonly status: string
  readonly problem: string | null
  readonly events: number
  readonly duplicates: number
  readonly salvaged: number
  readonly rejects: number
  readonly cluster: string | null
  readonly apiserver: string | null
}

/** What one API server wrote, as far as it was loaded: where records name none, the log that stands for it. */
export interface Series {
  readonly cluster: string | null
  readonly apiserver: string | null
  /** The log; of several the one with most events. */
  readonly log: string
  /** Minutes in which it wrote, oldest first, a piece for each file. */
  readonly pieces: readonly Piece[]
  readonly events: number
  readonly firstUs: number
  readonly lastUs: number
  /** How far apart requests on leases are at a time; NULL where there are none on that day. */
  readonly steadySeconds: SteadySeconds
}

/** The logs of a case. */
export interface Logs {
  readonly series: readonly Series[]
  readonly files: ReadonlyMap<number, LogFile>
}

interface SourceRow {
  readonly source_id: number
  readonly path: string
  readonly member: string | null
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly status: string
  readonly problem: string | null
  readonly events: number
  readonly duplicates: number
  readonly salvaged: number
  readonly rejects: number
}

interface LeaseRow {
  readonly source_id: number
  readonly day: string
  readonly leases: number
}

interface Growing {
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly pieces: Piece[]
  readonly eventsByLog: Map<string, number>
}

const dayUs = 86_400_000_000
const minuteUs = 60_000_000
/** Times further outside the span of the log are those that nobody can believe. */
const slackUs = dayUs

function believable({window}: Question): (us: number) => boolean {
  const {firstAt, lastAt} = window.log
  if (firstAt === null || lastAt === null) return () => true
  const [from, to] = [Date.parse(firstAt) * 1000 - slackUs, Date.parse(lastAt) * 1000 + slackUs]
  return (us) => us >= from && us <= to
}

/** Seconds between requests on leases, by day: their count against the minutes in which the log was written. */
function steadyFrom(pieces: readonly Piece[], leases: ReadonlyMap<string, number>): SteadySeconds {
  const minutes = new Map<number, Set<number>>()
  const counts = new Map<number, number>()
  const taken = new Set<string>()
  for (const {source, firstUs} of pieces) {
    const day = Math.floor(firstUs / dayUs)
    let seen = minutes.get(day)
    if (seen === undefined) minutes.set(day, (seen = new Set()))
    seen.add(Math.floor(firstUs / minuteUs))
    const key = `${source} ${day}`
    if (taken.has(key)) continue
    taken.add(key)
    counts.set(day, (counts.get(day) ?? 0) + (leases.get(key) ?? 0))
  }
  return (atUs) => {
    const day = Math.floor(atUs / dayUs)
    const count = counts.get(day) ?? 0
    // A source of several API servers counts the leases of all of them for each: of too few, nothing is told.
    return count < 10 ? null : ((minutes.get(day)?.size ?? 1) * 60) / count
  }
}

/**
 * Reads the logs of a case, or of a cluster of it, from statistics kept at load: which files are parts of one log, and in
 * which minutes each API server wrote. Events whose times nobody can believe (log-span) are left out.
 */
export async function readSeries(caseFile: CaseFile, question: Question): Promise<Logs> {
  const {cluster} = question.filters
  const asked = {cluster: cluster === undefined ? null : globPattern(cluster)}
  const files = new Map<number, LogFile>()
  for (const row of await caseFile.all<SourceRow>(queryFile('coverage-sources'), asked)) {
    const {source_id: source, path, member, ...rest} = row
    files.set(source, {
      source,
      place: member === null ? path : `${path}!/${member}`,
      ...logPartOf(path, member),
      ...rest,
    })
  }
  const isBelievable = believable(question)
  const growing = new Map<string, Growing>()
  const {batches} = await caseFile.stream(queryFile('coverage-written'), asked)
  for await (const batch of batches)
    for (const [source, ofCluster, apiserver, firstUs, lastUs, events, firstLine, lastLine] of batch as [
      number,
      string | null,
      string | null,
      number,
      number,
      number,
      number,
      number,
    ][]) {
      if (!isBelievable(firstUs)) continue
      const log = files.get(source)?.log ?? ''
      const key = JSON.stringify([ofCluster, apiserver ?? [log]])
      let one = growing.get(key)
      if (one === undefined) {
        one = {cluster: ofCluster, apiserver, pieces: [], eventsByLog: new Map()}
        growing.set(key, one)
      }
      one.pieces.push({source, firstUs, lastUs, events, firstLine, lastLine})
      one.eventsByLog.set(log, (one.eventsByLog.get(log) ?? 0) + events)
    }
  const leases = new Map<string, number>()
  for (const {source_id: source, day, leases: count} of await caseFile.all<LeaseRow>(
    queryFile('coverage-leases'),
    asked,
  ))
    leases.set(`${source} ${Math.floor((Date.parse(day) * 1000) / dayUs)}`, count)
  const series = [...growing.values()].map(({pieces, eventsByLog, ...names}): Series => {
    const logs = [...eventsByLog].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    return {
      ...names,
      log: logs[0]?.[0] ?? '',
      pieces,
      events: pieces.reduce((sum, {events}) => sum + events, 0),
      firstUs: pieces.reduce((first, {firstUs}) => Math.min(first, firstUs), Infinity),
      lastUs: pieces.reduce((last, {lastUs}) => Math.max(last, lastUs), -Infinity),
      steadySeconds: steadyFrom(pieces, leases),
    }
  })
  const order = ({cluster: c, apiserver, log}: Series): string => JSON.stringify([c ?? '', apiserver ?? '', log])
  return {series: series.sort((a, b) => (order(a) < order(b) ? -1 : 1)), files}
}
