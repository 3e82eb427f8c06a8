import {isUtf8} from 'node:buffer'

const continuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Length of the well-formed UTF-8 sequence at `at`, 0 where there is none (RFC 3629: no surrogates, no overlong forms). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  const second = bytes[at + 1] as number
  if (first < 0x80) return 1
  if (first >= 0xc2 && first <= 0xdf) return continuation(second) ? 2 : 0
  if (first >= 0xe0 && first <= 0xef) {
    if (!continuation(second) || !continuation(bytes[at + 2])) return 0
    if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0
    return 3
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continuation(second) || !continuation(bytes[at + 2]) || !continuation(bytes[at + 3])) return 0
    if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0
    return 4
  }
  return 0
}

/**
 * The same bytes where they are UTF-8; else a copy in which each byte that belongs to no UTF-8 sequence stands as
 * `\\xNN` (with two backslashes, so that a JSON string that held it stays a JSON string).
 */
export function escapeInvalidUtf8(bytes: Uint8Array): Uint8Array {
  if (isUtf8(bytes)) return bytes
  const pieces: Buffer[] = []
  let start = 0
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    pieces.push(
      Buffer.from(bytes.subarray(start, at)),
      Buffer.from(`\\\\x${(bytes[at] as number).toString(16).padStart(2, '0')}`),
    )
    at++
    start = at
  }
  pieces.push(Buffer.from(bytes.subarray(start)))
  return Buffer.concat(pieces)
}
