import {crc32} from 'node:zlib'
import {unbzip2} from './bzip2.ts'
import type {Decoded} from './decoded.ts'
import {inflate} from './inflate.ts'
import {unxz} from './xz.ts'
import type {WindowMemory} from './window-memory.ts'
import {unzstd} from './zstd.ts'

/** What a zip says about a member: in its directory, or in front of the member itself. */
export interface ZipClaims {
  readonly method: number
  readonly crc: number | null
  readonly sizeBytes: number | null
}

/** Compression methods by their number (APPNOTE 4.4.5). */
const methods: Readonly<Record<number, (packed: AsyncIterable<Buffer>, windows: WindowMemory) => Decoded>> = {
  0: (packed) => ({chunks: packed, problem: () => null}),
  8: (packed) => inflate(packed),
  12: (packed) => unbzip2(packed),
  20: unzstd,
  93: unzstd,
  95: unxz,
}

/**
 * The content of a member; its checksum and size are verified.
 *
 * @param tell takes what is wrong with it
 * @param windows what its decoder shares with those around it
 */
export async function* zipContent(
  packed: AsyncIterable<Buffer>,
  claims: ZipClaims,
  tell: (problem: string) => void,
  windows: WindowMemory,
): AsyncGenerator<Buffer> {
  const decode = methods[claims.method]
  if (decode === undefined) {
    tell(`it is packed by method ${claims.method}, which is not known here: unpack it first and load the result`)
    return
  }
  let sum = 0
  let read = 0
  const decoded = decode(packed, windows)
  try {
    for await (const chunk of decoded.chunks) {
      sum = crc32(chunk, sum)
      read += chunk.length
      yield chunk
    }
  } catch (error) {
    tell(`the member is damaged: ${(error as Error).message}, after ${read} bytes`)
    return
  }
  const problem = decoded.problem()
  const ofAll = claims.sizeBytes === null ? '' : ` of ${claims.sizeBytes}`
  if (problem !== null) tell(`the member is damaged: ${problem}, after ${read}${ofAll} bytes`)
  else if (claims.sizeBytes !== null && read !== claims.sizeBytes)
    tell(`the member has ${read} bytes, where the archive says ${claims.sizeBytes}`)
  else if (claims.crc !== null && sum !== claims.crc)
    tell("the member's checksum is wrong: its bytes are not those that were packed")
}
