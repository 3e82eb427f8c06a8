import {describe, expect, it} from 'vitest'
import type {Answer} from '../../../src/output/answer.ts'
import {
  caseOf,
  collector,
  deleteOptions,
  instant,
  namespaceController,
  node,
  type Row,
  type TestRequest,
} from './who-deleted-log.ts'

const nginx = 'deployments.apps/nginx'

/** What one question about one log says, row by row. */
async function outcomes(requests: readonly TestRequest[], type = 'deploy/nginx'): Promise<Row[]> {
  const {rows} = await (await caseOf(requests)).ask({type}, {namespace: 'prod'})
  return rows
}

const told = (rows: readonly Row[]) =>
  rows.map((row) => [row['user_name'], row['outcome'], row['cause'], row['initiated_by']])

function reportText(answer: Answer): string {
  return JSON.stringify(answer.report)
}

describe('what one request did', () => {
  it('counts a Status that names the uid as a removal, and shows when it was gone', async () => {
    const [row] = await outcomes([
      {at: 0, on: nginx, statusUid: 'u1'},
      {at: 50, verb: 'get', on: nginx, code: 404},
    ])
    expect(row).toMatchObject({
      outcome: 'removed',
      cause: 'direct',
      initiated_by: 'alice',
      object_uid: 'u1',
      gone_at: instant(50),
    })
    expect(row?.['evidence']).toMatch(/audit-0\.log:1$/)
  })

  it('says of a removal at Metadata that a dry run would look the same', async () => {
    const {answer, rows} = await (await caseOf([{at: 0, on: nginx, statusUid: 'u1'}])).ask({type: 'deploy/nginx'})
    expect(rows).toMatchObject([{outcome: 'removed', gone_at: null}])
    expect(rows[0]?.['note']).toContain('dry run would look the same')
    expect(answer.warnings.join()).toContain('dry run')
  })

  it('believes a dry run that the body shows, and one in the query', async () => {
    const rows = await outcomes([
      {at: 0, on: nginx, statusUid: 'u1', request: deleteOptions({dryRun: ['All']})},
      {at: 10, on: nginx, statusUid: 'u1', query: 'dryRun=All'},
      {at: 20, verb: 'get', on: nginx},
    ])
    expect(rows.map((row) => row['outcome'])).toEqual(['dry-run', 'dry-run'])
  })

  it('does not believe a dry run in the query that a body overrides', async () => {
    const rows = await outcomes([{at: 0, on: nginx, statusUid: 'u1', query: 'dryRun=All', request: deleteOptions()}])
    expect(rows).toMatchObject([{outcome: 'removed'}])
  })

  it('doubts a dry run in the query where the object is gone and nothing else took it', async () => {
    const rows = await outcomes([
      {at: 0, on: nginx, statusUid: 'u1', query: 'dryRun=All'},
      {at: 50, verb: 'get', on: nginx, code: 404},
    ])
    expect(rows).toMatchObject([{outcome: 'unproven'}])
    expect(rows[0]?.['note']).toContain('a body overrides the query')
  })

  it.each([
    ['the same uid is removed again', {at: 50, user: 'bob', on: nginx, statusUid: 'u1'} satisfies TestRequest],
    ['the object is read afterwards', {at: 50, user: 'bob', verb: 'get', on: nginx} satisfies TestRequest],
    ['the object is changed afterwards', {at: 50, user: 'bob', verb: 'patch', on: nginx} satisfies TestRequest],
  ])('doubts a removal without a body where %s', async (_, after) => {
    const [row] = await outcomes([{at: 0, on: nginx, statusUid: 'u1'}, after])
    expect(row).toMatchObject({outcome: 'unproven', gone_at: null})
    expect(row?.['note']).toContain('dry run')
  })

  it.each([
    ['it was made again', [{at: 40, verb: 'create', on: nginx, code: 201}]],
    ['the read may come from a cache', [{at: 40, verb: 'get', on: nginx, query: 'resourceVersion=0'}]],
    ['only a dry run of an apply followed', [{at: 40, verb: 'patch', on: nginx, code: 201, query: 'dryRun=All'}]],
    ['the request for it was under way already', [{at: 1, verb: 'get', on: nginx}]],
  ])('does not doubt it where %s', async (_, between) => {
    const rows = await outcomes([
      {at: 0, on: nginx, statusUid: 'u1'},
      ...between,
      ...(between[0]?.verb === 'create' ? [{at: 60, verb: 'get', on: nginx}] : []),
    ])
    expect(rows[0]).toMatchObject({outcome: 'removed'})
  })

  it('does not doubt a removal whose body shows that it was none', async () => {
    const rows = await outcomes([
      {at: 0, on: nginx, statusUid: 'u1', request: deleteOptions()},
      {at: 50, verb: 'get', on: nginx},
    ])
    expect(rows).toMatchObject([{outcome: 'removed', gone_at: instant(2)}])
  })

  it('tells what was refused, what failed and what nobody knows', async () => {
    const rows = await outcomes([
      {at: 0, user: 'mallory', on: nginx, code: 403},
      {at: 10, on: nginx, code: 401, changes: {user: {}, stage: 'ResponseStarted'}},
      {at: 20, on: nginx, code: 404},
      {at: 30, on: nginx, code: 409},
      {at: 40, on: nginx, code: 504},
      {at: 50, on: nginx, code: null},
    ])
    expect(rows.map((row) => row['outcome'])).toEqual([
      'refused',
      'refused',
      'failed',
      'failed',
      'unproven',
      'unproven',
    ])
    expect(rows[1]).toMatchObject({user_name: null, initiated_by: null})
  })

  it('takes an accepted deletion as under way until the log shows its end', async () => {
    const accepted: TestRequest = {at: 0, user: 'bob', on: nginx}
    expect(await outcomes([accepted])).toMatchObject([{outcome: 'terminating', gone_at: null}])
    expect(await outcomes([accepted, {at: 80, verb: 'create', on: nginx, code: 201}])).toMatchObject([
      {outcome: 'removed', gone_at: instant(80)},
    ])
    expect(
      await outcomes([
        accepted,
        {at: 30, user: collector, verb: 'patch', on: nginx},
        {at: 80, verb: 'get', on: nginx, code: 404},
      ]),
    ).toMatchObject([{outcome: 'removed', gone_at: instant(30)}])
  })

  it('takes the body of the garbage collector’s patch for the end', async () => {
    const held = {
      kind: 'Deployment',
      metadata: {
        name: 'nginx',
        uid: 'u1',
        deletionTimestamp: '2026-03-01T10:00:00Z',
        deletionGracePeriodSeconds: 0,
        finalizers: ['orphan'],
      },
    }
    const rows = await outcomes([
      {at: 0, on: nginx, request: deleteOptions({propagationPolicy: 'Orphan'}), response: held},
      {
        at: 30,
        user: collector,
        verb: 'patch',
        on: nginx,
        request: {metadata: {finalizers: null}},
        response: {kind: 'PartialObjectMetadata', metadata: {...held.metadata, finalizers: undefined}},
      },
    ])
    expect(rows).toMatchObject([{outcome: 'removed', gone_at: instant(30)}])
  })

  it('does not credit an accepted deletion that may have been a dry run with what a later one did', async () => {
    const rows = await outcomes([
      {at: 0, user: 'bob', on: nginx},
      {at: 50, user: 'carol', on: nginx},
      {at: 80, verb: 'get', on: nginx, code: 404},
    ])
    expect(told(rows)).toEqual([
      ['bob', 'unproven', 'direct', 'bob'],
      ['carol', 'removed', 'direct', 'carol'],
    ])
  })

  it('takes an answer that holds nothing back for a removal, as Services are answered', async () => {
    const rows = await outcomes(
      [
        {
          at: 0,
          on: 'services/web',
          request: deleteOptions(),
          response: {kind: 'Service', metadata: {name: 'web', uid: 'u2'}},
        },
      ],
      'svc/web',
    )
    expect(rows).toMatchObject([{outcome: 'removed', object_uid: 'u2', gone_at: instant(2)}])
  })

  it('does not take the 404 of a missing API or of another object for the object’s end', async () => {
    const rows = await outcomes([
      {at: 0, on: nginx},
      {at: 20, verb: 'get', on: nginx, code: 404, message: 'the server could not find the requested resource'},
      {at: 30, verb: 'get', on: 'deployments.apps/other', code: 404},
    ])
    expect(rows).toMatchObject([{outcome: 'terminating'}])
  })

  it('says who acted as whom, and who was not let', async () => {
    const rows = await outcomes([
      {
        at: 0,
        user: 'carol',
        on: nginx,
        statusUid: 'u1',
        changes: {impersonatedUser: {username: 'bob', groups: ['dev']}},
      },
      {
        at: 50,
        user: 'bob',
        on: nginx,
        code: 403,
        message:
          'users "alice" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
        changes: {annotations: {}},
      },
    ])
    expect(rows).toMatchObject([
      {user_name: 'carol', impersonated_user: 'bob', effective_user: 'bob', initiated_by: 'carol', outcome: 'removed'},
      {user_name: 'bob', outcome: 'refused'},
    ])
    expect(rows[1]?.['note']).toContain('act as alice')
  })

  it('takes no request through a proxy for a deletion, nor one on another type of that name', async () => {
    const rows = await outcomes(
      [
        {at: 0, on: 'services/nginx/proxy', query: 'x=/deployments/nginx'},
        {at: 10, on: 'configmaps/nginx', statusUid: 'u3'},
        {at: 20, on: 'secrets.vault.example.com/nginx', statusUid: 'u4'},
      ],
      'svc,secrets,deploy/nginx',
    )
    expect(rows).toEqual([])
  })

  it('takes a person’s removal of the last finalizer for what it is', async () => {
    const metadata = {name: 'held', uid: 'u5', deletionTimestamp: '2026-03-01T10:00:00Z', deletionGracePeriodSeconds: 0}
    const rows = await outcomes(
      [
        {
          at: 0,
          on: 'configmaps/held',
          request: deleteOptions(),
          response: {kind: 'ConfigMap', metadata: {...metadata, finalizers: ['a/b']}},
        },
        {
          at: 900,
          user: 'bob',
          verb: 'patch',
          on: 'configmaps/held',
          request: {metadata: {finalizers: null}},
          response: {kind: 'ConfigMap', metadata},
        },
      ],
      'cm/held',
    )
    expect(rows).toMatchObject([
      {user_name: 'alice', verb: 'delete', outcome: 'removed', gone_at: instant(900)},
      {user_name: 'bob', verb: 'patch', outcome: 'removed', cause: 'direct'},
    ])
  })
})

