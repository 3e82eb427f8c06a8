import {describe, expect, test} from 'vitest'
import {auditEvent, logLine} from '../../support/audit-event.ts'
import {ask, brokenSources} from '../../support/case-answers.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {loadOne, loadText} from '../../support/load-text.ts'
import {seed} from '../../support/properties.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

describe('fields of another type than the API server writes', () => {
  test.each([
    ['user a string', {user: 'alice'}, {user_name: 'alice', user_groups: null}],
    ['user a number', {user: 5}, {user_name: '5'}],
    ['user a list', {user: ['alice']}, {user_name: null}],
    ['user nothing', {user: null}, {user_name: null}],
    ['a user name that is a number', {user: {username: 5}}, {user_name: '5'}],
    ['groups a string', {user: {username: 'a', groups: 'x'}}, {user_name: 'a', user_groups: null}],
    ['groups with other things in them', {user: {username: 'a', groups: ['x', {y: 1}, null]}}, {user_name: 'a'}],
    ['impersonated user a string', {user: 'alice', impersonatedUser: 'bob'}, {user_name: 'alice', impersonated_user: 'bob'}],
    ['one address as a string', {sourceIPs: '10.0.0.1'}, {source_ips: ['10.0.0.1'], peer_ip: '10.0.0.1', client_ip: '10.0.0.1'}],
    ['addresses as a string', {sourceIPs: '8.8.8.8, 10.0.0.1'}, {source_ips: ['8.8.8.8', '10.0.0.1'], peer_ip: '10.0.0.1'}],
    ['addresses as an object', {sourceIPs: {a: 1}}, {source_ips: null, peer_ip: null}],
    ['a code as a string', {responseStatus: {code: '403'}}, {code: 403}],
    ['a code with a fraction', {responseStatus: {code: 403.0}}, {code: 403}],
    ['a code as a string with a fraction', {responseStatus: {code: '403.0'}}, {code: 403}],
    ['a code as a word', {responseStatus: {code: 'Forbidden', message: 'no'}}, {code: null, status_message: 'no'}],
    ['a status that is a code', {responseStatus: 403}, {code: 403}],
    ['a status that is a word', {responseStatus: 'Forbidden'}, {code: null, status_reason: 'Forbidden'}],
    ['a code beyond every number', {responseStatus: {code: 1e300}}, {code: null}],
    ['objectRef a string', {objectRef: 'pods'}, {resource: null, name: null}],
    ['objectRef a list', {objectRef: []}, {resource: null}],
    ['annotations a list', {annotations: ['a']}, {annotations: ['a'], decision: null}],
    ['annotations a string', {annotations: 'a'}, {annotations: 'a', decision_reason: null}],
    ['requestURI a number', {requestURI: 5}, {request_uri: '5'}],
    ['verb a list', {verb: ['get']}, {verb: '["get"]'}],
    ['level a number', {level: 1}, {level: '1'}],
    ['a time without zone', {requestReceivedTimestamp: '2026-03-01T10:15:22.123456'}, {time: '2026-03-01T10:15:22.123456Z'}],
    ['a time with a blank', {requestReceivedTimestamp: '2026-03-01 10:15:22'}, {time: '2026-03-01T10:15:22.000000Z'}],
    ['a time with nanoseconds', {requestReceivedTimestamp: '2026-03-01T10:15:22.123456789Z'}, {time: '2026-03-01T10:15:22.123456Z'}],
    ['a time of another zone', {requestReceivedTimestamp: '2026-03-01T12:15:22+02:00'}, {time: '2026-03-01T10:15:22.000000Z'}],
    ['seconds since 1970', {requestReceivedTimestamp: 1_772_360_122}, {time: '2026-03-01T10:15:22.000000Z'}],
    ['milliseconds since 1970', {requestReceivedTimestamp: 1_772_360_122_123}, {time: '2026-03-01T10:15:22.123000Z'}],
    ['seconds since 1970 as a string', {requestReceivedTimestamp: '1772360122'}, {time: '2026-03-01T10:15:22.000000Z'}],
    ['a time beyond all, with another beside it', {requestReceivedTimestamp: '999999-01-01T00:00:00Z'}, {time: '2026-03-01T10:15:22.133456Z'}],
    ['no time that can be read', {requestReceivedTimestamp: 'yesterday', stageTimestamp: {}}, {time: null, stage_time: null}],
    ['no end of time', {requestReceivedTimestamp: 'infinity', stageTimestamp: '-infinity'}, {time: null, stage_time: null}],
  ] as const)('%s', async (_, changes, columns) => {
    const text = logLine(auditEvent(changes))
    expect(await loadOne(text)).toMatchObject({...columns, raw: text})
  }) // prettier-ignore

  test.each([
    ['the year 0', '0000-01-01T00:00:00Z'],
    ['the year 99999', '99999-01-01T00:00:00Z'],
  ])('%s', async (_, time) => {
    const {events, casePath} = await loadText(`${logLine(auditEvent({requestReceivedTimestamp: time, stageTimestamp: time}))}\n${logLine(auditEvent())}\n`)
    expect(events).toHaveLength(2)
    expect(await ask(casePath, 'SELECT count(*) AS n FROM calls WHERE started_at IS NOT NULL')).toEqual([{n: 2}])
  }) // prettier-ignore

  test('names that stand twice: the first counts, all stay in the text', async () => {
    const text = logLine(auditEvent()).replace('{', '{"verb":"delete","user":{"username":"eve"},')
    expect(await loadOne(text)).toMatchObject({verb: 'delete', user_name: 'eve', raw: text})
  })

  test('a body nested 100,000 deep', async () => {
    const text = logLine(auditEvent({requestObject: 'HERE', user: 'alice'})).replace('"HERE"', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)) // prettier-ignore
    const {casePath, rejects} = await loadText(`${text}\n`)
    expect(rejects).toEqual([])
    expect(await ask(casePath, 'SELECT user_name, length(request_object::VARCHAR) AS n, length(raw) AS raw FROM events')).toEqual([{user_name: 'alice', n: 600_001, raw: text.length}]) // prettier-ignore
  })
})

