import {byteOf} from './bytes.ts'
import {JsonScanner, type ScanStop} from './json-scanner.ts'

/** A line put together from the parts that a container runtime had cut it into. */
export interface JoinedLine {
  readonly bytes: Buffer
  /** Number of the line with its first part. */
  readonly line: number
}

interface Held {
  readonly line: number
  readonly pieces: Buffer[]
  size: number
  /** Where the parts are JSON: how far it goes. */
  readonly scanner: JsonScanner | null
}

/** A runtime cuts what a process writes into parts of this many bytes. */
const partBytes = 16_384
/** What a part takes in memory beside its bytes. */
const pieceCost = 128

const tags = [' stdout ', ' stderr '] as const
const letterP = 80
const letterF = 70
const space = 32
const {openBrace, backslash} = byteOf
const letterN = 110
const lookedAtEnd = 256
/** How lines end that were not cut: nearly all of them. */
const uncutEnds = [Buffer.from('\\n","stream":"'), Buffer.from('\\n", "stream": "')] as const
const auditStarts = ['{\\"kind\\":\\"Event\\",\\"apiVersion\\":\\"audit', '{\\"apiVersion\\":\\"audit'].map((text) => Buffer.from(text)) // prettier-ignore

/** Where the text of a CRI line begins and what it is part of; NULL for other lines. */
function criPart(line: Buffer): {readonly stream: string; readonly isLast: boolean; readonly start: number} | null {
  const head = line.subarray(0, 64).toString('latin1')
  for (const stream of tags) {
    const at = head.indexOf(stream)
    if (at < 0) continue
    const tag = line[at + stream.length]
    if ((tag === letterP || tag === letterF) && line[at + stream.length + 1] === space)
      return {stream, isLast: tag === letterF, start: at + stream.length + 2}
  }
  return null
}

