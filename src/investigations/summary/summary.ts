import type {CaseFile} from '../../case/case-file.ts'
import type {Answer, Plain, ReportBlock} from '../../output/answer.ts'
import {queryFile} from '../query-file.ts'
import {
  commonParameters,
  filtersInForce,
  instantWords,
  searchedText,
  windowWarnings,
  type Question,
} from '../question.ts'
import {readReach} from '../reach/reach.ts'
import {column, counted, instants, leftOutTexts, section, text, texts} from '../report-blocks.ts'
import {readSystemNoise, type SystemNoise} from '../system-noise.ts'
import {pasteable, remark, type Part} from './commands.ts'
import {findingsOf, type Finding, type FindingRow} from './findings.ts'
import {kindWords} from './kinds.ts'
import {sparkline, stretchFor} from './sparkline.ts'

interface Custody {
  readonly sources: number
  readonly events: number
  readonly duplicates: number
  readonly rejects: number
  readonly damaged: number
  readonly skipped: number
  readonly clusters: readonly string[]
  readonly apiservers: readonly string[]
}

interface Actor {
  readonly user_name: string | null
  readonly requests: number
  readonly writes: number
  readonly refused: number
  readonly ips: number
  readonly ip: string | null
  readonly first_at: string | null
  readonly last_at: string | null
}

interface Act {
  readonly kind: string
  readonly requests: number
  readonly identities: number
  readonly first_at: string | null
  readonly last_at: string | null
}

interface Level {
  readonly level: string | null
  readonly requests: number
}

interface Activity {
  readonly begins_at: string
  readonly events: number
}

const mostActors = 10

/** A command with the filters that the summary was asked with, so that it is about the same requests. */
function withFilters(command: readonly Part[], {filters, window}: Question): Part[] {
  const {namespace, user, cluster} = filters
  return [
    ...command,
    ...(namespace === undefined ? [] : ['-n', {name: namespace}]),
    ...(user === undefined || command.includes('--user') ? [] : ['--user', {name: user}]),
    ...(cluster === undefined ? [] : ['--cluster', {name: cluster}]),
    ...(window.since === null ? [] : ['--since', window.since]),
    ...(window.until === null ? [] : ['--until', window.until]),
  ]
}

/** A row of the data: what it is about, how many, from when to when, and a command that looks closer. */
const columns = [
  column('section'),
  column('item'),
  column('count', 'BIGINT'),
  column('detail'),
  instants('first_at'),
  instants('last_at'),
  column('command'),
]

/** Events in each stretch of the window, silent ones included. */
interface Rhythm {
  readonly stretch: string
  readonly from: string
  readonly counts: readonly number[]
  readonly rows: readonly Activity[]
}

async function readRhythm(caseFile: CaseFile, question: Question): Promise<Rhythm | null> {
  const {from, to} = question.window
  if (from === null || to === null) return null
  const [start, end] = [Date.parse(from) / 1000, Date.parse(to) / 1000]
  const {seconds, words} = stretchFor(end - start)
  const rows = await caseFile.all<Activity>(queryFile('summary-activity'), {
    cluster: commonParameters(question)['cluster'] ?? null,
    since: from,
    until: to,
    seconds,
  })
  const counts = new Map(rows.map(({begins_at: at, events}) => [Math.floor(Date.parse(at) / 1000 / seconds), events]))
  const first = Math.floor(start / seconds)
  const all = Array.from({length: Math.floor(end / seconds) - first + 1}, (_, i) => counts.get(first + i) ?? 0)
  return {
    stretch: words,
    from: new Date(first * seconds * 1000).toISOString().replace('.000Z', '.000000Z'),
    counts: all,
    rows,
  }
}

