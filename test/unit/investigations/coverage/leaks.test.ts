import {describe, expect, it} from 'vitest'
import {openCase} from '../../../../src/case/case-file.ts'
import {commandCredentials} from '../../../../src/investigations/coverage/command-credentials.ts'
import {foldLeaks, readLeaks, type FoldedLeak, type Leak} from '../../../../src/investigations/coverage/leaks.ts'
import {auditEvent, type AuditEvent} from '../../../support/audit-event.ts'
import {caseOfEvents} from '../../../support/ask-case.ts'
import {questionOf, type TestQuestion} from '../../../support/question.ts'

const value = 'Zq7-correct-horse'
const jwt = `eyJ${'a1B2'.repeat(6)}.eyJ${'c3D4'.repeat(9)}.${'e5F6'.repeat(8)}`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

let nth = 0

/** An event of a request on an object, `deployments.apps/web` or `pods/web/exec`, with bodies. */
function eventOn(object: string, changes: AuditEvent = {}): AuditEvent {
  const [type = '', name, subresource] = object.split('/')
  const [resource, ...group] = type.split('.')
  nth++
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
    verb: 'create',
    level: 'RequestResponse',
    requestURI: `/api/v1/namespaces/prod/${String(resource)}`,
    objectRef: {
      resource,
      name,
      subresource,
      namespace: 'prod',
      ...(group.length > 0 ? {apiGroup: group.join('.')} : {}),
      apiVersion: 'v1',
    },
    ...changes,
  })
}

const podWith = (container: object): object => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: {name: 'web'},
  spec: {containers: [{name: 'app', ...container}]},
})
const templateWith = (container: object): object => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  spec: {template: podWith(container)},
})
const execOf = (...argv: string[]): AuditEvent =>
  eventOn('pods/web/exec', {
    verb: 'get',
    level: 'Metadata',
    requestURI: `/api/v1/namespaces/prod/pods/web/exec?${argv.map((word) => `command=${encodeURIComponent(word)}`).join('&')}&container=app`,
  })

async function leaksOf(
  events: readonly AuditEvent[],
  asked: TestQuestion = {},
): Promise<{rows: readonly Leak[]; folded: FoldedLeak[]; warnings: readonly string[]}> {
  const caseFile = await openCase(await caseOfEvents([events]))
  try {
    const {rows, warnings} = await readLeaks(caseFile, await questionOf(caseFile, asked))
    return {rows, folded: foldLeaks(rows), warnings}
  } finally {
    caseFile.close()
  }
}

const brief = ({what, count, evidence}: Leak): string => `${evidence.split(':').at(-1) ?? ''} ${what} ${count}`

