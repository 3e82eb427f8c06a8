import type {Decoded} from './decoded.ts'

export type Utf16 = 'utf-16le' | 'utf-16be'

/** How many pairs of bytes are looked at where no mark tells. */
const pairsLookedAt = 512

/** Tells UTF-16 by its mark, or by the NULs that every character of plain JSON has in it; else NULL. */
export function recogniseUtf16(head: Uint8Array): Utf16 | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const pairs = Math.min(pairsLookedAt, head.length >> 1)
  if (pairs < 2) return null
  let little = 0
  let big = 0
  for (let i = 0; i < pairs; i++) {
    const [first, second] = [head[2 * i] as number, head[2 * i + 1] as number]
    if (isPlain(first) && second === 0) little++
    else if (first === 0 && isPlain(second)) big++
  }
  if (little > 0.9 * pairs) return 'utf-16le'
  return big > 0.9 * pairs ? 'utf-16be' : null
}

const isPlain = (byte: number): boolean => (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13)

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/**
 * UTF-16 text as UTF-8. A surrogate without its other half becomes the text of its JSON escape (`\ud800`), so that a
 * JSON string that holds it stays one; an odd last byte is told.
 */
export function decodeUtf16(chunks: AsyncIterable<Buffer>, encoding: Utf16): Decoded {
  let problem: string | null = null
  const read = async function* (): AsyncGenerator<Buffer> {
    let rest = Buffer.alloc(0)
    let bytesIn = 0
    let isFirst = true
    const decode = (bytes: Buffer): Buffer => {
      const units = encoding === 'utf-16be' ? Buffer.from(bytes).swap16() : bytes
      let text = units.toString('utf16le')
      if (isFirst && text.startsWith('\ufeff')) text = text.slice(1)
      isFirst = false
      return Buffer.from(text.replace(loneSurrogate, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`))
    }
    for await (const chunk of chunks) {
      bytesIn += chunk.length
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let whole = bytes.length & ~1
      // A first half of a pair waits for the other one.
      const last = whole < 2 ? 0 : (bytes[encoding === 'utf-16be' ? whole - 2 : whole - 1] as number)
      if (last >= 0xd8 && last <= 0xdb) whole -= 2
      rest = Buffer.from(bytes.subarray(whole))
      if (whole > 0) yield decode(bytes.subarray(0, whole))
    }
    if (rest.length >= 2) yield decode(rest.subarray(0, 2))
    if (rest.length % 2 === 1) problem = `the UTF-16 text ends with half a character: byte ${bytesIn}`
  }
  return {chunks: read(), problem: () => problem}
}
