import {byteOf} from './bytes.ts'

const {lineFeed, carriageReturn} = byteOf

/** How far into a text without a single line feed carriage returns are taken for the ends of its lines. */
const lookedAt = 1 << 16

/** The stream without a UTF-8 byte order mark. */
export async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < 3) continue
    yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
    head = null
  }
  if (head !== null && head.length > 0) yield head
}

/** Text whose lines end with a carriage return alone, as some old systems write it, with line feeds instead; other text as it is. */
export async function* withLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer[] | null = []
  let size = 0
  let turns = false
  const turned = (chunk: Buffer): Buffer => {
    const copy = Buffer.from(chunk)
    for (let at = copy.indexOf(carriageReturn); at >= 0; at = copy.indexOf(carriageReturn, at + 1)) copy[at] = lineFeed
    return copy
  }
  for await (const chunk of chunks) {
    if (head === null) {
      yield turns ? turned(chunk) : chunk
      continue
    }
    head.push(chunk)
    size += chunk.length
    const hasFeeds = chunk.subarray(0, Math.max(0, lookedAt - (size - chunk.length))).includes(lineFeed)
    if (!hasFeeds && size < lookedAt) continue
    turns = !hasFeeds && head.some((part) => part.subarray(0, lookedAt).includes(carriageReturn))
    for (const part of head) yield turns ? turned(part) : part
    head = null
  }
  if (head === null) return
  turns = !head.some((part) => part.includes(lineFeed)) && head.some((part) => part.includes(carriageReturn))
  for (const part of head) yield turns ? turned(part) : part
}

/** The same stream, with each chunk told of. */
export async function* counting(chunks: AsyncIterable<Buffer>, tell: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    tell(chunk.length)
    yield chunk
  }
}

/** The first bytes of a text, up to the last whole line in them; `onCut` is told where there is more. */
export async function* beginningOf(
  chunks: AsyncIterable<Buffer>,
  size: number,
  onCut: () => void,
): AsyncGenerator<Buffer> {
  let left = size
  for await (const chunk of chunks) {
    if (chunk.length <= left) {
      left -= chunk.length
      yield chunk
      continue
    }
    onCut()
    const end = chunk.lastIndexOf(lineFeed, Math.max(0, left - 1)) + 1
    yield chunk.subarray(0, end > 0 ? end : left)
    return
  }
}