describe('what a log gives away', () => {
  it('is told by form, record and number', async () => {
    const {rows, warnings} = await leaksOf([
      eventOn('secrets/db', {
        verb: 'get',
        responseObject: {
          kind: 'Secret',
          apiVersion: 'v1',
          data: {user: base64('app'), password: base64(value), none: ''},
        },
      }),
      eventOn('secrets', {
        verb: 'list',
        responseObject: {
          kind: 'SecretList',
          apiVersion: 'v1',
          items: [{data: {a: base64('one')}}, {data: {b: base64('two')}}],
        },
      }),
      eventOn('secrets/db', {
        verb: 'patch',
        requestObject: {
          stringData: {password: value},
          metadata: {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
                apiVersion: 'v1',
                kind: 'Secret',
                stringData: {password: value, other: 'x9-other'},
              }),
            },
          },
        },
      }),
      eventOn('secrets/db', {
        verb: 'patch',
        requestObject: [{op: 'replace', path: '/data/password', value: base64(value)}],
      }),
      eventOn('serviceaccounts/ci/token', {responseObject: {kind: 'TokenRequest', status: {token: jwt}}}),
      eventOn('tokenreviews.authentication.k8s.io', {requestObject: {kind: 'TokenReview', spec: {token: jwt}}}),
      eventOn('secrets/bootstrap-token-abcdef', {
        requestObject: {
          kind: 'Secret',
          apiVersion: 'v1',
          type: 'bootstrap.kubernetes.io/token',
          stringData: {'token-secret': '0123456789abcdef'},
        },
      }),
      eventOn('configmaps/tls', {
        requestObject: {
          kind: 'ConfigMap',
          data: {'tls.key': `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n`},
        },
      }),
      eventOn('configmaps/kube', {
        requestObject: {
          kind: 'ConfigMap',
          data: {config: `kind: Config\nclusters: []\nusers:\n- user:\n    client-key-data: ${base64(value)}\n`},
        },
      }),
      eventOn('configmaps/app', {
        requestObject: {
          kind: 'ConfigMap',
          data: {DB_PASSWORD: value, 'app.properties': `spring.user=app\nspring.datasource.password=${value}-2\n`},
        },
      }),
      eventOn('deployments.apps/web', {requestObject: templateWith({env: [{name: 'DB_PASSWORD', value}]})}),
      eventOn('deployments.apps/web', {
        requestObject: templateWith({args: ['--db-url', `postgres://app:${value}@db/app`]}),
      }),
      eventOn('deployments.apps/web', {
        verb: 'patch',
        requestObject: [{op: 'add', path: '/spec/template/spec/containers/0/env/-', value: {value, name: 'API_TOKEN'}}],
      }),
      eventOn('pods', {
        verb: 'list',
        responseObject: {kind: 'PodList', items: [podWith({env: [{name: 'clientSecret', value}]})]},
      }),
      eventOn('widgets.example.com/w', {requestObject: {kind: 'Widget', spec: {adminPassword: value}}}),
      execOf('mysql', `-p${value}`, '-e', 'select 1'),
      execOf('sh', '-c', `PGPASSWORD=${value} psql -h db && curl -u app:${value}x https://api`),
      eventOn('pods/web:8080/proxy', {
        verb: 'get',
        level: 'Metadata',
        requestURI: `/api/v1/namespaces/prod/pods/web:8080/proxy/x?access_token=${value}&page=2`,
      }),
    ])
    expect(rows.map(brief)).toEqual([
      '1 secret 2',
      '2 secret 2',
      '3 secret 2',
      '4 secret 1',
      '5 issued-token 1',
      '6 reviewed-token 1',
      '7 bootstrap-token 1',
      '8 private-key 1',
      '9 kubeconfig 1',
      '10 configuration 2',
      '11 environment 1',
      '12 arguments 1',
      '13 environment 1',
      '14 environment 1',
      '15 field 1',
      '16 command 1',
      '17 command 2',
      '18 request-uri 1',
    ])
    expect(warnings).toEqual([])
    expect(rows[0]).toMatchObject({
      kind: 'leak',
      api_group: '',
      resource: 'secrets',
      namespace: 'prod',
      name: 'db',
      at: '2026-03-01T10:15:22.123456Z',
      statement: 'The record of a get on secrets/db in prod holds 2 values of Secrets.',
    })
  })

  it.each([
    [[{op: 'replace', path: '/spec/containers/0/env/0/value', value}], 'pods/web', 'environment 1'],
    [
      [
        {op: 'test', path: '/spec/containers/0/env/0/name', value: 'DB_PASSWORD'},
        {op: 'replace', path: '/spec/containers/0/env/0/value', value: 'word'},
      ],
      'pods/web',
      'environment 1',
    ],
    [[{op: 'add', path: '', value: {data: {a: base64(value)}}}], 'secrets/db', 'secret 1'],
    [[{op: 'add', path: '/data/app.conf', value: `password=${value}`}], 'configmaps/app', 'configuration 1'],
    [{data: {'a.json': `{"db":{"password":"${value}"}}`}}, 'configmaps/app', 'configuration 1'],
    [podWith({env: [{name: 'STORE', value: `AccountName=a;AccountKey=${value};`}]}), 'pods/web', 'url-password 1'],
    [podWith({env: [{name: 'DB', value: `Server=x;User Id=sa;Password=${value}`}]}), 'pods/web', 'url-password 1'],
    [
      podWith({env: [{name: 'HOOK', value: 'https://hooks.slack.com/services/T000/B000/XyZabc123'}]}),
      'pods/web',
      'token 1',
    ],
    [podWith({env: [{name: 'DB_PASSWORD', value: '12'}]}), 'pods/web', 'environment 1'],
    [podWith({env: [{name: 'DB_PASSWORD', value: 'default'}]}), 'pods/web', 'environment 1'],
    [podWith({env: [{name: 'DB_PASSWORD', value: '/pass'}]}), 'pods/web', 'environment 1'],
  ])('is found in a body such as %j', async (requestObject, object, what) => {
    const {rows} = await leaksOf([eventOn(object, {verb: 'patch', requestObject})])
    expect(rows.map((row) => `${row.what} ${row.count}`)).toEqual([what])
  })

  it.each([
    [['az', 'login', '-u', 'a', '-p', 'pw1']],
    [['htpasswd', '-b', 'file', 'user', 'pw1']],
    [['rabbitmqctl', 'change_password', 'user', 'pw1']],
    [['aws', 'configure', 'set', 'aws_secret_access_key', 'abc1']],
    [['curl', 'https://api.example.com/?api_key=abc123']],
    [['git', 'clone', 'https://tok3n@git.example.com/x']],
    [['sh', '-c', 'PGPASSWORD=foo1 psql']],
    [['mysql', '--password=a&b c']],
    [['sh', '-c', `mysql -pabc1 ${'curl '.repeat(1000)}`]],
  ])('is one credential of the command %j', (argv) => {
    expect(commandCredentials(argv).size).toBe(1)
  })

  it.each([
    [['docker', 'run', '-p', '8080:80', 'nginx']],
    [['az', 'webapp', 'create', '-p', 'plan1']],
    [['git', 'clone', 'https://git@git.example.com/x']],
    [['curl', 'https://api.example.com/?page_token=&limit=5']],
  ])('is none of the command %j', (argv) => {
    expect([...commandCredentials(argv)]).toEqual([])
  })

  it('never shows in what is told of it', async () => {
    const {rows, folded} = await leaksOf([
      eventOn('secrets/db', {
        verb: 'get',
        responseObject: {kind: 'Secret', apiVersion: 'v1', data: {password: base64(value)}},
      }),
      eventOn('deployments.apps/web', {
        requestObject: templateWith({env: [{name: 'DB_PASSWORD', value}], args: [`--password=${value}`]}),
      }),
      execOf('mysql', `-p${value}`),
      eventOn('serviceaccounts/ci/token', {responseObject: {kind: 'TokenRequest', status: {token: jwt}}}),
    ])
    expect(rows).toHaveLength(5)
    const told = JSON.stringify([rows, folded])
    for (const text of [
      value,
      base64(value),
      value.slice(0, 5),
      value.slice(-5),
      jwt.slice(0, 12),
      String(value.length),
    ])
      expect(told.replaceAll(/"evidence":"[^"]*"|"at":"[^"]*"/g, '')).not.toContain(text)
  })

  it('is no alarm for references, redacted or empty values, settings and paths', async () => {
    const {rows} = await leaksOf([
      eventOn('secrets/db', {
        verb: 'get',
        responseObject: {kind: 'Secret', apiVersion: 'v1', data: {a: '', b: '***', c: base64('[REDACTED]'), d: null}},
      }),
      eventOn('secrets/db', {verb: 'get', responseObject: {kind: 'Status', apiVersion: 'v1', code: 404}}),
      eventOn('secrets', {
        verb: 'list',
        responseObject: {kind: 'Table', rows: [{cells: ['db', 'Opaque'], object: {kind: 'PartialObjectMetadata'}}]},
      }),
      eventOn('secrets/db', {level: 'Metadata'}),
      eventOn('serviceaccounts/ci/token', {responseObject: {kind: 'TokenRequest', status: {token: 'REDACTED'}}}),
      eventOn('configmaps/kube-root-ca.crt', {
        requestObject: {
          kind: 'ConfigMap',
          data: {'ca.crt': '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----'},
        },
      }),
      eventOn('configmaps/readme', {
        requestObject: {kind: 'ConfigMap', data: {README: 'token: the token of the user\nPassword: see vault\n'}},
      }),
      eventOn('pods/web', {
        verb: 'patch',
        requestObject: [{op: 'replace', path: '/spec/containers/0/env/0/value', value: 'info'}],
      }),
      eventOn('configmaps/cluster-info', {
        requestObject: {
          kind: 'ConfigMap',
          data: {
            kubeconfig: 'kind: Config\nclusters: []\nusers: []\n',
            tokenTTL: '24h',
            passwordFile: '/run/secrets/p',
          },
        },
      }),
      eventOn('deployments.apps/web', {
        requestObject: templateWith({
          env: [
            {name: 'DB_PASSWORD', valueFrom: {secretKeyRef: {name: 'db', key: 'password'}}},
            {name: 'API_TOKEN', value: ''},
            {name: 'URL_TOKEN', value: '$(API_TOKEN)'},
            {name: 'PASSWORD', value: '<redacted>'},
            {name: 'TOKEN_ENABLED', value: 'true'},
            {name: 'SECRET_NAME', value: 'db-credentials'},
            {name: 'PASSWORD_FILE', value: '/run/secrets/password'},
            {name: 'SSL_KEY', value: '/etc/ssl/tls.key'},
            {name: 'MAX_TOKENS', value: '4096'},
            {name: 'TOKENIZER', value: 'bert'},
            {name: 'ALLOW_EMPTY_PASSWORD', value: '1'},
            {name: 'CACHE_KEY', value: 'users-by-region'},
            {name: 'RELEASE', value: 'a1b2c3d4e5f6'},
          ],
          args: [
            '--password=$(DB_PASSWORD)',
            '--token-file=/var/run/token',
            '--tls-private-key-file',
            '/etc/tls.key',
            '--db=postgres://app:$(DB_PASSWORD)@db/app',
          ],
          volumeMounts: [{name: 'kube-api-access-x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount'}],
        }),
      }),
      execOf(
        'sh',
        '-c',
        'mysql -p"$MYSQL_ROOT_PASSWORD" -P 3306 && curl -H "Authorization: Bearer $TOKEN" https://api && PGPASSWORD=${PW} psql',
      ),
      execOf('grep', '-r', 'password', '/etc'),
      execOf('ls', '-p', '/tmp'),
      eventOn('pods/web:8080/proxy', {
        verb: 'get',
        requestURI: '/api/v1/namespaces/prod/pods?continue=eyJhIjoxfQ&limit=500&token=',
      }),
    ])
    expect(rows.map(({what, statement}) => `${what}: ${statement}`)).toEqual([])
  })

  it('is one for reports where records hold the same, and of what was asked', async () => {
    const events = [1, 2, 3].map((i) =>
      eventOn(`pods/web-${i}`, {requestObject: podWith({env: [{name: 'DB_PASSWORD', value}]})}),
    )
    const other = eventOn('pods/other', {
      requestObject: podWith({env: [{name: 'DB_PASSWORD', value: 'another-one-1'}]}),
    })
    const {rows, folded} = await leaksOf([...events, other])
    expect(rows).toHaveLength(4)
    expect(folded.map(({name, records, objects}) => [name, records, objects])).toEqual([
      ['web-1', 3, 3],
      ['other', 1, 1],
    ])
    expect((await leaksOf([...events, other], {namespace: 'staging'})).rows).toEqual([])
  })
})
