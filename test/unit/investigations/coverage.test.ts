import {describe, expect, test} from 'vitest'
import {parseAuditMetrics} from '../../../src/audit/metrics-text.ts'
import type {Told} from '../../support/ask-case.ts'
import {logLine} from '../../support/audit-event.ts'
import {coverageOf, hour, leases, midnight, minute, requestAt, second} from './coverage-log.ts'

const at = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

/** Rows of the kinds that say that something is missing. */
function lacks({rows}: Told): Record<string, unknown>[] {
  const kinds = new Set(['gap', 'pause', 'missing-file', 'late-start', 'early-end', 'clock', 'overlap', 'damaged'])
  return rows.filter(({kind}) => typeof kind === 'string' && kinds.has(kind))
}

const briefly = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map(({kind, from_at: from, to_at: to}) => [kind, from, to])

describe('API servers of one cluster', () => {
  test('one whose log stops an hour early is told, with its edges', async () => {
    const told = await coverageOf(
      {
        'master-1/audit.log': leases(midnight, midnight + 3 * hour),
        'master-2/audit.log': leases(midnight + 3 * second, midnight + 2 * hour),
      },
      {forPeople: true},
    )
    const [row, ...others] = lacks(told)
    expect(others).toEqual([])
    expect(row).toMatchObject({
      kind: 'early-end',
      from_at: at(midnight + 2 * hour - 17 * second),
      to_at: at(midnight + 3 * hour - 10 * second),
    })
    expect(String(row?.['log'])).toMatch(/master-2\/audit\.log$/)
    expect(told.answer.warnings.join(' ')).toMatch(/master-2\/audit\.log stops 60 minutes earlier/)
    expect(told.report).toContain('stops 60 minutes early')
  })

  test('one that begins late is told; one that ends seconds earlier is not', async () => {
    const told = await coverageOf({
      'a/audit.log': leases(midnight, midnight + hour),
      'b/audit.log': leases(midnight + 20 * minute, midnight + hour - 20 * second),
    })
    expect(briefly(lacks(told))).toEqual([['late-start', at(midnight), at(midnight + 20 * minute)]])
  })

  test('streams of EKS are told apart by their folders, and their parts are one log', async () => {
    const lines = (from: number, to: number): string =>
      leases(from, to)
        .map((event) => `${String(event['stageTimestamp'])} ${logLine(event)}\n`)
        .join('')
    const first = `kube-apiserver-audit-${'0a1b2c3d'.repeat(4)}`
    const other = `kube-apiserver-audit-${'4e5f6071'.repeat(4)}`
    const told = await coverageOf({
      [`export/${first}/000000`]: lines(midnight, midnight + 40 * minute),
      [`export/${first}/000001`]: lines(midnight + 40 * minute, midnight + 80 * minute),
      [`export/${other}/000000`]: lines(midnight, midnight + 30 * minute),
      [`export/${other}/000002`]: lines(midnight + 35 * minute, midnight + 80 * minute),
    })
    expect(lacks(told).map(({kind, apiserver}) => [kind, apiserver])).toEqual([['gap', other]])
    expect(lacks(told)[0]).toMatchObject({
      from_at: at(midnight + 30 * minute - 10 * second),
      to_at: at(midnight + 35 * minute),
    })
  })
})

describe('silences', () => {
  test('where leases are renewed, a minute and a half of silence tells, and both its ends are named', async () => {
    const events = [...leases(midnight, midnight + 10 * minute, 2 * second)]
    const after = leases(midnight + 11.5 * minute, midnight + 20 * minute, 2 * second)
    const told = await coverageOf({'audit.log': [...events, ...after]})
    const [gap, ...others] = lacks(told)
    expect(others).toEqual([])
    expect(gap).toMatchObject({
      kind: 'gap',
      from_at: at(midnight + 10 * minute - 2 * second),
      to_at: at(midnight + 11.5 * minute),
    })
    expect(String(gap?.['evidence'])).toMatch(/audit\.log:300 .*audit\.log:301$/)
    expect(String(gap?.['statement'])).toContain('no file is missing there')
    expect(String(gap?.['consequence'])).toContain('proves nothing')
  })

  test('a window leaves out the gaps beyond it', async () => {
    const log = {
      'audit.log': [
        ...leases(midnight, midnight + 20 * minute),
        ...leases(midnight + 30 * minute, midnight + 50 * minute),
        ...leases(midnight + 60 * minute, midnight + 80 * minute),
      ],
    }
    expect(lacks(await coverageOf(log))).toHaveLength(2)
    const asked = await coverageOf(log, {since: at(midnight + 55 * minute)})
    expect(briefly(lacks(asked))).toEqual([
      ['gap', at(midnight + 50 * minute - 10 * second), at(midnight + 60 * minute)],
    ])
  })

  test('quiet nights are none', async () => {
    const events = []
    for (let ms = 0; ms < 72 * hour;) {
      const hours = (ms / hour) % 24
      ms += hours > 7 && hours < 19 ? minute * (0.5 + ((ms / 7919) % 1)) : 25 * minute
      events.push(requestAt(midnight + Math.round(ms)))
    }
    expect(lacks(await coverageOf({'audit.log': events}))).toEqual([])
  })

  test('a short log, and one of a few bursts, have none, and it is said that they cannot tell', async () => {
    const bursts = [0, 47, 300].flatMap((m) =>
      Array.from({length: 40}, (_, i) => requestAt(midnight + m * minute + i * second)),
    )
    const told = await coverageOf({'audit.log': bursts}, {forPeople: true})
    expect(lacks(told)).toEqual([])
    expect(told.report).toContain('too short or too quiet')
  })
})

