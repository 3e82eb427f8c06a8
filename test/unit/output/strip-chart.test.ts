import {expect, test} from 'vitest'
import {drawStrips} from '../../../src/output/strip-chart.ts'

const from = Date.UTC(2026, 2, 1, 10) * 1000
const minute = 60_000_000
const piece = (at: number, events: number) => ({
  fromUs: from + at * minute,
  toUs: from + at * minute + minute / 2,
  events,
})

const chart = {
  kind: 'strips',
  fromUs: from,
  toUs: from + 40 * minute,
  strips: [
    {
      label: 'cp-1',
      pieces: [piece(0, 1), piece(1, 10), piece(2, 100), piece(39, 1000)],
      gaps: [{fromUs: from + 10 * minute, toUs: from + 12 * minute}],
    },
    {label: '/a/very/long/folder/of/logs/cp-2\u001b[31m/audit.log', pieces: [piece(5, 3)], gaps: []},
  ],
} as const

test('blocks by density, gaps shaded, a time axis, no control characters', () => {
  const lines = drawStrips(chart, {width: 74})
  expect(lines.map((line) => line.length <= 74)).not.toContain(false)
  const [first = '', second = '', marks = '', words = '', legend = ''] = lines
  expect(first).toMatch(/^cp-1 +▁▃▆ +░░ +█$/)
  expect(second).toContain('\\x1b[31m/audit.log')
  expect(lines.join('')).not.toContain('\u001b')
  expect(marks.indexOf('│')).toBe(words.indexOf('10:00'))
  expect(legend).toContain('░ missing')
})

test('ASCII where the terminal has no UTF-8, and times in the zone of the question', () => {
  const lines = drawStrips(chart, {width: 74, ascii: true, timeZone: 'Asia/Kolkata'})
  expect(lines[0]).toMatch(/!!.*@$/)
  expect(lines.filter((line) => /[^\x20-\x7e…]/.test(line))).toEqual([])
  expect(lines[3]).toContain('15:30')
})

test('an hour within a day of silence is a line of blanks around it', () => {
  const lines = drawStrips({...chart, strips: [{label: 'x', pieces: [], gaps: []}]}, {width: 60})
  expect(lines[0]).toBe('x')
})
