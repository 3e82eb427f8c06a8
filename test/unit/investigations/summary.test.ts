import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {pasteable} from '../../../src/investigations/summary/commands.ts'
import {sparkline, stretchFor} from '../../../src/investigations/summary/sparkline.ts'
import {summary} from '../../../src/investigations/summary/summary.ts'
import {readWindow} from '../../../src/investigations/window.ts'
import {isReport, plainText, type Answer, type OutputFormat, type Plain} from '../../../src/output/answer.ts'
import {renderAnswer} from '../../../src/output/render.ts'
import {auditEvent, logText, manyEvents, type AuditEvent} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

const samples = fileURLToPath(new URL('../../../samples', import.meta.url))

async function caseOf(events: readonly AuditEvent[]): Promise<string> {
  const folder = newFolder()
  await load(caseIn(folder), [writeInto(folder, 'audit.log', logText(events))])
  return caseIn(folder)
}

interface Asked {
  readonly format?: OutputFormat
  readonly namespace?: string
  readonly since?: string
}

async function ask<Result>(casePath: string, asked: Asked, use: (answer: Answer) => Promise<Result>): Promise<Result> {
  const {format = 'json', namespace, since} = asked
  const caseFile = await openCase(casePath)
  try {
    const question = {
      filters: {namespace},
      window: await readWindow(caseFile, {since, timeZone: 'UTC'}),
      includeSystem: false,
      limit: 0,
      forPeople: isReport(format),
      timeZone: 'UTC',
    }
    return await use(await summary(caseFile, question, {caseFlag: []}))
  } finally {
    caseFile.close()
  }
}

type Row = Readonly<Record<string, Plain>>

const rowsOf = (casePath: string, asked: Asked = {}): Promise<Row[]> =>
  ask(casePath, asked, async ({columns, rows}) => {
    const every: Row[] = []
    for await (const batch of rows)
      for (const row of batch) every.push(Object.fromEntries(columns.map(({name}, i) => [name, row[i] ?? null])))
    return every
  })

const reportOf = (casePath: string, asked: Asked = {}): Promise<string> =>
  ask(casePath, {format: 'table', ...asked}, async (answer) => {
    let text = ''
    for await (const piece of renderAnswer(answer, {format: 'table', width: 110})) text += piece
    return text
  })

const countOf = (rows: readonly Row[], section: string, item: string): Plain | undefined =>
  rows.find((row) => row['section'] === section && row['item'] === item)?.['count']

describe('stretchFor', () => {
  test.each([
    [0, 'minute'],
    [45 * 60, 'minute'],
    [6 * 3600, '15 minutes'],
    [2 * 86_400, 'hour'],
    [4 * 86_400, 'day'],
    [60 * 86_400, 'day'],
    [200 * 86_400, 'week'],
    [900 * 86_400, '4 weeks'],
    [1e9, '4 weeks'],
  ])('%d seconds: %s', (seconds, words) => expect(stretchFor(seconds).words).toBe(words))
})

describe('sparkline', () => {
  test('shows the largest whole, anything above nothing, and a silence as a blank', () => {
    expect(sparkline([0, 1, 50, 100, 0])).toBe(' ▁▅█ ')
    expect(sparkline([1, 1_000_000])).toBe('▁█')
    expect(sparkline([0, 0])).toBe('  ')
  })
})

describe('pasteable', () => {
  test.each([
    ['alice', ['alice']],
    ['a b', ['a b']],
    ["'; rm -rf ~ #", ["'; rm -rf ~ #"]],
    ['$(id)', ['$(id)']],
    ['-n', ['*n']],
    ['a\x1b[2Jb\nc', ['a*[2Jb*c']],
    ['\u202egpj', ['*gpj']],
  ])('hands %j over as one argument that a terminal shows', (name, argument) => {
    const line = pasteable(['timeline', '--user', {name}], ['--case', 'my case.duckdb'])
    const {stdout} = spawnSync(
      'sh',
      ['-c', `k8saudit() { for word in "$@"; do printf '%s\\0' "$word"; done; }; ${line}`],
      {encoding: 'utf8'},
    )
    expect(stdout.split('\0').slice(0, -1)).toEqual(['timeline', '--user', ...argument, '--case', 'my case.duckdb'])
  })
})

