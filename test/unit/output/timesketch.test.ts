import {describe, expect, it} from 'vitest'
import {plainText, type Answer, type Plain} from '../../../src/output/answer.ts'
import {renderTimesketch, renderTimesketchCsv} from '../../../src/output/timesketch.ts'
import {answerOf, columnsOf, textOf} from './answers.ts'

function eventsOf(rows: readonly (readonly [time: string | null, user: Plain])[]): Answer {
  const answer = answerOf(
    columnsOf({time: 'TIMESTAMP WITH TIME ZONE', user_name: 'VARCHAR', code: 'INTEGER', command: 'VARCHAR[]'}),
    rows.map(([time, user]) => [time, user, 200, ['a', 'b']]),
  )
  return {
    ...answer,
    event: {time: 'time', description: 'API request received', message: (row) => `${plainText(row[1])} did it`},
  }
}

const alice = ['2026-03-01T10:15:22.123456Z', 'alice'] as const

describe('renderTimesketch', () => {
  it('puts before the columns what Timesketch asks for', async () => {
    const text = await textOf(renderTimesketch(eventsOf([alice])))
    expect(text.endsWith('}\n')).toBe(true)
    expect(JSON.parse(text)).toEqual({
      message: 'alice did it',
      datetime: '2026-03-01T10:15:22.123456+00:00',
      timestamp: 1772360122123456,
      timestamp_desc: 'API request received',
      time: '2026-03-01T10:15:22.123456Z',
      user_name: 'alice',
      code: 200,
      command: ['a', 'b'],
    })
  })

  it('leaves out and counts rows whose time it cannot hold', async () => {
    const notes: string[] = []
    const answer = eventsOf([[null, 'x'], ['+010000-01-01T00:00:00.000000Z', 'y'], ['infinity', 'z'], alice])
    const text = await textOf(renderTimesketch(answer, {note: (note) => notes.push(note)}))
    expect(text.trimEnd().split('\n')).toHaveLength(1)
    expect(notes).toEqual([expect.stringMatching(/^3 rows have no time that Timesketch can hold/)])
  })

  it('says nothing where nothing is left out, and writes nothing for no rows', async () => {
    const notes: string[] = []
    await textOf(renderTimesketch(eventsOf([alice]), {note: (note) => notes.push(note)}))
    expect(notes).toEqual([])
    expect(await textOf(renderTimesketch(eventsOf([])))).toBe('')
  })

  it('is no format of an answer whose rows are no events', async () => {
    await expect(textOf(renderTimesketch(answerOf(columnsOf({a: 'INTEGER'}), [[1]])))).rejects.toThrow('no events')
  })
})

describe('renderTimesketchCsv', () => {
  it('writes a header and a line for each event', async () => {
    expect(await textOf(renderTimesketchCsv(eventsOf([alice])))).toBe(
      'message,datetime,timestamp,timestamp_desc,time,user_name,code,command\n' +
        'alice did it,2026-03-01T10:15:22.123456+00:00,1772360122123456,API request received,2026-03-01T10:15:22.123456Z,alice,200,"[""a"",""b""]"\n',
    )
  })

  it('defuses formulas, in the message too, unless told not to', async () => {
    const answer = () => eventsOf([[alice[0], '=cmd|x']])
    expect(await textOf(renderTimesketchCsv(answer()))).toMatch(/\n'=cmd\|x did it,.*,'=cmd\|x,/)
    expect(await textOf(renderTimesketchCsv(answer(), {rawCsv: true}))).toMatch(/\n=cmd\|x did it,.*,=cmd\|x,/)
  })

  it('leaves out years that its reader drops silently', async () => {
    const notes: string[] = []
    const answer = eventsOf([['0001-01-01T00:00:00.000000Z', 'x'], ['9999-01-01T00:00:00.000000Z', 'y'], alice])
    const text = await textOf(renderTimesketchCsv(answer, {note: (note) => notes.push(note)}))
    expect(text.trimEnd().split('\n')).toHaveLength(2)
    expect(notes).toEqual([expect.stringMatching(/^2 rows/)])
  })
})
