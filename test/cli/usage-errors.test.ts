import {describe, expect, it} from 'vitest'
import {emptyCaseIn} from '../support/built-loader.ts'
import {runCli} from '../support/run-cli.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder} from '../support/scratch.ts'

describe('what was typed wrong', () => {
  it.each<[string, string, string]>([
    ['who-deleteed deploy/nginx', 'There is no command', 'did you mean k8saudit who-deleted?'],
    ['sources labl x', 'There is no command sources labl', 'did you mean k8saudit sources label?'],
    ['sources nonsense', 'There is no command sources nonsense.', 'k8saudit sources --help'],
    ['who-deleted --namspace prod', 'k8saudit who-deleted has no flag --namspace.', 'Did you mean --namespace?'],
    ['who-deleted -o jsno', '--output takes one of table, wide, json', 'Did you mean json?'],
    ['who-deleted -n', '--namespace needs a value.', '--help'],
    ['who-deleted --limit many', '--limit: Expected an integer but received: many.', '--help'],
    ['who-deleted -n prod -A', '--all-namespaces and --namespace do not go together.', '--help'],
    ['who-deleted a b c', 'k8saudit who-deleted has no use for c.', '--help'],
    ['show', 'k8saudit show needs EVENT', '--help'],
    ['completion bsh', 'k8saudit completion takes one of bash, zsh, fish, not bsh.', 'Did you mean bash'],
    ['who-deleted deploy/nginx -ns prod', '-ns would be read as -n s', '-n prod'],
    ['who-deleted -namespace prod', '-namespace has one dash too few.', 'Did you mean --namespace?'],
  ])('%s', async (line, problem, next) => {
    const {code, stdout, stderr} = await runHere(line.split(' '))
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr.startsWith('Error: ')).toBe(true)
    expect(stderr).toContain(problem)
    expect(stderr).toContain(next)
    expect(stderr).not.toMatch(/\t|›|\\t/)
  })

  it.each(['who-deleteed deploy/nginx', 'who-deleted --namspace prod', 'sources --case /nowhere/case.duckdb'])(
    'ends a process of its own with the same code and words: %s',
    async (line) => {
      const here = await runHere(line.split(' '))
      expect(here.code).toBe(line.startsWith('sources') ? 4 : 2)
      expect(await runCli(line.split(' '))).toEqual(here)
    },
  )

  it('shows no control character of what was typed', async () => {
    for (const line of [
      ['who-\u001b[31mdeleted'],
      ['who-deleted', '--na\u001b[31mme'],
      ['who-deleted', '-o', '\u001b[2J'],
    ]) {
      const {code, stderr} = await runHere(line)
      expect(code).toBe(2)
      expect(stderr).not.toContain('\u001b')
    }
  })

  it('takes a short flag and its value in one word, as kubectl does', async () => {
    const path = await emptyCaseIn(newFolder())
    const {code, stdout} = await runHere(['who-deleted', '-nprod', '--case', path, '-o', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({filters: {namespace: 'prod'}})
  })
})
