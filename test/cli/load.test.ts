import {existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {tarOf, zipOf} from '../support/archives.ts'
import {logText, manyEvents} from '../support/audit-event.ts'
import {caseIn} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {runCli, startCli} from '../support/run-cli.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const runsOf = async (casePath: string) =>
  ask(casePath, 'SELECT action, outcome, ended_at IS NOT NULL AS ended, problem, new_sources, new_events, arguments, os_user FROM loads ORDER BY load_id') // prettier-ignore

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1000) throw new Error('waited for more than ten seconds')
    await setTimeout(10)
  }
}

/** A load from a standard input that stays open: under way until `finish` is called. */
async function loadUnderWay(casePath: string) {
  const {child, ended} = startCli(['load', '-', '--case', casePath])
  child.stdin.write(logText(manyEvents(100)))
  await until(() => existsSync(`${casePath}.wal`) && statSync(`${casePath}.wal`).size > 0)
  return {
    child,
    ended,
    finish: async () => {
      child.stdin.end()
      return ended
    },
  }
}

describe('exit codes', () => {
  test('0: all is in; what is no audit log is named', async () => {
    const folder = newFolder()
    writeInto(folder, 'in/audit.log', logText(manyEvents(3)))
    writeInto(folder, 'in/README.md', '# Evidence\n')
    const result = await runCli(['load', 'in', '--case', 'case.duckdb', '--cluster', 'prod'], {cwd: folder})
    expect(result).toMatchObject({code: 0, stdout: ''})
    expect(result.stderr).toContain('2 sources read: 3 new events in 3 requests')
    expect(result.stderr).toMatch(/README\.md: no audit log: not JSON/)
    expect(await runsOf(caseIn(folder))).toMatchObject([
      {action: 'load', outcome: 'complete', ended: true, problem: null, new_sources: 2, new_events: 3, arguments: ['load', 'in', '--case', 'case.duckdb', '--cluster', 'prod']},
    ]) // prettier-ignore
  })

  test('3: some evidence was damaged or rejected, and the message says which', async () => {
    const folder = newFolder()
    writeInto(folder, 'in/broken.log', `${logText(manyEvents(2))}{"auditID":"x", broken\n`)
    writeInto(folder, 'in/cut.log.gz', gzipSync(logText(manyEvents(200, 10))).subarray(0, 2000))
    const result = await runHere(['load', join(folder, 'in'), '--case', caseIn(folder)])
    expect(result.code).toBe(3)
    expect(result.stderr).toMatch(/cut\.log\.gz: .*cut short: compressed byte 2000, decompressed byte \d+; line \d+/)
    expect(result.stderr).toMatch(/broken\.log:3: malformed JSON/)
    expect(await runsOf(caseIn(folder))).toMatchObject([{outcome: 'damaged', ended: true, new_sources: 2}])
  })

  test('2: a path that is not there, a wrong flag; no case is made', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'in/audit.log', logText(manyEvents(3)))
    for (const args of [[log, 'nowhere.log'], ['none-*'], [log, '--trusted-proxy', 'x'], [log, '--max-line', '0'], [log, '--no-such-flag'], []]) {
      const result = await runHere(['load', ...args, '--case', caseIn(folder)], {cwd: folder})
      expect([args, result.code, result.stdout]).toEqual([args, 2, ''])
      expect(result.stderr).not.toBe('')
    } // prettier-ignore
    expect(readdirSync(folder)).toEqual(['in'])
  })

  test('4: the case is no case, and is left as it is', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'audit.log', logText(manyEvents(3)))
    const text = writeInto(folder, 'notes.txt', 'not a case\n')
    for (const args of [['load', log, '--case', text], ['sources', '--case', text], ['sources', '--case', join(folder, 'none')]]) {
      const result = await runHere(args)
      expect([args, result.code, result.stdout]).toEqual([args, 4, ''])
      expect(result.stderr).toMatch(/case file/)
    } // prettier-ignore
    expect(readFileSync(text, 'utf8')).toBe('not a case\n')
    expect(readdirSync(folder).sort()).toEqual(['audit.log', 'notes.txt'])
  })
})

