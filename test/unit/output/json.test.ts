import {describe, expect, it} from 'vitest'
import {uniqueNames} from '../../../src/output/json-text.ts'
import {renderJson} from '../../../src/output/json.ts'
import {renderNdjson} from '../../../src/output/ndjson.ts'
import {answerOf, columnsOf, textOf} from './answers.ts'

const columns = columnsOf({
  time: 'TIMESTAMP WITH TIME ZONE',
  user_name: 'VARCHAR',
  command: 'VARCHAR[]',
  request_object: 'JSON',
  code: 'INTEGER',
})
const rows = [
  ['2026-03-01T10:15:22.123456Z', 'carol', ['sh', '-c', ''], {kind: 'Pod', spec: {tty: true}}, 200],
  [null, '', null, null, null],
]

describe('renderJson', () => {
  it('prints one object with the question, its warnings and a row a line', async () => {
    const answer = answerOf(columns, rows, {filters: {user: 'carol', limit: 0}, warnings: ['A source was damaged.']})
    expect(await textOf(renderJson(answer)))
      .toBe(`{"command":"timeline","case":"/cases/a.duckdb","filters":{"user":"carol","limit":0},"warnings":["A source was damaged."],"rows":[
{"time":"2026-03-01T10:15:22.123456Z","user_name":"carol","command":["sh","-c",""],"request_object":{"kind":"Pod","spec":{"tty":true}},"code":200},
{"time":null,"user_name":"","command":null,"request_object":null,"code":null}
]}
`)
  })

  it('prints an array of rows alone where bare', async () => {
    const text = await textOf(renderJson(answerOf(columns, rows, {warnings: ['left out']}), {bare: true}))
    expect(JSON.parse(text)).toHaveLength(2)
    expect(text.split('\n')).toHaveLength(5)
    expect(text).not.toContain('left out')
  })

  it('is whole without rows', async () => {
    expect(await textOf(renderJson(answerOf(columns, []), {bare: true}))).toBe('[]\n')
    expect(JSON.parse(await textOf(renderJson(answerOf(columns, []))))).toMatchObject({rows: []})
  })

  it('joins rows over batches', async () => {
    const answer = {...answerOf(columnsOf({n: 'INTEGER'}), []), rows: [[[1]], [], [[2], [3]]]}
    expect(JSON.parse(await textOf(renderJson(answer, {bare: true})))).toEqual([{n: 1}, {n: 2}, {n: 3}])
  })

  it('holds the same data with nothing that a terminal would obey or hide', async () => {
    const hostile = '\x1b]0;t\x07\x9b31m\x7f\u202e\u2028\ufeff\u200d\ud800 \u{e0041} 😀 日本 \\u202e \\'
    const text = await textOf(
      renderJson(
        answerOf(columnsOf({[hostile]: 'VARCHAR'}), [[hostile]], {
          command: hostile,
          caseFile: hostile,
          filters: {[hostile]: hostile},
          warnings: [hostile],
        }),
      ),
    )
    expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u)
    expect(text).toContain('😀 日本')
    expect(JSON.parse(text)).toEqual({
      command: hostile,
      case: hostile,
      filters: {[hostile]: hostile},
      warnings: [hostile],
      rows: [{[hostile]: hostile}],
    })
  })

  it('keeps every value where columns share a name', async () => {
    const twice = [
      {name: 'a', type: 'INTEGER'},
      {name: 'a', type: 'INTEGER'},
      {name: 'a_1', type: 'INTEGER'},
      {name: '__proto__', type: 'INTEGER'},
    ]
    expect(await textOf(renderNdjson(answerOf(twice, [[1, 2, 3, 4]])))).toBe('{"a":1,"a_2":2,"a_1":3,"__proto__":4}\n')
    expect(uniqueNames(['a', 'a', 'b', 'a', 'a_1', 'a_1'])).toEqual(['a', 'a_2', 'b', 'a_3', 'a_1', 'a_1_1'])
    expect(uniqueNames(['a', 'a'])).toEqual(['a', 'a_1'])
  })
})

describe('renderNdjson', () => {
  it('prints a row a line and nothing else', async () => {
    const lines = (await textOf(renderNdjson(answerOf(columns, rows, {warnings: ['left out']})))).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toBe('')
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: rows[0]?.[0],
      user_name: 'carol',
      command: ['sh', '-c', ''],
      request_object: {kind: 'Pod', spec: {tty: true}},
      code: 200,
    })
  })

  it('prints nothing without rows', async () => {
    expect(await textOf(renderNdjson(answerOf(columns, [])))).toBe('')
  })
})
