import {spawnSync} from 'node:child_process'
import {beforeAll, describe, expect, test} from 'vitest'
import {runHere} from '../support/run-here.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

const isThere = (shell: Shell): boolean => spawnSync(shell, ['-c', 'true']).status === 0

/** Runs the function of the script on a command line and prints what it offers. */
const harness: Readonly<Record<Shell, string>> = {
  bash: 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _k8saudit; printf "%s\\n" "${COMPREPLY[@]}"',
  zsh: 'compadd() { shift; for w in "$@"; do [[ $w == ${words[-1]}* ]] && print -r -- "$w"; done }; _files() { print -r -- "${words[-1]}"* }; compdef() { :; }; source "$1"; shift; words=("$@"); CURRENT=$#; _k8saudit',
  fish: 'source $argv[1]; complete -C (string join -- " " $argv[2..-1]) | string replace -r "\\t.*" ""',
}

const folder = newFolder()
const scripts = new Map<Shell, string>()

beforeAll(async () => {
  for (const shell of shells) {
    const {code, stdout} = await runHere(['completion', shell])
    expect(code).toBe(0)
    scripts.set(shell, writeInto(folder, `k8saudit.${shell}`, stdout))
  }
})

function offered(shell: Shell, words: readonly string[]): string[] {
  const script = scripts.get(shell) as string
  const args =
    shell === 'fish' ? ['-c', harness.fish, script, ...words] : ['-c', harness[shell], shell, script, ...words]
  const {stdout, stderr} = spawnSync(shell, args, {encoding: 'utf8', cwd: folder, env: {...process.env, HOME: folder}})
  expect(stderr).toBe('')
  return stdout
    .split('\n')
    .filter((word) => word !== '')
    .sort()
}

describe.each(shells)('%s', (shell) => {
  const check = test.skipIf(!isThere(shell))

  check('reads the script without a complaint', () => {
    const {status, stderr} = spawnSync(shell, ['-n', scripts.get(shell) as string], {encoding: 'utf8'})
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
  })

  check.each([
    {typed: ['who-'], offers: ['who-deleted']},
    {typed: ['sources', ''], offers: ['label', 'remove']},
    {typed: ['sources', 'l'], offers: ['label']},
    {typed: ['who-deleted', 'deplo'], offers: ['deploy', 'deployments']},
    {typed: ['who-deleted', '-n', 'prod', 'statefuls'], offers: ['statefulsets']},
    {typed: ['who-deleted', '-o', 'js'], offers: ['json']},
    {typed: ['who-deleted', '--include-s'], offers: ['--include-system']},
    {typed: ['completion', 'f'], offers: ['fish']},
    {typed: ['load', 'k8saudit.f'], offers: ['k8saudit.fish']},
  ])('offers $offers after $typed', ({typed, offers}) => {
    expect(offered(shell, ['k8saudit', ...typed])).toEqual(offers)
  })

  check('offers every command that is not hidden', async () => {
    const {stdout} = await runHere(['--help'])
    const known = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) {2,}/gm)].map((match) => match[1] ?? '')
    expect(known.length).toBeGreaterThan(5)
    expect(offered(shell, ['k8saudit', ''])).toEqual(expect.arrayContaining(known.filter((word) => word !== 'help')))
  })
})

test('a shell that is not known is a usage error that names those that are', async () => {
  const {code, stderr} = await runHere(['completion', 'tcsh'])
  expect(code).toBe(2)
  expect(stderr).toContain('bash, zsh, fish')
})
