/** Size of a header, and what everything in a tar is a multiple of. */
export const tarBlockBytes = 512

/** A header of a tar archive (POSIX.1-2017 pax, ustar; GNU). Names are bytes: nothing says in which encoding they are. */
export interface TarHeader {
  readonly name: Buffer
  readonly sizeBytes: number
  /** Seconds since 1970. */
  readonly modifiedAt: number
  /** The type flag as a character; a file's is `0`. */
  readonly type: string
  /** Old GNU sparse files: their map goes on in the next block. */
  readonly hasMoreMap: boolean
}

/** Bytes up to the first NUL. */
function field(block: Buffer, start: number, length: number): Buffer {
  const bytes = block.subarray(start, start + length)
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** A number in octal, or in base 256 where the first bit is set (GNU); NaN where it is none. */
function numberAt(block: Buffer, start: number, length: number): number {
  const first = block[start] as number
  if ((first & 0x80) !== 0) {
    let value = first & 0x7f
    for (let i = start + 1; i < start + length; i++) value = value * 256 + (block[i] as number)
    return first === 0xff ? Number.NaN : value
  }
  const digits = field(block, start, length).toString('latin1').trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

/** True where a block is a header: its checksum holds. The word `ustar` alone proves nothing: a log line may hold it. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < tarBlockBytes) return false
  const stored = numberAt(Buffer.from(block.buffer, block.byteOffset, tarBlockBytes), 148, 8)
  if (!Number.isFinite(stored) || stored === 0) return false
  let sum = 8 * 32
  let signed = sum
  for (let i = 0; i < tarBlockBytes; i++) {
    if (i >= 148 && i < 156) continue
    const byte = block[i] as number
    sum += byte
    signed += (byte << 24) >> 24
  }
  return (sum === stored || signed === stored) && sum !== 8 * 32
}

/** Reads a header; NULL where its checksum or its size does not hold. */
export function readTarHeader(block: Buffer): TarHeader | null {
  if (!isTarHeader(block)) return null
  const sizeBytes = numberAt(block, 124, 12)
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return null
  const name = Buffer.from(field(block, 0, 100))
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? field(block, 345, 155) : Buffer.alloc(0)
  const flag = block[156] as number
  const type = flag === 0 ? '0' : String.fromCharCode(flag)
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    sizeBytes,
    modifiedAt: numberAt(block, 136, 12),
    type: (type === '0' || type === '7') && name.at(-1) === 0x2f ? '5' : type,
    hasMoreMap: type === 'S' && block[482] === 1,
  }
}

/** The records of a pax header: names and values as bytes of a string (latin1). */
export function readPax(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  const text = bytes.toString('latin1')
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(' ', at)
    const length = Number(text.slice(at, space))
    if (space < 0 || !Number.isSafeInteger(length) || length <= 0) break
    const record = text.slice(space + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}
