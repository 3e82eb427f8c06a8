import {ByteSource, isZeros} from './byte-source.ts'
import {isoTime, nothing, shownName, type Archive, type Member} from './member.ts'
import {isTarHeader, readPax, readTarHeader, tarBlockBytes, type TarHeader} from './tar-header.ts'

/** Longest name or pax header that is taken, in bytes. */
const mostHeaderBytes = 1 << 20
const scanBytes = 1 << 16

const kinds: Readonly<Record<string, string>> = {
  '1': 'hard link',
  '2': 'symlink',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'fifo',
  V: 'volume name',
  D: 'directory',
}

/** What headers before a member's own say about it. */
interface Extra {
  name: Buffer | null
  pax: Map<string, string>
}

const padded = (bytes: number): number => Math.ceil(bytes / tarBlockBytes) * tarBlockBytes

/**
 * Passes over bytes to the next header that holds, at whatever byte it stands.
 *
 * @returns how many bytes were passed over, and whether all of them were zeros
 */
async function resync(source: ByteSource): Promise<{readonly found: boolean; readonly onlyZeros: boolean}> {
  let onlyZeros = true
  for (;;) {
    const window = await source.peek(scanBytes)
    let candidate = -1
    for (let at = 0; candidate < 0 && at + tarBlockBytes <= window.length; at += tarBlockBytes)
      if (isTarHeader(window.subarray(at))) candidate = at
    for (let word = window.indexOf('ustar'); word >= 0; word = window.indexOf('ustar', word + 1)) {
      const at = word - 257
      if (at < 0 || (candidate >= 0 && at >= candidate)) continue
      if (isTarHeader(window.subarray(at))) candidate = at
    }
    if (candidate >= 0) {
      onlyZeros &&= isZeros(window.subarray(0, candidate))
      await source.skip(candidate)
      return {found: true, onlyZeros}
    }
    // A header may begin in what is left, if more follows.
    const passed = window.length < scanBytes ? window.length : window.length - tarBlockBytes
    onlyZeros &&= isZeros(window.subarray(0, passed))
    await source.skip(passed)
    if (window.length < scanBytes) return {found: false, onlyZeros}
  }
}

/** The map at the beginning of a sparse file's data (GNU.sparse 1.0): a count and pairs of numbers, a line each. */
async function skipSparseMap(source: ByteSource, sizeBytes: number): Promise<number> {
  let taken = 0
  let lines = 0
  let first = ''
  for (let wanted = Infinity; lines < wanted && taken < Math.min(sizeBytes, mostHeaderBytes);) {
    const block = await source.take(tarBlockBytes)
    if (block.length === 0) break
    taken += block.length
    for (const byte of block) {
      if (byte === 10) lines++
      else if (lines === 0) first += String.fromCharCode(byte)
    }
    if (lines > 0) wanted = 1 + 2 * Number(first)
  }
  return taken
}

/**
 * Members of a tar stream, in its order, without unpacking it. A cut archive hands over what stands before the cut; after
 * bytes that are no header the next one that holds is looked for. What stands after an end mark is read as well.
 * Holes of sparse files are left out.
 */
