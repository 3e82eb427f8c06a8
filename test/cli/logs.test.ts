import {mkdirSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {tarOf} from '../support/archives.ts'
import {auditEvent, logLine, logText, manyEvents, type AuditEvent} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {runCli, startCli, type CliResult} from '../support/run-cli.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const samples = join(import.meta.dirname, '../../samples')
const realLogs = process.env['K8SAUDIT_TEST_LOGS']

/** A folder for temporary files of the command alone: what it leaves there shows. */
function temporary(folder: string): {readonly TMPDIR: string} {
  const path = join(folder, 'tmp')
  mkdirSync(path, {recursive: true})
  return {TMPDIR: path}
}

interface JsonAnswer {
  readonly case: string | null
  readonly filters: Record<string, unknown>
  readonly warnings: readonly string[]
  readonly rows: readonly Record<string, unknown>[]
}

const jsonOf = (result: CliResult): JsonAnswer => {
  expect(result).toMatchObject({code: 0})
  return JSON.parse(result.stdout) as JsonAnswer
}

/** Asks logs by way of a case and directly: the same rows and warnings, and the same report. Returns the rows. */
async function expectSameAnswers(
  logs: readonly string[],
  questions: readonly (readonly string[])[],
): Promise<Record<string, unknown>[]> {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const env = temporary(folder)
  expect((await load(casePath, logs)).outcome).toBeOneOf(['complete', 'damaged'])
  const rows: Record<string, unknown>[] = []
  for (const question of questions) {
    const asked = await runHere([...question, '--case', casePath])
    const direct = await runHere([...question, '--logs', ...logs], {env})
    if (!question.includes('json')) {
      expect(direct.stdout, question.join(' ')).toBe(asked.stdout)
      continue
    }
    const {filters, ...answer} = jsonOf(direct)
    const wanted = jsonOf(asked)
    expect(answer, question.join(' ')).toEqual({...wanted, case: null, filters: undefined})
    expect(filters).toEqual({logs: [...logs], ...wanted.filters})
    rows.push(...wanted.rows)
  }
  expect(readdirSync(env.TMPDIR)).toEqual([])
  return rows
}

const outcomesOf = (rows: readonly Record<string, unknown>[]) => new Set(rows.map((row) => row['outcome']))

describe('logs answer as the case that they are loaded into', () => {
  test('the samples', async () => {
    const rows = await expectSameAnswers([samples], [
      ['who-deleted', 'deploy/nginx', '-n', 'prod'],
      ['who-deleted', 'deploy/nginx', '-n', 'prod', '-o', 'json'],
      ['who-deleted', 'deploy', '-o', 'json'],
      ['who-deleted', '-n', 'staging', '-o', 'json'],
      ['who-deleted', 'namespace/staging'],
      ['who-deleted', 'deploy/nowhere', '-n', 'prod'],
    ]) // prettier-ignore
    expect(outcomesOf(rows)).toContain('removed')
  })

  test.each([false, true])(
    'copies, stages alone, damage and rejects; a last line torn and whole elsewhere: %s',
    async (isTorn) => {
      const folder = newFolder()
      const deletion = (changes: AuditEvent = {}) =>
        auditEvent({
          auditID: '1111aaaa-0000-4000-8000-000000000001',
          level: 'RequestResponse',
          verb: 'delete',
          requestURI: '/apis/apps/v1/namespaces/prod/deployments/nginx',
          objectRef: {resource: 'deployments', namespace: 'prod', name: 'nginx', apiGroup: 'apps', apiVersion: 'v1'},
          requestObject: {kind: 'DeleteOptions', apiVersion: 'apps/v1', propagationPolicy: 'Background'},
          ...changes,
        })
      const received = deletion({stage: 'RequestReceived', responseStatus: undefined, user: {username: 'alice', groups: ['devs']}}) // prettier-ignore
      const alone = deletion({auditID: '1111aaaa-0000-4000-8000-000000000002', stage: 'RequestReceived', responseStatus: undefined, requestReceivedTimestamp: '2026-03-01T10:16:22.123456Z'}) // prettier-ignore
      const refused = deletion({auditID: '1111aaaa-0000-4000-8000-000000000003', responseStatus: {code: 403, reason: 'Forbidden'}, requestReceivedTimestamp: '2026-03-01T10:17:22.123456Z'}) // prettier-ignore
      const torn = logLine(
        deletion({
          auditID: '1111aaaa-0000-4000-8000-000000000004',
          requestReceivedTimestamp: '2026-03-01T10:18:22.123456Z',
        }),
      )
      writeInto(
        folder,
        'in/a.log',
        logText([received, deletion(), alone, refused, deletion()]) + (isTorn ? torn.slice(0, 300) : ''),
      )
      writeInto(folder, 'in/b.log', `${torn}\n${logText(manyEvents(20))}`)
      writeInto(folder, 'in/c.log.gz', gzipSync(logText(manyEvents(400))).subarray(0, 3000))
      writeInto(folder, 'in/d.log', `${logText(manyEvents(3, 500))}{"auditID": broken\nnot JSON\n`)
      writeInto(folder, 'in/e.tar', await tarOf([{name: 'e/audit.log', content: logText(manyEvents(30, 10))}]))
      writeInto(folder, 'in/notes.md', '# Notes\n')
      const rows = await expectSameAnswers([join(folder, 'in')], [
      ['who-deleted', 'deploy/nginx', '-n', 'prod', '-o', 'json'],
      ['who-deleted', '-o', 'json'],
      ['who-deleted', 'configmaps'],
    ]) // prettier-ignore
      expect(rows.filter((row) => row['outcome'] === 'refused')).not.toEqual([])
      expect(outcomesOf(rows)).toContain('unproven')
    },
  )

  test.skipIf(realLogs === undefined).each(['metadata', 'gce-policy'])('the incident, %s', async (policy) => {
    const rows = await expectSameAnswers([join(realLogs as string, 'incident', policy)], [
      ['who-deleted', '-o', 'json'],
      ['who-deleted', 'deploy/nginx', '-n', 'prod', '-o', 'json'],
      ['who-deleted', 'pods'],
    ]) // prettier-ignore
    expect([...outcomesOf(rows)].sort()).toEqual(expect.arrayContaining(['failed', 'refused', 'removed', 'unproven']))
  })

  test('standard input', async () => {
    const input = logText([auditEvent({verb: 'delete'})])
    const result = await runCli(['who-deleted', '-o', 'json', '--logs', '-'], {input, env: temporary(newFolder())})
    expect(jsonOf(result).rows).toMatchObject([{user_name: 'alice', evidence: '-:1'}])
  })
})

describe('usage', () => {
  test('--case beside --logs is wrong, K8SAUDIT_CASE is not', async () => {
    const both = await runHere(['who-deleted', '--logs', samples, '--case', 'x.duckdb'])
    expect(both).toMatchObject({code: 2, stdout: ''})
    expect(both.stderr).toContain('--logs and --case cannot be given together')
    const env = {K8SAUDIT_CASE: '/nowhere/case.duckdb'}
    expect(jsonOf(await runHere(['who-deleted', '-o', 'json', '--logs', samples], {env})).case).toBeNull()
  })

  test('several paths, at once and one by one', async () => {
    const folder = newFolder()
    const [a, b] = [1, 2].map((nth) =>
      writeInto(folder, `${nth}.log`, logText([auditEvent({auditID: `a-${nth}`, verb: 'delete'})])),
    ) as [string, string]
    const counts = []
    for (const args of [
      ['--logs', a, b],
      ['--logs', a, '--logs', b],
      ['--logs', a, b, '-n', 'prod'],
      ['--logs', a],
    ])
      // prettier-ignore
      counts.push(jsonOf(await runHere(['who-deleted', '-o', 'json', ...args])).rows.length)
    expect(counts).toEqual([2, 2, 2, 1])
  })

  test('a path that is not there is wrong usage and leaves nothing behind', async () => {
    const env = temporary(newFolder())
    const result = await runHere(['who-deleted', '--logs', '/nowhere/audit.log'], {env})
    expect(result).toMatchObject({code: 2, stdout: ''})
    expect(result.stderr).toContain('/nowhere/audit.log: no such file or folder')
    expect(readdirSync(env.TMPDIR)).toEqual([])
  })

  test('what is no audit log is named, and the answer says that there was none', async () => {
    const folder = newFolder()
    const notes = writeInto(folder, 'notes.md', '# Notes\n')
    const result = await runHere(['who-deleted', '-o', 'json', '--logs', notes])
    expect(result.stderr).toMatch(/Skipped, no audit log \(1\): .*notes\.md: no audit log: not JSON/)
    expect(jsonOf(result)).toMatchObject({rows: []})
    expect(jsonOf(result).warnings).toContain('Nothing that was given holds an audit event.')
    expect((await runHere(['who-deleted', '--logs', notes])).stdout).toContain('Nothing that was given holds an audit event.') // prettier-ignore
  })

  test('damage is told on standard error, and the exit code is that of the question', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'cut.log.gz', gzipSync(logText(manyEvents(400))).subarray(0, 3000))
    const result = await runHere(['who-deleted', '-o', 'json', '--logs', log])
    expect(result.code).toBe(0)
    expect(result.stderr).toMatch(/Damaged, what could be read is asked \(1\): .*cut\.log\.gz: the gzip stream is cut/)
    expect(jsonOf(result).warnings.join()).toContain('1 source is damaged')
  })

  test('--trusted-proxy tells the client from our own load balancers', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'audit.log', logText([auditEvent({verb: 'delete', sourceIPs: ['8.8.8.8', '203.0.113.7', '10.0.0.1']})])) // prettier-ignore
    const addresses = async (...args: string[]) => jsonOf(await runHere(['who-deleted', '-o', 'json', '--logs', log, ...args])).rows.map((row) => row['client_ip']) // prettier-ignore
    expect(await addresses()).toEqual(['10.0.0.1'])
    expect(await addresses('--trusted-proxy', '10.0.0.0/8')).toEqual(['203.0.113.7'])
    expect((await runHere(['who-deleted', '--trusted-proxy', '10.0.0.0/8'])).code).toBe(2)
  })
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s while logs are read ends with 130, with nothing left behind', async (signal) => {
  const env = temporary(newFolder())
  const {child, ended} = startCli(['who-deleted', '--logs', '-'], {env})
  child.stdin.write(logText(manyEvents(2000)))
  for (let i = 0; readdirSync(env.TMPDIR).length === 0; i++) {
    if (i > 1000) throw new Error('waited for more than ten seconds')
    await setTimeout(10)
  }
  const [folder] = readdirSync(env.TMPDIR)
  expect(statSync(join(env.TMPDIR, folder as string)).mode & 0o777).toBe(0o700)
  await setTimeout(300)
  child.kill(signal)
  expect(await ended).toMatchObject({code: 130, stdout: '', stderr: 'Error: Interrupted: nothing was written.\n'})
  expect(readdirSync(env.TMPDIR)).toEqual([])
}) // prettier-ignore
