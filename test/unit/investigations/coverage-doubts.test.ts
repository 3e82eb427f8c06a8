import {describe, expect, test} from 'vitest'
import {parseAuditMetrics} from '../../../src/audit/metrics-text.ts'
import {caseOfFiles, coverageOf, hour, leases, midnight, minute, requestAt, second} from './coverage-log.ts'
import {runHere} from '../../support/run-here.ts'

/** Files as lumberjack leaves them, each named by the moment at which the next one begins, and the one being written. */
function rotatedSet(): Record<string, ReturnType<typeof leases>> {
  const cuts = [0, 40, 70, 95, 130, 160].map((s) => midnight + s * second)
  const nameOf = (ms: number): string => `audit-${new Date(ms).toISOString().slice(0, -1).replaceAll(':', '-')}.log`
  return Object.fromEntries([
    ...cuts.slice(0, -1).map((from, i) => {
      const end = cuts[i + 1] ?? 0
      return [nameOf(end), leases(from, end, second / 5)] as const
    }),
    ['audit.log', leases(cuts.at(-1) ?? 0, (cuts.at(-1) ?? 0) + 20 * second, second)] as const,
  ])
}

const at = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

describe('rotated files', () => {
  test('of a whole set none is missing; where no two neighbours are left, none is said to be there', async () => {
    const files = rotatedSet()
    expect((await coverageOf(files, {forPeople: true})).report).toContain('no rotated file missing')
    const some = ['00-00-40', '00-01-35', '00-02-40']
    const told = await coverageOf(
      Object.fromEntries(Object.entries(files).filter(([name]) => some.some((each) => name.includes(each)))),
      {forPeople: true},
    )
    expect(told.report).not.toContain('no rotated file missing')
    expect(told.report).toContain('The log is not whole: its end is missing')
    expect(told.report).toContain('cannot be checked')
    expect(told.rows.filter(({kind}) => kind === 'gap')).toEqual([])
    expect(
      told.rows.filter(({kind}) => kind === 'missing-file').map(({from_at: from, to_at: to}) => [from, to]),
    ).toEqual([
      [at(midnight + 40 * second), at(midnight + 70 * second)],
      [at(midnight + 95 * second), at(midnight + 130 * second)],
      [at(midnight + 160 * second), null],
    ])
  })

  test('one late line leaves the other files to be checked', async () => {
    const files = rotatedSet()
    const late = 'audit-2026-03-01T00-00-40.000.log'
    files[late] = [...(files[late] ?? []), requestAt(midnight + 150 * second)]
    const told = await coverageOf(
      Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('00-02-10'))),
      {forPeople: true},
    )
    expect(told.rows.filter(({kind}) => kind === 'gap')).toMatchObject([
      {from_at: at(midnight + 95 * second), to_at: at(midnight + 130 * second)},
    ])
    expect(told.answer.warnings.join(' ')).toMatch(/00-00-40\.000\.log holds later events than its name says/)
    expect(told.report).not.toContain('no rotated file missing')
  })
})

test('without steady traffic a silence within one file is no gap, but may be habit or loss', async () => {
  const busy = (from: number, to: number): ReturnType<typeof leases> =>
    Array.from({length: (to - from) / (5 * second)}, (_, i) => requestAt(from + i * 5 * second))
  const told = await coverageOf(
    {
      'audit.log': [...busy(midnight, midnight + 2 * hour), ...busy(midnight + 3 * hour, midnight + 5 * hour)],
    },
    {forPeople: true},
  )
  expect(told.rows.filter(({kind}) => kind === 'gap')).toEqual([])
  expect(told.rows.filter(({kind}) => kind === 'pause')).toMatchObject([{to_at: at(midnight + 3 * hour)}])
  expect(told.report).toContain('1 silence may be habit or loss')
  expect(told.report).not.toMatch(/log is (?:not )?whole as|API server,/)
})

test('an API server that ends where another begins was replaced: no gap', async () => {
  const lines = (pod: string, from: number, to: number): string =>
    leases(from, to)
      .map(
        (event) =>
          `${JSON.stringify({category: 'kube-audit', properties: {log: JSON.stringify(event), pod, stream: 'stdout'}})}\n`,
      )
      .join('')
  const turn = midnight + hour
  const told = await coverageOf({
    'PT1H.json':
      lines('kube-apiserver-a', midnight, turn) +
      lines('kube-apiserver-b', turn + minute, midnight + 2 * hour) +
      lines('kube-apiserver-c', midnight, midnight + 2 * hour),
  })
  const kinds = told.rows.map(({kind}) => kind)
  expect(kinds).toContain('replaced')
  expect(kinds).not.toContain('early-end')
  expect(kinds).not.toContain('late-start')
})

