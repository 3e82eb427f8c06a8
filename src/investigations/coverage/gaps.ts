import type {CaseFile} from '../../case/case-file.ts'
import type {Question} from '../question.ts'
import {missingFiles, readRotations, type MissingFile, type Rotation} from './missing-files.ts'
import {readSeries, type Logs, type Series} from './read-series.ts'
import {silenceAtEdge, unlikelySilences, type Piece, type Silence} from './silences.ts'

/** A stretch in which what an API server did is not in the log. Times are in microseconds since 1970. */
export interface Gap {
  /**
   * Why it is told: `silence`: no event, though the traffic makes that unlikely; `missing-file`: the names of rotated files
   * show that one was not loaded; `doubtful-file`: one may not have been, but the names do not fit to the moment; `late-start` and `early-end`: another API server of the cluster wrote before or after;
   * `pause`: silent, but without steady traffic that would tell habit from loss; `replaced`: one API server ends where
   * another of the cluster begins, and took its place.
   */
  readonly reason: 'silence' | 'missing-file' | 'doubtful-file' | 'replaced' | 'late-start' | 'early-end' | 'pause'
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
  /** Of a pause: the log is silent like this again and again. */
  readonly isHabit?: boolean
  /** Of an API server that was replaced: the one that took its place. */
  readonly successor?: string
}

const minuteUs = 60_000_000

/** How a report calls an API server: by its name, or by the log that stands for it. */
export function serverName({apiserver, log}: {readonly apiserver: string | null; readonly log: string}): string {
  return apiserver ?? log
}

/** True for the space between the two sides of a clock that was set back, or of lines that were put in another order. */
function isTurned({before, after}: Silence): boolean {
  return before.source === after.source && after.lastLine > 0 && before.firstLine > after.lastLine
}

function silencesOf({pieces, steadySeconds, cluster, apiserver, log}: Series): Gap[] {
  return unlikelySilences(pieces, steadySeconds)
    .filter((silence) => !isTurned(silence))
    .map(({before, after, isHabit, isSteady}) => ({
      // Without steady traffic people and jobs may have rested; that a file was not loaded is another matter.
      reason: isHabit || (!isSteady && before.source === after.source) ? 'pause' : 'silence',
      cluster,
      apiserver,
      log,
      fromUs: before.lastUs,
      toUs: after.firstUs,
      before,
      after,
      missing: null,
      isHabit,
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

/** An API server that ends while another of its cluster begins within this time was replaced. */
const handoverUs = 10 * minuteUs

/** Early ends and late starts that meet are one API server in place of another, as in an upgrade: no gap. */
function withReplaced(edges: readonly Gap[]): Gap[] {
  const left = new Set(edges)
  const replaced: Gap[] = []
  for (const end of edges) {
    if (end.reason !== 'early-end') continue
    const apart = ({toUs}: Gap): number => Math.abs(toUs - end.fromUs)
    const [start] = [...left]
      .filter(
        (each) =>
          each.reason === 'late-start' &&
          each.cluster === end.cluster &&
          serverName(each) !== serverName(end) &&
          apart(each) <= handoverUs,
      )
      .sort((a, b) => apart(a) - apart(b))
    if (start === undefined) continue
    left.delete(end)
    left.delete(start)
    replaced.push({
      ...end,
      reason: 'replaced',
      fromUs: Math.min(end.fromUs, start.toUs),
      toUs: Math.max(end.fromUs, start.toUs),
      after: start.after,
      successor: serverName(start),
    })
  }
  return [...left, ...replaced]
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
        reason: missing.isDoubtful ? 'doubtful-file' : 'missing-file',
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
  const isIn = (gap: Gap, others: readonly Gap[]): boolean =>
    others.some((other) => other.log === gap.log && other.fromUs <= gap.toUs && other.toUs >= gap.fromUs)
  const certain = ofFiles.filter(({reason}) => reason === 'missing-file')
  const sure = [...certain, ...silences.filter((gap) => gap.reason === 'silence' && !isIn(gap, certain))]
  const doubtful = ofFiles.filter((gap) => gap.reason === 'doubtful-file' && !isIn(gap, sure))
  const pauses = silences.filter((gap) => gap.reason === 'pause' && !isIn(gap, ofFiles))
  return [
    ...sure,
    ...doubtful,
    ...pauses,
    ...withReplaced(logs.series.flatMap((one) => unevenEdges(one, logs.series))),
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

/** What of the logs is missing, or may be, in the window that is asked about. */
export interface Losses {
  readonly gaps: readonly Gap[]
  /** Files that were being written, and are missing: the end of their logs. */
  readonly ends: readonly MissingFile[]
  readonly rotations: readonly Rotation[]
}

/** The gaps and missing ends of logs that were read, as far as they reach into the window that is asked about. */
export function lossesIn(logs: Logs, question: Question): Losses {
  const isAsked = isInWindow(question)
  const rotations = readRotations(logs)
  return {
    gaps: gapsIn(logs).filter(isAsked),
    ends: rotations
      .flatMap(({missing}) => missing)
      .filter(({fromUs, toUs}) => toUs === null && isAsked({fromUs, toUs: Infinity})),
    rotations,
  }
}

/**
 * What is missing of each API server's log in the window that is asked about, from statistics kept at load: milliseconds,
 * whatever the size of the case.
 */
export async function readLosses(caseFile: CaseFile, question: Question): Promise<Losses> {
  return lossesIn(await readSeries(caseFile, question), question)
}