describe('rotated files', () => {
  /** Files as lumberjack leaves them: each named by the moment at which the next one begins. */
  function rotatedSet(): Record<string, ReturnType<typeof leases>> {
    const cuts = [0, 40, 70, 95, 130].map((s) => midnight + s * second)
    const nameOf = (ms: number): string => `audit-${new Date(ms).toISOString().slice(0, -1).replaceAll(':', '-')}.log`
    return Object.fromEntries(
      cuts
        .slice(0, -1)
        .map((from, i) => [nameOf(cuts[i + 1] ?? 0), leases(from, cuts[i + 1] ?? 0, second)] as const)
        .concat([['audit.log', leases(cuts[4] ?? 0, (cuts[4] ?? 0) + 20 * second, second)]]),
    )
  }

  test('a whole set lacks nothing; without one of them the gap is told by the names alone', async () => {
    const files = rotatedSet()
    expect(lacks(await coverageOf(files))).toEqual([])
    const rest = Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('00-01-10')))
    expect(briefly(lacks(await coverageOf(rest)))).toEqual([
      ['gap', at(midnight + 40 * second), at(midnight + 70 * second)],
      ['missing-file', at(midnight + 40 * second), at(midnight + 70 * second)],
    ])
  })

  test('the file that was being written is missed', async () => {
    const rest = Object.fromEntries(Object.entries(rotatedSet()).filter(([name]) => name !== 'audit.log'))
    const told = await coverageOf(rest)
    expect(briefly(lacks(told))).toEqual([['missing-file', at(midnight + 130 * second), null]])
    expect(told.answer.warnings.join(' ')).toContain('what came later is not in it')
  })

  test('a copy of a file beside it is said to be one, and hides nothing', async () => {
    const files = rotatedSet()
    const name = 'audit-2026-03-01T00-01-10.000.log'
    const told = await coverageOf({...files, [`copy/${name}`]: files[name] ?? []})
    expect(lacks(told).map(({kind, events}) => [kind, events])).toEqual([['overlap', 30]])
  })

  test('exports that are cut by time into folders are one log, in which an hour may be missing', async () => {
    const part = (h: number): ReturnType<typeof leases> => leases(midnight + h * hour, midnight + (h + 1) * hour)
    const path = (h: number): string => `y=2026/m=03/d=01/h=0${h}/m=00/PT1H.json`
    const told = await coverageOf({[path(0)]: part(0), [path(1)]: part(1), [path(3)]: part(3)})
    expect(told.rows.filter(({kind}) => kind === 'span')).toHaveLength(1)
    expect(briefly(lacks(told))).toEqual([['gap', at(midnight + 2 * hour - 10 * second), at(midnight + 3 * hour)]])
    expect(String(lacks(told)[0]?.['statement'])).toContain('between two files')
  })
})

describe('clocks', () => {
  test.each([
    ['ten seconds', 10 * second],
    ['ten minutes', 10 * minute],
  ])('one that is set back by %s', async (_, back) => {
    const turn = midnight + 20 * minute
    const told = await coverageOf({
      'audit.log': [...leases(midnight, turn, second), ...leases(turn - back, turn + 20 * minute - back, second)],
    })
    const [clock, ...others] = lacks(told)
    expect(others).toEqual([])
    expect(clock).toMatchObject({kind: 'clock', from_at: at(turn - back), to_at: at(turn - second)})
    expect(String(clock?.['evidence'])).toMatch(/audit\.log:1201$/)
  })

  test('one late line is none; lines in another order are told as such', async () => {
    const events = leases(midnight, midnight + 10 * minute, second)
    const late = [...events.slice(0, 100), requestAt(midnight + 60 * second), ...events.slice(100)]
    expect(lacks(await coverageOf({'audit.log': late}))).toEqual([])
    const turned = await coverageOf({'audit.log': [...events.slice(300), ...events.slice(0, 300)]})
    expect(
      lacks(turned).map(({kind, statement}) => [kind, /do not stand in the order/.test(String(statement))]),
    ).toEqual([['clock', true]])
  })
})

