import {existsSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {openCase, type CaseFile} from '../../src/case/case-file.ts'
import {coverage} from '../../src/investigations/coverage/coverage.ts'
import {denied} from '../../src/investigations/denied/denied.ts'
import {execs} from '../../src/investigations/execs/execs.ts'
import type {Question} from '../../src/investigations/question.ts'
import {readReach} from '../../src/investigations/reach/reach.ts'
import {secrets} from '../../src/investigations/secrets/secrets.ts'
import {summary} from '../../src/investigations/summary/summary.ts'
import {timeline} from '../../src/investigations/timeline/timeline.ts'
import {top} from '../../src/investigations/top/top.ts'
import {whoDeleted} from '../../src/investigations/who-deleted/who-deleted.ts'
import {plainText, type Answer, type Plain} from '../../src/output/answer.ts'
import {load} from '../support/built-loader.ts'
import {runs} from '../support/properties.ts'
import {questionOf} from '../support/question.ts'
import {newFolder, writeInto} from '../support/scratch.ts'
import {
  lose,
  losesOnlyBetween,
  lossOf,
  readArchive,
  readFolder,
  type LogFile,
  type Loss,
} from '../support/stripped-logs.ts'

type Row = Readonly<Record<string, Plain>>

/** An investigation, and what its rows may turn into where the log holds less. */
interface Asked {
  readonly name: string
  readonly ask: (caseFile: CaseFile, question: Question) => Promise<Answer>
  /** What a row is about. */
  readonly key: readonly string[]
  /** What says the same, or nothing at all. */
  readonly same: readonly string[]
  /** Counts that can only become less. */
  readonly counts?: readonly string[]
  /** Where another thing is said: whether it is a less certain one. */
  readonly weaker?: Readonly<Record<string, (full: string, less: string, row: Row, loss: Loss) => boolean>>
  /** True for rows that are about the log as a whole, and say something else where it is another one. */
  readonly isAboutLog?: (row: Row) => boolean
}

const rank = (order: readonly string[]) => (full: string, less: string) => order.indexOf(less) >= order.indexOf(full)
const requestKey = ['time', 'audit_id', 'verb', 'namespace', 'user_name'] as const

const asked: readonly Asked[] = [
  {
    name: 'who-deleted',
    ask: (caseFile, question) => whoDeleted(caseFile, question),
    key: [...requestKey, 'resource', 'name'],
    same: ['client_ip', 'code'],
    weaker: {
      outcome: (full, less, row) =>
        less === 'unproven' ||
        (full === 'removed' && less === 'terminating') ||
        // A dry run is told by its body, or by what other requests show; without both its record is that of a removal.
        ((full === 'dry-run' || full === 'unproven') &&
          ['removed', 'terminating'].includes(less) &&
          plainText(row['note']).includes('dry run')),
    },
  },
  {
    name: 'execs',
    ask: (caseFile, question) => execs(caseFile, question, {proxy: false}),
    key: [...requestKey, 'pod'],
    same: ['client_ip', 'container', 'command', 'command_line', 'stdin', 'tty', 'code', 'duration_seconds'],
    // A copy is two commands: the first alone is a command like others.
    weaker: {kind: (full, less) => full === 'copy' && less === 'exec'},
  },
  {
    name: 'secrets',
    ask: (caseFile, question) => secrets(caseFile, question, {tokens: true}),
    key: requestKey,
    same: ['client_ip', 'name', 'code', 'dry_run', 'issued_credential_id', 'credential_id', 'covers'],
    weaker: {
      outcome: (full, less, row, loss) =>
        less === 'unproven' || (full === 'dry-run' && less === 'changed' && loss.bodies && row['dry_run'] === null),
      gave: rank(['values', 'names only', 'a token', 'nothing', 'could have been values', '']),
      kind: (full, less) => full === 'legacy-token' && less === 'secret',
    },
  },
  {
    name: 'denied',
    ask: (caseFile, question) => denied(caseFile, question, {}),
    key: [...requestKey, 'resource', 'name'],
    same: ['client_ip', 'code'],
    weaker: {kind: (_, less) => less === 'unknown'},
  },
  {
    name: 'timeline',
    ask: (caseFile, question) => timeline(caseFile, question, {}),
    key: [...requestKey, 'resource', 'subresource'],
    same: ['client_ip', 'name', 'code'],
  },
  {
    name: 'top ips',
    ask: (caseFile, question) => top(caseFile, question, {what: 'ips', claimed: false}),
    key: ['client_ip'],
    same: [],
    counts: ['requests', 'failed', 'denied', 'users'],
  },
  {
    name: 'top users',
    ask: (caseFile, question) => top(caseFile, question, {what: 'users', claimed: false}),
    key: ['user_name'],
    same: [],
    counts: ['requests', 'failed', 'denied', 'ips'],
  },
  {
    name: 'summary',
    ask: (caseFile, question) => summary(caseFile, question, {caseFlag: []}),
    key: ['section', 'item', 'command', 'first_at'],
    same: [],
    isAboutLog: ({section}) => section !== 'act' && section !== 'actor' && section !== 'finding',
  },
  {
    name: 'coverage',
    ask: loggedKinds,
    key: ['kind', 'api_group', 'resource', 'subresource', 'verb'],
    same: [],
    counts: ['events'],
  },
]

/** What was logged of each kind of request, at whatever level, and what never was. */
async function loggedKinds(caseFile: CaseFile, question: Question): Promise<Answer> {
  const answer = await coverage(caseFile, question, {metrics: [], isThorough: false})
  const names = ['kind', 'api_group', 'resource', 'subresource', 'verb'] as const
  const place = (name: string): number => answer.columns.findIndex((column) => column.name === name)
  const sums = new Map<string, number>()
  for await (const batch of answer.rows)
    for (const row of batch) {
      if (row[place('kind')] !== 'level') continue
      const key = JSON.stringify(names.map((name) => row[place(name)] ?? null))
      sums.set(key, (sums.get(key) ?? 0) + Number(row[place('events')]))
    }
  return {
    ...answer,
    columns: [...names, 'events'].map((name) => ({name, type: 'VARCHAR'})),
    rows: [[...sums].map(([key, events]) => [...(JSON.parse(key) as Plain[]), events])],
  }
}

interface Told {
  readonly rows: ReadonlyMap<string, readonly Row[]>
  readonly warnings: ReadonlySet<string>
  /** From when to when the log reaches, of how many sources and API servers. */
  readonly extent: string
}

async function rowsOf({key, isAboutLog}: Asked, answer: Answer): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>()
  for await (const batch of answer.rows)
    for (const cells of batch) {
      const row = Object.fromEntries(answer.columns.map(({name}, i) => [name, cells[i] ?? null]))
      if (isAboutLog?.(row) === true) continue
      const of = JSON.stringify(key.map((name) => row[name]))
      rows.set(of, [...(rows.get(of) ?? []), row])
    }
  return rows
}