/** The text of docker's `log` member, still escaped, and the stream; NULL for other lines. */
function dockerPart(line: Buffer): {readonly stream: string; readonly start: number; readonly end: number} | null {
  const head = /^\s*\{"log":\s?"/.exec(line.subarray(0, 32).toString('latin1'))
  if (head === null) return null
  const tailFrom = Math.max(0, line.length - lookedAtEnd)
  const tail = line.toString('latin1', tailFrom)
  const found = /",\s?"stream":\s?"(stdout|stderr)"/.exec(tail)
  if (found === null) return null
  return {stream: found[1] as string, start: head[0].length, end: tailFrom + found.index}
}

const startsWith = (text: Buffer, start: Buffer): boolean =>
  text.length >= start.length && text.compare(start, 0, start.length, 0, start.length) === 0

/** False where a line was surely not cut by docker. */
function mayBeCut(line: Buffer): boolean {
  const tail = line.subarray(Math.max(0, line.length - lookedAtEnd))
  return !uncutEnds.some((end) => tail.includes(end) && tail[tail.indexOf(end) - 1] !== backslash)
}

/** True where escaped text ends with a line feed, and not with an escaped backslash and an n. */
function endsWithLineFeed(text: Buffer): boolean {
  if (text[text.length - 1] !== letterN) return false
  let at = text.length - 2
  while (at >= 0 && text[at] === backslash) at--
  return (text.length - at) % 2 === 1
}

/** Scans on through escaped text: where the JSON in it is. */
function scanOn(scanner: JsonScanner, escaped: Buffer): ScanStop {
  try {
    const text = Buffer.from(JSON.parse(`"${escaped.toString('utf8')}"`) as string)
    return scanner.scan(text, 0, text.length, 0)
  } catch {
    return 'broken'
  }
}

/** True where a part begins as an audit event does: it is the first of its line. */
function beginsEvent(line: Buffer, start: number): boolean {
  const text = line.toString('latin1', start, start + 20)
  return text.startsWith('{"kind":"Event"') || text.startsWith('{"apiVersion":"audi')
}

/**
 * Joins lines that a container runtime has cut: CRI marks the parts with P and the last with F; docker cuts at 16 KiB (others of its kind elsewhere) and
 * only the last part ends with a line feed, which collectors may have dropped: then JSON tells whether it is whole. Parts of standard output and standard error may alternate.
 */
export class SplitLines {
  readonly #held = new Map<string, Held>()
  readonly #mostBytes: number

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** Parts are waiting for their end. */
  get isWaiting(): boolean {
    return this.#held.size > 0
  }

  /** True where some line in these bytes may be a part: asked of many lines at once, because it is nearly always false. */
  static mayHoldParts(bytes: Buffer): boolean {
    return (
      bytes.includes(' stdout P ') ||
      bytes.includes(' stderr P ') ||
      bytes.includes('{"log":"') ||
      bytes.includes('{"log": "')
    )
  }

  /** What becomes of a line: it stays as it is (`whole`), is kept until the rest comes (`held`), or ends a line that was cut. */
  take(line: Buffer, number: number): 'whole' | 'held' | JoinedLine[] {
    const cri = line[0] === openBrace ? null : criPart(line)
    if (cri !== null) return this.#takeCri(line, number, cri)
    if (!this.isWaiting && !mayBeCut(line)) return 'whole'
    const docker = dockerPart(line)
    return docker === null ? 'whole' : this.#takeDocker(line, number, docker)
  }

  #takeCri(
    line: Buffer,
    number: number,
    part: {stream: string; isLast: boolean; start: number},
  ): 'whole' | 'held' | JoinedLine[] {
    const held = this.#held.get(part.stream)
    if (held !== undefined && beginsEvent(line, part.start)) {
      // The last part of what was held is missing: an event begins anew.
      const torn = this.#end(part.stream)
      const taken = this.#takeCri(line, number, part)
      return taken === 'whole' ? [...torn, {bytes: line, line: number}] : taken === 'held' ? torn : [...torn, ...taken]
    }
    if (held === undefined) {
      if (part.isLast) return 'whole'
      // What is joined reads as one line that was never cut.
      const first = Buffer.from(line)
      first[part.start - 2] = letterF
      this.#held.set(part.stream, {line: number, pieces: [first], size: line.length, scanner: null})
      return 'held'
    }
    held.pieces.push(Buffer.from(line.subarray(part.start)))
    held.size += line.length - part.start + pieceCost
    return part.isLast || held.size > this.#mostBytes ? this.#end(part.stream) : 'held'
  }

  #takeDocker(
    line: Buffer,
    number: number,
    part: {stream: string; start: number; end: number},
  ): 'whole' | 'held' | JoinedLine[] {
    const stream = `docker ${part.stream}`
    const text = line.subarray(part.start, part.end)
    const endsLine = endsWithLineFeed(text)
    const held = this.#held.get(stream)
    const before: JoinedLine[] = []
    if (held !== undefined) {
      const stop = held.scanner === null ? 'more' : scanOn(held.scanner, text)
      const fits = held.scanner !== null && stop !== 'broken'
      if (fits || !auditStarts.some((start) => startsWith(text, start))) {
        held.pieces.push(Buffer.from(endsLine ? line.subarray(part.start) : text))
        held.size += text.length
        if (endsLine) return this.#end(stream)
        return stop !== 'more' || held.size > this.#mostBytes ? this.#end(stream, line.subarray(part.end)) : 'held'
      }
      // What was held has lost its end.
      before.push(...this.#end(stream, line.subarray(part.end)))
    }
    const scanner = text[0] === openBrace ? new JsonScanner() : null
    const isWhole = endsLine || (scanner === null ? text.length < partBytes : scanOn(scanner, text) !== 'more')
    if (isWhole) return before.length === 0 ? 'whole' : [...before, {bytes: line, line: number}]
    this.#held.set(stream, {
      line: number,
      pieces: [Buffer.from(line.subarray(0, part.end))],
      size: part.end,
      scanner,
    })
    return before.length === 0 ? 'held' : before
  }

  #end(stream: string, tail: Buffer | null = null): JoinedLine[] {
    const held = this.#held.get(stream)
    if (held === undefined) return []
    this.#held.delete(stream)
    const pieces = tail === null ? held.pieces : [...held.pieces, Buffer.from(tail)]
    return [{bytes: Buffer.concat(pieces), line: held.line}]
  }

  /** What still waits at the end: lines whose last part is missing. */
  rest(): JoinedLine[] {
    return [...this.#held.keys()].flatMap((stream) =>
      this.#end(
        stream,
        stream.startsWith('docker ') ? Buffer.from(`","stream":"${stream.slice('docker '.length)}"}`) : null,
      ),
    )
  }
}
