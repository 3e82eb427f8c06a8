import {describe, expect, it} from 'vitest'
import {outputFormats} from '../../../src/output/answer.ts'
import {renderAnswer} from '../../../src/output/render.ts'
import {answerOf, columnsOf, textOf} from './answers.ts'

const columns = columnsOf({user_name: 'VARCHAR'})

describe('renderAnswer', () => {
  it.each([
    ['table', 'user_name\n─────────\n=a\n'],
    ['wide', 'user_name\n─────────\n=a\n'],
    [
      'json',
      '{"command":"timeline","case":"/cases/a.duckdb","filters":{},"warnings":[],"rows":[\n{"user_name":"=a"}\n]}\n',
    ],
    ['ndjson', '{"user_name":"=a"}\n'],
    ['csv', "user_name\n'=a\n"],
    ['markdown', '| user_name |\n| --- |\n| =a |\n'],
  ] as const)('prints %s', async (format, text) => {
    expect(await textOf(renderAnswer(answerOf(columns, [['=a']]), {format}))).toBe(text)
  })

  it('hands its options on', async () => {
    const answer = answerOf(columns, [['=abcdefghijkl']])
    expect(await textOf(renderAnswer(answer, {format: 'csv', rawCsv: true}))).toBe('user_name\n=abcdefghijkl\n')
    expect(await textOf(renderAnswer(answer, {format: 'json', bare: true}))).toBe(
      '[\n{"user_name":"=abcdefghijkl"}\n]\n',
    )
    expect(await textOf(renderAnswer(answer, {format: 'table', width: 9, colour: true}))).toBe(
      '\x1b[1muser_name\x1b[22m\n─────────\n=abcdefg…\n',
    )
  })

  it.each(outputFormats)('stops the rows when nobody reads %s on', async (format) => {
    let stopped = false
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(Array.from({length: 2048}, () => ['carol']))
      } finally {
        stopped = true
      }
    }
    const pieces = renderAnswer({...answerOf(columns, []), rows: endless()}, {format, width: 80})
    for (let i = 0; i < 3; i++) expect((await pieces.next()).done).toBe(false)
    await pieces.return(undefined)
    expect(stopped).toBe(true)
  })

  it.each(outputFormats)('passes on what the rows of %s throw', async (format) => {
    async function* failing() {
      yield await Promise.resolve([['carol']])
      throw new Error('out of memory')
    }
    await expect(textOf(renderAnswer({...answerOf(columns, []), rows: failing()}, {format}))).rejects.toThrow(
      'out of memory',
    )
  })
})