/** What every investigation answers about a log. */
async function tell(log: readonly LogFile[]): Promise<Map<string, Told>> {
  const folder = newFolder()
  writeInto(folder, 'logs/none.log', '')
  for (const {server, name, lines} of log)
    writeInto(folder, `logs/${server}/${name}`, lines.map((line) => `${line}\n`).join(''))
  await load(join(folder, 'case.duckdb'), [join(folder, 'logs')])
  const caseFile = await openCase(join(folder, 'case.duckdb'))
  try {
    const question = await questionOf(caseFile, {includeSystem: true})
    const reach = await readReach(caseFile, question, {what: 'anything'})
    const told = new Map<string, Told>()
    for (const one of asked) {
      const answer = await one.ask(caseFile, question)
      const rows = await rowsOf(one, answer)
      told.set(one.name, {rows, warnings: new Set(answer.warnings), extent: reach.facts.slice(0, 2).join(' ')})
    }
    return told
  } finally {
    caseFile.close()
  }
}

const isBlindToImpersonation = ({stages}: Loss): boolean => stages.includes('ResponseComplete')

/** What a row says with as much certainty as a fuller one that says something else. */
function contradictions({same, counts = [], weaker = {}}: Asked, full: Row, less: Row, loss: Loss): string[] {
  const differs = (name: string): boolean => plainText(full[name]) !== plainText(less[name])
  return [
    ...same.filter((name) => differs(name) && less[name] !== null),
    // Whom somebody acts as is not known yet when a request arrives: a warning says so where that stage is all there is.
    ...(isBlindToImpersonation(loss) ? [] : ['effective_user'].filter(differs)),
    ...counts.filter((name) => Number(less[name]) > Number(full[name])),
    ...Object.entries(weaker)
      .filter(
        ([name, isWeaker]) => differs(name) && !isWeaker(plainText(full[name]), plainText(less[name]), less, loss),
      )
      .map(([name]) => name),
  ].map((name) => `${name}: ${plainText(full[name])} became ${plainText(less[name])}`)
}

