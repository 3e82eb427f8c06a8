import {describe, expect, it} from 'vitest'
import type {AuditEvent} from '../../support/audit-event.ts'
import {caseOf, execEvent, instant, proxyEvent, type Ask, type Row, type TestCase, type TestExec} from './execs-log.ts'

async function rowsOf(events: readonly AuditEvent[], asked: Ask = {}): Promise<Row[]> {
  return (await (await caseOf(events)).ask(asked)).rows
}

const execRows = (requests: readonly TestExec[], asked: Ask = {}): Promise<Row[]> =>
  rowsOf(requests.map(execEvent), asked)

/** Which rows share a session: the place of each row's session among the sessions. */
function sessionPlaces(rows: readonly Row[]): number[] {
  const sessions = [...new Set(rows.map((row) => row['session']))]
  return rows.map((row) => sessions.indexOf(row['session'] as string))
}

/** The rows of groups of requests that share one case, each in a namespace of its own: loading takes longer than asking. */
function together(groups: readonly (readonly TestExec[])[]): (group: number) => Promise<Row[]> {
  let rows: Promise<Row[]> | undefined
  return async (group) => {
    rows ??= execRows(groups.flatMap((requests, i) => requests.map((request) => ({...request, namespace: `g${i}`}))))
    return (await rows).filter((row) => row['namespace'] === `g${group}`)
  }
}

const id = ['id']
const refused = {argv: id, code: 403, took: 5}

