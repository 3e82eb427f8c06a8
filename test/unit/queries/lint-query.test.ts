import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {openBlankCase} from '../../../src/case/blank-case.ts'
import type {CaseFile} from '../../../src/case/case-file.ts'
import {lintQuery} from '../../../src/queries/lint-query.ts'
import {queryNames, queryText} from '../../queries/golden-files.ts'

let blank: CaseFile
beforeAll(async () => {
  blank = await openBlankCase()
})
afterAll(() => blank.close())

const head = ({params = '', columns = '  user_name: Who.\n', limits = 'Blind at None.'} = {}) =>
  `/*\ntitle: T\ndescription: D.\nparams:\n${params}columns:\n${columns}limits: ${limits}\n*/\n`
const lint = async (text: string, path = 'x.sql') =>
  (await lintQuery(blank, path, text)).map(({line, problem}) => `${line}: ${problem}`)

test.each(queryNames)('the shipped query %s is as it should be', async (name) => {
  expect(await lint(queryText(name), join('queries', `${name}.sql`))).toEqual([])
})

describe('clean', () => {
  test.each<[string, string, string?]>([
    ['grouped and ordered by all', 'SELECT user_name FROM calls GROUP BY ALL ORDER BY ALL'],
    ['a single row', 'SELECT max(user_name) AS user_name FROM calls'],
    ['one row asked for', 'SELECT user_name FROM calls LIMIT 1'],
    ['a tie-break', 'SELECT user_name FROM calls ORDER BY time, request_id'],
    [
      'types that are told by what is bound',
      'SELECT user_name FROM calls WHERE len($a::VARCHAR[]) > 0 OR request_id IN (SELECT unnest($a::BIGINT[])) ORDER BY request_id',
      '  a: A.\n',
    ],
    ['distinct', 'SELECT DISTINCT user_name FROM calls ORDER BY user_name'],
    ['positions', 'SELECT user_name FROM calls GROUP BY 1 ORDER BY 1'],
    ['a semicolon and comments', '-- why\nSELECT user_name FROM calls ORDER BY request_id; -- end\n'],
    [
      'materialised parts',
      'WITH a AS MATERIALIZED (SELECT user_name FROM calls) SELECT user_name FROM a ORDER BY user_name',
    ],
    ['sets', 'SELECT user_name FROM calls UNION SELECT user_name FROM events ORDER BY user_name'],
  ])('%s', async (_, sql, params = '') => {
    expect(await lint(head({params}) + sql)).toEqual([])
  })

  test('no order, where the head says why', async () => {
    const text = `${head()}SELECT user_name FROM calls`
    expect(await lint(text.replace('limits:', 'order: None: it is put in order afterwards.\nlimits:'))).toEqual([])
    expect((await lint(text)).length).toBe(1)
  })
})

describe('found, with its line', () => {
  const ordered = 'SELECT user_name FROM calls ORDER BY request_id'
  test.each([
    ['no head', ordered, /^1: .*does not begin with a head/],
    ['empty limits', head({limits: ''}) + ordered, /^7: "limits" is empty/],
    ['a parameter that is not there', head({params: '  usr: Who.\n'}) + "SELECT user_name FROM calls WHERE user_name = $user::VARCHAR ORDER BY request_id", /^5: .*no parameter "usr": "user" is meant/],
    ['a parameter without description', `${head()}SELECT user_name\nFROM calls\nWHERE user_name = $user::VARCHAR ORDER BY request_id`, /^11: .*\$user\./],
    ['a parameter without type', `${head({params: '  user: Who.\n'})}SELECT user_name FROM calls\nWHERE user_name = $user ORDER BY request_id`, /^11: \$user is used without a type/],
    ['a parameter without name', `${head()}SELECT user_name FROM calls WHERE user_name = ? ORDER BY request_id`, /has no name/],
    ['a column that is not there', head({columns: '  user_nam: Who.\n'}) + ordered, /^6: .*no column "user_nam": "user_name" is meant/],
    ['a column without description', `${head()}SELECT user_name, verb FROM calls ORDER BY request_id`, /^5: .*column "verb"/],
    ['columns in another order', head({columns: '  verb: V.\n  user_name: U.\n'}) + 'SELECT user_name, verb FROM calls ORDER BY request_id', /^6: "verb" stands in another place/],
    ['a name without meaning', head({columns: '  user_name:\n'}) + ordered, /^6: "user_name" is not described/],
    ['columns of one name', `${head()}SELECT user_name, user_name FROM calls ORDER BY request_id`, /Two columns are called/],
    ['no order', `${head()}SELECT user_name\nFROM calls\n`, /^10: .*without ORDER BY/],
    ['an order inside alone', `${head()}SELECT * FROM (SELECT user_name FROM calls ORDER BY request_id)`, /without ORDER BY/],
    ['ties between requests', `${head()}SELECT user_name FROM calls ORDER BY time`, /ORDER BY leaves ties: end it with request_id/],
    ['ties between groups', `${head({columns: '  user_name: U.\n  n: N.\n'})}SELECT user_name, count(*) AS n FROM calls GROUP BY user_name ORDER BY n`, /leaves ties: end it with user_name/],
    ['ties between distinct rows', `${head({columns: '  user_name: U.\n  verb: V.\n'})}SELECT DISTINCT user_name, verb FROM calls ORDER BY user_name`, /leaves ties: end it with verb/],
    ['windows are no single row', `${head()}SELECT max(user_name) OVER () AS user_name FROM calls`, /without ORDER BY/],
    ['two statements', `${head()}${ordered};\nSELECT 2`, /^10: A second statement/],
    ['a statement that writes', `${head()}DELETE FROM sources`, /Only questions|no SELECT/],
    ['a file that is read', `${head()}SELECT * FROM read_csv('/etc/passwd')`, /./],
    ['COPY', `${head()}COPY sources TO '/tmp/x'`, /Only questions|no SELECT/],
    ['PIVOT', `${head()}PIVOT calls ON verb USING count(*)`, /no SELECT|./],
    ['a typing error', `${head()}SELECT user_name\nFORM calls x`, /^10: Parser Error/],
    ['a table that is not there', `${head()}SELECT user_name FROM nothing_such ORDER BY 1`, /^9: Catalog Error/],
    ['nothing', head(), /./],
    ['empty', '', /does not begin/],
  ])('%s', async (_, text, message) => {
    const found = await lint(text)
    expect(found.length).toBeGreaterThan(0)
    expect(found.some((one) => message.test(one)), found.join('\n')).toBe(true)
  }) // prettier-ignore

  test('a name that is no file name of a query', async () => {
    expect(await lint(head() + ordered, '/x/My Query.sql')).toEqual([expect.stringMatching(/^1: .*not named/)])
  })
})
