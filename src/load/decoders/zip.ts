import {crc32} from 'node:zlib'
import {openPromise, type Entry, type ZipFile} from 'yauzl'
import type {Archive, Member} from './tar.ts'

async function* content(zip: ZipFile, entry: Entry, tell: (problem: string) => void): AsyncGenerator<Buffer> {
  let sum = 0
  let read = 0
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum)
      read += chunk.length
      yield chunk
    }
  } catch (error) {
    tell(`the member is damaged: ${(error as Error).message}, after ${read} of ${entry.uncompressedSize} bytes`)
    return
  }
  if (sum !== entry.crc32) tell("the member's checksum is wrong: its bytes are not those that were packed")
}

function specialKind(entry: Entry, name: string): string | null {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000
  if (name.endsWith('/')) return 'directory'
  if (type === 0o120000) return 'symlink'
  return entry.isEncrypted() ? 'encrypted' : null
}

/**
 * Members of a zip file, in the order of its directory; each member's checksum is verified (the library does not).
 *
 * @param path a zip has its directory at the end, so it needs a file
 */
export function readZip(path: string): Archive {
  let problem: string | null = null
  const members = async function* (): AsyncGenerator<Member> {
    try {
      // Names are decoded here: the library would end at the first name that points outside, and no name is written to.
      const zip = await openPromise(path, {lazyEntries: true, autoClose: false, decodeStrings: false})
      try {
        for await (const entry of zip.eachEntry()) {
          const name = (entry.fileName as unknown as Buffer).toString('utf8')
          const special = specialKind(entry, name)
          let memberProblem: string | null = null
          yield {
            name,
            sizeBytes: entry.uncompressedSize,
            modifiedAt: entry.getLastModDate({timezone: 'UTC'}).toISOString(),
            special,
            chunks: special === null ? content(zip, entry, (text) => (memberProblem = text)) : nothing(),
            problem: () => memberProblem,
          }
        }
      } finally {
        zip.close()
      }
    } catch (error) {
      problem = `the archive is damaged: ${(error as Error).message}`
    }
  }
  return {members: members(), problem: () => problem}
}

async function* nothing(): AsyncGenerator<Buffer> {
  // A folder or a link has no bytes of its own.
}
