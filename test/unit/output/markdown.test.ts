import {describe, expect, it} from 'vitest'
import type {ReportBlock} from '../../../src/output/answer.ts'
import {renderMarkdown} from '../../../src/output/markdown.ts'
import {answerOf, columnsOf, textOf} from './answers.ts'

const columns = columnsOf({user_name: 'VARCHAR', code: 'INTEGER'})

async function cellOf(text: string): Promise<string> {
  const lines = (await textOf(renderMarkdown(answerOf(columnsOf({a: 'VARCHAR'}), [[text]])))).split('\n')
  expect(lines).toHaveLength(4)
  return /^\| (.*) \|$/.exec(lines[2] ?? '')?.[1] ?? 'no row'
}

async function paragraphOf(text: string): Promise<string> {
  return (await textOf(renderMarkdown(answerOf(columns, [], {report: [{kind: 'text', text}]})))).slice(0, -1)
}

describe('renderMarkdown', () => {
  it('prints the rows as a table of GitHub, then the warnings', async () => {
    const answer = answerOf(
      columns,
      [
        ['carol', 200],
        [null, null],
      ],
      {warnings: ['Nine nodes left out.']},
    )
    expect(await textOf(renderMarkdown(answer))).toBe(`| user_name | code |
| --- | ---: |
| carol | 200 |
|  |  |

Note: Nine nodes left out.
`)
  })

  it('prints the report where there is one', async () => {
    const report: ReportBlock[] = [
      {kind: 'heading', text: 'Verdict'},
      {kind: 'text', text: 'carol deleted it.', tone: 'verdict'},
      {kind: 'list', items: ['a', '1. b']},
      {kind: 'table', columns, rows: [['bob', 403]]},
      {kind: 'table', columns, rows: []},
    ]
    expect(
      await textOf(renderMarkdown(answerOf(columns, [['carol', 200]], {report, warnings: ['left to the report']}))),
    ).toBe(`## Verdict

**carol deleted it.**

- a
- 1\\. b

| user_name | code |
| --- | ---: |
| bob | 403 |

No rows.
`)
  })

  it.each([
    ['a|b', 'a&#124;b'],
    ['a\\|b', 'a\\\\&#124;b'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['&lt;b&#62;', '&amp;lt;b&amp;\\#62;'],
    ['[x](javascript:1)', '\\[x\\](javascript:1)'],
    ['![x](//evil/p.png)', '!\\[x\\](//evil/p.png)'],
    ['http://evil.example', 'http&#58;//evil.example'],
    ['WWW.evil.example', 'WWW&#46;evil.example'],
    ['`x`', '\\`x\\`'],
    ['**a** ~~b~~ _c_ __d__', '\\*\\*a\\*\\* \\~\\~b\\~\\~ \\_c\\_ \\_\\_d\\_\\_'],
    ['user_name', 'user_name'],
    ['kubernetes/$Format $x$', 'kubernetes/\\$Format \\$x\\$'],
    ['a\nb\x1b[31m\u202e', 'a\\\\nb\\\\x1b\\[31m\\\\u{202e}'],
    ['system:serviceaccount:a:b', 'system:serviceaccount:a:b'],
  ])('writes the cell %j as %s', async (text, written) => {
    expect(await cellOf(text)).toBe(written)
  })

  it.each([
    ['# not a heading', '\\# not a heading'],
    ['- not a list', '\\- not a list'],
    ['+ not a list', '\\+ not a list'],
    ['12) not a list', '12\\) not a list'],
    ['> not a quote', '&gt; not a quote'],
    ['---', '\\---'],
    ['===', '\\==='],
    ['    not code', 'not code'],
    ['[a]: http://evil.example', '\\[a\\]: http&#58;//evil.example'],
  ])('begins no block with %j', async (text, written) => {
    expect(await paragraphOf(text)).toBe(written)
  })
})
