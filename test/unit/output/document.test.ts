import {expect, test} from 'vitest'
import type {Answer} from '../../../src/output/answer.ts'
import {renderAnswer} from '../../../src/output/render.ts'

const answer: Answer = {
  command: 'policy infer',
  caseFile: null,
  filters: {},
  columns: [{name: 'level', type: 'VARCHAR'}],
  rows: [[['None']]],
  warnings: ['Take care.'],
  document: 'kind: Policy\nrules:\n  - level: None\n',
}

async function printed(format: 'table' | 'wide' | 'markdown' | 'json'): Promise<string> {
  let text = ''
  for await (const piece of renderAnswer(answer, {format, width: 10})) text += piece
  return text
}

test('a document is printed as it is, never wrapped and without the warnings, and in markdown as code', async () => {
  expect(await printed('table')).toBe(answer.document)
  expect(await printed('wide')).toBe(answer.document)
  expect(await printed('markdown')).toBe('    kind: Policy\n    rules:\n      - level: None\n')
})

test('the data formats hold the rows', async () => {
  expect(JSON.parse(await printed('json'))).toMatchObject({warnings: ['Take care.'], rows: [{level: 'None'}]})
})
