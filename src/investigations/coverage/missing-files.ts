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
  /** True where nothing shows that the log was rotated to the moment: a file may be missing there. */
  readonly isDoubtful: boolean
}

/** What the names of a log's rotated files tell of whether any is missing. */
export interface Rotation {
  readonly log: string
  readonly missing: readonly MissingFile[]
  /** Neighbours of which it was told whether a file between them is missing. */
  readonly checked: number
  /** Neighbours of which it could not be told, and why; oldest first. */
  readonly unchecked: readonly {readonly place: string; readonly why: 'late' | 'start' | 'names'}[]
}

interface Part {
  readonly endedUs: number
  readonly exactUs: number
  readonly file: LogFile
  /** NULL where the case holds none of its events, because all are copies or none could be read. */
  readonly firstUs: number | null
  readonly lastUs: number | null
  /** Time between two of its events, on the average. */
  readonly spacingUs: number
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
/** Where no names fit to the moment: from so many times the usual distance of two events on, a file may be missing. */
const doubtfulTimes = 20

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
    spacingUs:
      first === null || last === null
        ? 0
        : (last.lastUs - first.firstUs) / Math.max(1, pieces.reduce((sum, {events}) => sum + events, 0) - 1),
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
 * What the names of rotated files tell, log by log: the file after a missing one begins later than the name of the one
 * before it tells. Certain where another pair of files shows that the log was rotated to the moment; where none does, a
 * file may be missing where two are much further apart than events are, and that it cannot be told is told. A file that
 * holds later events than its name says tells nothing, nor do its neighbours of it. The absence of the file that was
 * being written is told too. Logs without rotated names are left out.
 */
export function readRotations({series, files}: Logs): Rotation[] {
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
  return [...logs].flatMap(([log, own]) => {
    const parts = oneOfEach(own.map((file) => partOf(file, piecesOf.get(file.source) ?? [])))
    return parts.every(({endedUs}) => endedUs === Infinity) ? [] : [rotationOf(log, parts, series)]
  })
}

/** The rotated files that are missing, or may be, in all logs. */
export function missingFiles(logs: Logs): MissingFile[] {
  return readRotations(logs).flatMap(({missing}) => missing)
}

/** True where a file holds later events than its name says: another clock or zone named it, or lines were added. */
function isLateNamed({lastUs, endedUs, exactUs}: Part): boolean {
  return endedUs !== Infinity && lastUs !== null && lastUs > endedUs + exactUs + lateUs
}

function rotationOf(log: string, parts: readonly Part[], series: Logs['series']): Rotation {
  const unchecked: {place: string; why: 'late' | 'start' | 'names'}[] = []
  const joints = parts.slice(1).flatMap((after, i) => {
    const before = parts[i]
    if (before === undefined) return []
    const late = [before, after].find(isLateNamed)
    if (late !== undefined || after.firstUs === null || !after.startsWhole) {
      const {place} = (late ?? after).file
      if (!unchecked.some((each) => each.place === place))
        unchecked.push({place, why: late === undefined ? 'start' : 'late'})
      return []
    }
    return [{before, after, firstUs: after.firstUs, lateUs: after.firstUs - before.endedUs - before.exactUs}]
  })
  const isExact = joints.some((joint) => Math.abs(joint.lateUs) <= promptUs)
  const sources = new Set(parts.map(({file}) => file.source))
  const found = joints.flatMap(({before, after, firstUs, lateUs: late}): MissingFile[] => {
    if (late <= promptUs) return []
    if (!isExact && late <= doubtfulTimes * Math.max(before.spacingUs, after.spacingUs, promptUs)) return []
    const {cluster, apiserver} = after.file
    const others = series
      .filter((each) => each.cluster === cluster && apiserver !== null && each.apiserver === apiserver)
      .flatMap(({pieces}) => pieces.filter(({source}) => !sources.has(source)))
    if (isCovered(before.endedUs, firstUs, others)) return []
    return [
      {
        log,
        cluster,
        apiserver,
        fromUs: before.endedUs,
        toUs: firstUs,
        before: before.file,
        after: after.file,
        isDoubtful: !isExact,
      },
    ]
  })
  return {
    log,
    missing: [...found, ...liveMissing(log, parts)],
    checked: isExact ? joints.length : 0,
    unchecked: isExact
      ? unchecked
      : [...unchecked, ...joints.map(({after}) => ({place: after.file.place, why: 'names' as const}))],
  }
}

/** The file that was being written: without it the log ends with the last rotation. */
function liveMissing(log: string, parts: readonly Part[]): MissingFile[] {
  const last = parts.at(-1)
  if (last === undefined || last.endedUs === Infinity || parts.length < 2) return []
  const {cluster, apiserver} = last.file
  return [
    {
      log,
      cluster,
      apiserver,
      fromUs: last.endedUs,
      toUs: null,
      before: last.file,
      after: null,
      isDoubtful: isLateNamed(last),
    },
  ]
}

/** That it cannot be told whether rotated files are missing, as sentences; none where it was told. */
export function uncheckedTexts(rotations: readonly Rotation[]): string[] {
  return rotations.flatMap(({log, checked, unchecked}) => {
    const late = unchecked.filter(({why}) => why === 'late').map(({place}) => place)
    const starts = unchecked.filter(({why}) => why === 'start').length
    const [first = '', ...others] = late
    const named = `${first}${others.length === 0 ? '' : ` and ${others.length} more`}`
    return [
      ...(checked === 0 && unchecked.length > 0 && late.length < unchecked.length
        ? [
            `Whether rotated files of ${log} are missing cannot be checked: no two files follow each other to the moment that a name tells.`,
          ]
        : []),
      ...(late.length > 0
        ? [
            `${named} ${others.length === 0 ? 'holds' : 'hold'} later events than ${others.length === 0 ? 'its name says' : 'their names say'}: whether a rotated file is missing beside ${others.length === 0 ? 'it' : 'them'} cannot be checked.`,
          ]
        : []),
      ...(checked > 0 && starts > 0
        ? [
            `The beginning of ${starts === 1 ? '1 rotated file' : `${starts} rotated files`} of ${log} was not read: whether one before ${starts === 1 ? 'it' : 'them'} is missing cannot be checked.`,
          ]
        : []),
    ]
  })
}
