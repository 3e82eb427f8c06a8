import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {drain} from './decoders/decoded.ts'
import {gunzip, isGzip} from './decoders/gzip.ts'
import type {Archive, Member} from './decoders/tar.ts'
import type {Block, FromReader, Input, KnownSource, ReaderPlan, SourceReport, ToReader} from './messages.ts'
import type {FrameCounts} from './framing/frame-records.ts'
import {frameText} from './framing/frame-text.ts'
import {counting} from './framing/text-chunks.ts'
import {headBytes, recognise} from './recognise.ts'

const blockBytes = 4 << 20
const blocksUnderWay = 6
const inputsAtOnce = 2
const readBytes = 1 << 20

/** How the reader speaks to the outside. */
export interface ReaderOutside {
  readonly post: (message: FromReader, transfer?: ArrayBuffer[]) => void
  readonly count: (what: 'kibRead' | 'kibDecompressed' | 'inputsDone' | 'lines', amount: number) => void
}

export interface Reader {
  /** Reads all inputs, batch after batch; resolves when the last is handed over or a stop was asked for. */
  readonly run: () => Promise<void>
  readonly receive: (message: ToReader) => void
}

class Stopped extends Error {}

/** Bytes as found, hashed and counted while they pass. */
class Found {
  readonly #hash = createHash('sha256')
  sizeBytes = 0

  async *pass(chunks: AsyncIterable<Buffer>, onChunk: (bytes: number) => void): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk)
      this.sizeBytes += chunk.length
      onChunk(chunk.length)
      yield chunk
    }
  }

  digest(): string {
    return this.#hash.digest('hex')
  }
}

/** The first bytes of a stream, and the stream with them put back. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<{head: Buffer; all: AsyncGenerator<Buffer>}> {
  const iterator = chunks[Symbol.asyncIterator]()
  const taken: Buffer[] = []
  let size = 0
  while (size < headBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    taken.push(next.value)
    size += next.value.length
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    yield* taken
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) return
      yield next.value
    }
  }
  return {head: Buffer.concat(taken).subarray(0, headBytes), all: all()}
}

async function hashFile(path: string): Promise<string> {
  const found = new Found()
  await drain(found.pass(createReadStream(path, {highWaterMark: readBytes}), () => undefined))
  return found.digest()
}

interface Place {
  readonly path: string
  readonly member: string | null
  readonly modifiedAt: string | null
}

/**
 * Turns inputs into blocks of lines and reports about their sources. Knows files, gzip, tar and zip, and which source
 * is the same bytes as one that the case holds; knows nothing of the case itself.
 */