function custodyText(custody: Custody): string {
  const parts = [
    counted(custody.events, 'event'),
    `of ${counted(custody.sources, 'source')}`,
    ...(custody.duplicates > 0 ? [`(${counted(custody.duplicates, 'copy', 'copies')} counted once)`] : []),
  ]
  const clusters =
    custody.clusters.length === 0
      ? 'no cluster is named'
      : `${counted(custody.clusters.length, 'cluster')}: ${custody.clusters.join(', ')}`
  return `${parts.join(' ')}; ${clusters}.`
}

function rhythmBlocks(question: Question, rhythm: Rhythm | null): ReportBlock[] {
  if (rhythm === null || rhythm.counts.length === 0) return []
  const most = Math.max(...rhythm.counts)
  return [
    {kind: 'heading', text: `Events a ${rhythm.stretch}, from ${instantWords(question, rhythm.from)} on`},
    {kind: 'code', lines: [`${sparkline(rhythm.counts)}▏ at most ${most.toLocaleString('en-US')}`]},
  ]
}

function dataRows(
  custody: Custody,
  rhythm: Rhythm | null,
  levels: readonly Level[],
  acts: readonly Act[],
  actors: readonly Actor[],
  findings: readonly Finding[],
  caseFlag: readonly string[],
  question: Question,
): Plain[][] {
  const {log} = question.window
  const row = (
    of: string,
    item: string | null,
    count: number,
    {detail = null, first_at = null, last_at = null, command = null}: Readonly<Record<string, string | null>> = {},
  ): Plain[] => [of, item, count, detail, first_at, last_at, command]
  const {clusters, apiservers, ...counts} = custody
  return [
    ...Object.entries(counts).map(([item, count]) =>
      row('case', item, count, item === 'events' ? {first_at: log.firstAt, last_at: log.lastAt} : {}),
    ),
    row('case', 'clusters', clusters.length, {detail: clusters.join(', ') || null}),
    row('case', 'apiservers', apiservers.length, {detail: apiservers.join(', ') || null}),
    ...(rhythm?.rows ?? []).map(({begins_at: at, events}) =>
      row('activity', rhythm?.stretch ?? null, events, {first_at: at}),
    ),
    ...levels.map(({level, requests}) => row('level', level, requests)),
    ...acts.map(({kind, requests, identities, ...span}) =>
      row('act', kind, requests, {detail: counted(identities, 'identity', 'identities'), ...span}),
    ),
    ...actors.map(({user_name: name, requests, writes, refused, ips, ip, ...span}) =>
      row('actor', name, requests, {
        detail: `${counted(writes, 'write')}, ${refused} refused, ${counted(ips, 'address', 'addresses')}${ip === null ? '' : `, mostly ${ip}`}`,
        ...span,
      }),
    ),
    ...findings.map(({row: found, words, command}) =>
      row('finding', found.rule, found.requests, {
        detail: words,
        first_at: found.first_at,
        last_at: found.last_at,
        command: pasteable(withFilters(command, question), caseFlag),
      }),
    ),
  ]
}

function actorsTable(actors: readonly Actor[]): ReportBlock[] {
  if (actors.length === 0) return []
  return [
    {kind: 'heading', text: 'Who is at work'},
    {
      kind: 'table',
      columns: [
        {...column('who'), wrap: true},
        column('requests', 'BIGINT'),
        column('writes', 'BIGINT'),
        column('refused', 'BIGINT'),
        {...column('mostly from'), keep: true},
        {...column('addresses', 'BIGINT'), spare: true},
        {...instants('last'), spare: true},
      ],
      rows: actors.map((actor) => [
        actor.user_name ?? 'not authenticated',
        actor.requests,
        actor.writes,
        actor.refused,
        actor.ip,
        actor.ips,
        actor.last_at,
      ]),
    },
  ]
}

function actsTable(acts: readonly Act[]): ReportBlock[] {
  if (acts.length === 0) return []
  return [
    {kind: 'heading', text: 'What happened'},
    {
      kind: 'table',
      columns: [
        {...column('what'), keep: true},
        column('requests', 'BIGINT'),
        column('identities', 'BIGINT'),
        instants('first'),
        {...instants('last'), spare: true},
      ],
      rows: acts.map((act) => [
        kindWords[act.kind] ?? act.kind,
        act.requests,
        act.identities,
        act.first_at,
        act.last_at,
      ]),
    },
  ]
}

