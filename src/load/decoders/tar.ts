import {Readable} from 'node:stream'
import tar from 'tar-stream'
import {drain} from './decoded.ts'

/** A member of an archive, handed over while the archive is read: take its chunks before the next one comes. */
export interface Member {
  /** As the archive names it; never used to write anything. */
  readonly name: string
  readonly sizeBytes: number
  readonly modifiedAt: string | null
  /** What it is where it is no plain file: `symlink`, `directory`, … Such a member has no content. */
  readonly special: string | null
  readonly chunks: AsyncIterable<Buffer>
  /** What broke while it was read; valid after `chunks` has ended. */
  readonly problem: () => string | null
}

/** What was read of an archive. `problem` tells, after the last member, where the archive itself broke. */
export interface Archive {
  readonly members: AsyncIterable<Member>
  readonly problem: () => string | null
}

const blockBytes = 512

/** Zero bytes at the end of a chunk. */
function zerosAtEndOf(chunk: Uint8Array): number {
  let zeros = 0
  while (zeros < chunk.length && chunk[chunk.length - 1 - zeros] === 0) zeros++
  return zeros
}

/** Members of a tar stream, in its order, without unpacking it. A cut archive hands over what stands before the cut. */
export function readTar(chunks: AsyncIterable<Buffer>): Archive {
  let problem: string | null = null
  const members = async function* (): AsyncGenerator<Member> {
    const extract = tar.extract()
    let bytes = 0
    let zerosAtEnd = 0
    let inputError: unknown
    const counted = async function* () {
      for await (const chunk of chunks) {
        bytes += chunk.length
        const zeros = zerosAtEndOf(chunk)
        zerosAtEnd = zeros === chunk.length ? zerosAtEnd + zeros : zeros
        yield chunk
      }
    }
    const source = Readable.from(counted(), {objectMode: false})
    source.once('error', (error) => {
      inputError = error
      extract.destroy(error)
    })
    source.pipe(extract)
    try {
      for await (const entry of extract) {
        // The types promise what a damaged or unusual header does not hold.
        const header: {
          readonly name: string
          readonly size?: number
          readonly type?: string | null
          readonly mtime?: Date
        } = entry.header
        const {size = 0, mtime} = header
        let memberProblem: string | null = null
        let read = 0
        const content = async function* (): AsyncGenerator<Buffer> {
          try {
            for await (const chunk of entry as AsyncIterable<Buffer>) {
              read += chunk.length
              yield chunk
            }
          } catch (error) {
            memberProblem = `the archive is cut short: ${read} of ${size} bytes of this member are there (${(error as Error).message})`
            return
          }
          if (read < size) memberProblem = `the archive is cut short: ${read} of ${size} bytes of this member are there`
        }
        const plain = header.type === 'file' || header.type === 'contiguous-file' || header.type == null
        yield {
          name: header.name,
          sizeBytes: size,
          modifiedAt: mtime !== undefined && Number.isFinite(mtime.getTime()) ? mtime.toISOString() : null,
          special: plain ? null : (header.type ?? null),
          chunks: content(),
          problem: () => memberProblem,
        }
        entry.resume()
      }
    } catch (error) {
      if (inputError !== undefined) throw error
      problem = `the archive is damaged: ${(error as Error).message}, byte ${bytes}`
    }
    // What follows the end mark is read all the same, so that a hash beside it sees every byte.
    await drain(source as AsyncIterable<Buffer>)
    if (problem === null && zerosAtEnd < blockBytes)
      problem = `the archive has no end mark, so members may be missing: it ends at byte ${bytes}`
  }
  return {members: members(), problem: () => problem}
}
