import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, expect, test} from 'vitest'
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

function run(line: string, cwd = folder) {
  return spawnSync('bash', ['-o', 'pipefail', '-c', line], {
    cwd,
    encoding: 'utf8',
    env: {...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`},
  })
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
  const {status, stderr} = run('k8saudit load samples')
  expect({status, stderr}).toMatchObject({status: 0})
})

test('every command has examples', () => {
  const without = Object.entries(commands).filter(
    ([, {examples: own, hidden}]) => hidden !== true && (own ?? []).length === 0,
  )
  expect(without.map(([id]) => id)).toEqual([])
})

test.each(examples)('$example', ({id, example}) => {
  // What changes a case or leaves a file works on a copy.
  const own = newFolder()
  cpSync(folder, own, {recursive: true})
  // Sources are named by their place.
  if (id.startsWith('sources')) expect(run('rm k8saudit.duckdb && k8saudit load samples', own).status).toBe(0)
  const {status, stdout, stderr} = run(example, own)
  expect({status, stderr}).toMatchObject({status: 0})
  expect(stdout + stderr).not.toMatch(/^No rows\.$|Nothing found|\bat .*:\d+:\d+\)?$/m)
})
