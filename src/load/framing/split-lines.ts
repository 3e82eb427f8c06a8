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
}

/** A runtime cuts what a process writes into parts of this many bytes. */
const partBytes = 16_384

const tags = [' stdout ', ' stderr '] as const
const letterP = 80
const letterF = 70
const space = 32
const openBrace = 0x7b

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
  const tailFrom = Math.max(0, line.length - 256)
  const tail = line.toString('latin1', tailFrom)
  const found = /",\s?"stream":\s?"(stdout|stderr)"/.exec(tail)
  if (found === null) return null
  return {stream: found[1] as string, start: head[0].length, end: tailFrom + found.index}
}

/**
 * Joins lines that a container runtime has cut: CRI marks the parts with P and the last with F; docker cuts at 16 KiB and only the
 * last part ends with a line feed. Parts of standard output and standard error may alternate.
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
    if (line.length < partBytes && !this.isWaiting) return 'whole'
    const docker = dockerPart(line)
    return docker === null ? 'whole' : this.#takeDocker(line, number, docker)
  }

  #takeCri(
    line: Buffer,
    number: number,
    part: {stream: string; isLast: boolean; start: number},
  ): 'whole' | 'held' | JoinedLine[] {
    const held = this.#held.get(part.stream)
    if (held === undefined) {
      if (part.isLast) return 'whole'
      // What is joined reads as one line that was never cut.
      const first = Buffer.from(line)
      first[part.start - 2] = letterF
      this.#held.set(part.stream, {line: number, pieces: [first], size: line.length})
      return 'held'
    }
    held.pieces.push(Buffer.from(line.subarray(part.start)))
    held.size += line.length - part.start
    return part.isLast || held.size > this.#mostBytes ? this.#end(part.stream) : 'held'
  }

  #takeDocker(
    line: Buffer,
    number: number,
    part: {stream: string; start: number; end: number},
  ): 'whole' | 'held' | JoinedLine[] {
    const stream = `docker ${part.stream}`
    const text = line.subarray(part.start, part.end)
    const endsLine = text.length >= 2 && text[text.length - 1] === 110 && text[text.length - 2] === 92
    const held = this.#held.get(stream)
    const before: JoinedLine[] = []
    if (held !== undefined) {
      // Collectors drop the line feed: then a whole line of that length looks like a part, and what follows is a line of its own.
      if (
        text.subarray(0, 10).toString('latin1') !== '{\\"kind\\":' &&
        text.subarray(0, 16).toString('latin1') !== '{\\"apiVersion\\":'
      ) {
        held.pieces.push(Buffer.from(endsLine ? line.subarray(part.start) : text))
        held.size += text.length
        return endsLine || held.size > this.#mostBytes
          ? this.#end(stream, endsLine ? null : line.subarray(part.end))
          : 'held'
      }
      before.push(...this.#end(stream, line.subarray(part.end)))
    }
    if (endsLine || text.length < partBytes)
      return before.length === 0 ? 'whole' : [...before, {bytes: line, line: number}]
    this.#held.set(stream, {line: number, pieces: [Buffer.from(line.subarray(0, part.end))], size: part.end})
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
