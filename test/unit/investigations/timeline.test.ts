import {describe, expect, it} from 'vitest'
import {parseCodes} from '../../../src/investigations/timeline/codes.ts'
import type {Plain} from '../../../src/output/answer.ts'
import {auditEvent} from '../../support/audit-event.ts'
import {answered, as, ask, at, caseWith, on, people, type Asked} from './timeline-log.ts'

describe('rows as data', () => {
  it('have the columns that others rely on, in their order', async () => {
    const {answer} = await ask(await caseWith([at(0)]))
    expect(answer.columns.slice(0, 14).map(({name}) => name)).toEqual(
      'time user_name effective_user verb namespace resource subresource name code client_ip user_agent summary audit_id evidence'.split(
        ' ',
      ),
    )
  })

  it('are every request, oldest first, never folded', async () => {
    const path = await caseWith([at(20), at(10, as('bob')), at(0), at(5)])
    const {rows} = await ask(path)
    expect(rows.map((row) => [row['time'], row['user_name']])).toEqual([
      ['2026-03-01T10:00:00.000000Z', 'alice'],
      ['2026-03-01T10:00:05.000000Z', 'alice'],
      ['2026-03-01T10:00:10.000000Z', 'bob'],
      ['2026-03-01T10:00:20.000000Z', 'alice'],
    ])
    expect(rows[0]?.['evidence']).toMatch(/audit-0\.log:3$/)
  })

  it('stand in an order that does not depend on the order of loading, also where times are the same', async () => {
    const events = [at(0, on('pods', 'b')), at(0, on('pods', 'a')), at(0, as('bob')), at(0, answered(404)), at(0)]
    const shuffled = [2, 4, 1, 0, 3].map((i) => events[i] ?? {})
    const ids = async (path: string, limit: number) => (await ask(path, {limit})).rows.map((row) => row['audit_id'])
    const [one, other] = [await caseWith(events), await caseWith(shuffled)]
    expect(new Set(await ids(one, 0)).size).toBe(5)
    for (const limit of [0, 1, 2, 4, 9]) expect(await ids(one, limit)).toEqual(await ids(other, limit))
    expect(await ids(one, 2)).toEqual((await ids(one, 0)).slice(0, 2))
  })

  it('without a time come last, and only where no window is asked for', async () => {
    const untimed = auditEvent({
      auditID: 'no-time',
      requestReceivedTimestamp: undefined,
      stageTimestamp: undefined,
      ...as('bob'),
    })
    const path = await caseWith([untimed, at(0), at(9)])
    const all = await ask(path)
    expect(all.rows.map((row) => row['audit_id']).at(-1)).toBe('no-time')
    expect(all.rows.at(-1)).toMatchObject({time: null, session: null})
    expect((await ask(path, {limit: 3})).rows).toHaveLength(3)
    const windowed = await ask(path, {since: '2026-03-01T10:00:05Z'})
    expect(windowed.rows).toHaveLength(1)
    expect(windowed.answer.warnings.join()).toContain('no time')
    const {rows} = await ask(path, people)
    expect(rows.map((row) => [row['time'], row['requests']])).toEqual([
      ['2026-03-01T10:00:00.000000Z', 2],
      [null, 1],
    ])
  })

  it('number the sessions of an identity by silence and by address', async () => {
    const elsewhere = {sourceIPs: ['203.0.113.7']}
    const path = await caseWith([
      at(0),
      at(1800),
      at(1900, elsewhere),
      at(2000, as('bob')),
      at(3600),
      at(5401),
      at(5402, elsewhere),
    ])
    const expected = [
      ['alice', 1],
      ['alice', 1],
      ['alice', 2],
      ['bob', 1],
      ['alice', 1],
      ['alice', 3],
      ['alice', 4],
    ]
    const {rows} = await ask(path)
    expect(rows.map((row) => [row['user_name'], row['session']])).toEqual(expected)
    const shown = await ask(path, {...people, fold: false})
    expect(shown.rows.map((row) => [row['user_name'], row['session']])).toEqual(expected)
  })
})

