import type {Plain, ReportBlock} from '../../output/answer.ts'
import {windowText, windowWarnings, type Question} from '../question.ts'
import {column, counted, instants, section, text, texts} from '../report-blocks.ts'
import {shortPlaces} from '../source-folder.ts'
import type {Finding, FindingKind} from './finding.ts'
import {serverName, type Gap} from './gaps.ts'
import {instantOf, lengthWords} from './instants.ts'
import {foldLeaks, type Leaks} from './leaks.ts'
import {levelBlocks} from './level-table.ts'
import type {LevelRow} from './levels.ts'
import type {Rotation} from './missing-files.ts'
import type {Logs, Series} from './read-series.ts'
import {silenceAtEdge} from './silences.ts'

/** Everything that a report about the reach of a log is made of. */
export interface CoverageReport {
  readonly question: Question
  /** Those that wrote in the window that is asked about. */
  readonly logs: Logs
  readonly all: Logs
  readonly rotations: readonly Rotation[]
  readonly gaps: readonly Gap[]
  readonly findings: readonly Finding[]
  readonly levels: readonly LevelRow[]
  readonly leaks: Leaks
  /** What the filters do not do. */
  readonly remarks: readonly string[]
}

const mostStrips = 12
const mostGaps = 15
const mostItems = 6

const reasons: Readonly<Record<Gap['reason'], string>> = {
  'missing-file': 'a rotated file is missing',
  'doubtful-file': 'a rotated file may be missing',
  silence: 'silent',
  'late-start': 'begins late',
  'early-end': 'stops early',
  pause: 'silent',
  replaced: 'replaced',
}

function ofKind(findings: readonly Finding[], kind: FindingKind): Finding[] {
  return findings.filter((finding) => finding.kind === kind)
}

/** Whether the log of an API server holds enough to tell a gap from a quiet time. */
function isTelling({pieces, steadySeconds}: Series): boolean {
  return silenceAtEdge(pieces, 'end', steadySeconds) !== undefined
}

function gapWords(gaps: readonly Gap[]): string[] {
  const own = gaps.filter(({reason}) => reason === 'silence' || reason === 'missing-file')
  const total = own.reduce((sum, {fromUs, toUs}) => sum + toUs - fromUs, 0)
  const files = own.filter(({reason}) => reason === 'missing-file').length
  const edge = (reason: Gap['reason'], words: string): string[] =>
    gaps
      .filter((gap) => gap.reason === reason)
      .slice(0, 3)
      .map((gap) => `${serverName(gap)} ${words.replace('…', lengthWords(gap.toUs - gap.fromUs))}`)
  return [
    ...(own.length === 0 ? [] : [`${counted(own.length, 'gap')}, ${lengthWords(total)} in all`]),
    ...(files === 0 ? [] : [`${counted(files, 'rotated file', 'rotated files')} missing, or more`]),
    ...edge('late-start', 'begins … late'),
    ...edge('early-end', 'stops … early'),
  ]
}

/** API servers by their number, or logs where no record names an API server. */
function serversText(series: readonly Series[], number = series.length): string {
  return counted(number, series.every(({apiserver}) => apiserver === null) ? 'log' : 'API server')
}

/** That nothing is known to be missing, as far as that can be told. */
function wholeText({logs: {series}, gaps, rotations}: CoverageReport): string {
  const mute = series.filter((one) => !isTelling(one)).length
  const servers = `${serversText(series)}, ${lengthWords(Math.max(...series.map(({lastUs}) => lastUs)) - Math.min(...series.map(({firstUs}) => firstUs)))}`
  const doubtful = gaps.filter(({reason}) => reason === 'doubtful-file').length
  const pauses = gaps.filter(({reason}) => reason === 'pause').length
  const doubts = [
    ...(doubtful === 0 ? [] : [`${counted(doubtful, 'rotated file', 'rotated files')} or more may be missing`]),
    ...(pauses === 0 ? [] : [`${counted(pauses, 'silence')} may be habit or loss`]),
  ]
  if (doubts.length > 0) return `Whether the log is whole cannot be told (${servers}): ${doubts.join('; ')}.`
  if (mute === series.length)
    return `Nothing is known to be missing (${servers}), but the log is too short or too quiet to tell a gap from a quiet time.`
  const isChecked =
    rotations.length > 0 && rotations.every(({checked, unchecked}) => checked > 0 && unchecked.length === 0)
  return `The log is whole as far as it tells of itself: ${servers}, no gap that the traffic does not explain${isChecked ? ', no rotated file missing' : ''}.`
}