describe('a row', () => {
  it('has the columns that others build on, first and in their order', async () => {
    const {answer} = await (await caseOf([execEvent({at: 0, argv: id})])).ask()
    expect(answer.columns.map(({name}) => name).slice(0, 20)).toEqual(
      'time session kind user_name effective_user client_ip verb namespace pod container command command_line stdin tty code duration_seconds user_agent audit_id evidence ended_at'.split(
        ' ',
      ),
    )
  })

  it('tells an accepted exec, both verbs', async () => {
    const rows = await execRows([
      {at: 0, argv: ['sh', '-c', "echo 'a b' & id"], took: 1500},
      {at: 9000, argv: ['ls', '/tmp/my dir'], verb: 'create', user: 'bob', as: 'carol', ip: '10.20.0.22'},
    ])
    expect(rows).toMatchObject([
      {
        time: instant(0),
        kind: 'exec',
        user_name: 'alice',
        effective_user: 'alice',
        client_ip: '10.20.0.21',
        verb: 'get',
        namespace: 'prod',
        pod: 'web-0',
        container: 'app',
        command: ['sh', '-c', "echo 'a b' & id"],
        command_line: String.raw`sh -c 'echo '\''a b'\'' & id'`,
        stdin: false,
        tty: false,
        code: 101,
        duration_seconds: 1.5,
        ended_at: instant(1500),
        open: false,
        outcome: 'accepted',
        note: null,
        requests_in_session: 1,
      },
      {
        kind: 'exec',
        verb: 'create',
        user_name: 'bob',
        effective_user: 'carol',
        impersonated_user: 'carol',
        command_line: "ls '/tmp/my dir'",
      },
    ])
    expect(rows[0]?.['evidence']).toMatch(/audit-0\.log:1$/)
    expect(rows[0]?.['session']).toMatch(/^[0-9a-f]{12}$/)
  })

  it('tells an attempt with the command it wanted', async () => {
    const codes = [403, 401, 400, 404, 500]
    const rows = await execRows(codes.map((code, i) => ({at: i * 10_000, argv: id, code})))
    expect(rows).toMatchObject(
      codes.map((code) => ({
        code,
        outcome: code === 403 || code === 401 ? 'refused' : 'failed',
        command: id,
        open: false,
        kind: 'exec',
      })),
    )
  })

  it('says that an end is not in the log', async () => {
    const [row] = await execRows([{at: 0, argv: id, took: null}])
    expect(row).toMatchObject({open: true, duration_seconds: null, ended_at: null, outcome: 'accepted'})
    expect(row?.['note']).toContain('end is not in the log')
  })

  it('pairs the stages of one request, also where the end stands in another file', async () => {
    const event = execEvent({at: 0, argv: ['bash'], query: 'stdin=true&tty=true', took: 3_600_000})
    const started = {...event, stage: 'ResponseStarted', stageTimestamp: instant(3)}
    const received = {...event, stage: 'RequestReceived', stageTimestamp: instant(0), responseStatus: undefined}
    const {rows} = await (await caseOf([received, started], [event])).ask()
    expect(rows).toMatchObject([{duration_seconds: 3600, open: false, code: 101}])
    const halves = await (await caseOf([received, started])).ask()
    expect(halves.rows).toMatchObject([{duration_seconds: null, open: true, code: 101, outcome: 'accepted'}])
  })

  it('tells a request without an answer', async () => {
    const [row] = await execRows([{at: 0, argv: id, code: null}])
    expect(row).toMatchObject({code: null, outcome: 'unanswered', open: true})
    expect(row?.['note']).toContain('how it was answered')
  })

  it('says where the log lost the command, and not where there is none', async () => {
    const rows = await execRows([
      {at: 0, query: null},
      {at: 10_000, query: 'stdout=true', code: 400},
      {at: 20_000, query: 'stdout=true'},
    ])
    expect(rows.map((row) => row['command'])).toEqual([null, [], null])
    expect(rows.map((row) => row['command_line'])).toEqual([null, '', null])
    expect(rows[0]?.['note']).toContain('command was not logged')
  })

  it('warns of arguments that the API server leaves out or that are no UTF-8', async () => {
    const rows = await execRows([
      {at: 0, query: 'command=id;whoami'},
      {at: 10_000, query: 'command=a&command=%zz'},
      {at: 20_000, query: 'command=a%ff'},
      {at: 30_000, query: 'command=a%3Bb%25&command=%C3%A9'},
    ])
    expect(rows.map((row) => row['command'])).toEqual([['id;whoami'], ['a', '%zz'], ['a%ff'], ['a;b%', 'é']])
    expect(rows.map((row) => row['note'])).toEqual([
      expect.stringContaining('leave it out'),
      expect.stringContaining('leave it out'),
      expect.stringContaining('no UTF-8'),
      null,
    ])
  })

  it('keeps hostile text as it is', async () => {
    const argv = ['printf', '\u001b]0;x\u0007\u202e', "=cmd|'/C calc'!A0", '<script>', '']
    const [row] = await execRows([{at: 0, argv}])
    expect(row).toMatchObject({command: argv})
  })
})

describe('what cannot be in the log', () => {
  const inputs: readonly (readonly [string, string, string | null, number])[] = [
    ['bash', 'stdin=true&tty=true', 'interactive bash', 101],
    ['/bin/sh -l', 'stdin=true&tty=true', 'interactive sh', 101],
    ['sh', 'stdin=true', 'sh took its commands from the client', 101],
    ['cat', 'stdin=true', 'typed or sent', 101],
    ['bash', 'stdin=true&tty=true', null, 403],
    ['bash', 'stdout=true', null, 101],
    ['sh -c id', 'tty=true', null, 101],
  ]
  const ofInput = together(inputs.map(([words, query, , code]) => [{at: 0, argv: words.split(' '), query, code}]))
  it.each(inputs.map(([words, query, note, code], i) => ({words, query, note, code, i})))(
    'says of $words with $query answered $code whether input is missing',
    async ({note, i}) => {
      const [row] = await ofInput(i)
      expect(row?.['command']).toBeDefined()
      if (note === null) expect(row?.['note'] ?? null).toBeNull()
      else expect(row?.['note']).toMatch(new RegExp(`${note}.* not in any audit log`))
    },
  )

  it('says of a port-forward that its port is nowhere, both verbs', async () => {
    const rows = await execRows([
      {at: 0, subresource: 'portforward', took: 60_000},
      {at: 90_000, subresource: 'portforward', verb: 'create'},
    ])
    expect(rows.map((row) => row['kind'])).toEqual(['port-forward', 'port-forward'])
    expect(rows[0]).toMatchObject({duration_seconds: 60, port: null, command: null, command_line: null})
    expect(rows[1]?.['note']).toContain('which port')
  })

  it('tells an attach, which has no command', async () => {
    const rows = await execRows([{at: 0, subresource: 'attach', query: 'container=app&stdin=true&tty=true'}])
    expect(rows).toMatchObject([{kind: 'attach', container: 'app', command: null, stdin: true, tty: true}])
    expect(rows[0]?.['note']).toContain('what was typed or sent')
  })
})

