import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {auditEvent, logText} from '../support/audit-event.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

type Row = Record<string, unknown>

async function caseOf(paths: readonly string[]): Promise<string> {
  const path = caseIn(newFolder())
  await load(path, paths)
  return path
}

function rowsOf(ndjson: string): Row[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

describe('timeline', () => {
  const untimed = auditEvent({auditID: 'x', requestReceivedTimestamp: undefined, stageTimestamp: undefined})
  const logged = caseOf([writeInto(newFolder(), 'audit.log', logText([auditEvent(), untimed]))])

  it('writes events for Timesketch, and tells on standard error what it left out', async () => {
    const path = await logged
    const {code, stdout, stderr} = await runHere(['timeline', '--case', path, '-o', 'timesketch'])
    expect(code).toBe(0)
    expect(rowsOf(stdout)).toMatchObject([
      {
        message: 'alice read secret db in prod',
        datetime: '2026-03-01T10:15:22.123456+00:00',
        timestamp: 1772360122123456,
        timestamp_desc: 'API request received',
        user_name: 'alice',
        client_ip: '10.20.0.5',
      },
    ])
    expect(stderr).toContain('1 row has no time that Timesketch can hold')
    const csv = await runHere(['timeline', '--case', path, '-o', 'timesketch-csv'])
    expect(csv.stdout.split('\n').map((line) => line.slice(0, 28))).toEqual([
      'message,datetime,timestamp,t',
      'alice read secret db in prod',
      '',
    ])
    expect(csv.stderr).toContain('left out')
  })

  it('keeps the sentence on a narrow terminal', async () => {
    const {stdout} = await runHere(['timeline', '--case', await logged], {env: {COLUMNS: '80'}})
    expect(stdout).toMatch(/^time .* what$/m)
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((line) => !line.includes('/'))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80)
  })

  it('alone has these formats', async () => {
    const {code, stderr} = await runHere(['who-deleted', '--case', await logged, '-o', 'timesketch'])
    expect(code).toBe(2)
    expect(stderr).toContain('takes one of table, wide, json, ndjson, csv, markdown')
  })

  it('takes filters that mean nothing for wrong usage', async () => {
    for (const flags of [
      ['--ip', 'x'],
      ['--code', 'x'],
      ['--resource', '/x'],
    ]) {
      const {code, stdout, stderr} = await runHere(['timeline', '--case', await logged, ...flags])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^Error: /)
    }
  })
})

const real = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident')
const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(real)
if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

describe.skipIf(!isThere)('the timeline of a real incident', () => {
  const path = isThere ? caseOf([join(real, 'metadata')]) : Promise.resolve('')
  const rows = async (...flags: string[]) =>
    rowsOf((await runHere(['timeline', '--case', await path, '-o', 'ndjson', ...flags])).stdout)

  it('has every request, and those of each identity', async () => {
    expect(await rows()).toHaveLength(3845)
    expect(await rows('--user', 'mallory')).toHaveLength(270)
    expect(await rows('--code', '401')).toHaveLength(64)
  })

  it('tells the deletions of a deployment one by one, and says deleted only where that was answered with success', async () => {
    const summaries = (await rows('--resource', 'deploy/nginx', '-n', 'prod', '--verb', 'delete')).map((row) => [
      row['user_name'],
      row['summary'],
    ])
    expect(summaries).toContainEqual(['mallory', 'was refused to delete deployment nginx in prod'])
    expect(summaries).toContainEqual(['carol', 'acting as bob, deleted deployment nginx in prod'])
    expect(summaries).toContainEqual(['bob', 'was refused to act as alice: tried to delete deployment nginx in prod'])
    expect(summaries).toContainEqual(['bob', 'failed to delete deployment nginx in prod: conflict (409)'])
    expect(summaries).toHaveLength(14)
    for (const {code, dry_run: dry, summary} of await rows('--verb', 'delete')) {
      const isDone = code === 200 && dry !== true && !(summary as string).startsWith('sent ')
      expect(/(?:^|, )deleted /.test(summary as string)).toBe(isDone)
    }
  })

  it('follows a stolen token by its credential', async () => {
    const stolen = (await rows('--user', '*:ci:deployer', '--ip', '203.0.113.0/24'))[0]?.['credential_id'] as string
    const users = new Set((await rows('--credential', stolen)).map((row) => row['client_ip']))
    expect(users).toContain('203.0.113.66')
    expect(users.size).toBeGreaterThan(1)
  })
})