/** Numbers in a row that come again with the seed. */
function random(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const values: readonly unknown[] = [null, true, 0, -1, 1e300, '', 'x', '{', '[1]', '{"a":1}', [], [null], [[[]]], {}, {a: {}}, {username: []}, {code: {}}, {code: '1e9'}, 'infinity', '2026-13-45T99:99:99Z', '0000-00-00', 253_402_300_800, '9'.repeat(400), String.fromCodePoint(0), '\ud83d', 'é😀', {'authorization.k8s.io/decision': 1}, {groups: 'x', extra: 5, username: {}}, 'a'.repeat(5000)] // prettier-ignore

/** A record with some members of it, at any depth, made something else; and sometimes its text damaged. */
function mutate(record: unknown, next: () => number): string {
  const any = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T
  const change = (value: unknown, chance: number): unknown => {
    if (next() < chance) return any(values)
    if (Array.isArray(value)) return value.map((item) => change(item, chance))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [next() < chance / 4 ? any(['verb', 'user', 'x.y', '', '"', key.toLowerCase()]) : key, change(member, chance)])) // prettier-ignore
    return value
  }
  let text = JSON.stringify(change(record, 0.06))
  if (next() < 0.15) text = text.slice(0, Math.floor(next() * text.length)) + any(['', '[Truncated...]', '}', '\0'])
  if (next() < 0.15) {
    const at = Math.floor(next() * text.length)
    text = text.slice(0, at) + any(['\\ud800', '\0', '\u0001', '"', '\\', '}', ',', ' AUDIT: id="']) + text.slice(at + (next() < 0.5 ? 1 : 0))
  } // prettier-ignore
  return text.replaceAll('\n', ' ')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('whatever the records are: every view can be read, and every record is counted', async () => {
  const event = auditEvent({requestObject: {kind: 'X', metadata: {uid: 'u'}}, responseObject: {kind: 'Status', details: {uid: 'u'}}, impersonatedUser: {username: 'b', groups: ['g']}}) // prettier-ignore
  const exec = auditEvent({requestURI: '/api/v1/namespaces/a/pods/b/exec?command=%zz&stdin=1', objectRef: {resource: 'pods', subresource: 'exec', namespace: 'a', name: 'b'}}) // prettier-ignore
  const gke = {protoPayload: {serviceName: 'k8s.io', methodName: 'io.k8s.core.v1.pods.exec.create', resourceName: 'core/v1/namespaces/a/pods/b/exec/b', status: {code: 7}, authenticationInfo: {principalEmail: 'a', serviceAccountDelegationInfo: [{firstPartyPrincipal: {principalEmail: 'c'}}]}, requestMetadata: {callerIp: '1.1.1.1'}, request: {'@type': 't', kind: 'K'}, response: {kind: 'Status', code: 403, message: 'm', details: {}}}, labels: {'authorization.k8s.io/decision': 'allow', 'command.gke.io/dryRun': 'true'}, operation: {id: 'o', first: true}, resource: {labels: {cluster_name: 'c'}}, timestamp: '2026-03-01T00:00:00Z', insertId: 'i'} // prettier-ignore
  const printed = {Entry: {Timestamp: '2026-03-01T00:00:00Z', Labels: {a: 'b'}, InsertID: 'i', Operation: {id: 'o'}, Resource: {labels: {}}}, AuditPayload: JSON.stringify(gke.protoPayload)} // prettier-ignore
  const sls = Object.fromEntries(Object.entries(event).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)])) // prettier-ignore
  const elastic = {'@timestamp': '2026-03-01T00:00:00Z', kubernetes: {audit: event}}
  const dotted = {'kubernetes.audit.verb': ['get'], 'kubernetes.audit.user.username': 'u', 'kubernetes.audit.stage': 'ResponseComplete', 'kubernetes.audit.auditID': 'x', 'kubernetes.audit.annotations.a_b/c': 'd', 'kubernetes.audit.user.extra.x': ['y']} // prettier-ignore
  const kinds = [event, event, exec, gke, printed, sls, {contents: sls}, elastic, dotted, {AuditId: 'a', Level: 'Metadata', Verb: 'get', User: event['user'], ResponseStatus: '{"code":200}', SourceIps: '["1"]'}] // prettier-ignore
  const id = event['auditID'] as string
  const next = random(seed)
  const times = Number(process.env['K8SAUDIT_RUNS_TIMES'] ?? 1)
  const records = Array.from({length: 3000 * times}, (_, i) => mutate(kinds[i % kinds.length], next).replaceAll(id, () => `id-${i}`)) // prettier-ignore
  // Where one record ends and the next begins is not asked here: what is damaged has a file of its own.
  const folder = newFolder()
  const whole = records.filter((record) => isJson(record))
  writeInto(folder, 'logs/whole.log', `${whole.join('\n')}\n`)
  const damaged = records.filter((record) => !isJson(record)).slice(0, 300 * times)
  for (const [i, record] of damaged.entries()) writeInto(folder, `logs/${i}.log`, `${record}\n`)
  const casePath = await emptyCaseIn(folder)
  await load(casePath, [`${folder}/logs`])
  expect(await brokenSources(casePath)).toEqual([])
  for (const view of ['events', 'requests', 'calls']) {
    const rows = await ask(casePath, `SELECT * FROM ${view}`)
    expect(rows.length).toBeGreaterThan(1000)
  }
}, 120_000)
