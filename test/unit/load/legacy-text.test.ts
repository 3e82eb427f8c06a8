import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ask} from '../../support/case-answers.ts'
import {loadOne, loadText} from '../../support/load-text.ts'

/** A line as API servers from 1.7 on wrote it; values are given as they stand between the quotes. */
const line = (changes: Record<string, string> = {}): string => {
  const fields = {
    id: '591e9fde', stage: 'ResponseComplete', ip: '203.0.113.66', method: 'delete', user: 'mallory', groups: String.raw`\"contractors\",\"system:authenticated\"`, as: '<self>', asgroups: '<lookup>',
    'user-agent': 'curl/8.0', namespace: 'prod', uri: '/apis/apps/v1/namespaces/prod/deployments/nginx', response: '403', ...changes,
  } // prettier-ignore
  return `2026-11-20T16:47:20.511853643Z AUDIT: ${Object.entries(fields).map(([key, value]) => `${key}="${value}"`).join(' ')}` // prettier-ignore
}

describe('the legacy text format', () => {
  test('gives the columns of an event; the line stays as it was', async () => {
    expect(await loadOne(line())).toMatchObject({
      format: 'legacy', raw: line(), audit_id: '591e9fde', stage: 'ResponseComplete', level: null, time: '2026-11-20T16:47:20.511853Z', stage_time: null, verb: 'delete',
      request_uri: '/apis/apps/v1/namespaces/prod/deployments/nginx', user_agent: 'curl/8.0', user_name: 'mallory', user_groups: ['contractors', 'system:authenticated'],
      impersonated_user: null, source_ips: ['203.0.113.66'], api_group: 'apps', api_version: 'v1', resource: 'deployments', namespace: 'prod', name: 'nginx', code: 403,
    }) // prettier-ignore
  })

  test.each([
    ['an assumed identity', {as: 'bob', asgroups: String.raw`\"ops\"`}, {impersonated_user: 'bob', impersonated_groups: ['ops'], effective_user: 'bob'}],
    ['nobody', {user: '<none>', groups: '<none>', response: '401'}, {user_name: null, user_groups: null, code: 401}],
    ['no answer yet', {stage: 'RequestReceived', response: '<deferred>'}, {stage: 'RequestReceived', code: null}],
    ['no resource', {uri: '/healthz?verbose', namespace: '<none>', method: 'get'}, {resource: null, namespace: null, request_uri: '/healthz?verbose'}],
    ['an exec', {uri: '/api/v1/namespaces/prod/pods/web/exec?command=sh&command=-c&stdin=true', method: 'create', response: '101'}, {subresource: 'exec', command: ['sh', '-c'], stdin: true}],
    ['an encoded path', {uri: '/api/v1/namespaces/..%2f..%2fsecrets'}, {resource: '..', namespace: '..', name: 'secrets'}],
    ['the old form of a watch', {uri: '/api/v1/watch/namespaces/prod/pods/web', method: 'watch'}, {verb: 'watch', resource: 'pods', name: 'web'}],
    // A user agent may hold what looks like the other fields: quoted, it is text.
    ['a user agent that plays other fields', {'user-agent': String.raw`x\" uri=\"/healthz\" response=\"200`}, {user_agent: 'x" uri="/healthz" response="200', code: 403, resource: 'deployments'}],
    ['a name that plays other fields', {user: String.raw`eve\" groups=\"\\\"system:masters\\\"`}, {user_name: String.raw`eve" groups="\"system:masters\"`, user_groups: ['contractors', 'system:authenticated']}],
    ['a group with a quotation mark', {groups: String.raw`\"a\\\"b\",\"c\\\\\"`}, {user_groups: ['a"b', 'c\\']}],
    ["Go's escapes", {'user-agent': String.raw`\a\t\u00e9\x80\U0001f600\\`}, {user_agent: `\u0007\té\\x80\\U0001f600\\`}],
  ] as const)('%s', async (_, changes, columns) => {
    expect(await loadOne(line(changes))).toMatchObject(columns)
  }) // prettier-ignore

  test('stages of a request belong together', async () => {
    const {casePath} = await loadText(`${line({stage: 'RequestReceived', response: '<deferred>'})}\n${line()}\n`)
    expect(await ask(casePath, 'SELECT stages, code FROM requests')).toEqual([{stages: ['RequestReceived', 'ResponseComplete'], code: 403}])
  }) // prettier-ignore

  test('a line that was cut is no event', async () => {
    const {events, rejects} = await loadText(`${line()}\n${line().slice(0, 200)}`)
    expect([events.length, rejects.map(({line: number, reason}) => [number, reason])]).toEqual([1, [[2, 'not JSON']]])
  })

  test.each([
    ['GET', '/api/v1/namespaces/default/pods', 'list'],
    ['GET', '/api/v1/namespaces/default/pods?watch=true', 'watch'],
    ['GET', '/api/v1/namespaces/default/pods/web', 'get'],
    ['POST', '/api/v1/namespaces/default/pods', 'create'],
    ['DELETE', '/api/v1/namespaces/default/pods', 'deletecollection'],
    ['GET', '/version', 'get'],
  ])('the two lines of servers up to 1.6: %s %s is %s', async (method, uri, verb) => {
    const {events} = await loadText(
      `2017-03-21T03:57:09.106841886-04:00 AUDIT: id="c939" ip="127.0.0.1" method="${method}" user="admin" groups="\\"system:masters\\"" as="<self>" asgroups="<lookup>" namespace="default" uri="${uri}"\n` +
        '2017-03-21T03:57:09.108403639-04:00 AUDIT: id="c939" response="200"\n',
    )
    expect(events).toMatchObject([
      {stage: 'RequestReceived', verb, user_name: 'admin', code: null, time: '2017-03-21T07:57:09.106841Z'},
      {stage: 'ResponseComplete', verb: null, user_name: null, code: 200, audit_id: 'c939', time: '2017-03-21T07:57:09.108403Z'},
    ]) // prettier-ignore
  })
})

describe('real lines', () => {
  const folder = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'reallogs/kubernetes+website')
  const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(folder)
  if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

  test.runIf(isThere)('are events, all of them', async () => {
    const texts = ['docs-v1.7-audit.md/audit-legacy-advanced.log', 'docs-v1.8-audit.md/audit-legacy.log'].map((name) => readFileSync(join(folder, name), 'utf8'))
    const {events, rejects} = await loadText(texts.map((text) => `${text.trimEnd()}\n`).join(''))
    expect(rejects).toEqual([])
    expect(events.map(({verb, code, resource}) => [verb, code, resource])).toEqual([['update', null, 'endpoints'], ['update', 200, 'endpoints'], ['list', null, 'pods'], [null, 200, null]])
  }) // prettier-ignore
})
