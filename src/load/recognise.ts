import {isGzip} from './decoders/gzip.ts'

/** How many first bytes of a stream are looked at. */
export const headBytes = 4096

/**
 * What the first bytes say a stream is. The name of the file plays no part.
 * `text` is read line by line; `unsupported` is evidence that this version cannot read; `skipped` is no audit log.
 */
export type Recognised =
  {readonly kind: 'gzip' | 'tar' | 'zip' | 'text'} | {readonly kind: 'unsupported' | 'skipped'; readonly reason: string}

const startsWith = (head: Uint8Array, ...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte)

/** Recognises a stream by its first bytes (all of them where it is shorter than {@link headBytes}). */
export function recognise(head: Uint8Array): Recognised {
  if (head.length === 0) return {kind: 'skipped', reason: 'empty'}
  if (isGzip(head)) return {kind: 'gzip'}
  if (isZip(head)) return {kind: 'zip'}
  if (isTar(head)) return {kind: 'tar'}
  if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd))
    return {kind: 'unsupported', reason: 'compressed with zstd: unpack it first (zstd -d) and load the result'}
  if (startsWith(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0))
    return {kind: 'unsupported', reason: 'compressed with xz: unpack it first (xz -d) and load the result'}
  if (startsWith(head, 0x42, 0x5a, 0x68))
    return {kind: 'unsupported', reason: 'compressed with bzip2: unpack it first (bzip2 -d) and load the result'}
  if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff))
    return {kind: 'unsupported', reason: 'UTF-16 text: convert it first (iconv -f UTF-16 -t UTF-8) and load the result'}
  if (isAnswer(head)) return {kind: 'skipped', reason: 'an answer that k8saudit saved, no audit log'}
  if (head.includes(0) && !looksLikeJson(head)) return {kind: 'skipped', reason: 'binary data, no audit log'}
  return {kind: 'text'}
}

/** What `-o json` writes: answers lie beside the logs they were asked of. */
function isAnswer(head: Uint8Array): boolean {
  return /^\{"command":"[^"]*","case":(?:null|")/.test(Buffer.from(head).toString('latin1'))
}

/** A log with a hole of zeros in it (a crash of the machine that wrote it) is still a log. */
function looksLikeJson(head: Uint8Array): boolean {
  return Buffer.from(head).toString('latin1').includes('{"')
}

/** True where bytes begin as a zip file does. */
function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))
}

/** True where the first block is a tar header: its checksum holds. The word `ustar` alone proves nothing: a log line may hold it. */
function isTar(head: Uint8Array): boolean {
  if (head.length < 512) return false
  const stored = Number.parseInt(
    Buffer.from(head.buffer, head.byteOffset + 148, 8)
      .toString('latin1')
      .replaceAll('\0', ' ')
      .trim(),
    8,
  )
  if (!Number.isFinite(stored) || stored === 0) return false
  let sum = 8 * 32
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += head[i] as number
  return sum === stored
}