describe('retries of one exec', () => {
  it('share a session: WebSocket refused, then SPDY', async () => {
    const rows = await execRows([
      {at: 0, ...refused},
      {at: 40, ...refused, verb: 'create'},
    ])
    expect(sessionPlaces(rows)).toEqual([0, 0])
    expect(rows.map((row) => [row['request_in_session'], row['requests_in_session']])).toEqual([
      [1, 2],
      [2, 2],
    ])
    expect(rows[1]?.['note']).toContain('request 2 of 2')
  })

  it('share a session: 101 twice on an old server', async () => {
    const rows = await execRows([
      {at: 0, argv: id, took: 20},
      {at: 40, argv: id, verb: 'create', took: 9000},
    ])
    expect(sessionPlaces(rows)).toEqual([0, 0])
  })

  const pairs: readonly (readonly [string, readonly TestExec[], readonly number[]])[] =

    [
    ['two execs alike', [{at: 0, argv: id}, {at: 100, argv: id}], [0, 1]],
    ['two by an old kubectl', [{at: 0, argv: id, verb: 'create'}, {at: 100, argv: id, verb: 'create'}], [0, 1]],
    ['one after the other', [0, 40, 100, 140].map((at, i) => ({at, ...refused, verb: i % 2 === 0 ? 'get' : 'create'})), [0, 0, 1, 1]],
    ['two at once', [0, 1, 40, 41].map((at, i) => ({at, ...refused, verb: i < 2 ? 'get' : 'create'})), [0, 1, 1, 0]],
    ['a lone SPDY before', [0, 40, 80].map((at, i) => ({at, ...refused, verb: i === 1 ? 'get' : 'create'})), [0, 1, 1]],
    ['six seconds later', [{at: 0, ...refused}, {at: 6005, ...refused, verb: 'create'}], [0, 1]],
    ['a WebSocket that lasted', [{at: 0, argv: id, took: 2000}, {at: 2100, argv: id, verb: 'create'}], [0, 1]],
    ['a WebSocket without an end', [{at: 0, argv: id, took: null}, {at: 100, argv: id, verb: 'create'}], [0, 1]],
    ['SPDY first', [{at: 0, ...refused, verb: 'create'}, {at: 40, ...refused}], [0, 1]],
    ['another command', [{at: 0, ...refused}, {at: 40, ...refused, argv: ['ls'], verb: 'create'}], [0, 1]],
    ['another user', [{at: 0, ...refused}, {at: 40, ...refused, user: 'bob', verb: 'create'}], [0, 1]],
    ['acting as another', [{at: 0, ...refused}, {at: 40, ...refused, as: 'bob', verb: 'create'}], [0, 1]],
    ['another address', [{at: 0, ...refused}, {at: 40, ...refused, ip: '10.0.0.9', verb: 'create'}], [0, 1]],
    ['another pod', [{at: 0, ...refused}, {at: 40, ...refused, pod: 'web-1', verb: 'create'}], [0, 1]],
    ['another container', [{at: 0, ...refused}, {at: 40, ...refused, query: 'container=x', verb: 'create'}], [0, 1]],
    ['another tty', [{at: 0, ...refused}, {at: 40, ...refused, query: 'container=app&tty=true', verb: 'create'}], [0, 1]],
  ] // prettier-ignore
  const ofPair = together(pairs.map(([, requests]) => requests))
  it.each(pairs.map(([what, , places], i) => ({what, places, i})))('$what', async ({places, i}) => {
    expect(sessionPlaces(await ofPair(i))).toEqual(places)
  })

  it('have the same session whatever the filters, the limit and the order of loading', async () => {
    const events = [
      execEvent({at: 0, ...refused}),
      execEvent({at: 40, ...refused, verb: 'create'}),
      execEvent({at: 40, argv: ['ls'], user: 'bob'}),
      execEvent({at: 40, argv: ['ls'], user: 'carol'}),
    ]
    const one = await caseOf(events)
    const other = await caseOf(
      [events[3] as AuditEvent],
      [events[1] as AuditEvent],
      [events[2] as AuditEvent, events[0] as AuditEvent],
    )
    const bare = (rows: readonly Row[]) => rows.map((row): Row => ({...row, evidence: null}))
    const all = bare((await one.ask()).rows)
    expect(bare((await other.ask()).rows)).toEqual(all)
    expect(bare((await one.ask({since: instant(20), user: 'alice'})).rows)).toEqual([all[1]])
    expect(bare((await one.ask({limit: 1})).rows)).toEqual([all[0]])
    expect(all.map((row) => row['requests_in_session'])).toEqual([2, 2, 1, 1])
  })

  it('stand once in the report, with what came of the last', async () => {
    const requests = [
      {at: 0, argv: id, code: 403, took: 5},
      {at: 40, argv: id, verb: 'create', took: 2000},
      {at: 9000, argv: ['bash'], query: 'stdin=true&tty=true', took: null},
    ]
    const {report, rows} = await (await caseOf(requests.map(execEvent))).ask({forPeople: true, limit: 100})
    expect(report.split('\n')[0]).toBe(
      '2 sessions by 1 identity in 1 pod (2 execs): 2 accepted. 1 interactive shell among them.',
    )
    expect(report).toContain(`${instant(0)} | alice | 10.20.0.21 | exec | prod/web-0 | 2.0s | id`)
    expect(report).toContain(`${instant(9000)} | alice | 10.20.0.21 | exec, shell | prod/web-0 | open | bash`)
    expect(report).toContain('shown with the first')
    expect(rows).toHaveLength(3)
  })
})

