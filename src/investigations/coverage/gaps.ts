import type {CaseFile} from '../../case/case-file.ts'
import type {Question} from '../question.ts'
import {missingFiles, type MissingFile} from './missing-files.ts'
import {readSeries, type Logs, type Series} from './read-series.ts'
import {silenceAtEdge, unlikelySilences, type Piece} from './silences.ts'

/** A stretch in which what an API server did is not in the log. Times are in microseconds since 1970. */
export interface Gap {
  /**
   * Why it is told: `silence`: no event, though the traffic makes that unlikely; `missing-file`: the names of rotated files
   * show that one was not loaded; `late-start` and `early-end`: another API server of the cluster wrote before or after;
   * `pause`: silent, but the log is silent so often that it may be its habit.
   */
  readonly reason: 'silence' | 'missing-file' | 'late-start' | 'early-end' | 'pause'
  readonly cluster: string | null
  /** NULL where records do not name it; then the log stands for it. */
  readonly apiserver: string | null
  readonly log: string
  readonly fromUs: number
  readonly toUs: number
  /** The piece before it and the one after it; NULL where there is none. */
  readonly before: Piece | null
  readonly after: Piece | null
  readonly missing: MissingFile | null
}

const minuteUs = 60_000_000

/** How a report calls an API server: by its name, or by the log that stands for it. */
export function serverName({apiserver, log}: {readonly apiserver: string | null; readonly log: string}): string {
  return apiserver ?? log
}

function silencesOf({pieces, steadySeconds, cluster, apiserver, log}: Series): Gap[] {
  return unlikelySilences(pieces, steadySeconds).map(({before, after, isHabit}) => ({
    reason: isHabit ? 'pause' : 'silence',
    cluster,
    apiserver,
    log,
    fromUs: before.lastUs,
    toUs: after.firstUs,
    before,
    after,
    missing: null,
  }))
}

/** Where one API server's log begins after, or ends before, that of another of its cluster that wrote at the same time too. */
function unevenEdges(one: Series, all: readonly Series[]): Gap[] {
  const together = all.filter(
    (other) =>
      other !== one &&
      other.cluster === one.cluster &&
      Math.min(other.lastUs, one.lastUs) - Math.max(other.firstUs, one.firstUs) > minuteUs,
  )
  if (together.length === 0) return []
  const names = {cluster: one.cluster, apiserver: one.apiserver, log: one.log, missing: null}
  const firstUs = Math.min(...together.map((other) => other.firstUs))
  const lastUs = Math.max(...together.map((other) => other.lastUs))
  const isTelling = (side: 'start' | 'end', us: number): boolean => {
    if (us < minuteUs) return false
    const threshold = silenceAtEdge(one.pieces, side, one.steadySeconds)
    return threshold !== undefined && us > threshold * 1_000_000
  }
  const first = one.pieces.find((piece) => piece.firstUs === one.firstUs) ?? null
  const last = one.pieces.find((piece) => piece.lastUs === one.lastUs) ?? null
  return [
    ...(isTelling('start', one.firstUs - firstUs)
      ? [{...names, reason: 'late-start', fromUs: firstUs, toUs: one.firstUs, before: null, after: first} satisfies Gap]
      : []),
    ...(isTelling('end', lastUs - one.lastUs)
      ? [{...names, reason: 'early-end', fromUs: one.lastUs, toUs: lastUs, before: last, after: null} satisfies Gap]
      : []),
  ]
}

/** The series that a missing file would have been a part of. */
function seriesOf(missing: MissingFile, series: readonly Series[]): Series | undefined {
  return series.find(({pieces}) => pieces.some(({source}) => source === missing.before.source))
}

/**
 * The gaps of logs that were read, oldest first: silences that the traffic does not explain, missing rotated files, and
 * API servers that begin later or end earlier than others of their cluster. A silence in which a file is missing is one gap.
 */
export function gapsIn(logs: Logs): Gap[] {
  const silences = logs.series.flatMap(silencesOf)
  const ofFiles = missingFiles(logs).flatMap((missing): Gap[] => {
    if (missing.toUs === null) return []
    const series = seriesOf(missing, logs.series)
    return [
      {
        reason: 'missing-file',
        cluster: series?.cluster ?? missing.cluster,
        apiserver: series?.apiserver ?? missing.apiserver,
        log: missing.log,
        fromUs: missing.fromUs,
        toUs: missing.toUs,
        before: null,
        after: null,
        missing,
      },
    ]
  })
  const isTold = (silence: Gap): boolean =>
    ofFiles.some((gap) => gap.log === silence.log && gap.fromUs <= silence.toUs && gap.toUs >= silence.fromUs)
  return [
    ...ofFiles,
    ...silences.filter((silence) => !isTold(silence)),
    ...logs.series.flatMap((one) => unevenEdges(one, logs.series)),
  ].sort(
    (a, b) =>
      a.fromUs - b.fromUs ||
      a.toUs - b.toUs ||
      (serverName(a) < serverName(b) ? -1 : 1) ||
      (a.reason < b.reason ? -1 : 1),
  )
}

/** True for a gap that reaches into the window that is asked about. */
export function isInWindow({window}: Question): (gap: {readonly fromUs: number; readonly toUs: number}) => boolean {
  const since = window.since === null ? -Infinity : Date.parse(window.since) * 1000
  const until = window.until === null ? Infinity : Date.parse(window.until) * 1000
  return ({fromUs, toUs}) => toUs > since && fromUs < until
}

/**
 * The stretches of the window that is asked about in which the log of an API server is missing or suspiciously silent,
 * oldest first, from statistics kept at load: milliseconds, whatever the size of the case.
 */
export async function readGaps(caseFile: CaseFile, question: Question): Promise<Gap[]> {
  return gapsIn(await readSeries(caseFile, question)).filter(isInWindow(question))
}