describe('collections', () => {
  const made: TestRequest = {at: 0, verb: 'create', on: nginx, code: 201}
  const sweep: TestRequest = {
    at: 500,
    user: 'carol',
    verb: 'deletecollection',
    on: 'deployments.apps',
    query: 'labelSelector=app%3Dnginx',
  }
  const list = (...names: string[]) => ({
    kind: 'DeploymentList',
    metadata: {},
    items: names.map((name) => ({metadata: {name, uid: `u-${name}`}})),
  })

  it('proves what the answer lists', async () => {
    const rows = await outcomes([made, {...sweep, response: list('nginx', 'api')}])
    expect(rows).toMatchObject([
      {outcome: 'removed', cause: 'collection', initiated_by: 'carol', name: 'nginx', object_uid: 'u-nginx'},
    ])
  })

  it('leaves out a collection whose answer does not list the object', async () => {
    expect(await outcomes([made, {...sweep, response: list('api')}])).toEqual([])
  })

  it('proves nothing without the answer, and says what speaks for it', async () => {
    const rows = await outcomes([made, sweep, {at: 700, verb: 'get', on: nginx, code: 404}])
    expect(rows).toMatchObject([{outcome: 'unproven', cause: 'collection', initiated_by: 'carol', gone_at: null}])
    expect(rows[0]?.['note']).toContain('was last seen there at')
    expect(rows[0]?.['note']).toContain('404')
  })

  it('finds an object that only an answer names', async () => {
    const {rows} = await (await caseOf([{...sweep, response: list('nginx')}])).ask({type: 'deploy/nginx'})
    expect(rows).toMatchObject([{outcome: 'removed', name: 'nginx'}])
  })
})