describe('kubectl cp', () => {
  const copies: readonly (readonly [readonly string[], string | null, string | null])[] = [
    [['tar', 'cf', '-', '/etc/pass wd'], 'download', '/etc/pass wd'],
    [['sh', '-c', "tar cf - '/var/log/app' | tail -c+1024"], 'download', '/var/log/app'],
    [['sh', '-c', 'tar cf - /var/log/app | tail -c+1'], 'download', '/var/log/app'],
    [['tar', '-xmf', '-', '-C', '/tmp'], 'upload', '/tmp'],
    [['tar', '-xf', '-', '-C', '/'], 'upload', '/'],
    [['tar', '-xmf', '-'], 'upload', '.'],
    [['tar', '--no-same-permissions', '--no-same-owner', '-xmf', '-', '-C', '/a b'], 'upload', '/a b'],
    [['tar', 'czf', '-', '/etc'], null, null],
    [['tar', 'cf', '/tmp/x.tar', '/etc'], null, null],
    [['tar', '-xmf', '-', '-C', '/tmp', 'x'], null, null],
    [['sh', '-c', 'tar cf - /etc | tail -c+1; id'], null, null],
    [['test', '-d', '/tmp'], null, null],
  ]
  const ofCopy = together(copies.map(([argv]) => [{at: 0, argv}]))
  it.each(copies.map(([argv, direction, path], i) => ({argv, direction, path, i})))(
    '$argv',
    async ({argv, direction, path, i}) => {
      expect(await ofCopy(i)).toMatchObject([
        {kind: direction === null ? 'exec' : 'copy', copy_direction: direction, copy_path: path, command: argv},
      ])
    },
  )

  const probe = (dir: string, at = 0): TestExec => ({at, argv: ['test', '-d', dir]})
  const upload = (dir: string, at: number, more: Partial<TestExec> = {}): TestExec => ({
    at,
    argv: ['tar', '-xmf', '-', '-C', dir],
    query: 'container=app&stdin=true',
    ...more,
  })
  const probes: readonly (readonly [string, readonly TestExec[], string])[] = 
    [
    ['into the folder it looked at', [probe('/tmp'), upload('/tmp', 100)], 'copy'],
    ['into the folder above', [probe('/tmp/x.sh'), upload('/tmp', 100)], 'copy'],
    ['below the root', [probe('/x.sh'), upload('/', 100)], 'copy'],
    ['into the working folder', [probe('x.sh'), upload('.', 100)], 'copy'],
    ['after another one', [probe('/tmp'), probe('/tmp', 50), upload('/tmp', 100)], 'copy'],
    ['elsewhere', [probe('/tmp'), upload('/var', 100)], 'exec'],
    ['a minute later', [probe('/tmp'), upload('/tmp', 60_000)], 'exec'],
    ['before', [upload('/tmp', 0), probe('/tmp', 100)], 'exec'],
    ['by another', [probe('/tmp'), upload('/tmp', 100, {user: 'bob'})], 'exec'],
    ['in another pod', [probe('/tmp'), upload('/tmp', 100, {pod: 'web-1'})], 'exec'],
  ] // prettier-ignore
  const ofProbe = together(probes.map(([, requests]) => requests))
  it.each(probes.map(([what, , kind], i) => ({what, kind, i})))(
    'takes a look at a folder for part of an upload $what',
    async ({kind, i}) => {
      const rows = await ofProbe(i)
      const looks = rows.filter((row) => (row['command'] as string[])[0] === 'test')
      expect(looks.map((row) => row['kind'])).toEqual(looks.map(() => kind))
      expect(looks.map((row) => row['copy_direction'])).toEqual(looks.map(() => (kind === 'copy' ? 'upload' : null)))
    },
  )

  it('says what a copy was', async () => {
    const rows = await execRows([
      probe('/tmp'),
      upload('/tmp', 100),
      {at: 9000, argv: ['sh', '-c', "tar cf - '/x' | tail -c+77"]},
    ])
    expect(rows.map((row) => row['note'])).toEqual([
      expect.stringContaining('looks whether /tmp is a folder'),
      expect.stringContaining('kubectl cp into the pod, below /tmp'),
      expect.stringMatching(/out of the pod: \/x; taken up again at byte 77/),
    ])
  })
})