describe('while a load is under way', () => {
  test('another load and a question end with 4 and say why; afterwards everything is there', async () => {
    const folder = newFolder()
    const casePath = caseIn(folder)
    const log = writeInto(folder, 'audit.log', logText(manyEvents(3, 500)))
    const {child, finish} = await loadUnderWay(casePath)
    for (const args of [['load', log], ['sources'], ['sources', 'remove', '1']]) {
      const result = await runHere([...args, '--case', casePath])
      expect([args, result.code, result.stdout]).toEqual([args, 4, ''])
      expect(result.stderr).toContain(`in use by another process (PID ${child.pid ?? ''})`)
    }
    expect((await finish()).code).toBe(0)
    expect((await runHere(['load', log, '--case', casePath])).code).toBe(0)
    expect(await ask(casePath, 'SELECT count(*) AS n FROM events')).toEqual([{n: 103}])
    expect(await runsOf(casePath)).toMatchObject([{outcome: 'complete', new_events: 100}, {outcome: 'complete', new_events: 3}]) // prettier-ignore
  })

  test('loads that start at once make one case between them', async () => {
    const folder = newFolder()
    const casePath = caseIn(folder)
    const logs = [0, 1, 2].map((i) => writeInto(folder, `in/${i}.log`, logText(manyEvents(5, i * 10))))
    const results = await Promise.all(logs.map((log) => runCli(['load', log, '--case', casePath])))
    for (const {code} of results) expect(code).toBeOneOf([0, 4])
    expect(results.map(({code}) => code)).toContain(0)
    const done = results.filter(({code}) => code === 0).length
    expect(await ask(casePath, 'SELECT count(*) AS n FROM events')).toEqual([{n: 5 * done}])
    expect(readdirSync(folder).sort()).toEqual(['case.duckdb', 'in'])
  })

  test('the case and the files beside it are readable by their owner alone', async () => {
    const folder = newFolder()
    const {finish} = await loadUnderWay(caseIn(folder))
    const modes = Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777])) // prettier-ignore
    expect(modes).toEqual({'case.duckdb': 0o600, 'case.duckdb.wal': 0o600})
    expect((await finish()).code).toBe(0)
    expect(readdirSync(folder)).toEqual(['case.duckdb'])
    expect(statSync(caseIn(folder)).mode & 0o777).toBe(0o600)
  })

  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('%s ends it with 130; the case is whole, and the same command goes on', async (signal) => {
    const folder = newFolder()
    const casePath = caseIn(folder)
    const {child, ended} = await loadUnderWay(casePath)
    child.kill(signal)
    const result = await ended
    expect(result).toMatchObject({code: 130, stdout: ''})
    expect(result.stderr).toMatch(/Interrupted/)
    expect(await ask(casePath, 'SELECT count(*) AS n FROM events')).toEqual([{n: 0}])
    expect(await brokenSources(casePath)).toEqual([])
    expect(await runCli(['load', '-', '--case', casePath], {input: logText(manyEvents(100))})).toMatchObject({code: 0})
    expect(await ask(casePath, 'SELECT count(*) AS n FROM events')).toEqual([{n: 100}])
    expect(await runsOf(casePath)).toMatchObject([{outcome: 'interrupted', ended: true, problem: 'interrupted by the user'}, {outcome: 'complete'}]) // prettier-ignore
  }) // prettier-ignore
})