describe('what took the object along', () => {
  const pod = 'pods/nginx-6db9895778-pllsk'
  const replicaSet = 'replicasets.apps/nginx-6db9895778'
  const cascade: TestRequest[] = [
    {at: 0, verb: 'create', user: 'system:kube-scheduler', on: `${pod}/binding`, code: 201},
    {at: 5000, user: 'alice', on: nginx, statusUid: 'u1'},
    {at: 5100, user: collector, on: replicaSet, statusUid: 'u2'},
    {at: 5200, user: collector, on: pod},
    {at: 5300, user: node, on: pod},
    {at: 5400, user: node, on: pod, code: 404},
  ]

  it('traces a pod through the garbage collector to who deleted the deployment', async () => {
    expect(told(await outcomes(cascade, 'pod/nginx-6db9895778-pllsk'))).toEqual([
      [collector, 'removed', 'owner', 'alice'],
      [node, 'removed', 'kubelet', 'alice'],
      [node, 'failed', 'kubelet', null],
    ])
  })

  it('does not trace it to a deletion before the pod was made, nor to one that was refused or a dry run', async () => {
    const [first, , ...rest] = cascade
    const earlier: TestRequest[] = [
      {at: -9000, user: 'mallory', on: nginx, statusUid: 'u0'},
      {at: 4000, user: 'bob', on: nginx, code: 403},
      {at: 4500, user: 'carol', on: nginx, statusUid: 'u1', request: deleteOptions({dryRun: ['All']})},
    ]
    const rows = await outcomes(
      [...(first === undefined ? [] : [first]), ...earlier, ...rest],
      'pod/nginx-6db9895778-pllsk',
    )
    expect(rows.map((row) => row['initiated_by'])).toEqual([null, null, null])
  })

  it('does not trace it to a deletion after which the owner was there again', async () => {
    const [first, ...rest] = cascade.filter((request) => request.on !== nginx)
    const rows = await outcomes(
      [
        ...(first === undefined ? [] : [first]),
        {at: 1000, user: 'mallory', on: nginx, statusUid: 'u0'},
        {at: 2000, user: 'bob', verb: 'create', on: nginx, code: 201},
        ...rest,
      ],
      'pod/nginx-6db9895778-pllsk',
    )
    expect(rows.map((row) => row['initiated_by'])).toEqual([null, null, null])
  })

  it('follows owner references where bodies name them, whatever the names', async () => {
    const metadata = {
      name: 'worker',
      uid: 'p1',
      deletionTimestamp: '2026-03-01T10:00:30Z',
      deletionGracePeriodSeconds: 30,
      ownerReferences: [{kind: 'Widget', name: 'machine', uid: 'w1'}],
    }
    const rows = await outcomes(
      [
        {at: 0, user: 'bob', on: 'widgets.example.com/machine', statusUid: 'w1'},
        {at: 90, user: collector, on: 'pods/worker', request: deleteOptions(), response: {kind: 'Pod', metadata}},
      ],
      'pod/worker',
    )
    expect(told(rows)).toEqual([[collector, 'terminating', 'owner', 'bob']])
  })

  it('traces an eviction, and tells one that a budget forbade', async () => {
    const rows = await outcomes(
      [
        {at: 0, user: 'carol', verb: 'create', on: 'pods/web-0/eviction', code: 429},
        {at: 100, user: 'carol', verb: 'create', on: 'pods/web-0/eviction', code: 201},
        {at: 200, user: node, on: 'pods/web-0'},
        {at: 300, verb: 'get', on: 'pods/web-0', code: 404},
        {
          at: 400,
          user: 'dave',
          verb: 'create',
          on: 'pods/web-0/eviction',
          code: 201,
          request: {kind: 'Eviction', deleteOptions: {dryRun: ['All']}},
        },
      ],
      'pod/web-0',
    )
    expect(told(rows)).toEqual([
      ['carol', 'failed', 'eviction', 'carol'],
      ['carol', 'removed', 'eviction', 'carol'],
      [node, 'removed', 'kubelet', 'carol'],
      ['dave', 'dry-run', 'eviction', 'dave'],
    ])
  })

  const staging: TestRequest[] = [
    {at: 0, verb: 'create', on: 'secrets/creds', code: 201},
    {at: 1000, user: 'bob', on: 'namespaces/prod', code: 403},
    {at: 2000, user: 'carol', on: 'namespaces/prod'},
  ]
  const emptied: TestRequest[] = [
    {at: 3000, user: namespaceController, verb: 'deletecollection', on: 'secrets'},
    {at: 3500, user: namespaceController, verb: 'deletecollection', on: 'secrets'},
    {at: 4000, user: namespaceController, verb: 'update', on: 'namespaces/prod/finalize'},
  ]

  it('traces what went with its namespace to who deleted that', async () => {
    const rows = await outcomes([...staging, ...emptied], 'secret/creds')
    expect(told(rows)).toEqual([
      [namespaceController, 'removed', 'namespace', 'carol'],
      [namespaceController, 'unproven', 'namespace', 'carol'],
    ])
    expect(rows[0]).toMatchObject({gone_at: instant(4000), name: 'creds'})
  })

  it('tells the namespace’s deletion itself where nothing else was logged', async () => {
    expect(told(await outcomes(staging, 'secret/creds'))).toEqual([['carol', 'terminating', 'namespace', 'carol']])
    expect(await outcomes([...staging, ...emptied.slice(2)], 'secret/creds')).toMatchObject([
      {outcome: 'removed', cause: 'namespace', resource: 'namespaces', gone_at: instant(4000)},
    ])
  })

  it('proves nothing for an object that was gone before its namespace', async () => {
    const rows = await outcomes(
      [...staging, {at: 500, user: 'dave', on: 'secrets/creds', statusUid: 'u9'}, ...emptied],
      'secret/creds',
    )
    expect(told(rows)).toEqual([
      ['dave', 'removed', 'direct', 'dave'],
      [namespaceController, 'unproven', 'namespace', 'carol'],
      [namespaceController, 'unproven', 'namespace', 'carol'],
    ])
  })

  it('tells of a custom resource that its definition was deleted', async () => {
    const definition = 'customresourcedefinitions.apiextensions.k8s.io/widgets.example.com'
    const rows = await outcomes(
      [
        {at: 0, verb: 'create', on: 'widgets.example.com/w1', code: 201},
        {at: 500, user: 'carol', on: definition, namespace: null},
        {at: 900, verb: 'get', on: definition, namespace: null, code: 404},
      ],
      'widget/w1',
    )
    expect(rows).toMatchObject([
      {
        cause: 'crd',
        initiated_by: 'carol',
        outcome: 'removed',
        resource: 'customresourcedefinitions',
        gone_at: instant(900),
      },
    ])
  })

  it('leaves a controller’s own deletions untraced', async () => {
    const controller = 'system:serviceaccount:kube-system:replicaset-controller'
    expect(
      told(
        await outcomes(
          [{at: 0, user: controller, agent: 'kube-controller-manager/v1.32.0', on: 'pods/x-abcde'}],
          'pod/x-abcde',
        ),
      ),
    ).toEqual([[controller, 'terminating', 'controller', null]])
  })

  it('takes a controller’s credentials in the hands of kubectl for somebody’s own doing', async () => {
    expect(
      told(await outcomes([{at: 0, user: collector, agent: 'kubectl/v1.32.0', on: nginx, statusUid: 'u1'}])),
    ).toEqual([[collector, 'removed', 'direct', collector]])
  })
})