describe('containers for debugging', () => {
  const container = {
    name: 'debugger-x7',
    image: 'busybox:1.36',
    command: ['sh'],
    args: ['-c', 'id'],
    stdin: true,
    tty: true,
    targetContainerName: 'app',
  }
  const debug = (body: unknown, verb = 'patch', code = 200): AuditEvent =>
    execEvent({
      at: 0,
      verb,
      code,
      subresource: 'ephemeralcontainers',
      changes: body === undefined ? {} : {level: 'Request', requestObject: body},
    })

  it.each<[string, unknown, string]>(
    [
    ['a merge patch', {spec: {ephemeralContainers: [container]}}, 'patch'],
    ['a JSON patch', [{op: 'test', path: '/x', value: 1}, {op: 'add', path: '/spec/ephemeralContainers/-', value: container}], 'patch'],
    ['a JSON patch of the list', [{op: 'add', path: '/spec/ephemeralContainers', value: [container]}], 'patch'],
    ['an update of the whole pod', {kind: 'Pod', spec: {ephemeralContainers: [{name: 'older', image: 'x'}, container]}}, 'update'],
    ['the old form', {kind: 'EphemeralContainers', ephemeralContainers: [container]}, 'update'],
  ], // prettier-ignore
  )('tell their command in %s', async (_, body, verb) => {
    expect(await rowsOf([debug(body, verb)])).toMatchObject([
      {
        kind: 'debug',
        container: 'debugger-x7',
        command: ['sh', '-c', 'id'],
        command_line: 'sh -c id',
        image: 'busybox:1.36',
        target_container: 'app',
        stdin: true,
        tty: true,
        outcome: 'accepted',
      },
    ])
  })

  it('say that their command was not logged, or that the image has one', async () => {
    const [without] = await rowsOf([debug(undefined)])
    expect(without).toMatchObject({kind: 'debug', command: null, image: null})
    expect(without?.['note']).toContain('were not logged')
    const [image] = await rowsOf([debug({spec: {ephemeralContainers: [{name: 'd', image: 'alpine'}]}})])
    expect(image).toMatchObject({command: null, image: 'alpine'})
    expect(image?.['note']).toContain("image's own command")
  })

  it('are no rows where they are only looked at', async () => {
    expect(await rowsOf([debug(undefined, 'get')])).toEqual([])
  })

  it('tell the pod that debugs a node by its name', async () => {
    const create = (name: string, body?: unknown) =>
      execEvent({at: 0, verb: 'create', code: 201, pod: name, changes: {
        requestURI: '/api/v1/namespaces/prod/pods', objectRef: {resource: 'pods', namespace: 'prod', name, apiVersion: 'v1'},
        ...(body === undefined ? {} : {requestObject: body}),
      }}) // prettier-ignore
    const rows = await rowsOf([
      create('node-debugger-node-1-x7k2p', {
        spec: {containers: [{name: 'debugger', image: 'busybox', command: ['chroot', '/host']}]},
      }),
      create('web-0'),
      create('node-debuggers'),
    ])
    expect(rows).toMatchObject([
      {kind: 'debug', node: 'node-1', pod: 'node-debugger-node-1-x7k2p', command: ['chroot', '/host']},
    ])
    expect(rows[0]?.['note']).toContain('told by its name alone')
  })
})

