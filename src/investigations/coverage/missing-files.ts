import type {LogFile, Logs} from './read-series.ts'
import type {Piece} from './silences.ts'

/** A rotated file that was not loaded, as the names and contents of the others tell. Times are in microseconds since 1970. */
export interface MissingFile {
  readonly log: string
  readonly cluster: string | null
  readonly apiserver: string | null
  /** The time in the name of the file before it: what it holds begins there. */
  readonly fromUs: number
  /** The first event after it; NULL where what is missing is the end of the log, the file being written. */
  readonly toUs: number | null
  readonly before: LogFile
  readonly after: LogFile | null
}

interface Part {
  readonly endedUs: number
  readonly exactUs: number
  readonly file: LogFile
  /** NULL where the case holds none of its events, because all are copies or none could be read. */
  readonly firstUs: number | null
  readonly lastUs: number | null
  /** Whether nothing at its beginning is known to be left out: its first line gave an event. */
  readonly startsWhole: boolean
}

/**
 * lumberjack names a file by the moment at which it begins the next one, because a line does not fit any more; that line
 * was stamped just before. Names only tell milliseconds.
 */
const promptUs = 50_000
/** A name tells the end of its file only if nothing in it is later. */
const lateUs = 1_000_000

function partOf(file: LogFile, pieces: readonly Piece[]): Part {
  const first = pieces.reduce<Piece | null>(
    (one, piece) => (one !== null && one.firstUs <= piece.firstUs ? one : piece),
    null,
  )
  const last = pieces.reduce<Piece | null>(
    (one, piece) => (one !== null && one.lastUs >= piece.lastUs ? one : piece),
    null,
  )
  return {
    endedUs: file.endedUs ?? Infinity,
    exactUs: file.exactUs,
    file,
    firstUs: first?.firstUs ?? null,
    lastUs: last?.lastUs ?? null,
    startsWhole: file.duplicates + file.rejects + file.salvaged === 0 || first?.firstLine === 1,
  }
}

/** Files of the same name, such as `x.log` and `x.log.gz`, are one: of copies one holds the events. */
function oneOfEach(parts: readonly Part[]): Part[] {
  const byEnd = new Map<number, Part>()
  for (const part of parts) {
    const other = byEnd.get(part.endedUs)
    if (other === undefined) byEnd.set(part.endedUs, part)
    else
      byEnd.set(part.endedUs, {
        ...(other.firstUs === null ? part : other),
        firstUs: part.firstUs === null ? other.firstUs : Math.min(part.firstUs, other.firstUs ?? Infinity),
        lastUs: part.lastUs === null ? other.lastUs : Math.max(part.lastUs, other.lastUs ?? -Infinity),
        startsWhole: part.startsWhole || other.startsWhole,
      })
  }
  return [...byEnd.values()].sort((a, b) => a.endedUs - b.endedUs)
}

/** True where a file that is none of the log holds the time that a part of the log is missing. */
function isCovered(fromUs: number, toUs: number, others: readonly Piece[]): boolean {
  return others.some(({firstUs, lastUs}) => firstUs < toUs - promptUs && lastUs > fromUs + promptUs)
}

/**
 * The rotated files that are missing in a log, by its names: the file after a missing one begins later than the name of
 * the one before it tells. Told only where another pair of files shows that the log was rotated to the moment; where the
 * file that was being written is not among them, its absence is told too.
 */
export function missingFiles({series, files}: Logs): MissingFile[] {
  const piecesOf = new Map<number, Piece[]>()
  for (const {pieces} of series)
    for (const piece of pieces) {
      const list = piecesOf.get(piece.source)
      if (list === undefined) piecesOf.set(piece.source, [piece])
      else list.push(piece)
    }
  const logs = new Map<string, LogFile[]>()
  for (const file of files.values()) {
    if (file.endedUs === null && !file.isLive) continue
    const list = logs.get(file.log)
    if (list === undefined) logs.set(file.log, [file])
    else list.push(file)
  }
  return [...logs].flatMap(([log, parts]) =>
    missingOf(log, oneOfEach(parts.map((file) => partOf(file, piecesOf.get(file.source) ?? []))), series),
  )
}

function missingOf(log: string, parts: readonly Part[], series: Logs['series']): MissingFile[] {
  const ended = parts.filter(({endedUs}) => endedUs !== Infinity)
  if (ended.some(({lastUs, endedUs, exactUs}) => lastUs !== null && lastUs > endedUs + exactUs + lateUs)) return []
  const joints = parts.slice(1).flatMap((after, i) => {
    const before = parts[i]
    if (before === undefined || after.firstUs === null || !after.startsWhole) return []
    return [{before, after, firstUs: after.firstUs, lateUs: after.firstUs - before.endedUs - before.exactUs}]
  })
  if (!joints.some((joint) => Math.abs(joint.lateUs) <= promptUs)) return liveMissing(log, parts)
  const sources = new Set(parts.map(({file}) => file.source))
  const found = joints.flatMap(({before, after, firstUs, lateUs: late}): MissingFile[] => {
    if (late <= promptUs) return []
    const {cluster, apiserver} = after.file
    const others = series
      .filter((each) => each.cluster === cluster && apiserver !== null && each.apiserver === apiserver)
      .flatMap(({pieces}) => pieces.filter(({source}) => !sources.has(source)))
    if (isCovered(before.endedUs, firstUs, others)) return []
    return [{log, cluster, apiserver, fromUs: before.endedUs, toUs: firstUs, before: before.file, after: after.file}]
  })
  return [...found, ...liveMissing(log, parts)]
}

/** The file that was being written: without it the log ends with the last rotation. */
function liveMissing(log: string, parts: readonly Part[]): MissingFile[] {
  const last = parts.at(-1)
  if (last === undefined || last.endedUs === Infinity || parts.length < 2) return []
  const {cluster, apiserver} = last.file
  return [{log, cluster, apiserver, fromUs: last.endedUs, toUs: null, before: last.file, after: null}]
}