export function createReader(plan: ReaderPlan, outside: ReaderOutside): Reader {
  let nextSourceId = plan.nextSourceId
  let nextEventId = plan.nextEventId
  let batchBytes = 0
  let stopped = false
  let wake: (() => void)[] = []
  let mayGoOn = true
  const free: ArrayBuffer[] = []
  let underWay = 0
  const known: KnownSource[] = [...plan.known]

  const receive = (message: ToReader): void => {
    if (message.kind === 'release') {
      underWay--
      if (message.bytes.byteLength === blockBytes) free.push(message.bytes)
    } else if (message.kind === 'next-batch') mayGoOn = true
    else stopped = true
    const waiting = wake
    wake = []
    for (const go of waiting) go()
  }
  const waitFor = async (condition: () => boolean): Promise<void> => {
    for (;;) {
      if (stopped) throw new Stopped()
      if (condition()) return
      await new Promise<void>((resolve) => wake.push(resolve))
    }
  }
  const takeBuffer = async (sizeBytes: number): Promise<Buffer> => {
    await waitFor(() => underWay < blocksUnderWay)
    underWay++
    if (sizeBytes > blockBytes) return Buffer.allocUnsafeSlow(sizeBytes)
    return Buffer.from(free.pop() ?? new ArrayBuffer(blockBytes))
  }
  const report = (source: Omit<SourceReport, 'kind' | 'cluster' | 'apiserver'>): void => {
    if (source.sha256 !== null && source.status !== 'copy')
      known.push({...source, sha256: source.sha256, isArchive: source.format === 'tar' || source.format === 'zip'})
    outside.post({kind: 'source', cluster: plan.cluster, apiserver: null, ...source})
  }
  const counted = (what: 'kibRead' | 'kibDecompressed') => {
    let rest = 0
    return (bytes: number): void => {
      rest += bytes
      outside.count(what, rest >> 10)
      rest &= 1023
    }
  }

  /** Hands over the records of one source. */
  const handOver = async (sourceId: number, chunks: AsyncIterable<Buffer>): Promise<FrameCounts> => {
    const decompressed = counted('kibDecompressed')
    return frameText(counting(chunks, decompressed), {
      blockBytes,
      maxRecordBytes: plan.maxLineBytes,
      takeBuffer,
      onLongRecord: ({line, sizeBytes, beginning}) => {
        outside.post({
          kind: 'reject',
          sourceId,
          line,
          reason: `a record of ${sizeBytes} bytes, beyond the limit of ${plan.maxLineBytes} (--max-line)`,
          raw: beginning,
        })
      },
      emit: ({bytes, isWholeBuffer, texts, ...rest}) => {
        outside.count('lines', texts)
        batchBytes += bytes.length
        const buffer = isWholeBuffer ? (bytes.buffer as ArrayBuffer) : new Uint8Array(bytes).buffer
        const block: Block = {
          ...rest,
          kind: 'block', sourceId, cluster: plan.cluster, apiserver: null,
          firstEventId: nextEventId, bytes: buffer, length: bytes.length,
        } // prettier-ignore
        nextEventId += texts
        outside.post(block, [buffer])
      },
    })
  }

  /** One stream of bytes as found: recognised, decompressed, and its lines handed over or its members read. */
  const readStream = async (
    place: Place,
    found: Found,
    chunks: AsyncIterable<Buffer>,
    again?: () => AsyncIterable<Buffer>,
    outerProblem: () => string | null = () => null,
  ): Promise<void> => {
    const sourceId = nextSourceId++
    let compression = 'none'
    const outer = await peek(chunks)
    let {head} = outer
    let inner: AsyncIterable<Buffer> = outer.all
    let decodingProblem: () => string | null = () => null
    if (isGzip(head)) {
      compression = 'gzip'
      const decoded = gunzip(outer.all, again)
      decodingProblem = decoded.problem
      const peeked = await peek(decoded.chunks)
      head = peeked.head
      inner = peeked.all
    }
    const what = recognise(head)
    const base = {sourceId, path: place.path, member: place.member, modifiedAt: place.modifiedAt, copyOf: null}
    const finish = (rest: {
      status: SourceReport['status']
      format: string | null
      problem: string | null
      counts?: FrameCounts
    }): void => {
      const problem =
        [outerProblem(), decodingProblem(), rest.problem].filter((text) => text !== null).join('; ') || null
      const damaged = outerProblem() !== null || decodingProblem() !== null
      report({
        ...base,
        sha256: outerProblem() !== null && place.member === null ? null : found.digest(), sizeBytes: found.sizeBytes, compression, format: rest.format,
        status: damaged && rest.status !== 'failed' ? (found.sizeBytes === 0 ? 'failed' : 'partial') : rest.status,
        problem, unendedLine: rest.counts?.unendedLine ?? null, records: rest.counts?.records ?? 0,
      }) // prettier-ignore
    }
    if (what.kind === 'text') {
      const counts = await handOver(sourceId, inner)
      const lastLine =
        decodingProblem() === null && outerProblem() === null ? null : `line ${counts.unendedLine ?? 'after the last'}`
      finish({
        status: counts.problem === null ? 'read' : 'partial',
        format: 'jsonl',
        problem:
          [counts.problem, lastLine, counts.escaped ? 'bytes that are not UTF-8 stand escaped as \\\\xNN' : null]
            .filter((text) => text !== null)
            .join('; ') || null,
        counts,
      })
    } else if (what.kind === 'tar' && place.member === null) {
      const {readTar} = await import('./decoders/tar.ts')
      const problem = await readMembers(place, readTar(inner))
      finish({status: problem === null ? 'container' : 'partial', format: 'tar', problem})
    } else if (what.kind === 'zip' && place.member === null && compression === 'none' && place.path !== '-') {
      await drain(inner)
      const {readZip} = await import('./decoders/zip.ts')
      const problem = await readMembers(place, readZip(place.path))
      finish({status: problem === null ? 'container' : 'partial', format: 'zip', problem})
    } else {
      await drain(inner)
      if (what.kind === 'skipped') finish({status: 'skipped', format: null, problem: what.reason})
      else
        finish({
          status: 'failed',
          format: null,
          problem:
            what.kind === 'unsupported'
              ? what.reason
              : `${what.kind} inside ${place.member === null ? 'gzip or standard input' : 'an archive'}: unpack it first and load the result`,
        })
    }
  }

  const readMembers = async (place: Place, archive: Archive): Promise<string | null> => {
    for await (const member of archive.members) await readMember(place, member)
    return archive.problem()
  }

  const readMember = async (place: Place, member: Member): Promise<void> => {
    if (member.special === 'directory') return
    const memberPlace = {path: place.path, member: member.name, modifiedAt: member.modifiedAt}
    if (member.special !== null) {
      report({
        ...memberPlace, sourceId: nextSourceId++, sha256: null, sizeBytes: member.sizeBytes, compression: null, format: null, copyOf: null,
        status: member.special === 'encrypted' ? 'failed' : 'skipped', problem: member.special === 'encrypted' ? 'encrypted: unpack it first and load the result' : `a ${member.special}, no file`, unendedLine: null, records: 0,
      }) // prettier-ignore
      return
    }
    const found = new Found()
    await readStream(
      memberPlace,
      found,
      found.pass(member.chunks, () => undefined),
      undefined,
      member.problem,
    )
  }

  const readInput = async (input: Input): Promise<void> => {
    const onBytes = counted('kibRead')
    let readError: NodeJS.ErrnoException | null = null
    const open = async function* (): AsyncGenerator<Buffer> {
      try {
        if (input.path === '-') yield* (await import('./standard-input.ts')).stdin()
        else yield* createReadStream(input.path, {highWaterMark: readBytes}) as AsyncIterable<Buffer>
      } catch (error) {
        readError = error as NodeJS.ErrnoException
      }
    }
    try {
      if (
        input.path !== '-' &&
        known.some((source) => source.member === null && source.sizeBytes === input.sizeBytes)
      ) {
        const sha256 = await hashFile(input.path)
        const same = known.filter((source) => source.member === null && source.sha256 === sha256)
        if (same.some((source) => source.path === input.path)) {
          onBytes(input.sizeBytes)
          outside.post({kind: 'known', path: input.path})
          return
        }
        const first = same.find((source) => !source.isArchive)
        if (first !== undefined) {
          onBytes(input.sizeBytes)
          report({
            sourceId: nextSourceId++, path: input.path, member: null, sha256, sizeBytes: input.sizeBytes, modifiedAt: input.modifiedAt,
            compression: null, format: null, status: 'copy', problem: null, copyOf: first.sourceId, unendedLine: null, records: 0,
          }) // prettier-ignore
          return
        }
      }
      const found = new Found()
      const problem = () =>
        readError === null ? null : `could not be read beyond byte ${found.sizeBytes}: ${readError.message}`
      const again = input.path === '-' ? undefined : open
      await readStream({...input, member: null}, found, found.pass(open(), onBytes), again, problem)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
      report({
        sourceId: nextSourceId++, path: input.path, member: null, sha256: null, sizeBytes: input.sizeBytes, modifiedAt: input.modifiedAt,
        compression: null, format: null, status: 'failed', problem: (error as Error).message, copyOf: null, unendedLine: null, records: 0,
      }) // prettier-ignore
    }
  }

  const run = async (): Promise<void> => {
    let at = 0
    try {
      for (;;) {
        await waitFor(() => mayGoOn)
        mayGoOn = false
        batchBytes = 0
        const lane = async (): Promise<void> => {
          while (at < plan.inputs.length && batchBytes < plan.batchBytes) {
            await readInput(plan.inputs[at++] as Input)
            outside.count('inputsDone', 1)
          }
        }
        await Promise.all(Array.from({length: inputsAtOnce}, lane))
        const last = at >= plan.inputs.length
        outside.post({kind: 'batch-end', last, nextSourceId, nextEventId})
        if (last) return
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    }
  }
  return {run, receive}
}