describe('requests through proxies', () => {
  it('to a kubelet name the pod, and what runs in it', async () => {
    const calls: readonly (readonly [string, string, Row])[] = 
    [
    ['exec', '/exec/pay/api-0/app?command=cat&command=%2Fetc%2Fshadow&output=1', {namespace: 'pay', pod: 'api-0', container: 'app', command: ['cat', '/etc/shadow']}],
    ['exec with a uid', '/exec/pay/api-0/7f3a/app?command=id', {pod: 'api-0', container: 'app', command: ['id']}],
    ['run', '/run/pay/api-0/app?cmd=ls+-la++/', {pod: 'api-0', container: 'app', command: ['ls', '-la', '', '/']}],
    ['attach', '/attach/pay/api-0/app?input=1&tty=1', {pod: 'api-0', container: 'app', command: null, stdin: true, tty: true}],
    ['port-forward', '/portForward/pay/api-0', {namespace: 'pay', pod: 'api-0', container: null, command: null}],
    ['a checkpoint', '/checkpoint/pay/api-0/app', {pod: 'api-0', container: 'app', command: null}],
    ['an encoded path', '/%65xec/pay/api-0/app?command=id', {pod: 'api-0', container: 'app', command: ['id']}],
  ] // prettier-ignore
    const rows = await rowsOf(
      calls.map(([, path], i) => proxyEvent('nodes', 'node-1', path, {at: i * 10_000, verb: 'create'})),
    )
    expect(rows).toMatchObject(
      calls.map(([, , columns]) => ({kind: 'proxy', node: 'node-1', service: null, ...columns})),
    )
    for (const row of rows) expect(row['note']).toContain('101 does not show that the other side agreed')
  })

  it('leave out what only reads from a kubelet, unless it is asked for', async () => {
    const {ask} = await caseOf([
      ...['/metrics/cadvisor', '/pods', '/logs/messages', '/containerLogs/prod/web-0/app', '/executor'].map((path, i) => proxyEvent('nodes', 'https:node-1:10250', path, {at: i, code: 200})),
      proxyEvent('nodes', 'node-1', '/run/prod/web-0/app?cmd=id', {at: 10, verb: 'create', code: 403}),
    ]) // prettier-ignore
    expect((await ask()).rows).toMatchObject([{outcome: 'refused', command: ['id'], namespace: 'prod'}])
    const {rows} = await ask({proxy: true})
    expect(rows).toHaveLength(6)
    expect(rows[1]).toMatchObject({kind: 'proxy', node: 'node-1', port: '10250', proxy_path: '/pods', pod: null})
  })

  it('tell pods and services apart from their ports', async () => {
    const rows = await rowsOf([
      proxyEvent('pods', 'web-0:8080', '/metrics?x=1', {at: 0, code: 200}),
      proxyEvent('pods', 'web-0', '/', {at: 1, code: 200}),
      proxyEvent('services', 'http:api:8080', '/admin/deployments/nginx', {at: 2, code: 200, verb: 'delete'}),
      proxyEvent('services', 'api', '', {at: 3, code: 503}),
      proxyEvent('pods', 'https:agent:10250', '/exec/prod/web-0/app?command=id', {at: 4, namespace: 'kube-system'}),
    ])
    expect(rows).toMatchObject([
      {kind: 'proxy', pod: 'web-0', port: '8080', service: null, proxy_path: '/metrics', command: null},
      {pod: 'web-0', port: null, proxy_path: '/'},
      {pod: null, service: 'api', port: '8080', verb: 'delete', kind: 'proxy', outcome: 'accepted'},
      {pod: null, service: 'api', port: null, outcome: 'failed'},
      {namespace: 'prod', pod: 'web-0', container: 'app', port: '10250', command: ['id']},
    ])
    expect(rows[2]?.['note']).toContain('nothing of Kubernetes is deleted')
  })

  it('have a table of their own in the report, and no part in the sum', async () => {
    const {ask} = await caseOf([
      proxyEvent('services', 'http:api:8080', '/x', {at: 0, code: 200, verb: 'delete'}),
      execEvent({at: 5, argv: id}),
    ])
    const {report} = await ask({forPeople: true})
    expect(report).toContain(
      '1 session by 1 identity in 1 pod (1 exec): 1 accepted. And 1 request passed on through a proxy.',
    )
    expect(report).toContain(`${instant(0)} | alice | 10.20.0.21 | prod/service api | 8080 | delete | 200 | /x`)
  })
})