function findingBlocks(
  question: Question,
  findings: readonly Finding[],
  noise: SystemNoise,
  caseFlag: readonly string[],
): ReportBlock[] {
  if (findings.length === 0 && noise.unusual.length === 0)
    return [
      text(
        'No rule of this summary finds anything that deserves a look before the rest; that is no proof of anything.',
      ),
    ]
  return [
    {kind: 'heading', text: 'What deserves a look next'},
    {
      kind: 'code',
      lines: findings.flatMap(({words, command}) => [
        remark(words),
        pasteable(withFilters(command, question), caseFlag),
      ]),
    },
    ...(noise.unusual.length === 0 ? [] : [{kind: 'list', items: noise.unusual.slice(0, 10)} satisfies ReportBlock]),
  ]
}

/**
 * The case at a glance: what was read, from when to when, who is at work, what happened, and what deserves a look next,
 * as commands to paste. Findings never count the everyday work of the control plane; the rest does, as data.
 *
 * @param own.caseFlag What names the case on the command line, where it is not the usual one.
 */
export async function summary(
  caseFile: CaseFile,
  question: Question,
  own: {readonly caseFlag: readonly string[]},
): Promise<Answer> {
  const {forPeople, includeSystem, limit} = question
  const noise = await readSystemNoise(caseFile, question)
  const common = commonParameters(question)
  const withoutNoise = {...common, system: includeSystem ? null : [...noise.keys]}
  const asked = forPeople ? withoutNoise : {...common, system: null}
  const [custody] = await caseFile.all<Custody>(queryFile('summary-custody'), common)
  const rhythm = await readRhythm(caseFile, question)
  const levels = await caseFile.all<Level>(queryFile('summary-levels'), {...common, system: null})
  const acts = await caseFile.all<Act>(queryFile('summary-acts'), asked)
  const actors = await caseFile.all<Actor>(queryFile('summary-actors'), {
    ...asked,
    limit: forPeople ? mostActors : null,
  })
  const findings = findingsOf(await caseFile.all<FindingRow>(queryFile('summary-findings'), withoutNoise))
  const held = custody as Custody
  const reach = await readReach(caseFile, question, {what: 'what happened', never: 'all'})
  const warnings = [...reach.warnings, ...windowWarnings(question)]
  const every = dataRows(held, rhythm, levels, acts, actors, findings, own.caseFlag, question)
  const answer = {
    command: 'summary',
    caseFile: caseFile.path,
    filters: filtersInForce(question),
    columns,
    rows: [limit === 0 || forPeople ? every : every.slice(0, limit)],
    warnings,
  }
  if (!forPeople) return answer
  const leftOut = includeSystem
    ? []
    : await caseFile.all<{user_name: string; requests: number}>(queryFile('top-left-out'), withoutNoise)
  const total = levels.reduce((sum, {requests}) => sum + requests, 0)
  const share = (requests: number): string => `${Math.round((requests / Math.max(1, total)) * 100)} %`
  return {
    ...answer,
    report: [
      text(custodyText(held), 'verdict'),
      ...texts(warnings, 'warning'),
      ...rhythmBlocks(question, rhythm),
      ...actsTable(acts),
      ...actorsTable(actors),
      ...texts(leftOutTexts(new Map(leftOut.map((row) => [row.user_name, row.requests])), 0), 'muted'),
      ...findingBlocks(question, findings, noise, own.caseFlag),
      ...section('What the log can show', [
        searchedText(question),
        `Levels of ${counted(total, 'request')}: ${levels.map(({level, requests}) => `${level ?? 'none told'} ${share(requests)}`).join(', ')}.`,
        ...reach.facts,
      ]),
    ],
  }
}
