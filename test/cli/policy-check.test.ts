import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {load} from '../support/built-loader.ts'
import {runCli} from '../support/run-cli.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder} from '../support/scratch.ts'

const folder = fileURLToPath(new URL('../support/policies/', import.meta.url))

function check(name: string, ...flags: string[]) {
  return runHere(['policy', 'check', name, ...flags], {cwd: folder})
}

describe('policy check', () => {
  it('says first whether an API server starts with the policy', async () => {
    const {code, stdout} = await check('layered.yaml')
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe(
      'An API server starts with this policy: 5 rules, at Metadata, None and RequestResponse.',
    )
  })

  it('exits with 1 where an API server refuses the policy, and says why by line', async () => {
    const {code, stdout} = await check('levels-misspelt.yaml')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^An API server refuses this file and does not start: 5 errors\./)
    expect(stdout).toContain('Line 4, rule 1: There is no level "none".')
    expect(stdout).toContain('Write None: case counts.')
    expect(stdout.indexOf('Line 4,')).toBeLessThan(stdout.indexOf('Line 13,'))
  })

  it('tells the release that refuses what was taken before it', async () => {
    expect((await check('beta-version.yaml')).stdout).toMatch(/^API servers from Kubernetes 1\.24 on refuse this file/)
  })

  it('takes warnings for no failure, unless --strict', async () => {
    expect((await check('singular-fields.yaml')).code).toBe(0)
    expect((await check('singular-fields.yaml', '--strict')).code).toBe(1)
    expect((await check('layered.yaml', '--strict')).code).toBe(0)
  })

  it('gives its findings as data, errors first', async () => {
    const {stdout} = await check('config-map.yaml', '-o', 'json')
    const {command, filters, rows} = JSON.parse(stdout) as {
      command: string
      filters: object
      rows: {severity: string; code: string; line: number; rule: number; field: string; place: string}[]
    }
    expect({command, filters}).toEqual({command: 'policy check', filters: {file: 'config-map.yaml'}})
    expect(rows[0]).toMatchObject({
      severity: 'error',
      code: 'level-unknown',
      rule: 2,
      line: 14,
      field: 'rules[1].level',
      place: 'ConfigMap kube-system/audit, data.policy.yaml',
    })
    expect(rows.map(({severity}) => severity)).toEqual(rows.map(({severity}) => severity).toSorted(bySeverity))
  })

  it('tells of every policy of a file what becomes of it', async () => {
    const {stdout} = await check('config-map.yaml')
    expect(stdout).toContain('There are 2 policies in the file: an API server takes 1 of them.')
    expect(stdout).toContain('data.policy.yaml: an API server refuses it: 1 error.')
  })

  it('lets no escape sequence of a policy through', async () => {
    for (const format of ['table', 'wide', 'json', 'ndjson', 'csv', 'markdown']) {
      const {code, stdout} = await check('hostile-text.yaml', '-o', format)
      expect(code).toBe(1)
      // eslint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
      if (format === 'table' || format === 'wide' || format === 'markdown') expect(stdout).not.toContain('\u202E')
    }
  })

  it('checks how an API server is started, against what a case says that it writes', async () => {
    const manifest = join(folder, '../manifests/static-pod.yaml')
    const alone = await check(manifest)
    expect(alone.stdout).toMatch(/^Pod kube-system\/kube-apiserver: the API server starts/)
    expect(alone.stdout).not.toContain('audit log a day')
    const logs = newFolder()
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      stage: 'ResponseComplete',
      verb: 'get',
    }
    const lines = Array.from({length: 21}, (_, minute) => {
      const at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString().replace('Z', '000Z')
      const uri = `/api?padding=${'x'.repeat(50_000)}`
      return JSON.stringify({
        ...event,
        auditID: `${minute}`,
        requestURI: uri,
        user: {username: 'a'},
        requestReceivedTimestamp: at,
        stageTimestamp: at,
      })
    })
    writeFileSync(join(logs, 'audit.log'), `${lines.join('\n')}\n`)
    await load(join(logs, 'case.duckdb'), [join(logs, 'audit.log')])
    const asked = await check(manifest, '--case', join(logs, 'case.duckdb'))
    const bytes = (lines.join('').length + 21) / (20 / 1440) / 1024 / 1024
    expect(asked.stdout).toContain(
      `An API server writes ${bytes.toPrecision(3)} MB of audit log a day, by 20 minutes of logs in the case.`,
    )
    expect((await check('layered.yaml', '--case', join(logs, 'case.duckdb'))).stdout).toContain(
      'The case was not needed',
    )
    expect((await check(manifest, '--case', join(logs, 'none.duckdb'))).code).toBe(4)
  })

  it('reads standard input', async () => {
    const {code, stdout} = await runCli(['policy', 'check', '-', '-o', 'ndjson'], {
      input: readFileSync(join(folder, 'windows.yaml')),
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({code: 'unknown-field', line: 6})
  })

  it('tells bytes that are no text by their line', async () => {
    const {code, stdout} = await runCli(['policy', 'check', '-'], {
      input: Buffer.from('apiVersion: audit.k8s.io/v1\nkind: Policy\n# caf\xe9\nrules: []\n', 'latin1'),
    })
    expect(code).toBe(1)
    expect(stdout).toContain(
      'Line 3: The file is no YAML that Kubernetes reads: There are bytes that are no UTF-8 text.',
    )
  })

  it('saves the answer where it is told to', async () => {
    const save = join(newFolder(), 'findings.csv')
    const {code, stdout} = await check('paths.yaml', '-o', 'csv', '--save', save)
    expect({code, stdout}).toEqual({code: 1, stdout: ''})
    expect(readFileSync(save, 'utf8')).toMatch(
      /^severity,code,rule,line,field,message,why,place\r?\nerror,path-start,1,6,/,
    )
  })

  it('names what it was given where there is no such file, and what to give', async () => {
    const {code, stdout, stderr} = await check('no-such-file.yaml')
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain('no-such-file.yaml cannot be read: there is no such file.')
    expect((await check('.')).stderr).toContain('it is a folder')
  })
})

function bySeverity(a: string, b: string): number {
  const order = ['error', 'warning', 'advice']
  return order.indexOf(a) - order.indexOf(b)
}