describe('clocks', () => {
  test.each([
    ['soon after the log begins', hour - minute],
    ['by a year', 365 * 24 * hour],
  ])('one that is set back %s is not told as a fact, and makes no gap', async (_, back) => {
    const turn = midnight + hour
    const told = await coverageOf({
      'audit.log': [...leases(midnight, turn), ...leases(turn - back, turn - back + hour)],
    })
    expect(told.rows.filter(({kind}) => kind === 'gap')).toEqual([])
    const clocks = told.rows.filter(({kind}) => kind === 'clock')
    expect(clocks).toHaveLength(1)
    expect(clocks[0]?.['statement']).toMatch(/Either the clock of .* was set back by that, or/)
    expect(told.answer.warnings.join(' ')).toContain('step back by about')
  })
})

describe('windows and clusters', () => {
  const early = (): Parameters<typeof coverageOf>[0] => ({
    'a/audit.log': leases(midnight, midnight + 3 * hour),
    'b/audit.log': leases(midnight, midnight + 2 * hour),
  })

  test('a window shows the log that stopped before it, and says what it does not cut', async () => {
    const told = await coverageOf(early(), {forPeople: true, since: at(midnight + 2.5 * hour)})
    const strips = told.answer.report?.flatMap((block) => (block.kind === 'strips' ? [block] : [])) ?? []
    expect(strips[0]?.strips.map(({label}) => label)).toEqual(['a/audit.log', 'b/audit.log'])
    expect(strips[0]?.fromUs).toBe((midnight + 2.5 * hour) * 1000)
    expect(told.report).toContain('whole days (UTC)')
  })

  test('a window without events says so, and not that the case holds none', async () => {
    const told = await coverageOf(early(), {forPeople: true, since: at(midnight + 9 * hour)})
    expect(told.report).toContain('Not one event of the window')
    expect(told.report).not.toContain('holds no events')
  })

  test('a cluster that the log does not know is told, and what is counted though it names none', async () => {
    const {answer} = await coverageOf(early(), {cluster: 'nope'})
    expect(answer.warnings.join(' ')).toMatch(/knows no cluster nope.*2 sources name no cluster, or several/)
  })
})

test.each([
  ['more loaded than counted', 'cp', 30, midnight / 1000 - 5, 'do not fit, and prove nothing'],
  ['no start', 'cp', 360, null, 'proves nothing'],
  ['nobody said whose', null, 720, midnight / 1000 - 5, 'proves nothing'],
  ['as many', 'cp', 360, midnight / 1000 - 5, 'nothing is missing'],
])('metrics: %s', async (_, apiserver, written, started, words) => {
  const text = [
    '# TYPE apiserver_audit_event_total counter',
    `apiserver_audit_event_total ${written}`,
    ...(started === null ? [] : [`process_start_time_seconds ${started}`]),
    '',
  ].join('\n')
  const {rows} = await coverageOf(
    {'cp/audit.log': leases(midnight, midnight + hour), 'other/audit.log': leases(midnight, midnight + hour)},
    {},
    [{place: 'metrics.txt', apiserver, metrics: parseAuditMetrics(text)}],
  )
  const [metrics] = rows.filter(({kind}) => kind === 'metrics')
  expect(metrics?.['consequence']).toContain(words)
  expect(metrics?.['consequence']).toContain(
    words === 'proves nothing' && apiserver === null ? 'NAME=FILE' : 'resets its count',
  )
})

test('logs that are asked directly tell the same of what is missing as a case', async () => {
  const files = rotatedSet()
  const late = 'audit-2026-03-01T00-00-40.000.log'
  // Received long before it was answered, as watches are.
  const watch = requestAt(midnight + 100 * second, {requestReceivedTimestamp: at(midnight)})
  files[late] = [...(files[late] ?? []), requestAt(midnight + 150 * second)]
  const deletion = requestAt(midnight + 99 * second, {
    verb: 'delete',
    objectRef: {resource: 'pods', namespace: 'prod', name: 'p', apiVersion: 'v1'},
  })
  files['audit-2026-03-01T00-02-10.000.log']?.push(deletion, watch)
  const {path, folder} = await caseOfFiles(
    Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('00-01-35'))),
  )
  const warningsOf = async (...from: string[]): Promise<string[]> => {
    const {stdout} = await runHere(['who-deleted', 'pods', '-o', 'json', ...from])
    return (JSON.parse(stdout) as {warnings: string[]}).warnings
  }
  const direct = await warningsOf('--logs', folder)
  expect(direct).toEqual(await warningsOf('--case', path))
  expect(direct.join(' ')).toMatch(/rotated file of .* is missing/)
})

test('logs of which nothing is read in full are not said to hold no events', async () => {
  const {folder} = await caseOfFiles({'audit.log': leases(midnight, midnight + minute)})
  const {stdout} = await runHere(['who-deleted', 'pods', '-o', 'json', '--logs', folder])
  expect(stdout).toContain('it holds no request on pods at all')
  expect(stdout).not.toContain('holds an audit event')
})