/** What is said where no log was written in the window, or none at all. */
export function emptyText(question: Question, all: Logs): string {
  return all.series.length === 0 || question.window.log.firstAt === null
    ? 'The case holds no events with a time: nothing can be concluded from what it does not show.'
    : 'Not one event of the window that is asked about is in the log: nothing can be concluded from what it does not show.'
}

function verdicts(parts: CoverageReport): string[] {
  const {question, logs, gaps, findings, leaks} = parts
  const {series} = logs
  if (series.length === 0) return [emptyText(question, parts.all), windowText(question)]
  const ends = ofKind(findings, 'missing-file').filter(({to_at: to}) => to === null)
  const words = [...gapWords(gaps), ...(ends.length === 0 ? [] : ['its end is missing'])]
  const mute = series.filter((one) => !isTelling(one)).length
  const pauses = gaps.filter(({reason}) => reason === 'pause').length
  const doubtful = ofKind(findings, 'missing-file').filter(({isLimit, to_at: to}) => isLimit === true && to !== null)
  const never = ofKind(findings, 'never-logged')
  const lost = (['damaged', 'rejects', 'truncated', 'salvaged', 'clock', 'level-change'] as const).flatMap((kind) => {
    const own = ofKind(findings, kind).filter(({isLimit}) => isLimit === true)
    return own.length === 0 ? [] : [lostWords[kind]]
  })
  return [
    words.length > 0 ? `The log is not whole: ${words.join('; ')}.` : wholeText(parts),
    ...ends.slice(0, 3).map(({statement}) => statement),
    ...(doubtful.length === 0 || words.length === 0
      ? []
      : [`${counted(doubtful.length, 'rotated file', 'rotated files')} or more may be missing besides.`]),
    ...ofKind(findings, 'rotation')
      .slice(0, 3)
      .map(({statement}) => statement),
    ...(mute > 0 && mute < series.length
      ? [`${serversText(series, mute)} of ${series.length} wrote too little to tell a gap from a quiet time.`]
      : []),
    ...(pauses === 0
      ? []
      : [
          `${counted(pauses, 'silence')} may be habit or loss: around ${pauses === 1 ? 'it' : 'them'} the log holds no steady traffic, such as leases, that would tell.`,
        ]),
    ...(never.length === 0
      ? []
      : [
          `Never logged, though every cluster does it: ${never.map((finding) => neverName(finding)).join(', ')}. That none is found proves nothing.`,
        ]),
    ...(leaks.rows.length === 0
      ? []
      : [`The log itself holds credentials, in ${counted(leaks.rows.length, 'record')}: who can read it knows them.`]),
    ...(lost.length === 0 ? [] : [`Besides: ${lost.join(', ')}.`]),
    ...windowWarnings(question),
  ]
}

const lostWords = {
  damaged: 'damaged sources',
  rejects: 'records that could not be read',
  truncated: 'events cut because of their size',
  salvaged: 'events read from damaged records',
  clock: 'times that run back',
  'level-change': 'a change of the audit policy',
} as const

function neverName({api_group: group, resource, subresource, verb}: Finding): string {
  if (resource === null || resource === undefined) return verb ?? 'paths that are no resources'
  const name = `${group === '' ? 'core ' : ''}${resource}${subresource === null || subresource === undefined ? '' : `/${subresource}`}`
  return verb === null || verb === undefined ? name : `${verb} of ${name}`
}

/** The log of a gap. */
function isOf(one: Series, gap: Gap): boolean {
  return gap.cluster === one.cluster && (gap.apiserver === null ? gap.log === one.log : gap.apiserver === one.apiserver)
}