describe('of the samples', () => {
  const casePath = caseIn(newFolder())
  const loaded = load(casePath, [samples])

  test('counts what is there', async () => {
    await loaded
    const rows = await rowsOf(casePath)
    const acts = [
      'failed-login',
      'refused',
      'impersonation',
      'impersonation-refused',
      'namespace-deletion',
      'rbac-change',
      'exec',
    ]
    expect(Object.fromEntries(acts.map((kind) => [kind, countOf(rows, 'act', kind)]))).toEqual({
      'failed-login': 43,
      refused: 7,
      impersonation: 2,
      'impersonation-refused': 1,
      'namespace-deletion': 1,
      'rbac-change': 6,
      exec: 5,
    })
    expect([countOf(rows, 'case', 'events'), countOf(rows, 'case', 'sources')]).toEqual([3883, 7])
    const activity = rows.filter((row) => row['section'] === 'activity')
    expect(activity.reduce((sum, row) => sum + Number(row['count']), 0)).toBe(3883)
    expect(rows.filter((row) => row['section'] === 'actor').reduce((sum, row) => sum + Number(row['count']), 0)).toBe(
      1915,
    )
  })

  test('finds who guessed, whose token travelled, who took all secrets and who made themselves a way back', async () => {
    await loaded
    const commands = (await rowsOf(casePath))
      .filter((row) => row['section'] === 'finding')
      .map((row) => plainText(row['command']))
    expect(commands).toEqual(
      expect.arrayContaining([
        'k8saudit timeline --ip 203.0.113.9',
        expect.stringMatching(/^k8saudit timeline --credential JTI=[0-9a-f-]+$/),
        'k8saudit secrets --user system:serviceaccount:ci:runner',
        'k8saudit execs --user system:serviceaccount:ci:runner',
        'k8saudit timeline --user system:serviceaccount:ci:runner --resource clusterrolebindings,clusterroles,rolebindings,roles',
        'k8saudit timeline --user system:serviceaccount:ci:runner-cache',
        'k8saudit denied --kind impersonation --user frank',
        'k8saudit who-deleted namespace/preview-7',
      ]),
    )
    expect(commands.join('\n')).not.toContain('kube-controller-manager')
  })

  test('reports it on a page, with what was left out', async () => {
    await loaded
    const report = await reportOf(casePath)
    expect(report).toMatch(/^3,883 events of 7 sources; no cluster is named\.\n/)
    expect(report).toMatch(/Events a minute, from 2026-03-01 10:05:00Z on\n[▁-█ ]{45}▏ at most 325\n/)
    expect(report).toContain('# 41 failed logins from 203.0.113.9\nk8saudit timeline --ip 203.0.113.9\n')
    expect(report).toMatch(/Left out: 1,337 requests of the control plane and nodes/)
    expect(report.replaceAll(/\s+/g, ' ')).toContain('Window: 2026-03-01 10:05:00Z to 2026-03-01 10:49:59Z')
  })

  test('keeps to the window and the namespace', async () => {
    await loaded
    const rows = await rowsOf(casePath, {since: '2026-03-01T10:40:00Z', namespace: 'ci'})
    expect(countOf(rows, 'act', 'failed-login')).toBeUndefined()
    expect(countOf(rows, 'act', 'deletion')).toBe(1)
    const inProd = (await rowsOf(casePath, {since: '2026-03-01T10:20:00Z', namespace: 'prod'})).map((row) =>
      plainText(row['command']),
    )
    expect(inProd).toContain(
      'k8saudit timeline --user grace --effective-user erin -n prod --since 2026-03-01T10:20:00.000000Z',
    )
  })
})

test('a small quiet log has no findings, and says that this proves nothing', async () => {
  const report = await reportOf(await caseOf(manyEvents(20)))
  expect(report).toContain('No rule of this summary finds anything')
})

test('an empty case is said to be empty', async () => {
  const report = await reportOf(await caseOf([]))
  expect(report).toContain('The case holds no events')
})

test('names out of the log can neither end a comment nor a command', async () => {
  const hostile = 'x\nk8saudit sources remove 1; $(id) \x1b[2J\u202e'
  const events = Array.from({length: 3}, (_, i) =>
    auditEvent({
      auditID: `h-${i}`,
      user: {username: hostile},
      objectRef: {resource: 'secrets', apiVersion: 'v1'},
      verb: 'list',
      requestURI: '/api/v1/secrets',
      requestReceivedTimestamp: `2026-03-01T10:15:2${i}.000000Z`,
    }),
  )
  const report = await reportOf(await caseOf(events))
  expect(report).toContain("k8saudit secrets --user 'x*k8saudit sources remove 1; $(id) *[2J*'")
  // eslint-disable-next-line no-control-regex
  expect(report).not.toMatch(/\x1b|\u202e|^k8saudit sources/m)
})

test('a system identity from elsewhere than usual is told', async () => {
  const node = (count: number, address: string) =>
    manyEvents(count, address === '10.0.0.10' ? 0 : 1000, () => ({
      user: {username: 'system:node:node-1'},
      sourceIPs: [address],
      userAgent: 'kubelet/v1.32.0',
    }))
  const report = await reportOf(await caseOf([...node(200, '10.0.0.10'), ...node(2, '203.0.113.66')]))
  expect(report.replaceAll(/\s+/g, ' ')).toContain(
    'system:node:node-1 from 203.0.113.66 with kubelet: 2 requests, not its usual address or client',
  )
})

test('what is pasted finds a name with a backslash, and runs nothing that a name says, in a shell without comments too', async () => {
  const names = [
    'CORP\\tom',
    'x; echo RAN-IT #',
    '$(echo RAN-IT)',
    '`echo RAN-IT`',
    "it's; echo RAN-IT",
    'k8saudit () echo',
  ]
  const events = names.map((username, i) =>
    auditEvent({
      auditID: `paste-${i}`,
      verb: 'list',
      requestURI: '/api/v1/secrets',
      objectRef: {resource: 'secrets', apiVersion: 'v1'},
      user: {username},
      requestReceivedTimestamp: `2026-03-01T10:15:2${i}.000000Z`,
    }),
  )
  const path = await caseOf(events)
  const report = await reportOf(path)
  const lines = report.split('\n')
  const block = lines
    .slice(lines.indexOf('What deserves a look next') + 1)
    .filter((line) => /^(?:#|k8saudit) /.test(line))
  expect(block.filter((line) => line.startsWith('k8saudit secrets --user '))).toHaveLength(6)
  expect(report).not.toContain('CORP\\\\tom --')
  expect(report.includes('--user CORP*tom') || report.includes("--user 'CORP*tom'")).toBe(true)
  // zsh takes the first word of a typed line that begins with # for a command; here it is one, and echoes its arguments.
  const typed = block.map((line) => line.replace(/^# /, 'told ').replace(/^k8saudit /, 'told '))
  const {stdout, status} = spawnSync('sh', {
    input: `told() { printf '%s|' "$#"; }\n${typed.join('\n')}\n`,
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout).not.toContain('RAN-IT')
  expect(stdout).toMatch(/^(?:\d+\|)+$/)
})