describe('what is logged', () => {
  test('levels by day, and the moment at which the policy changed', async () => {
    const verbs = ['get', 'list', 'create', 'update']
    const events = Array.from({length: 400}, (_, i) =>
      requestAt(midnight + 23 * hour + i * 18 * second, {verb: verbs[i % 4], level: i < 250 ? 'Metadata' : 'Request'}),
    )
    const {rows, answer} = await coverageOf({'audit.log': events})
    const changes = rows.filter(({kind}) => kind === 'level-change')
    expect(changes[0]).toMatchObject({
      from_at: at(midnight + 23 * hour + 249 * 18 * second - 5),
      to_at: at(midnight + 23 * hour + 250 * 18 * second - 5),
    })
    expect(changes).toHaveLength(5)
    expect(answer.warnings.join(' ')).toContain('4 kinds of requests changed level')
    const gets = rows.filter(({kind, verb}) => kind === 'level' && verb === 'get')
    expect(gets.map(({day, level, events: n}) => [day, level, n])).toEqual([
      ['2026-03-01', 'Metadata', 51],
      ['2026-03-02', 'Metadata', 12],
      ['2026-03-02', 'Request', 37],
    ])
  })

  test('stages that never come, requests without an end, and events that were cut', async () => {
    const events = [
      ...Array.from({length: 400}, (_, i) => requestAt(midnight + i * 10 * second)),
      requestAt(midnight + hour, {stage: 'RequestReceived', verb: 'delete', responseStatus: undefined}),
      requestAt(midnight + hour, {annotations: {'audit.k8s.io/truncated': 'true'}, level: 'RequestResponse'}),
    ]
    const {rows, answer} = await coverageOf({'audit.log': events})
    expect(rows.filter(({kind, events: n}) => kind === 'stages' && n === 0).map(({stage}) => stage)).toEqual([
      'ResponseStarted',
    ])
    expect(rows.find(({kind}) => kind === 'unfinished')).toMatchObject({
      verb: 'delete',
      stage: 'RequestReceived',
      events: 1,
    })
    expect(rows.find(({kind}) => kind === 'truncated')).toMatchObject({level: 'RequestResponse', events: 1})
    const told = answer.warnings.join(' ')
    expect(told).toContain('failed logins (401)')
    expect(told).toContain('may have been carried out')
  })

  test('what every cluster does is only missed in a log that is long and busy enough', async () => {
    const some = Array.from({length: 400}, (_, i) => requestAt(midnight + i * 20 * second))
    const never = async (count: number): Promise<unknown[]> =>
      (await coverageOf({'audit.log': some.slice(0, count)})).rows
        .filter(({kind}) => kind === 'never-logged')
        .map(({verb, resource}) => verb ?? resource)
    expect(await never(20)).toEqual([])
    expect(await never(400)).toEqual(
      expect.arrayContaining(['events', 'leases', 'watch', 'list', 'patch', 'secrets', null]),
    )
    expect(await never(400)).not.toContain('get')
  })
})

describe('metrics of the API server', () => {
  const events = leases(midnight, midnight + 10 * minute)
  const dump = (written: number, errors = 0): string =>
    [
      '# TYPE apiserver_audit_event_total counter',
      `apiserver_audit_event_total ${written}`,
      `apiserver_audit_error_total{plugin="log"} ${errors}`,
      'apiserver_audit_level_total{level="Metadata"} 60',
      'apiserver_audit_level_total{level="None"} 40',
      'apiserver_audit_requests_rejected_total 0',
      `process_start_time_seconds ${midnight / 1000 - 5}`,
      '',
    ].join('\n')
  const asked = async (text: string, apiserver: string | null = null): Promise<Told> =>
    coverageOf({'cp-1/audit.log': events}, {}, [{place: 'metrics.txt', apiserver, metrics: parseAuditMetrics(text)}])

  test('more written than loaded is told, and what was dropped or never logged', async () => {
    const {rows, answer} = await asked(dump(75, 3), 'cp-1')
    const metrics = rows.filter(({kind}) => kind === 'metrics')
    expect(metrics.map(({events: n, level}) => [n, level])).toEqual([
      [15, null],
      [3, null],
      [40, 'None'],
    ])
    expect(answer.warnings.join(' ')).toMatch(/15 events are missing.*plugin log.*40 requests of 100 \(40 %\)/)
  })

  test('as many loaded as written is no warning', async () => {
    const {answer} = await asked(dump(60).replace('{level="None"} 40', '{level="None"} 0'))
    expect(answer.warnings.filter((warning) => /API server (?:wrote|had)/.test(warning))).toEqual([])
  })

  test('a name that no API server has is refused', async () => {
    await expect(asked(dump(60), 'cp-9')).rejects.toThrow(/said to be of cp-9.*cp-1\/audit\.log/)
  })
})
