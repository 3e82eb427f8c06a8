import {describe, expect, it} from 'vitest'
import {SplitLines} from '../../../src/load/framing/split-lines.ts'
import {auditEvent, logLine} from '../../support/audit-event.ts'

const text = logLine(auditEvent({userAgent: String.raw`a\nb"c"`}))
const docker = (log: string): string => JSON.stringify({log, stream: 'stdout', time: '2026-03-01T10:15:22Z'})

/** What comes of lines: those that stay as they are, and those that are put together, each with its number. */
function joined(lines: readonly string[]): [string, number][] {
  const parts = new SplitLines(1 << 20)
  const found: [string, number][] = []
  for (const [nth, line] of lines.entries()) {
    const taken = parts.take(Buffer.from(line), nth + 1)
    if (taken === 'whole') found.push([line, nth + 1])
    else if (taken !== 'held') found.push(...taken.map((one): [string, number] => [one.bytes.toString(), one.line]))
  }
  return [...found, ...parts.rest().map((one): [string, number] => [one.bytes.toString(), one.line])]
}
const logs = (lines: readonly string[]): [string, number][] =>
  joined(lines).map(([line, number]) => [(JSON.parse(line) as {log: string}).log, number])

describe("docker's parts", () => {
  it('are joined wherever they were cut', () => {
    for (let at = 1; at <= text.length; at++)
      expect(logs([docker(text.slice(0, at)), docker(`${text.slice(at)}\n`)]), `${at}`).toEqual(
        at === text.length ? [[text, 1], ['\n', 2]] : [[`${text}\n`, 1]],
      ) // prettier-ignore
  })

  it('are joined where the collector has dropped the line feed', () => {
    for (const at of [1, 20, 100, text.indexOf('}') + 1, text.length - 1])
      expect(logs([text.slice(0, at), text.slice(at), text, 'I0301 klog'].map(docker)), `${at}`).toEqual([
        [text, 1],
        [text, 3],
        ['I0301 klog', 4],
      ])
  })

  it('leave alone what is whole, however long', () => {
    const long = logLine(auditEvent({userAgent: 'x'.repeat(20_000)}))
    expect(logs([long, `${long}\n`, long, '{broken', 'plain', '{}'].map(docker))).toEqual(
      [long, `${long}\n`, long, '{broken', 'plain', '{}'].map((log, nth) => [log, nth + 1]),
    )
  })

  it('that have lost their end stand for themselves', () => {
    expect(logs([docker(text.slice(0, 90)), docker(`${text}\n`), docker(text.slice(0, 50))])).toEqual([
      [text.slice(0, 90), 1],
      [`${text}\n`, 2],
      [text.slice(0, 50), 3],
    ])
  })
})
