import {gzipSync} from 'node:zlib'
import {tarOf, zipOf} from '../archives.ts'

/** What a file goes through after it was written: a compression, an archive, an encoding of its text. */
export interface Encoding {
  readonly name: string
  /** True where it is about text: nothing for bytes that are compressed already. */
  readonly isText: boolean
  readonly encode: (bytes: Buffer, fileName: string) => Buffer | Promise<Buffer>
}

const halves = (bytes: Buffer): [Buffer, Buffer] => {
  const half = bytes.length >> 1
  return [bytes.subarray(0, half), bytes.subarray(half)]
}
const bigEndian = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16()
const utf16 = (bytes: Buffer): Buffer => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le')

/** Encodings that keep every byte, or every character, of what they are given. */
export const encodings: readonly Encoding[] = [
  {name: 'as it is', isText: false, encode: (bytes) => bytes},
  {name: 'gzip', isText: false, encode: (bytes) => gzipSync(bytes)},
  {
    name: 'gzip, two members',
    isText: false,
    encode: (bytes) => Buffer.concat(halves(bytes).map((half) => gzipSync(half))),
  },
  {name: 'tar', isText: false, encode: async (content, name) => tarOf([{name, content}])},
  {name: 'tar, gzipped', isText: false, encode: async (content, name) => gzipSync(await tarOf([{name, content}]))},
  {name: 'zip', isText: false, encode: (content, name) => zipOf([{name, content}])},
  {
    name: 'zip in tar, gzipped member',
    isText: false,
    encode: async (bytes, name) =>
      tarOf([{name: 'evidence.zip', content: zipOf([{name: `${name}.gz`, content: gzipSync(bytes)}])}]),
  },
  {name: 'UTF-8 with BOM', isText: true, encode: (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])},
  {name: 'UTF-16 LE', isText: true, encode: utf16},
  {name: 'UTF-16 BE', isText: true, encode: (bytes) => bigEndian(utf16(bytes))},
  {name: 'CRLF', isText: true, encode: (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r\n'))},
  {name: 'lone CR', isText: true, encode: (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r'))},
]
