import {compressionOf, type Compression} from './decoders/decompress.ts'
import {isTarHeader} from './decoders/tar-header.ts'
import {recogniseUtf16, type Utf16} from './decoders/utf16.ts'

/** How many first bytes of a stream are looked at. */
export const headBytes = 4096

/**
 * What the first bytes say a stream is. The name of the file plays no part.
 * `text` is read line by line; `unsupported` is evidence that this version cannot read; `skipped` is no audit log.
 */
export type Recognised =
  | {readonly kind: 'compressed'; readonly compression: Compression}
  | {readonly kind: 'tar' | 'zip'}
  | {readonly kind: 'text'; readonly encoding: 'utf-8' | Utf16}
  | {readonly kind: 'unsupported' | 'skipped'; readonly reason: string}

/** Formats that evidence comes in and that are not read here, by their first bytes. */
const unread: readonly {readonly what: string; readonly start: readonly number[]}[] = [
  {what: 'a 7z archive', start: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]},
  {what: 'a RAR archive', start: [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]},
  {what: 'compressed with lz4', start: [0x04, 0x22, 0x4d, 0x18]},
  {what: 'compressed with lz4', start: [0x02, 0x21, 0x4c, 0x18]},
  {what: 'compressed with snappy', start: [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]},
  {what: 'compressed with compress (.Z)', start: [0x1f, 0x9d]},
  {what: 'compressed with pack (.z)', start: [0x1f, 0x1e]},
  {what: 'compressed with lzip', start: [0x4c, 0x5a, 0x49, 0x50, 0x01]},
  {what: 'compressed with lzop', start: [0x89, 0x4c, 0x5a, 0x4f, 0x00]},
  {what: 'compressed with lzma', start: [0x5d, 0x00, 0x00]},
  {what: 'a cabinet file', start: [0x4d, 0x53, 0x43, 0x46, 0, 0, 0, 0]},
  {what: 'a cpio archive', start: [0x30, 0x37, 0x30, 0x37, 0x30]},
  {what: 'a disk image (EWF)', start: [0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00]},
  {what: 'a disk image (qcow)', start: [0x51, 0x46, 0x49, 0xfb]},
  {what: 'a part of a zip archive in several files', start: [0x50, 0x4b, 0x07, 0x08]},
  {what: 'a Parquet file', start: [0x50, 0x41, 0x52, 0x31]},
  {what: 'an ORC file', start: [0x4f, 0x52, 0x43, 0x0a]},
  {what: 'an Avro file', start: [0x4f, 0x62, 0x6a, 0x01]},
  {what: 'a journal of systemd', start: [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48]},
]

/** Recognises a stream by its first bytes (all of them where it is shorter than {@link headBytes}). */
export function recognise(head: Uint8Array): Recognised {
  if (head.length === 0) return {kind: 'skipped', reason: 'empty'}
  const compression = compressionOf(head)
  if (compression !== null) return {kind: 'compressed', compression}
  if (isZip(head)) return {kind: 'zip'}
  if (isTarHeader(head)) return {kind: 'tar'}
  const known = unread.find(({start}) => start.every((byte, i) => head[i] === byte))
  if (known !== undefined)
    return {
      kind: 'unsupported',
      reason: `${known.what}, which cannot be read here: unpack it first and load the result`,
    }
  const utf16 = recogniseUtf16(head)
  if (utf16 !== null) return {kind: 'text', encoding: utf16}
  if (isAnswer(head)) return {kind: 'skipped', reason: 'an answer that k8saudit saved, no audit log'}
  if (head.includes(0) && !looksLikeJson(head)) return {kind: 'skipped', reason: 'binary data, no audit log'}
  return {kind: 'text', encoding: 'utf-8'}
}

/** What `-o json` writes: answers lie beside the logs they were asked of. */
function isAnswer(head: Uint8Array): boolean {
  return /^\{"command":"[^"]*","case":(?:null|")/.test(Buffer.from(head).toString('latin1'))
}

/** A log with a hole of zeros in it (a crash of the machine that wrote it) is still a log. */
function looksLikeJson(head: Uint8Array): boolean {
  return /[{[]\s*"|[{[]\s*\{|AUDIT: id=|std(?:out|err) [FP] /.test(Buffer.from(head).toString('latin1'))
}

/** True where bytes begin as a zip file does. */
function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))
}
