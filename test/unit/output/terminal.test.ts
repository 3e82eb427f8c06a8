import {describe, expect, it} from 'vitest'
import type {ReportBlock} from '../../../src/output/answer.ts'
import {displayWidth} from '../../../src/output/sanitise.ts'
import {renderTable, renderWide} from '../../../src/output/terminal.ts'
import {answerOf, columnsOf, textOf} from './answers.ts'

const columns = columnsOf({user_name: 'VARCHAR', code: 'INTEGER'})
const rows = [['carol', 200]]
const report: ReportBlock[] = [
  {kind: 'heading', text: 'Verdict'},
  {kind: 'text', text: 'carol deleted it.', tone: 'verdict'},
  {kind: 'text', text: 'One source was damaged.', tone: 'warning'},
  {kind: 'heading', text: 'Attempts'},
  {kind: 'table', columns: columnsOf({who: 'VARCHAR'}), rows: [['bob']]},
  {kind: 'list', items: ['first', 'second']},
  {kind: 'heading', text: 'Only a table'},
  {kind: 'table', columns: columnsOf({who: 'VARCHAR'}), rows: [['dave']]},
]

describe('renderTable', () => {
  it('prints the report where there is one, and not the rows', async () => {
    expect(await textOf(renderTable(answerOf(columns, rows, {report, warnings: ['left to the report']})))).toBe(`Verdict
carol deleted it.

One source was damaged.

Attempts
who
───
bob

  - first
  - second

Only a table
who
────
dave
`)
  })

  it('prints the rows and the warnings where there is no report', async () => {
    expect(await textOf(renderTable(answerOf(columns, rows, {warnings: ['Nine nodes left out.', 'b']}))))
      .toBe(`user_name  code
─────────  ────
carol       200

Note: Nine nodes left out.

Note: b
`)
  })

  it('wraps text and lists at the width, whole words and wide letters counted', async () => {
    const text =
      'carol 日本語日本語 deleted the deployment nginx in the namespace prod /a/word/that/is/longer/than/a/line'
    const blocks: ReportBlock[] = [
      {kind: 'text', text},
      {kind: 'list', items: [text]},
    ]
    const out = await textOf(renderTable(answerOf(columns, [], {report: blocks}), {width: 30}))
    const [paragraph, list] = out
      .trimEnd()
      .split('\n\n')
      .map((part) => part.split('\n'))
    expect(paragraph?.join(' ')).toBe(text)
    expect(list?.map((line) => line.slice(4)).join(' ')).toBe(text)
    expect([...(paragraph ?? []), ...(list ?? [])].filter((line) => displayWidth(line) > 30)).toEqual([
      '/a/word/that/is/longer/than/a/line',
      '    /a/word/that/is/longer/than/a/line',
    ])
    expect(list?.[0]?.startsWith('  - carol')).toBe(true)
    expect(list?.[1]?.startsWith('    ')).toBe(true)
  })

  it('colours by tone only where colour is asked for', async () => {
    expect(await textOf(renderTable(answerOf(columns, rows, {report}), {colour: false, width: 80}))).not.toContain(
      '\x1b',
    )
    const coloured = await textOf(renderTable(answerOf(columns, rows, {report}), {colour: true}))
    expect(coloured).toContain(
      '\x1b[1mVerdict\x1b[22m\n\x1b[1mcarol deleted it.\x1b[22m\n\n\x1b[33mOne source was damaged.\x1b[39m\n',
    )
  })

  it('shows what hostile text in a report holds', async () => {
    const hostile = 'x\n\x1b[2J\u202e'
    const blocks: ReportBlock[] = [
      {kind: 'heading', text: hostile},
      {kind: 'text', text: hostile, tone: 'muted'},
      {kind: 'list', items: [hostile]},
    ]
    const shown = String.raw`x\n\x1b[2J\u{202e}`
    expect(await textOf(renderTable(answerOf(columns, [], {report: blocks})))).toBe(
      `${shown}\n${shown}\n\n  - ${shown}\n`,
    )
  })
})

describe('renderWide', () => {
  it('prints all rows uncut, then what the report says besides tables', async () => {
    const long = 'x'.repeat(150)
    expect(await textOf(renderWide(answerOf(columns, [[long, 200]], {report}), {width: 80})))
      .toBe(`user_name${' '.repeat(143)}code
${'─'.repeat(150)}  ────
${long}   200

Verdict
carol deleted it.

One source was damaged.

Attempts
  - first
  - second
`)
  })

  it('prints the warnings where there is no report', async () => {
    expect(await textOf(renderWide(answerOf(columns, [], {warnings: ['a']})))).toBe('No rows.\n\nNote: a\n')
  })
})
