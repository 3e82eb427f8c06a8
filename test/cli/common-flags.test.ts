import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, test} from 'vitest'
import {runCli, type CliResult} from '../support/run-cli.ts'
import {runHere} from '../support/run-here.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {newFolder} from '../support/scratch.ts'

type Row = Record<string, unknown>

interface JsonAnswer {
  readonly command: string
  readonly case: string
  readonly filters: Row
  readonly warnings: readonly string[]
  readonly rows: readonly Row[]
}

const casePath = caseIn(newFolder())
beforeAll(async () => {
  await load(casePath, [fileURLToPath(new URL('../../samples', import.meta.url))])
})

const answers = new Map<string, Promise<CliResult>>()

/** The answer as JSON; the same question is put once, because no test changes the case. */
async function asked(...args: readonly string[]): Promise<JsonAnswer> {
  const key = JSON.stringify(args)
  const answer = answers.get(key) ?? runHere([...args, '--case', casePath, '-o', 'json'])
  answers.set(key, answer)
  const {code, stdout, stderr} = await answer
  expect({args, code, stderr: code === 0 ? '' : stderr}).toEqual({args, code: 0, stderr: ''})
  return JSON.parse(stdout) as JsonAnswer
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Investigations whose rows are requests, with the columns that others rely on, in their order. */
const investigations: readonly {
  readonly command: string
  readonly args: readonly string[]
  readonly columns: string
}[] = [
  {
    command: 'who-deleted',
    args: ['who-deleted'],
    columns:
      'time outcome cause user_name effective_user impersonated_user initiated_by client_ip user_agent verb code cluster namespace resource name object_uid gone_at audit_id evidence note',
  },
  {
    command: 'timeline',
    args: ['timeline'],
    columns:
      'time user_name effective_user verb namespace resource subresource name code client_ip user_agent summary audit_id evidence',
  },
  {
    command: 'secrets',
    args: ['secrets'],
    columns: 'time user_name effective_user client_ip verb namespace name code user_agent audit_id evidence',
  },
  {
    command: 'execs',
    args: ['execs'],
    columns:
      'time session kind user_name effective_user client_ip verb namespace pod container command command_line stdin tty code duration_seconds user_agent audit_id evidence',
  },
  {command: 'denied', args: ['denied'], columns: 'time'},
  {command: 'search', args: ['search', 'prod'], columns: 'time'},
]

describe.each(investigations)('$command', ({args, columns}) => {
  test('has the columns that others rely on, in their order, and says what it was asked', async () => {
    const answer = await asked(...args)
    expect(answer.command).toBe(args[0])
    expect(answer.case).toBe(casePath)
    expect(answer.filters['window']).toEqual([expect.stringMatching(/Z$/), expect.stringMatching(/Z$/)])
    expect(answer.rows.length).toBeGreaterThan(0)
    const own = Object.keys(answer.rows[0] ?? {})
    const promised = columns.split(' ')
    expect(own.filter((name) => promised.includes(name))).toEqual(promised)
    for (const row of answer.rows) expect(text(row['evidence'])).toMatch(/^\/.+:\d+$/)
  })

  test('rows come oldest first', async () => {
    const times = (await asked(...args)).rows.map((row) => text(row['time']))
    expect(times).toEqual([...times].sort())
  })

  test('--since is inclusive and --until is not, also as spans and in a zone', async () => {
    const all = (await asked(...args)).rows
    const middle = text(all[Math.floor(all.length / 2)]?.['time'])
    const since = (await asked(...args, '--since', middle)).rows
    const until = (await asked(...args, '--until', middle)).rows
    expect(since.map((row) => text(row['time'])).every((time) => time >= middle)).toBe(true)
    expect(until.map((row) => text(row['time'])).every((time) => time < middle)).toBe(true)
    expect(since.length + until.length).toBe(all.length)
    const span = await asked(...args, '--since', '20m')
    expect(span.filters['since']).toBe('2026-03-01T10:29:59.075371Z')
    // Sessions are told from the requests that were asked for.
    const withoutSession = (rows: readonly Row[]) => rows.map((row) => ({...row, session: null}))
    expect(withoutSession(span.rows)).toEqual(
      withoutSession(all.filter((row) => text(row['time']) >= '2026-03-01T10:29:59.075371Z')),
    )
    const zoned = await asked(...args, '--since', '2026-03-01 15:55', '--timezone', 'Asia/Kolkata')
    expect(zoned.filters['since']).toBe('2026-03-01T10:25:00.000000Z')
  })

  test('--namespace and --user mean one, and many by *', async () => {
    const {rows} = await asked(...args, '-n', 'pro*', '--user', 'system:serviceaccount:*')
    for (const row of rows) {
      if (args[0] !== 'who-deleted') expect(text(row['namespace'])).toMatch(/^pro/)
      expect(`${text(row['user_name'])} ${text(row['effective_user'])}`).toMatch(/(^| )system:serviceaccount:/)
    }
    const some = (await asked(...args)).rows.find((row) => text(row['user_name']) !== '')
    const user = text(some?.['user_name'])
    const own = (await asked(...args, '--user', user)).rows
    expect(own.length).toBeGreaterThan(0)
    for (const row of own) expect([row['user_name'], row['effective_user']]).toContain(user)
    expect((await asked(...args, '-n', 'no-such-namespace', '--user', 'nobody-*')).rows).toEqual([])
    expect((await asked(...args, '--cluster', 'no-such-cluster')).rows).toEqual([])
  })

  test('--limit takes the oldest, and 0 is all', async () => {
    const all = (await asked(...args, '--limit', '0')).rows
    expect((await asked(...args)).rows).toEqual(all)
    expect((await asked(...args, '--limit', '2')).rows).toEqual(all.slice(0, 2))
  })

  test('data leave nothing out, and every format of them says the same', async () => {
    const all = (await asked(...args)).rows
    expect((await asked(...args, '--exclude-system')).rows).toEqual(all)
    const lines = await runHere([...args, '--case', casePath, '-o', 'ndjson'])
    expect(
      lines.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Row),
    ).toEqual(all)
    expect(lines.stderr).toContain('Window: ')
    const csv = await runHere([...args, '--case', casePath, '-o', 'csv'])
    expect(csv.stdout.split('\n')[0]).toBe(Object.keys(all[0] ?? {}).join(','))
  })

  test('a report says what was searched and from when to when, in the zone asked for, also where nothing was found', async () => {
    const {stdout} = await runHere([...args, '--case', casePath, '--timezone', 'Europe/Berlin'])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('2026-03-01 11:05:00+01:00')
    const none = await runHere([...args, '--case', casePath, '-n', 'no-such-namespace', '--user', 'nobody'])
    expect(none.code).toBe(0)
    const words = none.stdout.replaceAll(/\s+/g, ' ')
    expect(words).toContain('no-such-namespace')
    expect(words).toContain('nobody')
    expect(words).toContain('2026-03-01 10:05:00Z')
  })

  test.each(['table', 'wide', 'markdown'])('%s is the same on every run and fits', async (format) => {
    const whole = [...args, '--case', casePath, '-o', format]
    const options = {env: {COLUMNS: '80'}}
    const first = await runHere(whole, options)
    expect(first).toMatchObject({code: 0, signal: null})
    // The table also in a process of its own, as users run it: nothing may depend on this one.
    expect(await (format === 'table' ? runCli : runHere)(whole, options)).toEqual(first)
  })

  test('wrong usage is told without a stack trace', async () => {
    for (const wrong of [
      ['--since', 'yesterday'],
      ['--timezone', 'Mars/Olympus'],
      ['--limit', '-1'],
      ['--since', '1h', '--until', '2h'],
      ['-o', 'xml'],
      ['-n', ''],
      ['--user', ''],
    ]) {
      const {code, stderr, stdout} = await runHere([...args, '--case', casePath, ...wrong])
      expect({wrong, code, stdout}).toEqual({wrong, code: 2, stdout: ''})
      expect(stderr).not.toMatch(/\bat .*:\d+:\d+/)
      expect(stderr.length).toBeGreaterThan(20)
    }
    const gone = await runHere([...args, '--case', '/nowhere/case.duckdb'])
    expect(gone.code).toBe(4)
  })
})

describe.each([
  ['ips', 'client_ip requests failed denied failure_rate users first_seen last_seen'],
  ['users', 'user_name requests failed denied failure_rate ips first_seen last_seen'],
])('top %s', (what, columns) => {
  test('has the columns that others rely on, and most come first', async () => {
    const {rows} = await asked('top', what)
    const promised = columns.split(' ')
    expect(Object.keys(rows[0] ?? {}).filter((name) => promised.includes(name))).toEqual(promised)
    const requests = rows.map((row) => Number(row['requests']))
    expect(requests).toEqual([...requests].sort((a, b) => b - a))
    const sum = requests.reduce((total, n) => total + n, 0)
    expect(sum).toBe(1915)
  })
})
