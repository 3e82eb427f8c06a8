/** How compressed streams begin. */

/** The little-endian word at a place, 0 where there is none. */
export function wordAt(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 4) return 0
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
}

/** True where bytes begin as gzip does (RFC 1952). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08
}

/** What a zstd frame begins with (RFC 8878). */
export const zstdMark: Buffer = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** True where bytes begin as a zstd frame does. */
export function isZstdFrame(head: Uint8Array): boolean {
  return wordAt(head, 0) === 0xfd2fb528
}

/** True where bytes begin as a frame of zstd does that holds no content. */
export function isZstdSkippable(head: Uint8Array): boolean {
  return head.length >= 8 && (wordAt(head, 0) & 0xfffffff0) >>> 0 === 0x184d2a50
}

/** True where bytes begin as zstd does. */
export function isZstd(head: Uint8Array): boolean {
  return isZstdFrame(head) || isZstdSkippable(head)
}

/** True where bytes begin as an xz stream does. */
export function isXz(head: Uint8Array): boolean {
  return [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0].every((byte, i) => head[i] === byte)
}

/** Numbers of 48 bits that stand before a block of bzip2 and at the end of its stream. */
export const bzip2Magic = {block: 0x314159265359, end: 0x177245385090} as const

/** True where bytes begin as bzip2 does: with a block of 100 to 900 kB, or with the end of a stream of nothing. */
export function isBzip2(head: Uint8Array): boolean {
  if (head.length < 4 || head[0] !== 0x42 || head[1] !== 0x5a || head[2] !== 0x68) return false
  const size = head[3] as number
  if (size < 0x31 || size > 0x39) return false
  return Object.values(bzip2Magic).some((magic) =>
    [...head.subarray(4, 10)].every((byte, i) => byte === Math.floor(magic / 2 ** (40 - 8 * i)) % 256),
  )
}
