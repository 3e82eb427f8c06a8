import {crc32} from 'node:zlib'
import {drain} from './decoded.ts'
import {inflate, type Inflated} from './inflate.ts'
import {nothing, shownName, type Member} from './member.ts'
import type {ZipBytes} from './zip-bytes.ts'
import type {WindowMemory} from './window-memory.ts'
import {zipContent} from './zip-content.ts'

const memberMagic = Buffer.from('PK\x03\x04', 'latin1')
const descriptorMagic = 0x08074b50
const scanBytes = 1 << 20
const headerBytes = 30

/** The next place at which a member's header may begin; NULL where there is none. */
async function findHeader(bytes: ZipBytes, from: number): Promise<number | null> {
  for (let at = from; at < bytes.sizeBytes; at += scanBytes) {
    const found = (await bytes.read(at, scanBytes + memberMagic.length - 1)).indexOf(memberMagic)
    if (found >= 0) return at + found
  }
  return null
}

/** Sizes beyond 4 GiB stand in an extra field (APPNOTE 4.5.3). */
function zip64Sizes(extra: Buffer, sizeBytes: number, packedBytes: number): {sizeBytes: number; packedBytes: number} {
  const sizes = {sizeBytes, packedBytes}
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue
    let value = at + 4
    for (const which of ['sizeBytes', 'packedBytes'] as const) {
      if (sizes[which] !== 0xffffffff || value + 8 > extra.length) continue
      sizes[which] = Number(extra.readBigUInt64LE(value))
      value += 8
    }
  }
  return sizes
}

/** Size of what stands behind a member whose sizes were not known when it was begun: with or without a mark, 4 or 8 bytes a size. */
async function descriptorBytes(bytes: ZipBytes, at: number): Promise<number> {
  const after = await bytes.read(at, 26)
  const mark = after.length >= 4 && after.readUInt32LE(0) === descriptorMagic ? 4 : 0
  const isNext = (size: number): boolean => after[size] === 0x50 && after[size + 1] === 0x4b
  if (isNext(mark + 12)) return mark + 12
  if (isNext(mark + 20)) return mark + 20
  return mark === 0 ? 0 : mark + 12
}

/**
 * Members of a zip whose directory is missing or broken, by the headers in front of each of them.
 *
 * @param isRead tells which members, by the place of their headers, were read by the directory
 * @param tell takes what is no member on the way
 */
export async function* walkZip(
  bytes: ZipBytes,
  isRead: (at: number) => boolean,
  tell: (problem: string) => void,
  windows: WindowMemory,
): AsyncGenerator<Member> {
  for (let at = 0; at < bytes.sizeBytes;) {
    const header = await bytes.read(at, headerBytes)
    const isHeader = header.length === headerBytes && header.subarray(0, 4).equals(memberMagic)
    if (!isHeader) {
      const magic = header.length >= 4 ? header.readUInt32LE(0) : 0
      if (magic === 0x02014b50 || magic === 0x06054b50 || magic === 0x06064b50) return
      const next = await findHeader(bytes, at + 1)
      if (next === null) {
        if (header.length > 0) tell(`what stands from byte ${at} to its end at byte ${bytes.sizeBytes} is no member`)
        return
      }
      tell(`bytes ${at} to ${next} are no member`)
      at = next
      continue
    }
    const flags = header.readUInt16LE(6)
    const method = header.readUInt16LE(8)
    const nameBytes = header.readUInt16LE(26)
    const extraBytes = header.readUInt16LE(28)
    const texts = await bytes.read(at + headerBytes, nameBytes + extraBytes)
    const start = at + headerBytes + nameBytes + extraBytes
    const hasDescriptor = (flags & 8) !== 0
    const claimed = zip64Sizes(texts.subarray(nameBytes), header.readUInt32LE(22), header.readUInt32LE(18))
    const isUnknown = hasDescriptor && claimed.packedBytes === 0
    const isEncrypted = (flags & 0x41) !== 0
    const name = shownName(texts.subarray(0, nameBytes))
    const special = isEncrypted ? 'encrypted' : name.endsWith('/') ? 'directory' : null
    // Where its length stands behind it, a deflated member tells its own end; another ends where the next one begins.
    const endsItself = isUnknown && method === 8 && !isEncrypted
    let end = start + claimed.packedBytes
    if (isUnknown) end = endsItself ? bytes.sizeBytes : ((await findHeader(bytes, start)) ?? bytes.sizeBytes)
    const problems: string[] = []
    const add = (problem: string): void => void problems.push(problem)
    const own: {inflated: Inflated | null; isWhole: boolean} = {inflated: null, isWhole: false}
    const content = async function* (): AsyncGenerator<Buffer> {
      if (endsItself) {
        const inflated = inflate(bytes.stream(start, end))
        own.inflated = inflated
        let sum = 0
        for await (const chunk of inflated.chunks) {
          sum = crc32(chunk, sum)
          yield chunk
        }
        const problem = inflated.problem()
        own.isWhole = problem === null
        if (problem !== null) add(`the member is damaged: ${problem}`)
        else {
          const behind = await bytes.read(start + inflated.packedBytes(), 8)
          const at = behind.length === 8 && behind.readUInt32LE(0) === descriptorMagic ? 4 : 0
          if (behind.length < at + 4 || behind.readUInt32LE(at) !== sum)
            add("the member's checksum is wrong: its bytes are not those that were packed")
        }
        return
      }
      if (end > bytes.sizeBytes)
        add(
          `the archive is cut short: ${Math.max(0, bytes.sizeBytes - start)} of ${claimed.packedBytes} bytes of this member are there`,
        )
      const claims = {
        method,
        crc: hasDescriptor ? null : header.readUInt32LE(14),
        sizeBytes: isUnknown ? null : claimed.sizeBytes,
      }
      yield* zipContent(bytes.stream(start, Math.min(end, bytes.sizeBytes)), claims, add, windows)
    }
    if (!isRead(at)) {
      yield {
        name, sizeBytes: isUnknown ? 0 : claimed.sizeBytes, modifiedAt: null, special,
        isPacked: true, chunks: special === null ? content() : nothing(), problem: () => (problems.length === 0 ? null : problems.join('; ')),
      } // prettier-ignore
    }
    if (endsItself) {
      if (own.inflated === null) await drain(content())
      end =
        own.isWhole && own.inflated !== null
          ? start + own.inflated.packedBytes()
          : ((await findHeader(bytes, start)) ?? bytes.sizeBytes)
    }
    if (hasDescriptor) end += await descriptorBytes(bytes, end)
    at = Math.max(end, at + headerBytes)
  }
}