describe('filters', () => {
  const token = 'authentication.kubernetes.io/credential-id'
  const issued = 'authentication.kubernetes.io/issued-credential-id'
  const events = [
    at(0, {...as('alice'), ...on('deployments', 'nginx', 'apps'), verb: 'delete'}),
    at(1, {...as('bob'), ...on('deployments', 'nginx', 'extensions'), verb: 'patch'}),
    at(2, {...as('carol'), impersonatedUser: {username: 'bob'}, ...on('secrets', 'db'), userAgent: 'Curl/8.1 [x]'}),
    at(3, {...as('dave'), ...on('secrets', 'db', 'vault.example.com'), ...answered(403)}),
    at(4, {...as('erin'), ...on('pods', 'nginx-1'), sourceIPs: ['10.1.2.3', '2001:db8::5']}),
    at(5, {...as('frank'), ...on('nodes', 'n1'), objectRef: {resource: 'nodes', name: 'n1'}, sourceIPs: ['10.9.0.1']}),
    at(6, {
      user: {username: 'ci', extra: {[token]: ['JTI=abc']}},
      ...on('configmaps', 'c'),
      sourceIPs: ['::ffff:10.9.0.2'],
    }),
    at(7, {...as('grace'), ...on('serviceaccounts', 'ci'), verb: 'create', annotations: {[issued]: 'JTI=abc'}}),
    at(8, {user: {}, ...on('secrets', undefined), verb: 'list', stage: 'ResponseStarted', ...answered(401)}),
    at(9, {...as('heidi'), ...on('pods', 'p', undefined, 'test'), responseStatus: undefined, stage: 'RequestReceived'}),
  ]
  const found = async (asked: Asked): Promise<Plain[]> =>
    (await ask(await log, asked)).rows.map((row) => row['user_name'] ?? null)
  const log = caseWith(events)

  it.each<[string, Asked, Plain[]]>([
    ['user, as who authenticated', {user: 'carol'}, ['carol']],
    ['user, as who was acted as', {user: 'bob'}, ['bob', 'carol']],
    ['user with *', {user: '*a*e*'}, ['alice', 'dave', 'grace']],
    ['effective user', {effectiveUser: 'bob'}, ['bob', 'carol']],
    ['effective user is not who authenticated', {effectiveUser: 'carol'}, []],
    ['principal', {principal: 'ci'}, ['ci']],
    ['type by its short name, in every group it lived in', {resource: 'deploy'}, ['alice', 'bob']],
    ['type with its group', {resource: 'deployments.apps'}, ['alice']],
    ['type and name', {resource: 'deploy/nginx'}, ['alice', 'bob']],
    ['core type alone', {resource: 'secret/db'}, ['carol']],
    ['custom type with its group', {resource: 'secrets.vault.example.com'}, ['dave']],
    ['types with commas', {resource: 'deploy,po'}, ['alice', 'bob', 'erin', 'heidi']],
    ['name with *', {resource: 'po/nginx-*'}, ['erin']],
    ['name is no part of a name', {resource: 'po/nginx'}, []],
    ['type of the cluster, whatever the namespace', {resource: 'node/n1', namespace: 'prod'}, ['frank']],
    ['namespace', {namespace: 'test'}, ['heidi']],
    ['address', {ip: ['10.9.0.1']}, ['frank']],
    ['CIDR, with an IPv4 address written as IPv6', {ip: ['10.9.0.0/16']}, ['frank', 'ci']],
    ['IPv6 CIDR', {ip: ['2001:db8::/32']}, ['erin']],
    ['several addresses', {ip: ['10.9.0.1,2001:db8::5']}, ['erin', 'frank']],
    ['address that a client only claims', {ip: ['10.1.2.3']}, []],
    ['credential, and the request that issued it', {credential: 'JTI=abc'}, ['ci', 'grace']],
    ['credential with *', {credential: '*=a*'}, ['ci', 'grace']],
    ['client, in any case', {userAgent: 'CURL'}, ['carol']],
    ['client with *', {userAgent: 'curl*'}, ['carol']],
    ['client with what means something in patterns', {userAgent: '[x]'}, ['carol']],
    ['client is no pattern without *', {userAgent: 'c?rl'}, []],
    ['verbs', {verb: ['delete,patch']}, ['alice', 'bob']],
    ['verb with *', {verb: ['delete*'], code: ['2xx']}, ['alice']],
    ['codes', {code: ['403', '401']}, ['dave', null]],
    ['code class', {code: ['4xx']}, ['dave', null]],
    ['code from', {code: ['>=402']}, ['dave']],
    ['code span', {code: ['400-402']}, [null]],
    ['no code', {code: ['none']}, ['heidi']],
    [
      'since, inclusive, and until, exclusive',
      {since: '2026-03-01T10:00:07Z', until: '2026-03-01T10:00:08Z'},
      ['grace'],
    ],
    ['several at once', {user: 'bob', resource: 'deploy', verb: ['patch']}, ['bob']],
  ])('%s', async (_, asked, users) => {
    expect(await found(asked)).toEqual(users)
    expect(
      (await ask(await log, {...asked, ...people, includeSystem: true})).rows.map((row) => row['user_name']),
    ).toEqual(users)
  })

  it('are told with the answer', async () => {
    const {answer} = await ask(await log, {
      resource: 'deploy/nginx',
      ip: ['10.0.0.0/8'],
      code: ['4xx'],
      namespace: 'prod',
    })
    expect(answer.filters).toMatchObject({
      resource: 'deployments/nginx',
      ip: ['10.0.0.0/8'],
      code: ['4xx'],
      namespace: 'prod',
    })
  })

  it('say where an address is only claimed', async () => {
    const {answer} = await ask(await log, {ip: ['10.1.0.0/16']})
    expect(answer.warnings.join()).toContain('1 more request names such an address in X-Forwarded-For')
    const other = await ask(await log, {ip: ['10.1.0.0/16'], user: 'alice'})
    expect(other.answer.warnings.join()).not.toContain('X-Forwarded-For')
  })

  it('say what is no verb, and what the namespace was not used for', async () => {
    expect((await ask(await log, {verb: ['exec']})).answer.warnings.join()).toContain('k8saudit execs')
    expect((await ask(await log, {resource: 'nodes', namespace: 'prod'})).answer.warnings.join()).toContain(
      'whole cluster',
    )
  })

  it('that mean nothing are refused', async () => {
    await expect(ask(await log, {ip: ['10.0.0.0/64']})).rejects.toThrow('no IP address')
    await expect(ask(await log, {code: ['4']})).rejects.toThrow('no status code')
    await expect(ask(await log, {resource: 'deploy/'})).rejects.toThrow('There is no name')
  })

  it('take the word for a custom type as the log knows it', async () => {
    const path = await caseWith([at(0, on('widgets', 'w1', 'example.com')), at(1)])
    for (const resource of ['widget/w1', 'Widget', 'widgets.example.com', 'widget.example.com/w*'])
      expect((await ask(path, {resource})).rows).toHaveLength(1)
    expect((await ask(path, {resource: 'widgets.other.com'})).rows).toHaveLength(0)
  })

  it('tell of collections that may have taken an object along', async () => {
    const path = await caseWith([
      at(0, {...on('pods', 'a'), verb: 'create', ...answered(201)}),
      at(1, {...on('pods', undefined), verb: 'deletecollection'}),
      at(2, {...on('pods', undefined, undefined, 'test'), verb: 'deletecollection'}),
      at(3, {...on('pods', undefined), verb: 'deletecollection', ...answered(403)}),
    ])
    const {answer} = await ask(path, {resource: 'pod/a', namespace: 'prod'})
    expect(answer.warnings.join()).toContain('1 collection deletion of the type does not name what it took')
  })
})

