import {crc32, deflateRawSync} from 'node:zlib'
import tar from 'tar-stream'

/** A member of an archive that a test makes. */
export interface TestMember {
  readonly name: string
  readonly content: string | Uint8Array
  /** tar: what the header says it is. */
  readonly type?: 'file' | 'symlink' | 'directory' | 'fifo'
  /** zip: written instead of the true checksum. */
  readonly crc?: number
  /** zip: the flag says that it is encrypted. */
  readonly encrypted?: boolean
}

/** A tar archive, uncompressed, as bytes. */
export async function tarOf(members: readonly TestMember[]): Promise<Buffer> {
  const pack = tar.pack()
  const reading = (async () => {
    const pieces: Buffer[] = []
    for await (const piece of pack as AsyncIterable<Buffer>) pieces.push(piece)
    return Buffer.concat(pieces)
  })()
  for (const {name, content, type = 'file'} of members) {
    const header = {name, type, mtime: new Date('2026-03-01T10:00:00Z')}
    if (type === 'file') pack.entry(header, Buffer.from(content))
    else pack.entry(type === 'symlink' ? {...header, linkname: '/etc/passwd'} : header)
  }
  pack.finalize()
  return reading
}

/** A zip archive as bytes: deflated members with any name and any checksum, which no packer would write. */
export function zipOf(members: readonly TestMember[]): Buffer {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const {name, content, crc, encrypted} of members) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes)
    const nameBytes = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE((encrypted === true ? 1 : 0) | 0x800, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt16LE(0x5000, 6) // 10:00:00
    common.writeUInt16LE(0x5c61, 8) // 2026-03-01
    common.writeUInt32LE(crc ?? crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, tail, nameBytes]))
    pieces.push(local)
    at += local.length
  }
  const index = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(index.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...pieces, index, end])
}
