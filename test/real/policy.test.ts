import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {caseIn, load} from '../support/built-loader.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder} from '../support/scratch.ts'

type Row = Readonly<Record<string, number | null>>

const logs = process.env['K8SAUDIT_TEST_LOGS']

/** One incident, logged by a real API server under two audit policies that are known. */
describe.skipIf(logs === undefined)('the policies under which an incident was logged', () => {
  const incident = join(logs ?? '', 'incident')
  const cases = {metadata: caseIn(newFolder()), 'gce-policy': caseIn(newFolder())}
  beforeAll(async () => {
    await load(cases.metadata, [join(incident, 'metadata')])
    await load(cases['gce-policy'], [join(incident, 'gce-policy')])
  })

  async function simulated(log: keyof typeof cases, policy: keyof typeof cases): Promise<Row[]> {
    const args = ['policy', 'simulate', join(incident, `${policy}.yaml`), '--case', cases[log], '-o', 'json']
    const {code, stdout, stderr} = await runHere(args)
    expect({code, stderr: code === 0 ? '' : stderr}).toEqual({code: 0, stderr: ''})
    return (JSON.parse(stdout) as {rows: Row[]}).rows
  }
  const sum = (rows: readonly Row[], name: string): number => rows.reduce((total, row) => total + (row[name] ?? 0), 0)

  test.each(['metadata', 'gce-policy'] as const)('%s keeps every event of its own log at its level', async (name) => {
    const rows = await simulated(name, name)
    expect(sum(rows, 'events')).toBe(name === 'metadata' ? 7898 : 4241)
    expect(sum(rows, 'kept')).toBe(sum(rows, 'events'))
    expect(sum(rows, 'bytes_left')).toBe(sum(rows, 'bytes'))
    expect(sum(rows, 'requests_left')).toBe(sum(rows, 'requests'))
  })

  // The figures are those of k8s.io/apiserver's own evaluator over the same events.
  test('gce-policy would have made of the log at Metadata what the API server itself decides', async () => {
    const rows = await simulated('metadata', 'gce-policy')
    expect([sum(rows, 'kept'), sum(rows, 'cut'), sum(rows, 'raised'), sum(rows, 'dropped')]).toEqual([
      773, 0, 3004, 4121,
    ])
    const taken = rows.flatMap(({rule, events}) => (events === 0 || rule === null ? [] : [[rule, events]]))
    expect(taken).toEqual([
      [4, 14],
      [6, 30],
      [8, 6],
      [9, 629],
      [11, 106],
      [12, 60],
      [13, 338],
      [14, 3619],
      [15, 1992],
      [16, 1104],
    ])
  })

  test('Metadata for everything would have cut the bodies of the log under gce-policy', async () => {
    const rows = await simulated('gce-policy', 'metadata')
    expect([sum(rows, 'kept'), sum(rows, 'cut'), sum(rows, 'dropped')]).toEqual([815, 3426, 0])
    expect(sum(rows, 'bodies')).toBeGreaterThan(0)
    expect(sum(rows, 'bodies_left')).toBe(0)
  })

  test('a request is explained as it was logged', async () => {
    const shared = '11111111-2222-3333-4444-555555555555'
    const {stdout} = await runHere([
      ...['policy', 'explain', join(incident, 'gce-policy.yaml'), '--audit-id', shared],
      ...['--case', cases['gce-policy'], '-o', 'json'],
    ])
    const {rows} = JSON.parse(stdout) as {rows: {rule: number; matched: boolean; agrees: boolean; evidence: string[]}[]}
    const taken = rows.filter(({matched}) => matched)
    expect(taken.map(({rule, agrees}) => [rule, agrees])).toEqual([
      [14, true],
      [14, true],
      [14, true],
    ])
  })
})