describe('filters', () => {
  const requests: readonly TestExec[] = [
    {at: 0, argv: ['cat', '/etc/Shadow']},
    {at: 10_000, argv: id, namespace: 'pay', pod: 'api-0', user: 'bob', as: 'carol'},
    {at: 20_000, subresource: 'portforward', pod: 'web-1'},
  ]
  const kubelet = proxyEvent('nodes', 'node-1', '/exec/pay/api-0/app?command=id', {at: 30_000})

  let shared: Promise<TestCase> | undefined
  it.each<[Ask, number[]]>([
    [{}, [0, 10_000, 20_000, 30_000]],
    [{namespace: 'pay'}, [10_000, 30_000]],
    [{namespace: 'p*'}, [0, 10_000, 20_000, 30_000]],
    [{user: 'bob'}, [10_000]],
    [{user: 'carol'}, [10_000]],
    [{pod: 'web-*'}, [0, 20_000]],
    [{pod: 'web'}, []],
    [{pod: 'web-[01]'}, []],
    [{pod: 'api-0'}, [10_000, 30_000]],
    [{command: 'SHADOW'}, [0]],
    [{command: 'cat /etc'}, [0]],
    [{command: 'i*'}, []],
    [{since: instant(10_000), until: instant(20_000)}, [10_000]],
    [{limit: 2}, [0, 10_000]],
  ])('%j', async (asked, times) => {
    shared ??= caseOf([...requests.map(execEvent), kubelet])
    const {rows} = await (await shared).ask(asked)
    expect(rows.map((row) => row['time'])).toEqual(times.map(instant))
  })

  it('keep requests without a time where no window is asked for', async () => {
    const untimed = execEvent({
      at: 0,
      argv: id,
      changes: {requestReceivedTimestamp: undefined, stageTimestamp: undefined},
    })
    const {ask} = await caseOf([untimed, execEvent({at: 5, argv: ['ls']})])
    expect((await ask()).rows.map((row) => row['command'])).toEqual([['ls'], id])
    expect((await ask({since: instant(0)})).rows.map((row) => row['command'])).toEqual([['ls']])
  })
})