/** What is dishonest in an answer of a log that holds less. */
function dishonesties(one: Asked, full: Told, less: Told, log: readonly LogFile[], loss: Loss): string[] {
  const hasCaveat =
    [...less.warnings].some((warning) => !full.warnings.has(warning)) ||
    (!losesOnlyBetween(log, loss) && less.extent !== full.extent)
  const found: string[] = []
  for (const [key, rows] of less.rows) {
    const before = full.rows.get(key)
    for (const row of rows) {
      const told = (before ?? []).map((each) => contradictions(one, each, row, loss))
      if (told.some((list) => list.length === 0)) continue
      if (before === undefined ? !hasCaveat : true)
        found.push(`${one.name} ${key}: ${before === undefined ? 'is new' : (told[0] ?? []).join(', ')}`)
    }
  }
  // A request of which nothing was logged but that it came is lost with that stage, which seldom is of any use.
  const isLone = (row: Row): boolean => loss.stages.includes('RequestReceived') && row['code'] === null
  const vanished = [...full.rows].filter(([key, rows]) => !less.rows.has(key) && !rows.every(isLone))
  if (vanished.length > 0 && !hasCaveat)
    found.push(`${one.name}: ${vanished.length} rows vanished, and no warning says why: ${vanished[0]?.[0] ?? ''}`)
  return found
}

const nothing: Loss = {bodies: false, stages: [], files: [], server: null}
/** Losses that are tried every time: a file between others, the answers, and every body. */
const always: readonly Loss[] = [
  {...nothing, files: [1]},
  {...nothing, stages: ['ResponseComplete']},
  {...nothing, bodies: true},
]

async function checkLog(log: readonly LogFile[], times: number): Promise<void> {
  const full = await tell(log)
  for (const [name, {rows}] of full) expect(rows.size, name).toBeGreaterThan(3)
  await fc.assert(
    fc.asyncProperty(lossOf, async (loss) => {
      const less = await tell(lose(log, loss))
      const found = asked.flatMap((one) =>
        dishonesties(one, full.get(one.name) as Told, less.get(one.name) as Told, log, loss),
      )
      expect(found).toEqual([])
    }),
    {...runs(times), examples: always.map((loss) => [loss])},
  )
}

describe('where the log holds less, answers become less certain or say what is missing', () => {
  it('in the samples, of two API servers', async () => {
    const samples = join(import.meta.dirname, '../../samples')
    await checkLog(
      [
        ...readFolder(join(samples, 'control-plane-1')),
        ...(await readArchive(join(samples, 'control-plane-2.tar.gz'))),
      ],
      5,
    )
  })

  const real = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident', 'gce-policy')
  it.runIf(process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(real))(
    'in a real log with bodies',
    async () => {
      await checkLog(readFolder(real), 4)
    },
  )
})
