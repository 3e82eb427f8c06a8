import type {Entry, ZipFile} from 'yauzl'
import {isoTime, nothing, shownName, type Archive, type Member} from './member.ts'
import type {ZipBytes} from './zip-bytes.ts'
import {zipContent} from './zip-content.ts'
import {WindowMemory} from './window-memory.ts'
import {walkZip} from './zip-walk.ts'

/** What a member is by its Unix mode, where it is no file. */
const kinds: Readonly<Record<number, string>> = {
  0o010000: 'fifo',
  0o020000: 'character device',
  0o060000: 'block device',
  0o120000: 'symlink',
  0o140000: 'socket',
}

function specialKind(entry: Entry, name: string): string | null {
  if (name.endsWith('/')) return 'directory'
  const kind = kinds[(entry.externalFileAttributes >>> 16) & 0o170000]
  return kind ?? (entry.isEncrypted() ? 'encrypted' : null)
}

/** A member as the directory tells it. */
function memberOf(zip: ZipFile, entry: Entry, bytes: ZipBytes, windows: WindowMemory): Member {
  // Names are decoded here: the library would end at the first name that points outside, and no name is written to.
  const name = shownName(entry.fileName as unknown as Buffer)
  const special = specialKind(entry, name)
  const problems: string[] = []
  const content = async function* (): AsyncGenerator<Buffer> {
    let start: number
    try {
      ;({fileDataStart: start} = await zip.readLocalFileHeaderPromise(entry, {minimal: true}))
    } catch (error) {
      problems.push(`the member is damaged: ${(error as Error).message}`)
      return
    }
    const end = start + entry.compressedSize
    if (end > bytes.sizeBytes)
      problems.push(`the archive is cut short: it ends at byte ${bytes.sizeBytes}, this member at ${end}`)
    yield* zipContent(
      bytes.stream(start, Math.min(end, bytes.sizeBytes)),
      {method: entry.compressionMethod, crc: entry.crc32, sizeBytes: entry.uncompressedSize},
      (problem) => problems.push(problem),
      windows,
    )
  }
  return {
    name, sizeBytes: entry.uncompressedSize, modifiedAt: isoTime(entry.getLastModDate({timezone: 'UTC'}).getTime()), special,
    isPacked: true, chunks: special === null ? content() : nothing(), problem: () => (problems.length === 0 ? null : problems.join('; ')),
  } // prettier-ignore
}

/**
 * Members of a zip file, in the order of its directory; each member's checksum and size are verified (the library does not).
 * Where the directory is missing or broken, the other members are read by the headers in front of them.
 */
export function readZip(bytes: ZipBytes, windows = new WindowMemory()): Archive {
  const problems: string[] = []
  const members = async function* (): AsyncGenerator<Member> {
    const read = new Set<number>()
    try {
      const zip = await bytes.openDirectory({
        lazyEntries: true,
        autoClose: false,
        decodeStrings: false,
        validateEntrySizes: false,
      })
      try {
        for await (const entry of zip.eachEntry()) {
          read.add(entry.relativeOffsetOfLocalHeader)
          yield memberOf(zip, entry, bytes, windows)
        }
        return
      } finally {
        zip.close()
      }
    } catch (error) {
      problems.push(
        `the archive's directory is damaged or missing (${(error as Error).message.replace(/\.$/, '')}): members were looked for from its beginning, it ends at byte ${bytes.sizeBytes}`,
      )
    }
    yield* walkZip(
      bytes,
      (at) => read.has(at),
      (problem) => {
        if (problems.length < 4) problems.push(problem)
      },
      windows,
    )
  }
  return {members: members(), problem: () => (problems.length === 0 ? null : problems.join('; '))}
}