describe('standard input', () => {
  const sources = async (casePath: string) =>
    ask(casePath, 'SELECT path, member, status, compression, events, duplicates, sha256 IS NOT NULL AS hashed FROM sources ORDER BY source_id') // prettier-ignore

  test('is a source like any other; the same bytes again add no row', async () => {
    const casePath = caseIn(newFolder())
    const plain = logText(manyEvents(3))
    for (const input of [plain, gzipSync(plain), plain])
      expect((await runCli(['load', '-', '--case', casePath], {input})).code).toBe(0)
    expect(await sources(casePath)).toEqual([
      {path: '-', member: null, status: 'loaded', compression: 'none', events: 3, duplicates: 0, hashed: true},
      {path: '-', member: null, status: 'loaded', compression: 'gzip', events: 3, duplicates: 3, hashed: true},
    ])
  })

  test('can be a tar archive, or a zip, whose directory stands at its end', async () => {
    const casePath = caseIn(newFolder())
    const members = [{name: 'audit.log', content: logText(manyEvents(3))}]
    const tar = await runCli(['load', '-', '--case', casePath], {input: gzipSync(await tarOf(members))})
    expect(tar.code).toBe(0)
    const zip = await runCli(['load', '-', '--case', casePath], {input: zipOf(members)})
    expect(zip.code).toBe(0)
    expect((await sources(casePath)).map(({member, status}) => [member, status])).toEqual([[null, 'loaded'], ['audit.log', 'loaded'], [null, 'loaded']]) // prettier-ignore
  })

  test('that comes slowly, through a pipe that another process made non-blocking, is waited for', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'audit.log', logText(manyEvents(100)))
    const script = `(head -c 5000 '${log}'; sleep 0.7; tail -c +5001 '${log}') | "$@"`
    const result = await runCli(['load', '-', '--case', caseIn(folder)], {under: ['sh', '-c', script, 'sh']})
    expect(result.code).toBe(0)
    expect(await ask(caseIn(folder), 'SELECT count(*) AS n FROM events')).toEqual([{n: 100}])
  })

  test('that cannot be read has failed', async () => {
    const casePath = caseIn(newFolder())
    const result = await runCli(['load', '-', '--case', casePath], {under: ['sh', '-c', '"$@" < /', 'sh']})
    expect(result.code).toBe(3)
    expect(await sources(casePath)).toMatchObject([{path: '-', status: 'failed', hashed: false}])
  })

  test('can be empty', async () => {
    const casePath = caseIn(newFolder())
    expect((await runCli(['load', '-', '--case', casePath], {input: ''})).code).toBe(0)
    expect(await sources(casePath)).toMatchObject([{path: '-', status: 'skipped'}])
  })
})

describe('the case', () => {
  test('is named by the flag, else by the environment, else k8saudit.duckdb here', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'in/audit.log', logText(manyEvents(3)))
    await runHere(['load', log], {cwd: folder})
    await runHere(['load', log], {cwd: folder, env: {K8SAUDIT_CASE: 'other.duckdb'}})
    await runHere(['load', log, '--case', 'flag.duckdb'], {cwd: folder, env: {K8SAUDIT_CASE: 'not-this.duckdb'}})
    expect(readdirSync(folder).sort()).toEqual(['flag.duckdb', 'in', 'k8saudit.duckdb', 'other.duckdb'])
  })

  test('in the folder that is loaded is no source, and loading again adds nothing', async () => {
    const folder = newFolder()
    writeInto(folder, 'audit.log', logText(manyEvents(3)))
    mkdirSync(join(folder, 'deep'))
    for (let i = 0; i < 2; i++) expect((await runHere(['load', '.'], {cwd: folder})).code).toBe(0)
    expect(await ask(join(folder, 'k8saudit.duckdb'), 'SELECT path FROM sources')).toEqual([{path: join(folder, 'audit.log')}]) // prettier-ignore
  })
})

test('an answer that was saved beside the logs is no evidence', async () => {
  const folder = newFolder()
  writeInto(folder, 'in/audit.log', logText(manyEvents(3, 0, () => ({verb: 'delete'}))))
  const question = ['who-deleted', '-o', 'json', '--logs', join(folder, 'in')]
  expect((await runHere([...question, '--save', join(folder, 'in/answer.json')])).code).toBe(0)
  const result = await runHere(['load', join(folder, 'in'), '--case', caseIn(folder)])
  expect(result.code).toBe(0)
  expect(result.stderr).toMatch(/answer\.json: an answer that k8saudit saved, no audit log/)
  expect(await ask(caseIn(folder), 'SELECT count(*) AS n FROM events')).toEqual([{n: 3}])
})

test('a size of memory that is none is wrong usage', async () => {
  const folder = newFolder()
  const result = await runHere(['load', folder, '--memory', 'lots', '--case', caseIn(folder)])
  expect(result).toMatchObject({code: 2, stdout: ''})
  expect(result.stderr).toContain('--memory "lots" is no size.\nGive a number with a unit: 500MB, 2GB or 1GiB')
  expect(existsSync(caseIn(folder))).toBe(false)
})

test('what a killed process left of making the case is taken away after a day', async () => {
  const folder = newFolder()
  const [old, young] = ['0badcafe', '00000001'].map((end) => writeInto(folder, `case.duckdb.new-${end}`, '')) as [string, string] // prettier-ignore
  utimesSync(old, new Date(), new Date(Date.now() - 25 * 3_600_000))
  expect((await runHere(['load', newFolder(), '--case', caseIn(folder)])).code).toBe(0)
  expect([existsSync(old), existsSync(young)]).toEqual([false, true])
})