describe('a report', () => {
  it('says what was searched where there is nothing, and how pods are asked for', async () => {
    const {report, rows} = await (
      await caseOf([execEvent({at: 0, argv: id})])
    ).ask({forPeople: true, pod: 'web', command: 'ls'})
    expect(rows).toEqual([])
    expect(report).toContain('No exec, attach, port-forward, kubectl cp or debug container')
    expect(report).toContain("--pod 'web-*'")
    expect(report).toContain('pod web, commands that contain "ls"')
    expect(report).toContain('directly leaves no trace')
  })

  it('counts sessions beyond the limit, a session of two once', async () => {
    const requests = [
      ...[0, 1, 2].map((i) => ({at: i * 10_000, argv: id})),
      {at: 40_000, ...refused},
      {at: 40_040, ...refused, verb: 'create'},
    ]
    const {report, rows} = await (await caseOf(requests.map(execEvent))).ask({forPeople: true, limit: 2})
    expect(report).toContain('4 sessions by 1 identity')
    expect(report).toContain('3 accepted, 1 refused')
    expect(report).toContain('2 more rows beyond the limit')
    expect(rows).toHaveLength(2)
  })

  it('leaves out the control plane, counted, but nothing that was impersonated; data have all', async () => {
    const node = (at: number, more: Partial<TestExec> = {}): AuditEvent =>
      proxyEvent('pods', 'web-0', '/', {
        at,
        user: 'system:node:node-1',
        ip: '10.0.0.1',
        code: 200,
        ...more,
        changes: {userAgent: 'kubelet/v1.32.0'},
      })
    const events = [
      ...[1, 2, 3].map((i) => node(i)),
      node(9, {as: 'alice'}),
      execEvent({at: 10, argv: id}),
    ].map((event) => (event['userAgent'] === 'kubelet/v1.32.0' ? {...event, requestURI: '/api/v1/namespaces/prod/pods/web-0/proxy/', objectRef: {resource: 'pods', namespace: 'prod', name: 'web-0', subresource: 'proxy', apiVersion: 'v1'}} : event)) // prettier-ignore
    const {ask} = await caseOf(events)
    const people = await ask({forPeople: true})
    expect(people.rows).toHaveLength(2)
    expect(people.report).toContain('Left out: 3 requests of the control plane and nodes (3 of system:node:node-1)')
    expect((await ask({forPeople: true, includeSystem: true})).rows).toHaveLength(5)
    expect((await ask()).rows).toHaveLength(5)
  })

  it('gives long commands whole, with their evidence', async () => {
    const argv = ['sh', '-c', `echo ${'x'.repeat(200)}`]
    const {report} = await (await caseOf([execEvent({at: 0, argv})])).ask({forPeople: true})
    expect(report).toMatch(new RegExp(`sh -c 'echo x{200}' \\[.*audit-0\\.log:1\\]`))
  })
})
