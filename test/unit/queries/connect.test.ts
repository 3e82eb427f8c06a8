import {DuckDBInstance} from '@duckdb/node-api'
import {execFileSync} from 'node:child_process'
import {copyFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {connectText, shellWord, sqlText} from '../../../src/queries/connect.ts'
import {findQueries, openQuery} from '../../../src/queries/find-queries.ts'
import {goldenCases} from '../../queries/golden-files.ts'
import {auditEvent, logText} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

/** DuckDB's own shell, where this machine has one: K8SAUDIT_TEST_DUCKDB names it. */
const shell = process.env['K8SAUDIT_TEST_DUCKDB']
const hostile = `it's "a" $HOME \`id\` ; -- \\ \x1b[31m\u202e x.duckdb`
const asked = {params: [], timeZone: 'UTC'}
let casePath = ''

beforeAll(async () => {
  const folder = newFolder()
  await load(caseIn(folder), [
    writeInto(
      folder,
      'audit.log',
      logText([
        auditEvent({
          verb: 'delete',
          objectRef: {resource: 'secrets', namespace: 'prod', name: "o'db", apiVersion: 'v1'},
        }),
      ]),
    ),
  ])
  casePath = join(folder, hostile)
  copyFileSync(caseIn(folder), casePath)
})

/** Runs a text of several statements in a DuckDB that knows nothing of the case. */
async function runText(text: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const statements = await connection.extractStatements(text)
    let rows: unknown[][] = []
    for (let i = 0; i < statements.count; i++) {
      const statement = await statements.prepare(i)
      rows = (await statement.runAndReadAll()).getRows()
    }
    return rows
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function connect(query: string | null, params: readonly string[] = []): Promise<string> {
  const caseFile = await openCase(casePath)
  try {
    return await connectText(caseFile, casePath, query === null ? null : openQuery(query, findQueries([], './none')), {
      ...asked,
      params,
    })
  } finally {
    caseFile.close()
  }
}

describe('connect', () => {
  test('is SQL that attaches the case under another name, with views that work', async () => {
    const text = await connect(null)
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
    const rows = await runText(
      `${text}; SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM requests), (SELECT count(*) FROM incident.events), current_setting('TimeZone')`,
    )
    expect(rows).toEqual([[1n, 1n, 1n, 'UTC']])
    await expect(runText(`${text}; DELETE FROM sources`)).rejects.toThrow(/read-only/)
  })

  test('writes a query as a prepared statement with its values', async () => {
    const text = await connect('who-deleted-near', ["name=o'd"])
    expect(text).toContain(`EXECUTE "who-deleted-near"("name" := 'o''d', "cluster" := NULL);`)
    const rows = await runText(text)
    expect(rows.map((row) => row[3])).toEqual(["o'db"])
  })

  test('takes lists, words that SQL has itself, and text that would end a literal', async () => {
    const params = [
      `names=["o'db", "a, b", "x'); DROP TABLE sources; --"]`,
      'resources=secrets',
      'from=2026-03-01',
      'until=2026-03-02T00:00:00+02:00',
    ]
    const text = await connect('who-deleted-writes', params)
    expect(text).toContain(`"names" := ['o''db', 'a, b', 'x''); DROP TABLE sources; --']`)
    expect(await runText(text)).toEqual([])
  })

  test('every shipped query runs this way', async () => {
    const places = findQueries([], './none')
    expect(places.length).toBeGreaterThan(10)
    const caseFile = await openCase(casePath)
    try {
      for (const {name} of places) {
        const query = openQuery(name, places)
        const params = Object.entries(goldenCases(name)[0]?.parameters ?? {}).map(
          ([parameter, value]) => `${parameter}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
        )
        await runText(await connectText(caseFile, casePath, query, {...asked, params}))
      }
    } finally {
      caseFile.close()
    }
  })

  test('words for the shell are one word, whatever stands in them', () => {
    const words = [hostile, "'", '', '-dash', 'a b', '$x `y`', "\n'\n", 'ümlaut', '\\', "\x1b\\'"]
    for (const word of words) {
      const out = execFileSync('bash', ['-c', `printf '%s' ${shellWord(word)}`])
      expect(out.toString(), shellWord(word)).toBe(word)
      // eslint-disable-next-line no-control-regex
      expect(shellWord(word)).not.toMatch(/[\x00-\x1f\x7f]/)
    }
  })

  test('literals come back as they were', async () => {
    for (const text of [hostile, "'", '', '\\x41', "\x1b\\x41'\u202e", 'ümlaut 🎉', '\n'])
      expect(await runText(`SELECT ${sqlText(text)}`)).toEqual([[text]])
  })

  test.skipIf(shell === undefined)('the stock shell opens it', async () => {
    const input = `${await connect('who-deleted-near', ["name=o'd"])}.quit\n`
    const out = execFileSync(shell as string, ['-csv', '-noheader'], {input, encoding: 'utf8'})
    expect(out).toMatch(/^prod,,secrets,"?o'db"?,1,/)
    const command = (await connect(null)).split('\n').find((line) => line.includes('duckdb -readonly')) ?? ''
    const line = command.replace(/^--\s+duckdb/, `'${shell as string}'`)
    const counted = execFileSync('bash', ['-c', `${line} -csv -noheader -c "SELECT count(*), current_setting('TimeZone') FROM calls"`], {encoding: 'utf8'}) // prettier-ignore
    expect(counted.trim()).toBe('1,UTC')
  })
})