export function readTar(chunks: AsyncIterable<Buffer>): Archive {
  const source = new ByteSource(chunks)
  const problems: string[] = []
  const tell = (problem: string): void => {
    if (problems.length < 3) problems.push(problem)
    else if (problems.length === 3) problems.push('and further damage')
  }

  const readMember = (header: TarHeader, extra: Extra): {member: Member; finish: () => Promise<void>} => {
    const paxSize = Number(extra.pax.get('size') ?? Number.NaN)
    const size = Number.isSafeInteger(paxSize) && paxSize >= 0 ? paxSize : header.sizeBytes
    const isSparse = extra.pax.get('GNU.sparse.major') === '1'
    const paxName = extra.pax.get('GNU.sparse.name') ?? extra.pax.get('path')
    const name = paxName === undefined ? (extra.name ?? header.name) : Buffer.from(paxName, 'latin1')
    const paxTime = Number(extra.pax.get('mtime') ?? Number.NaN)
    const special = name.at(-1) === 0x2f && header.type === '0' ? 'directory' : (kinds[header.type] ?? null)
    // A link's size is that of the file it leads to (old tars); it has no data.
    const stored = special === null || header.type === 'D' ? size : 0
    let read = 0
    let problem: string | null = null
    const content = async function* (): AsyncGenerator<Buffer> {
      if (isSparse && read === 0) read += await skipSparseMap(source, stored)
      while (read < stored) {
        const some = await source.takeSome(stored - read)
        if (some.length === 0) {
          problem = `the archive is cut short: ${read} of ${stored} bytes of this member are there`
          return
        }
        read += some.length
        yield some
      }
    }
    const finish = async (): Promise<void> => {
      if (read < stored) read += await source.skip(stored - read)
      const padding = padded(stored) - stored
      if (read < stored || (await source.skip(padding)) < padding)
        tell(`the archive is cut short at byte ${source.position}`)
    }
    const member = {
      name: shownName(name), sizeBytes: size, modifiedAt: isoTime((Number.isFinite(paxTime) ? paxTime : header.modifiedAt) * 1000),
      special, isPacked: false, chunks: special === null ? content() : nothing(), problem: () => problem,
    } // prettier-ignore
    return {member, finish}
  }

  const members = async function* (): AsyncGenerator<Member> {
    let extra: Extra = {name: null, pax: new Map()}
    let globalPax = new Map<string, string>()
    let hasEndMark = false
    while ((await source.fill(1)) > 0) {
      const at = source.position
      const block = await source.peek(tarBlockBytes)
      const header = block.length < tarBlockBytes ? null : readTarHeader(block)
      if (header === null) {
        if (isZeros(block)) {
          hasEndMark ||= block.length === tarBlockBytes
          await source.skip(block.length)
          continue
        }
        // Any padding after the end mark is a tape's; a damaged header is none.
        const {found} = await resync(source)
        if (block.length < tarBlockBytes) tell(`the archive is cut short at byte ${source.position}`)
        else
          tell(
            found
              ? `the archive is damaged: bytes ${at} to ${source.position} are no tar; what follows is read`
              : `the archive is damaged: what stands from byte ${at} to its end at byte ${source.position} is no tar`,
          )
        extra = {name: null, pax: new Map()}
        continue
      }
      hasEndMark = false
      await source.skip(tarBlockBytes)
      if (['L', 'K', 'x', 'X', 'g'].includes(header.type)) {
        const taken = await source.take(Math.min(header.sizeBytes, mostHeaderBytes))
        const rest = padded(header.sizeBytes) - taken.length
        if ((await source.skip(rest)) < rest) tell(`the archive is cut short at byte ${source.position}`)
        if (header.sizeBytes > mostHeaderBytes)
          tell(`the archive is damaged: a name of ${header.sizeBytes} bytes at byte ${at}`)
        else if (header.type === 'L')
          extra.name = taken.subarray(0, taken.indexOf(0) < 0 ? taken.length : taken.indexOf(0))
        else if (header.type === 'g') globalPax = new Map([...globalPax, ...readPax(taken)])
        else if (header.type !== 'K') extra.pax = new Map([...extra.pax, ...readPax(taken)])
        continue
      }
      for (let more = header.hasMoreMap; more;) {
        const map = await source.take(tarBlockBytes)
        more = map.length === tarBlockBytes && map[504] === 1
      }
      const {member, finish} = readMember(header, {name: extra.name, pax: new Map([...globalPax, ...extra.pax])})
      extra = {name: null, pax: new Map()}
      yield member
      await finish()
    }
    if (!hasEndMark && problems.length === 0)
      tell(`the archive has no end mark, so members may be missing: it ends at byte ${source.position}`)
  }
  const all = async function* (): AsyncGenerator<Member> {
    try {
      yield* members()
    } finally {
      // Whoever stops before the end still has a hash that sees every byte.
      await source.rest()
    }
  }
  return {members: all(), problem: () => (problems.length === 0 ? null : problems.join('; '))}
}
