import type {FrameCounts, LongRecord} from '../../src/load/framing/frame-records.ts'
import {frameText} from '../../src/load/framing/frame-text.ts'
import type {RecordBlock} from '../../src/load/framing/record-blocks.ts'

/** A record as it is handed over. */
export interface Framed {
  readonly line: number
  readonly item: number | null
  readonly text: string
  readonly context: string | null
  readonly isPlain: boolean
}

export interface FramedText {
  readonly records: readonly Framed[]
  readonly long: readonly LongRecord[]
  readonly counts: FrameCounts
  readonly biggestBlock: number
  readonly blocks: number
}

function recordsOf(block: RecordBlock): Framed[] {
  const {bytes, firstLine, places, context, isPlain} = block
  const texts = Buffer.from(bytes)
    .toString('utf8')
    .split(places === null ? '\n' : '\x1e')
  const placed = places?.split(' ')
  return texts.map((text, nth) => {
    const [line = '', item = ''] = placed?.[nth]?.split(',') ?? [`${firstLine + nth}`]
    return {
      line: Number(line),
      item: item === '' ? null : Number(item),
      text: block.hasCarriageReturns ? text.replace(/\r+$/, '') : text,
      context,
      isPlain,
    }
  })
}

/** What the framer makes of a text that comes in chunks. Blank texts are left out. */
export async function frame(
  chunks: readonly Buffer[],
  {blockBytes = 4096, maxRecordBytes = 1 << 20} = {},
): Promise<FramedText> {
  const records: Framed[] = []
  const long: LongRecord[] = []
  let biggestBlock = 0
  let blocks = 0
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield await Promise.resolve(chunk)
  }
  const counts = await frameText(source(), {
    blockBytes,
    maxRecordBytes,
    takeBuffer: (size) => Promise.resolve(Buffer.alloc(size, 'x')), // left-over bytes must never show
    onLongRecord: (record) => long.push(record),
    emit: (block) => {
      blocks++
      biggestBlock = Math.max(biggestBlock, block.bytes.length)
      const found = recordsOf(block)
      if (found.length !== block.texts) throw new Error(`${block.texts} texts were told, ${found.length} are there`)
      if (block.places !== null && block.places.split(' ').length !== found.length)
        throw new Error('places and texts differ')
      records.push(...found.filter(({text}) => !/^[ \t\v\f\r\0]*$/.test(text)))
    },
  })
  return {records, long, counts, biggestBlock, blocks}
}

/** A text cut into chunks at places. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((place, i) => bytes.subarray(places[i], place))
}
