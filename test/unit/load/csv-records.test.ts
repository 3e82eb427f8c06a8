import {expect, test} from 'vitest'
import {cutAt, frame} from '../../support/frame.ts'

const event = JSON.stringify({kind: 'Event', auditID: 'a', message: 'says "no", twice\nand é'})
const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`

test.each([
  ['CloudWatch Insights', '@timestamp,@message', [`2026-03-01 10:15:22.123,${cell(event)}`], [{'@timestamp': '2026-03-01 10:15:22.123', '@message': event}]],
  ['Splunk', '"_raw","_time"', [`${cell(event)},"2026"`], [{_raw: event, _time: '2026'}]],
  ['Log Analytics', 'TimeGenerated [UTC],log_s', [`"3/1/2026, 10:15:22 AM",${cell(event)}`], [{TimeGenerated: '3/1/2026, 10:15:22 AM', log_s: event}]],
  ['semicolons', 'time;message;host', [`1;${cell(event)};h`], [{time: '1', message: event, host: 'h'}]],
])('%s', async (_name, headings, rows, wanted) => {
  const text = Buffer.from(`\ufeff${[headings, ...rows].join('\r\n')}\r\n`)
  for (const cuts of [[], [3], Array.from({length: text.length}, (_, i) => i)]) {
    const {records, counts} = await frame(cutAt(text, cuts))
    expect(records.map((record) => JSON.parse(record.text) as unknown)).toEqual(wanted)
    expect(records.map(({line}) => line)).toEqual([2])
    expect(counts).toMatchObject({records: 1, problem: null})
  }
}) // prettier-ignore

test('rows say the line at which they begin, line feeds in cells included', async () => {
  const {records} = await frame([Buffer.from(`@timestamp,@message\n1,${cell('a\nb')}\n\n2,${cell('c')}\n3,d\n`)])
  expect(records.map(({line}) => line)).toEqual([2, 5, 6])
})

test('a quote that is never closed is told, and what stands before it is there', async () => {
  const {records, counts} = await frame([
    Buffer.from(`@timestamp,@message\n1,${cell('a')}\n2,"${'never closed\n'.repeat(3)}`),
  ])
  expect(records.length).toBe(1)
  expect(counts.problem).toContain('line 3')
})

test.each([
  ['a JSON line with commas', '{"message":"a,b"}\n'],
  ['a heading in a log', 'message\n{"a":1}\n'],
  ['klog', 'I0301 10:15:22.123456 1 x.go:1] message, log\n'],
])('%s is no table', async (_name, text) => {
  const {records} = await frame([Buffer.from(text)])
  expect(records.map((record) => record.text)).toEqual(text.trimEnd().split('\n'))
})