function chartBlocks({question, logs, all, gaps}: CoverageReport, shorten: (text: string) => string): ReportBlock[] {
  const real = gaps.filter(({reason}) => reason !== 'pause' && reason !== 'replaced')
  const series = all.series.filter((one) => logs.series.includes(one) || real.some((gap) => isOf(one, gap)))
  if (series.length === 0) return []
  const {since, until, from, to} = question.window
  const firstUs = Math.min(...series.map((one) => one.firstUs))
  const lastUs = Math.max(...series.map((one) => one.lastUs))
  const fromUs = since === null || from === null ? firstUs : Date.parse(from) * 1000
  const toUs = until === null || to === null ? lastUs : Date.parse(to) * 1000
  if (toUs <= fromUs) return []
  const strips = series.slice(0, mostStrips).map((one) => ({
    label: `${one.cluster === null ? '' : `${one.cluster} `}${shorten(serverName(one))}`,
    pieces: one.pieces.map(({firstUs, lastUs, events}) => ({fromUs: firstUs, toUs: lastUs, events})),
    gaps: real.filter((gap) => isOf(one, gap)),
  }))
  return [
    {
      kind: 'heading',
      text: series.every(({apiserver}) => apiserver === null)
        ? 'When each log was written'
        : 'When each API server wrote',
    },
    {kind: 'strips', fromUs, toUs, strips},
    ...(series.length > mostStrips
      ? [text(`${series.length - mostStrips} more: rows of kind span (-o json).`, 'muted')]
      : []),
  ]
}

function gapBlocks({gaps, findings}: CoverageReport, shorten: (text: string) => string): ReportBlock[] {
  const shown = gaps.filter(({reason}) => reason !== 'pause' && reason !== 'replaced')
  const files = shown.filter(({reason}) => reason === 'missing-file').length
  const meaning =
    files === shown.length
      ? 'what was served then is not in the log'
      : files === 0
        ? 'if anything was served then, it is not in the log'
        : 'what was served then is not in the log; of silences, if anything was'
  const table: ReportBlock[] =
    shown.length === 0
      ? []
      : [
          {kind: 'heading', text: `Gaps: ${meaning}`},
          {
            kind: 'table',
            columns: [
              instants('from'),
              instants('to'),
              column('how long'),
              column('why'),
              {...column('API server'), wrap: true},
            ],
            rows: shown
              .slice(0, mostGaps)
              .map((gap): Plain[] => [
                instantOf(gap.fromUs),
                instantOf(gap.toUs),
                lengthWords(gap.toUs - gap.fromUs),
                reasons[gap.reason],
                shorten(serverName(gap)),
              ]),
          },
          ...(shown.length > mostGaps ? [text(`${shown.length - mostGaps} more: -o json.`, 'muted')] : []),
        ]
  const pauses = ofKind(findings, 'pause')
  const sameFile = ofKind(findings, 'gap').filter(({statement}) => statement.includes('lines that follow each other'))
  return [
    ...table,
    ...(sameFile.length === 0
      ? []
      : [
          text(
            `${counted(sameFile.length, 'gap lies', 'gaps lie')} between two lines of one file that follow each other: no file is missing there. The API server was down or cut off, its clock was set forward, or lines were taken out.`,
            'muted',
          ),
        ]),
    ...list('Missing files', ofKind(findings, 'missing-file'), shorten),
    ...list('API servers that were replaced', ofKind(findings, 'replaced'), shorten),
    ...list('Silences that may be habit or loss', pauses, shorten),
  ]
}

function sentence({statement, consequence}: Finding): string {
  return consequence ? `${statement} ${consequence}` : statement
}

/** Findings as a list: the first few, what they have in common said once, and how many more there are. */
function list(heading: string, findings: readonly Finding[], shorten: (text: string) => string): ReportBlock[] {
  if (findings.length === 0) return []
  const consequences = new Set(findings.map(({consequence}) => consequence ?? ''))
  const isShared = findings.length > 1 && consequences.size === 1
  const [shared = ''] = [...consequences]
  const beyond = findings.length - mostItems
  return [
    ...section(heading, [
      ...findings.slice(0, mostItems).map((finding) => shorten(isShared ? finding.statement : sentence(finding))),
      ...(beyond > 0 ? [`${beyond} more: rows of kind ${findings[0]?.kind ?? ''} (-o json).`] : []),
    ]),
    ...(isShared && shared !== '' ? [text(shared, 'muted')] : []),
  ]
}