describe('codes', () => {
  it('are single ones, classes, spans and bounds', () => {
    expect(parseCodes(['403', 'none', '403'])).toEqual(['403', '0'])
    expect(parseCodes(['4XX'])).toHaveLength(100)
    expect(parseCodes(['<200'])).toHaveLength(100)
    expect(parseCodes(['<=200']).at(-1)).toBe('200')
    expect(parseCodes(['>598'])[0]).toBe('599')
    for (const word of ['', '4', 'x', '5-4', '500-400', '!=200', '4xxx']) expect(() => parseCodes([word])).toThrow()
  })
})

describe('hostile text', () => {
  it('comes through filters and sentences as what it is', async () => {
    const name = `x'; DROP TABLE "requests"; -- in prod`
    const agent = 'a\tb"<script>|=cmd\u202e[*]'
    const path = await caseWith([at(0, {...on('pods', name), ...as('e*e?[a]'), userAgent: agent}), at(1, as('eve'))])
    const {rows} = await ask(path, {user: 'e*e?[a]', userAgent: 'B"<SCRIPT>|=', resource: `pods/${name}`})
    expect(rows).toMatchObject([{name, user_agent: agent, summary: `read pod ${JSON.stringify(name)} in prod`}])
    expect((await ask(path, {user: 'e?e'})).rows).toEqual([])
  })
})
