import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {caseIn, load} from '../support/built-loader.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder} from '../support/scratch.ts'

type Row = Readonly<Record<string, unknown>>

const logs = process.env['K8SAUDIT_TEST_LOGS']
const attacker = '203.0.113.66'
const deployer = 'system:serviceaccount:ci:deployer'
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The story of one incident, logged by a real API server under two audit policies, told from answers alone. */
describe.skipIf(logs === undefined).each(['metadata', 'gce-policy'])('the incident under the policy %s', (policy) => {
  const casePath = caseIn(newFolder())
  beforeAll(async () => {
    await load(casePath, [join(logs ?? '', 'incident', policy)])
  })

  const rowsOf = async (...args: readonly string[]): Promise<Row[]> => {
    const {code, stdout, stderr} = await runHere([...args, '--case', casePath, '-o', 'json'])
    expect({args, code, stderr: code === 0 ? '' : stderr}).toEqual({args, code: 0, stderr: ''})
    return (JSON.parse(stdout) as {rows: Row[]}).rows
  }
  const reportOf = async (...args: readonly string[]): Promise<string> =>
    (await runHere([...args, '--case', casePath])).stdout.replaceAll(/\s+/g, ' ')
  const sentences = async (...args: readonly string[]): Promise<string[]> =>
    (await rowsOf('timeline', ...args)).map((row) => text(row['summary']))

  test('begins with mallory being refused: to delete, to read secrets, to exec, to act as another, to bind a role', async () => {
    const refused = await rowsOf('denied', '--user', 'mallory')
    const tried = refused.map(
      (row) =>
        `${text(row['verb'])} ${text(row['resource'])}${row['subresource'] === null ? '' : `/${text(row['subresource'])}`}`,
    )
    expect(tried).toEqual(
      expect.arrayContaining([
        'delete deployments',
        'get secrets',
        'list secrets',
        'get pods/exec',
        'create pods/exec',
        'create clusterrolebindings',
      ]),
    )
    expect(refused.find((row) => row['kind'] === 'impersonation')?.['impersonation_attempt']).toBe('system:admin')
    expect(refused.filter((row) => row['kind'] === 'admission').length).toBeGreaterThan(0)
  })

  test('a token of the build system is used from the address of mallory, reads secrets and binds a role', async () => {
    const travelled = (await rowsOf('top', 'credentials')).find(
      (row) => (row['user_names'] as string[]).includes(deployer) && Number(row['ips']) > 1,
    )
    expect(travelled?.['client_ips']).toEqual(['10.20.0.40', attacker])
    const read = (await rowsOf('secrets', '--user', deployer)).filter((row) => row['client_ip'] === attacker)
    expect(read.map((row) => [row['verb'], row['namespace'], row['code']])).toContainEqual(['list', 'prod', 200])
    expect(await sentences('--ip', attacker, '--user', deployer)).toContain(
      'created clusterrolebinding cluster-monitoring-view2',
    )
  })

  test('mallory takes all secrets, sets up persistence, acts as others, goes into payments and deletes nginx', async () => {
    expect(await sentences('--user', 'mallory')).toEqual(
      expect.arrayContaining([
        'listed secrets in all namespaces',
        'created pod node-debugger-x in prod',
        'created daemonset kube-proxy-agent in kube-system',
        'created mutatingwebhookconfiguration inject-env',
        'created certificatesigningrequest csr-m2',
        expect.stringMatching(/^approved .*certificatesigningrequest csr-m2/),
        'acting as alice, listed secrets in payments',
        expect.stringMatching(/^acting as system:serviceaccount:kube-system:\S+, listed secrets in kube-system$/),
        'deleted deployment nginx in prod',
        'created serviceaccount backdoor in kube-system',
        'requested a token for service account kube-system/backdoor',
        'patched clusterrole view',
      ]),
    )
    const [entered] = (await rowsOf('execs', '--user', 'mallory', '-n', 'payments')).filter(
      (row) => row['code'] === 101,
    )
    expect(text(entered?.['command_line'])).toContain('wget -q -O- --post-file=/tmp/.x')
    const gave = (await rowsOf('secrets', '--user', 'mallory')).filter(
      (row) => row['verb'] === 'list' && row['namespace'] === null && row['code'] === 200,
    )
    expect(gave.length).toBeGreaterThan(0)
  })

  test('the deletion of all events shows, or the answer says that the policy left no trace of it', async () => {
    const deletions = await rowsOf('who-deleted', 'events', '-n', 'prod')
    if (policy === 'metadata')
      expect(deletions.map((row) => [row['user_name'], row['verb']])).toContainEqual(['mallory', 'delete'])
    else {
      const report = await reportOf('who-deleted', 'events', '-n', 'prod')
      expect(report).toMatch(/no request on events.*leaves\s+no\s+trace/is)
      expect(report).toContain('The log could not have shown it')
      expect(await reportOf('who-deleted', 'event/x')).toContain('The log could not have shown it')
    }
    expect(await reportOf('who-deleted', 'deploy/never-there')).toContain('It was not deleted in what was logged')
  })

  test('carol takes the binding away and mallory is locked out', async () => {
    const [removed] = await rowsOf('who-deleted', 'clusterrolebinding/cluster-monitoring-view2')
    expect([removed?.['user_name'], removed?.['outcome']]).toEqual(['carol', 'removed'])
    const after = (await rowsOf('denied', '--user', 'mallory')).filter(
      (row) => text(row['time']) > text(removed?.['time']),
    )
    expect(after.length).toBeGreaterThan(0)
  })

  test('what still stands: nobody deleted the daemonset, the service account, the certificate or mended the role', async () => {
    for (const object of ['daemonset/kube-proxy-agent', 'serviceaccount/backdoor', 'csr/csr-m2'])
      expect([object, (await rowsOf('who-deleted', object)).filter((row) => row['outcome'] === 'removed')]).toEqual([
        object,
        [],
      ])
    const written = await rowsOf('timeline', '--resource', 'clusterrole/view', '--verb', 'patch,update')
    // The controller that gathers roles goes on writing after whoever changed them.
    const people = written.map((row) => text(row['user_name'])).filter((user) => !user.startsWith('system:'))
    expect(people.at(-1)).toBe('mallory')
  })

  test('64 bad tokens from one address, and who is not let in at all', async () => {
    const [guesser] = (await rowsOf('top', 'ips')).filter((row) => row['client_ip'] === '198.51.100.77')
    expect([guesser?.['requests'], guesser?.['denied'], guesser?.['flagged']]).toEqual([64, 64, true])
    const bursts = await rowsOf('denied', '--by', 'burst')
    expect(bursts.some((row) => row['client_ip'] === '198.51.100.77' && row['refusals'] === 64)).toBe(true)
  })

  test('the summary points at each of them', async () => {
    const commands = (await rowsOf('summary'))
      .filter((row) => row['section'] === 'finding')
      .map((row) => `${text(row['detail'])} ${text(row['command'])}`)
    for (const part of [
      'timeline --ip 198.51.100.77',
      'timeline --credential',
      'secrets --user mallory',
      'execs --user mallory',
      'cluster-monitoring-view2',
      'who-deleted namespace/',
    ])
      expect([part, commands.some((command) => command.includes(part))]).toEqual([part, true])
  })
})
