/** What the place of a file tells of the log it is a part of. */
export interface LogPart {
  /** The log: its folder and the name without what differs from part to part (`…/master-1/audit.log`). */
  readonly log: string
  /** The time in a rotated name (`audit-2026-11-20T16-36-20.748.log`), its end, in microseconds since 1970; NULL where there is none. */
  readonly endedUs: number | null
  /** How exactly that name tells it, in microseconds. */
  readonly exactUs: number
  /** True for the name that an API server writes to, as far as names tell: without time and number. */
  readonly isLive: boolean
}

const packed = /(?:\.(?:gz|gzip|zst|zstd|xz|bz2|zip|tgz|tar))+$/i
/** lumberjack: `<prefix>-2006-01-02T15-04-05.000<ext>`, in UTC, the time of the rotation. */
const rotated = /^(.*?)-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})(?:\.(\d{1,6}))?(\.[A-Za-z]\w*)?$/
const clock = '(?:[T_ -]?(?:[01]\\d|2[0-3])[-:._]?[0-5]\\d(?:[-:._]?[0-5]\\d(?:[.,]\\d+)?)?Z?)?'
const date = new RegExp(
  `(?<!\\d)(?:19|20)\\d{2}([-_.]?)(?:0[1-9]|1[0-2])\\1(?:0[1-9]|[12]\\d|3[01])${clock}(?!\\d)`,
  'g',
)
const hours = /(?<!\d)(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?!\d)/g
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const longHash = /(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{8,}(?![0-9a-z])/gi
const longNumber = /(?<![\da-zA-Z])\d{3,}(?![\da-zA-Z])/g
/** `y=2026`, `month=11`, `dt=2026-11-20`: a partition by time. */
const partition = /^(?:y|yr|year|m|mon|month|d|day|h|hr|hour|min|minute|date|dt|time|ts)=[-\d:TZ_.]+$/i
/** Machines that are numbered: their numbers tell logs apart, other numbers at the end tell parts of one log. */
const machine = /(?:master|node|cp|control-?plane|controller|ctrl|server|host|vm|kube|ip|[mn])[-_.]?\d+$/i
/** A log stream of EKS: the hash names the API server. */
const stream = /kube-apiserver-audit-[0-9a-f]{8,}/
const address = /\d{1,3}([-.])\d{1,3}\1\d{1,3}\1\d{1,3}$/

function withoutTimes(name: string): string {
  return name.replaceAll(uuid, '').replaceAll(date, '').replaceAll(hours, '')
}

/** True where the folders from `at` on are the parts of a date: `2026/11/20`, `2026/11/20/05`. */
function dateFolders(folders: readonly string[], at: number): number {
  const isNumber = (text: string | undefined, least: number, most: number): boolean =>
    text !== undefined && /^\d{1,2}$/.test(text) && Number(text) >= least && Number(text) <= most
  if (!/^(?:19|20)\d\d$/.test(folders[at] ?? '') || !isNumber(folders[at + 1], 1, 12)) return 0
  if (!isNumber(folders[at + 2], 1, 31)) return 2
  return isNumber(folders[at + 3], 0, 23) ? (isNumber(folders[at + 4], 0, 59) ? 5 : 4) : 3
}

/** Folders without those that only divide by time: exports cut one log into many. */
function joinedFolders(folders: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < folders.length; i++) {
    const skipped = dateFolders(folders, i)
    if (skipped > 0) {
      i += skipped - 1
      continue
    }
    const folder = folders[i] ?? ''
    const rest = withoutTimes(folder)
    if (partition.test(folder) || (rest !== folder && !/[a-z\d]/i.test(rest.replace(packed, '')))) continue
    kept.push(rest === folder ? folder : rest.replaceAll(/[-_.]{2,}|[-_.]+$/g, ''))
  }
  return kept
}

function microsOf(match: RegExpExecArray): number {
  const [, , day = '', hour = '', minute = '', second = '', fraction = ''] = match
  return Date.parse(`${day}T${hour}:${minute}:${second}Z`) * 1000 + Number(fraction.padEnd(6, '0'))
}

/** The name of a file without what differs from part to part of one log. */
function stemOf(name: string): string {
  const [, base = name, ending = ''] =
    /^(.*?)(\.(?:log|json|jsonl|ndjson|txt|csv|tsv))?(?:\.\d{1,4})?$/i.exec(name) ?? []
  if (stream.test(base)) return name
  let stem = withoutTimes(base).replaceAll(longHash, '').replaceAll(longNumber, '')
  stem = stem.replaceAll(/([-_.:])[-_.:]+/g, '$1').replaceAll(/^[-_.:]+|[-_.:]+$/g, '')
  if (!machine.test(stem) && !address.test(stem)) stem = stem.replace(/(?:[-_.]\d+)+$|^\d+$/, '')
  return `${stem}${ending}`
}

/**
 * Tells which log a file is a part of, by its path alone: rotated names, numbers, dates and dated folders are parts of
 * one log; folders and names of machines tell logs apart. In doubt, what may be one log is taken for one.
 *
 * @param member path inside the archive, nested ones joined by `!/`
 */
export function logPartOf(path: string, member: string | null): LogPart {
  if (path === '-' && member === null) return {log: '-', endedUs: null, exactUs: 0, isLive: false}
  const parts = (member === null ? path : `${path}!/${member}`).replaceAll('\\', '/').split('/')
  const file = (parts.pop() ?? '').replace(packed, '')
  const folder = joinedFolders(parts).join('/')
  const place = (name: string): string =>
    name === '' ? folder : folder === '' && parts.length === 0 ? name : `${folder}/${name}`
  const match = rotated.exec(file)
  const endedUs = match === null ? Number.NaN : microsOf(match)
  if (match !== null && !Number.isNaN(endedUs))
    return {
      log: place(`${match[1] ?? ''}${match[7] ?? ''}`),
      endedUs,
      exactUs: 10 ** (6 - (match[6] ?? '').length),
      isLive: false,
    }
  const stem = stemOf(file)
  return {log: place(stem), endedUs: null, exactUs: 0, isLive: stem === file}
}
