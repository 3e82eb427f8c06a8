import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {logText, manyEvents} from '../support/audit-event.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const cwd = newFolder()
const env = {K8SAUDIT_CASE: caseIn(cwd)}
const run = (...args: string[]) => runHere(args, {cwd, env})

beforeAll(async () => {
  await load(caseIn(cwd), [writeInto(cwd, 'audit.log', logText(manyEvents(3)))])
  writeInto(
    cwd,
    'queries/log-gaps.sql',
    "/*\ntitle: Mine \x1b[31m\ndescription: D.\nparams:\ncolumns:\n  x: X.\nlimits: L.\n*/\nSELECT max('mine') AS x FROM calls\n",
  )
})

describe('query', () => {
  test('alone says what there is', async () => {
    const {code, stdout} = await run('query')
    expect(code).toBe(0)
    for (const word of ['list', 'show', 'run', 'lint', 'new']) expect(stdout).toContain(`query ${word}`)
  })

  test('list needs no case, and names one of two files of one name as not used', async () => {
    const {code, stdout} = await runHere(['query', 'list', '-o', 'json', '--query-path', 'queries'], {cwd})
    expect(code).toBe(0)
    const {rows} = JSON.parse(stdout) as {rows: {name: string; origin: string; note: string | null}[]}
    expect(rows.filter(({name}) => name === 'log-gaps')).toMatchObject([
      {origin: join('queries', 'log-gaps.sql'), note: null},
      {origin: 'shipped', note: `not used: ${join('queries', 'log-gaps.sql')} has this name`},
    ])
    const table = await run('query', 'list')
    expect(table.stdout).toContain(String.raw`Mine \x1b[31m`)
    expect(table.stdout).toContain('not used')
  })

  test('run says which file it took; rows in every format', async () => {
    const csv = await run('query', 'run', 'log-gaps', '-o', 'csv')
    expect(csv).toMatchObject({code: 0, stdout: 'x\nmine\n'})
    expect(csv.stderr).toMatch(/log-gaps is .*log-gaps\.sql; the shipped query of that name is not used/)
    const json = JSON.parse((await run('query', 'run', 'log-gaps', '-o', 'json')).stdout) as Record<string, unknown>
    expect(json).toMatchObject({command: 'query run log-gaps', case: caseIn(cwd), filters: {}, rows: [{x: 'mine'}]})
    expect((await run('query', 'run', 'log-gaps')).stdout).toMatch(/mine[^]*not used[^]*cannot show: L\./)
  })

  test('show prints the text as it stands', async () => {
    const {stdout, stderr} = await run('query', 'show', 'log-gaps', '--sql')
    expect(stdout).toBe(readFileSync(join(cwd, 'queries/log-gaps.sql'), 'utf8'))
    expect(stderr).toContain('not used')
    expect((await run('query', 'show', 'who-deleted-near')).stdout).toMatch(/name \(VARCHAR\): Name of the object/)
  })

  test('wrong usage names what there is', async () => {
    const unknown = await run('query', 'run', 'who-deleted-near', '--param', 'nmae=x')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toMatch(/no parameter nmae[^]*Did you mean name\?/)
    expect(unknown.stderr).not.toMatch(/ {4}at /)
    expect((await run('query', 'run', 'sources', '--user', 'bob')).code).toBe(2)
    expect((await run('query', 'show', 'who-deletd')).stderr).toContain('Did you mean who-deleted?')
    expect((await runHere(['query', 'run', 'sources', '--case', 'none.duckdb'], {cwd})).code).toBe(4)
  })

  test('new, lint, run, in a row', async () => {
    const made = await run('query', 'new', 'my-question')
    expect(made).toMatchObject({code: 0, stdout: ''})
    expect(made.stderr).toMatch(/Written: .*my-question\.sql\nNext: .*query lint .*query run my-question/)
    expect(await run('query', 'lint', 'queries/my-question.sql')).toMatchObject({code: 0})
    const {stdout} = await run('query', 'run', 'my-question', '--user', 'al*', '--limit', '2', '-o', 'ndjson')
    expect(stdout.trim().split('\n').length).toBe(2)
    expect((await run('query', 'new', 'my-question')).code).toBe(2)
    expect((await run('query', 'new', '../evil')).code).toBe(2)
    expect(existsSync(join(cwd, 'evil.sql'))).toBe(false)
    const again = await run('query', 'new', 'sources')
    expect(again.stderr).toContain('the shipped query of that name is not used')
  })

  test('lint fails on what is wrong, with its line', async () => {
    const path = writeInto(cwd, 'bad.sql', '/*\ntitle: T\n*/\nSELECT verb FROM calls\n')
    const {code, stdout} = await run('query', 'lint', path)
    expect(code).toBe(1)
    expect(stdout).toContain(`${path}:4: The statement ends without ORDER BY`)
    expect((await run('query', 'lint', 'absent.sql')).code).toBe(2)
  })
})

describe('connect', () => {
  test('prints SQL alone on standard output, and the command line with --shell', async () => {
    const {code, stdout, stderr} = await run('connect')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`ATTACH '${caseIn(cwd)}' AS incident (READ_ONLY);`)
    expect((await run('connect', '--shell')).stdout).toBe(
      `duckdb -readonly '${caseIn(cwd)}' -cmd "SET TimeZone = 'UTC'"\n`,
    )
    expect((await run('connect', 'who-deleted-near', '-p', "name=o'x")).stdout).toContain(`"name" := 'o''x'`)
    expect((await run('connect', '--user', 'bob')).code).toBe(2)
    expect((await runHere(['connect', '--case', 'none.duckdb'], {cwd})).code).toBe(4)
  })
})