/** Requests without an end: those that always last long are one sentence. */
function unfinishedBlocks(findings: readonly Finding[], shorten: (text: string) => string): ReportBlock[] {
  const long = findings.filter(({isLimit}) => isLimit !== true)
  const verbs = [...new Set(long.map(({verb, subresource}) => subresource ?? verb ?? ''))].sort()
  return [
    ...list(
      'A start and no end',
      findings.filter(({isLimit}) => isLimit === true),
      shorten,
    ),
    ...(long.length === 0
      ? []
      : [
          text(
            `${counted(
              long.reduce((sum, {events}) => sum + (events ?? 0), 0),
              'request',
            )} that last long (${verbs.join(', ')}) have a start and no end in the log: open when it ends, or ended in a gap.`,
            'muted',
          ),
        ]),
  ]
}

/** What the log gives away: the same values are one item. */
function leakBlocks({rows, warnings}: Leaks, shorten: (text: string) => string): ReportBlock[] {
  const folded = foldLeaks(rows)
  return [
    ...section('What the log itself gives away', [
      ...folded
        .slice(0, mostItems)
        .map(({statement, consequence, records, evidence}) =>
          shorten(
            `${statement} ${consequence} ${records > 1 ? `${counted(records, 'record')}, first ` : ''}(${evidence})`,
          ),
        ),
      ...(folded.length > mostItems ? [`${folded.length - mostItems} more: rows of kind leak (-o json).`] : []),
    ]),
    ...texts(warnings, 'muted'),
  ]
}

/** Changes of level: the moments, and of each the first few types. */
function changeBlocks(findings: readonly Finding[]): ReportBlock[] {
  const changes = ofKind(findings, 'level-change')
  const moments = changes.filter(({resource}) => resource === undefined)
  const types = changes.filter(({resource}) => resource !== undefined)
  return section('The audit policy changed', [
    ...moments.slice(0, mostItems).map(sentence),
    ...types.slice(0, mostItems).map(({statement}) => statement),
    ...(types.length > mostItems ? [`${types.length - mostItems} more: rows of kind level-change (-o json).`] : []),
  ])
}

/** What the log can show, for people: how far it can be trusted, when each API server wrote, and what is missing. */
export function coverageReport(parts: CoverageReport): ReportBlock[] {
  const {question, logs, findings, levels} = parts
  const places = shortPlaces([...logs.files.values()].map(({place}) => place))
  const shorten = (words: string): string =>
    places.folder === '' ? words : places.shorten(words).replaceAll(places.folder, '')
  const [first = '', ...others] = verdicts(parts)
  const stages = ofKind(findings, 'stages').filter(({events}) => events === 0)
  return [
    text(shorten(first), 'verdict'),
    ...texts(others.map(shorten), 'warning'),
    ...texts(parts.remarks, 'warning'),
    ...chartBlocks(parts, shorten),
    ...gapBlocks(parts, shorten),
    ...list('Never logged', ofKind(findings, 'never-logged'), shorten),
    ...list('Stages that were never logged', stages, shorten),
    ...changeBlocks(findings),
    ...levelBlocks(levels),
    ...list('Metrics of the API server', ofKind(findings, 'metrics'), shorten),
    ...list('Clocks', ofKind(findings, 'clock'), shorten),
    ...list(
      'Damaged',
      [...ofKind(findings, 'damaged'), ...ofKind(findings, 'salvaged'), ...ofKind(findings, 'rejects')],
      shorten,
    ),
    ...list('Cut', ofKind(findings, 'truncated'), shorten),
    ...unfinishedBlocks(ofKind(findings, 'unfinished'), shorten),
    ...list('Files that hold the same', ofKind(findings, 'overlap'), shorten),
    ...leakBlocks(parts.leaks, shorten),
    ...section('What was looked at', [
      ...(question.filters.cluster === undefined ? [] : [`Cluster ${question.filters.cluster}.`]),
      windowText(question),
      ...ofKind(findings, 'span')
        .slice(0, mostItems)
        .map(({statement}) => shorten(statement)),
      ...places.said,
      'The first file that was kept, and an API server none of whose files were collected, cannot be missed: nothing tells that they were there.',
    ]),
  ]
}
