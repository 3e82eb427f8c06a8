import {spawnSync} from 'node:child_process'
import {copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, expect, test} from 'vitest'
import {load} from '../support/built-loader.ts'
import {asInstalled} from '../support/run-cli.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder} from '../support/scratch.ts'

interface Manifest {
  readonly commands: Readonly<Record<string, {readonly examples?: readonly string[]; readonly hidden?: boolean}>>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const {commands} = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as Manifest
const examples = Object.entries(commands)
  .filter(([, {hidden}]) => hidden !== true)
  .flatMap(([id, command]) =>
    (command.examples ?? []).map((example) => ({
      id,
      example: example
        .replaceAll('<%= config.bin %>', 'k8saudit')
        .replaceAll('<%= command.id %>', id.replaceAll(':', ' ')),
    })),
  )

/** A folder as users of the examples have it: the samples, loaded, and logs, lists and questions by the names that the examples use. */
const folder = newFolder()
const programs = newFolder()

function inShell(line: string, cwd = folder) {
  const {status, stdout, stderr} = spawnSync('bash', ['-o', 'pipefail', '-c', line], {
    cwd,
    encoding: 'utf8',
    env: {...process.env, ...asInstalled, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`},
  })
  return {code: status, stdout, stderr}
}

/** The arguments of a line that a shell would only cut at its blanks and single quotes; null for any other line. */
function plainArguments(line: string): string[] | null {
  if (!/^k8saudit( +('[^']*'|[\w./:,@=+-]+))+$/.test(line)) return null
  return [...line.matchAll(/ +(?:'([^']*)'|([^ ]+))/g)].map(([, quoted, word]) => quoted ?? word ?? '')
}

/** The first example of each command goes through the shell, and so does what needs one. */
const firsts = new Set(Object.keys(commands).map((id) => examples.find((one) => one.id === id)?.example))

async function run(line: string, cwd: string) {
  const args = firsts.has(line) ? null : plainArguments(line)
  return args === null ? inShell(line, cwd) : runHere(args, {cwd})
}

beforeAll(() => {
  writeFileSync(
    join(programs, 'k8saudit'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/run.js')}" "$@"\n`,
    {mode: 0o755},
  )
  symlinkSync(join(root, 'samples'), join(folder, 'samples'))
  cpSync(join(root, 'samples/control-plane-1'), join(folder, 'audit-logs'), {recursive: true})
  cpSync(join(root, 'samples/control-plane-2.tar.gz'), join(folder, 'evidence.tar.gz'))
  writeFileSync(join(folder, 'question.sql'), 'SELECT count(*) AS events FROM events\n')
  writeFileSync(join(folder, 'terms.txt'), '# what to look for\nmallory\n203.0.113.66\n')
  writeFileSync(join(folder, 'blocklist.txt'), '203.0.113.0/24\n')
  cpSync(join(root, 'test/support/policies/layered.yaml'), join(folder, 'audit-policy.yaml'))
  cpSync(join(root, 'test/support/manifests/static-pod.yaml'), join(folder, 'kube-apiserver.yaml'))
  writeFileSync(
    join(folder, 'metrics.txt'),
    'apiserver_audit_event_total 2555\nprocess_start_time_seconds 1.7723592e+09\n',
  )
  mkdirSync(join(folder, 'queries'))
  writeFileSync(
    join(folder, 'queries/failed-logins.sql'),
    `/*
title: Failed logins
description: Requests that nobody was let in with, by address.
params:
columns:
  client_ip: Address.
  requests: Requests answered with 401.
limits: Blind where the audit policy recorded nothing.
*/
SELECT c.client_ip, count(*) AS requests FROM calls AS c WHERE c.code = 401 GROUP BY c.client_ip ORDER BY requests DESC, c.client_ip
`,
  )
  const {code, stderr} = inShell('k8saudit load samples')
  expect({code, stderr}).toMatchObject({code: 0})
})

/** A folder whose case names its sources by their place there; each example finds the case as it was loaded. */
let sourcesFolder: string | undefined
async function folderOfSources(): Promise<string> {
  if (sourcesFolder === undefined) {
    sourcesFolder = newFolder()
    cpSync(folder, sourcesFolder, {recursive: true})
    await load(join(sourcesFolder, 'loaded.duckdb'), [join(sourcesFolder, 'samples')])
  }
  copyFileSync(join(sourcesFolder, 'loaded.duckdb'), join(sourcesFolder, 'k8saudit.duckdb'))
  return sourcesFolder
}

/** A copy of the folder: what changes a case or leaves a file does so there. */
function copyOfFolder(): string {
  const own = newFolder()
  cpSync(folder, own, {recursive: true})
  return own
}

test('every command has examples', () => {
  const without = Object.entries(commands).filter(
    ([, {examples: own, hidden}]) => hidden !== true && (own ?? []).length === 0,
  )
  expect(without.map(([id]) => id)).toEqual([])
})

test.each(examples)('$example', async ({id, example}) => {
  const own = id.startsWith('sources') ? await folderOfSources() : copyOfFolder()
  const {code, stdout, stderr} = await run(example, own)
  expect({code, stderr}).toMatchObject({code: 0})
  expect(stdout + stderr).not.toMatch(/^No rows\.$|Nothing found|\bat .*:\d+:\d+\)?$/m)
})