describe('questions', () => {
  const log: TestRequest[] = [
    {at: 0, user: 'mallory', on: nginx, code: 403},
    {at: 1000, user: 'alice', on: nginx, statusUid: 'u1'},
    {at: 1100, verb: 'get', on: nginx, code: 404},
    {at: 2000, user: 'bob', on: nginx, namespace: 'dev', statusUid: 'u2'},
    {at: 3000, user: 'bob', on: 'deployments.extensions/nginx', statusUid: 'u3'},
    {at: 4000, user: node, on: 'pods/y', statusUid: 'u4'},
    {at: 5000, user: 'carol', on: nginx, statusUid: 'u5', changes: {impersonatedUser: {username: 'bob'}}},
  ]

  it('asks every namespace unless one is given, and the groups that a bare type has lived in', async () => {
    const it = await caseOf(log)
    const users = async (...asked: Parameters<typeof it.ask>) =>
      (await it.ask(...asked)).rows.map((row) => row['user_name'])
    expect(await users({type: 'deploy', name: 'nginx'})).toEqual(['mallory', 'alice', 'bob', 'bob', 'carol'])
    expect(await users({type: 'deploy/nginx'}, {namespace: 'dev'})).toEqual(['bob'])
    expect(await users({type: 'deployments.apps/nginx'}, {namespace: 'prod'})).toEqual(['mallory', 'alice', 'carol'])
    expect(await users({name: 'nginx'}, {namespace: 'prod'})).toEqual(['mallory', 'alice', 'bob', 'carol'])
    expect((await it.ask({type: 'deployments.apps/nginx'})).answer.warnings.join()).toContain('extensions')
  })

  it('filters by who authenticated or acted, and by the half-open span', async () => {
    const it = await caseOf(log)
    const users = async (filters: Parameters<typeof it.ask>[1]) =>
      (await it.ask({type: 'deploy/nginx'}, filters)).rows.map((row) => row['user_name'])
    expect(await users({user: 'bob'})).toEqual(['bob', 'bob', 'carol'])
    expect(await users({since: instant(1000), until: instant(2000)})).toEqual(['alice'])
    const {answer} = await it.ask({type: 'deploy/nginx'}, {user: 'alice'})
    expect(answer.warnings.join()).toContain('4 more requests')
  })

  it('judges by the whole log, whatever the filters', async () => {
    const {rows} = await (
      await caseOf(log)
    ).ask({type: 'deploy/nginx'}, {namespace: 'prod', user: 'alice', until: instant(1050)})
    expect(rows).toMatchObject([{outcome: 'removed', gone_at: instant(1100)}])
  })

  it('lists everything without a name, and the same outcomes', async () => {
    const {rows, answer} = await (await caseOf(log)).ask({}, {}, false)
    expect(rows.map((row) => [row['user_name'], row['outcome']])).toEqual([
      ['mallory', 'refused'],
      ['alice', 'removed'],
      ['bob', 'removed'],
      ['bob', 'removed'],
      [node, 'removed'],
      ['carol', 'removed'],
    ])
    expect(answer.report).toBeUndefined()
  })

  it('gives the same rows, byte for byte, whatever the order of the files', async () => {
    const half = Math.ceil(log.length / 2)
    const strip = (rows: readonly Row[]) =>
      JSON.stringify(
        rows.map(({evidence, note, audit_id, ...rest}) => [
          rest,
          JSON.stringify(note).replace(/\([^()]*\)/g, ''),
          typeof evidence,
          typeof audit_id,
        ]),
      )
    const [a, b] = [log.slice(0, half), log.slice(half)]
    const forth = await (await caseOf(a, b)).ask({type: 'deploy/nginx'})
    const back = await (await caseOf(b, a)).ask({type: 'deploy/nginx'})
    expect(strip(back.rows)).toBe(strip(forth.rows))
  })

  it('leaves the control plane out of reports, and says so, but never out of data', async () => {
    const it = await caseOf(log)
    const {rows, answer} = await it.ask({}, {}, true)
    expect(rows.map((row) => row['user_name'])).not.toContain(node)
    expect(reportText(answer)).toContain('Left out: 1 request of the control plane and nodes (1 of system:node:node-1)')
    expect((await it.ask({}, {includeSystem: true}, true)).rows).toHaveLength(6)
    expect((await it.ask({}, {limit: 2}, true)).rows).toHaveLength(2)
    expect((await it.ask({}, {limit: 2}, false)).rows).toHaveLength(2)
  })

  it('begins a report with the verdict', async () => {
    const {answer} = await (await caseOf(log.slice(0, 3))).ask({type: 'deploy/nginx'}, {namespace: 'prod'}, true)
    expect(answer.report?.[0]).toEqual({
      kind: 'text',
      tone: 'verdict',
      text: 'alice deleted deployment nginx in prod at 2026-03-01 10:00:01Z (10.20.0.5, kubectl 1.32.0); it was gone at 2026-03-01 10:00:01Z.',
    })
  })

  it('never says that nothing happened without saying how far the log reaches', async () => {
    const it = await caseOf(log)
    const {answer, rows} = await it.ask({type: 'cm/nginx'}, {namespace: 'prod'}, true)
    expect(rows).toEqual([])
    expect(answer.warnings.join()).toMatch(
      /^Whether the log would have shown it is not certain: it holds no request on configmaps at all/,
    )
    expect(reportText(answer)).toContain('The log knows deployments/nginx in prod')
    expect((await it.ask({type: 'deploy/ngnix'})).answer.warnings.join()).toMatch(
      /It was not deleted in what was logged: deletions of deployments were \(\d+ events\)/,
    )
    expect(reportText((await it.ask({type: 'deploy/ngnix'}, {}, true)).answer)).toContain(
      'Somebody wanted to delete deployments/nginx',
    )
  })

  it('tells a gap in the log from a quiet one', async () => {
    const busy = (changes: TestRequest['changes']): TestRequest[] =>
      Array.from({length: 1200}, (_, i) => ({at: (i < 600 ? i : i + 1800) * 2000, verb: 'get', on: 'configmaps/x', ...(changes && i % 2 === 0 ? {verb: 'update', changes} : {})})) // prettier-ignore
    const lease = {objectRef: {resource: 'leases', namespace: 'kube-system', name: 'controller', apiGroup: 'coordination.k8s.io', apiVersion: 'v1'}} // prettier-ignore
    const {answer} = await (await caseOf(busy(lease))).ask({type: 'cm/y'}, {}, true)
    expect(answer.warnings.join()).toMatch(
      /Not one event of .* for 60 minutes between .*: a deletion then does not show/,
    )
    expect(reportText(answer)).toContain('for 60 minutes')

    const quiet = await (await caseOf(busy(undefined))).ask({type: 'cm/y'}, {}, true)
    expect(quiet.answer.warnings.join()).not.toContain('60 minutes')
    expect(reportText(quiet.answer)).toContain('1 silence of the log may be habit or loss: the longest 60 minutes')
  })

  it('takes hostile names as nothing but names', async () => {
    for (const name of [`x' OR '1'='1`, '"; DROP TABLE events; --', 'a%', 'ünï\u202Ecode', '$name']) {
      const requests: TestRequest[] = [
        {
          at: 0,
          on: 'configmaps/placeholder',
          statusUid: 'u1',
          changes: {objectRef: {resource: 'configmaps', namespace: 'prod', name, apiVersion: 'v1'}},
        },
        {at: 10, on: 'configmaps/other', statusUid: 'u2'},
      ]
      const {rows} = await (await caseOf(requests)).ask({type: 'cm', name})
      expect(rows.map((row) => row['name'])).toEqual([name])
    }
  })
})
