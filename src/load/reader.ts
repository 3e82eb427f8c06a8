import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {Budget} from './budget.ts'
import {drain, type Decoded} from './decoders/decoded.ts'
import type {Archive, Member} from './decoders/member.ts'
import type {FromReader, Input, ReaderPlan, SourceReport, ToReader} from './messages.ts'
import {KnownFiles} from './known-files.ts'
import {Parcels} from './parcels.ts'
import type {FrameCounts} from './framing/record-outlet.ts'
import {frameText} from './framing/frame-text.ts'
import {beginningOf, counting} from './framing/text-chunks.ts'
import {lookAhead} from './look-ahead.ts'
import {headBytes, recognise} from './recognise.ts'
import {namedByPath} from './named-by-path.ts'
import {Spool} from './spool.ts'
import {decompress, type Compression} from './decoders/decompress.ts'

const blockBytes = 4 << 20
const blocksUnderWay = 6
/** One that was handed over is given back with the next; the other lane may be filling one. */
const largeUnderWay = 3
const inputsAtOnce = 2
const readBytes = 1 << 20
const reportsAtOnce = 500

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

/** The bytes of a file; where it grows while it is read, those that it had when it was found. */
function readFile({path, pathBytes, sizeBytes}: Input): AsyncIterable<Buffer> {
  return createReadStream(pathBytes === undefined ? path : Buffer.from(pathBytes), {
    highWaterMark: readBytes,
    // Some files of the kernel have bytes and no size.
    ...(sizeBytes > 0 ? {end: sizeBytes - 1} : {}),
  }) as AsyncIterable<Buffer>
}

async function hashFile(input: Input): Promise<string> {
  const found = new Found()
  await drain(found.pass(readFile(input), () => undefined))
  return found.digest()
}

interface Place {
  readonly path: string
  readonly member: string | null
  readonly modifiedAt: string | null
}

/** A stream of bytes as found, and what is known of it. */
interface Stream {
  readonly place: Place
  readonly found: Found
  readonly chunks: AsyncIterable<Buffer>
  /** Opens the same bytes once more, where that is possible. */
  readonly again?: (() => AsyncIterable<Buffer>) | undefined
  /** What broke around it. */
  readonly outerProblem: () => string | null
  /** What the whole input may still unpack. */
  readonly budget: Budget
  /** Compressions and archives around it. */
  readonly depth: number
  /** The file that it is, where it is one. */
  readonly file?: Buffer | string
}

/**
 * Turns inputs into blocks of lines and reports about their sources. Knows files, compressions and archives, and which source
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
  const known = new KnownFiles(plan.known)
  const reports: SourceReport[] = []
  let batchSources = 0
  const spool = new Spool(plan.spoolFolder, plan.limits.maxSpoolBytes)

  const wakeAll = (): void => {
    const waiting = wake
    wake = []
    for (const go of waiting) go()
  }
  const giveBack = (buffer: ArrayBuffer | null): void => {
    underWay--
    if (buffer?.byteLength === blockBytes) free.push(buffer)
    wakeAll()
  }
  const receive = (message: ToReader): void => {
    if (message.kind === 'release') {
      giveBack(message.bytes)
      return
    }
    if (message.kind === 'next-batch') mayGoOn = true
    else stopped = true
    wakeAll()
  }
  const waitFor = async (condition: () => boolean): Promise<void> => {
    for (;;) {
      if (stopped) throw new Stopped()
      if (condition()) return
      await new Promise<void>((resolve) => wake.push(resolve))
    }
  }
  const takeBuffer = async (sizeBytes: number): Promise<Buffer> => {
    // Few large ones: memory of that size stands around until it is collected.
    await waitFor(() => underWay < (sizeBytes > blockBytes ? largeUnderWay : blocksUnderWay))
    underWay++
    if (sizeBytes > blockBytes) return Buffer.allocUnsafeSlow(sizeBytes)
    return Buffer.from(free.pop() ?? new ArrayBuffer(blockBytes))
  }
  const parcels = new Parcels((parcel) => {
    underWay++
    outside.post(parcel, [parcel.bytes])
  })
  const postReports = (): void => {
    if (reports.length > 0) outside.post({kind: 'sources', reports: reports.splice(0)})
  }
  const report = (source: Omit<SourceReport, 'cluster' | 'apiserver'>): void => {
    const {sourceId, path, sha256, sizeBytes, format} = source
    if (sha256 !== null && source.member === null && source.status !== 'copy')
      known.add({sourceId, path, sha256, sizeBytes, isArchive: format === 'tar' || format === 'zip'})
    batchSources++
    reports.push({cluster: plan.cluster, apiserver: null, ...source})
    if (reports.length >= reportsAtOnce) postReports()
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
  const handOver = async (
    sourceId: number,
    apiserver: string | null,
    chunks: AsyncIterable<Buffer>,
  ): Promise<FrameCounts> => {
    const decompressed = counted('kibDecompressed')
    const cut = {isTrue: false}
    const {beginningBytes} = plan
    const text = counting(chunks, decompressed)
    const counts = await frameText(
      beginningBytes === null ? text : beginningOf(text, beginningBytes, () => (cut.isTrue = true)),
      {
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
          const block = {...rest, sourceId, cluster: plan.cluster, apiserver, firstEventId: nextEventId}
          nextEventId += texts
          if (bytes.length < Parcels.smallBytes) {
            parcels.add(block, bytes)
            giveBack(isWholeBuffer ? (bytes.buffer as ArrayBuffer) : null)
          } else {
            const buffer = isWholeBuffer ? (bytes.buffer as ArrayBuffer) : new Uint8Array(bytes).buffer
            outside.post({kind: 'parcel', bytes: buffer, blocks: [{...block, start: 0, length: bytes.length}]}, [
              buffer,
            ])
          }
        },
      },
    )
    return cut.isTrue ? {...counts, problem: null} : counts
  }

  /** One stream of bytes as found: recognised, decompressed, and its lines handed over or its members read. */
  const readStream = async (stream: Stream): Promise<void> => {
    const {place, found, outerProblem, budget} = stream
    const sourceId = nextSourceId++
    const compressions: Compression[] = []
    const layers: Decoded[] = []
    let {head, all: inner} = await lookAhead(stream.chunks, headBytes)
    let what = recognise(head)
    const depth = (): number => stream.depth + compressions.length
    while (what.kind === 'compressed' && depth() < budget.limits.maxDepth) {
      const {compression} = what
      const decoded = budget.meter(
        await decompress(compression, inner, layers.length === 0 ? stream.again : undefined, budget.windows),
      )
      compressions.push(compression)
      layers.push(decoded)
      ;({head, all: inner} = await lookAhead(decoded.chunks, headBytes))
      what = recognise(head)
    }
    const base = {sourceId, path: place.path, member: place.member, modifiedAt: place.modifiedAt, copyOf: null}
    const compression = compressions.length === 0 ? 'none' : compressions.join('+')
    let isCutHere = false
    // What a limit kept from being read is read again when it is loaded again; a hash would say that all of it is here.
    const isHashed = (): boolean =>
      plan.beginningBytes === null &&
      (place.member === null ? outerProblem() === null && !budget.isCut : budget.exceeded === null && !isCutHere)
    const finish = (rest: {
      status: SourceReport['status']
      format: string | null
      problem: string | null
      counts?: FrameCounts
    }): void => {
      const broken = [outerProblem(), ...layers.map(({problem}) => problem())].filter((text) => text !== null)
      const problem = [...broken, ...(rest.problem === null ? [] : [rest.problem])].join('; ') || null
      report({
        ...base,
        sha256: isHashed() ? found.digest() : null, sizeBytes: found.sizeBytes, compression, format: rest.format,
        status: broken.length > 0 && rest.status !== 'failed' ? (found.sizeBytes === 0 ? 'failed' : 'partial') : rest.status,
        problem, unendedLine: rest.counts?.unendedLine ?? null, records: rest.counts?.records ?? 0,
      }) // prettier-ignore
    }
    const isBroken = (): boolean => outerProblem() !== null || layers.some(({problem}) => problem() !== null)
    const named = namedByPath(place.path, place.member)
    if (what.kind === 'text' && named.notLog !== null) {
      await drain(inner)
      finish({status: 'skipped', format: null, problem: named.notLog})
      return
    }
    if (what.kind === 'text') {
      const text =
        what.encoding === 'utf-8' ? null : (await import('./decoders/utf16.ts')).decodeUtf16(inner, what.encoding)
      if (text !== null) layers.push(text)
      const counts = await handOver(sourceId, named.apiserver, text?.chunks ?? inner)
      const lastLine = isBroken() ? `line ${counts.unendedLine ?? 'after the last'}` : null
      finish({
        status: counts.problem === null ? 'read' : 'partial',
        format: 'jsonl',
        problem:
          [counts.problem, lastLine, counts.escaped ? 'bytes that are not UTF-8 stand escaped as \\\\xNN' : null]
            .filter((text) => text !== null)
            .join('; ') || null,
        counts,
      })
      return
    }
    if (what.kind === 'skipped' || what.kind === 'unsupported') {
      await drain(inner)
      const isEmptyByDamage = head.length === 0 && isBroken()
      finish({
        status: what.kind === 'skipped' ? 'skipped' : 'failed',
        format: null,
        problem: isEmptyByDamage ? null : what.reason,
      })
      return
    }
    if (depth() >= budget.limits.maxDepth) {
      await drain(inner)
      isCutHere = true
      budget.cut()
      finish({
        status: 'failed',
        format: null,
        problem: `nested deeper than ${budget.limits.maxDepth} archives and compressions (--max-depth)`,
      })
      return
    }
    const within = {place, budget, depth: depth() + 1}
    if (what.kind === 'tar') {
      const {readTar} = await import('./decoders/tar.ts')
      const problem = await readMembers(within, readTar(inner))
      finish({status: problem === null ? 'container' : 'partial', format: 'tar', problem})
    } else {
      const problem = await readZipMembers(within, inner, compressions.length === 0 ? stream.file : undefined)
      finish({status: problem === null ? 'container' : 'partial', format: 'zip', problem})
    }
  }

  type Within = Pick<Stream, 'place' | 'budget' | 'depth'>

  /** A zip has its directory at the end: one that is no file of its own is put aside. */
  const readZipMembers = async (
    within: Within,
    inner: AsyncGenerator<Buffer>,
    file: Buffer | string | undefined,
  ): Promise<string | null> => {
    const [{readZip}, {zipInFile, zipInMemory}] = await Promise.all([
      import('./decoders/zip.ts'),
      import('./decoders/zip-bytes.ts'),
    ])
    const read = async (path: Buffer | string): Promise<string | null> => {
      const bytes = await zipInFile(path)
      try {
        return await readMembers(within, readZip(bytes, within.budget.windows))
      } finally {
        await bytes.close()
      }
    }
    if (file !== undefined) {
      await drain(inner)
      return read(file)
    }
    const {content, problem, release} = await spool.take(inner)
    if (problem !== null) within.budget.cut()
    try {
      const problems = [
        problem,
        'path' in content
          ? await read(content.path)
          : await readMembers(within, readZip(zipInMemory(content.bytes), within.budget.windows)),
      ]
      return problems.filter((text) => text !== null).join('; ') || null
    } finally {
      await release()
    }
  }

  const readMembers = async (within: Within, archive: Archive): Promise<string | null> => {
    const {budget} = within
    let stopped: string | null = null
    for await (const member of archive.members) {
      if (budget.exceeded === null && budget.takeMember()) await readMember(within, member)
      if (budget.exceeded !== null) {
        stopped = `not read to its end: ${budget.exceeded}`
        break
      }
    }
    return [archive.problem(), stopped].filter((text) => text !== null).join('; ') || null
  }

  const readMember = async ({place, budget, depth}: Within, member: Member): Promise<void> => {
    if (member.special === 'directory') return
    const name = place.member === null ? member.name : `${place.member}!/${member.name}`
    const memberPlace = {path: place.path, member: name, modifiedAt: member.modifiedAt}
    if (member.special !== null) {
      report({
        ...memberPlace, sourceId: nextSourceId++, sha256: null, sizeBytes: member.sizeBytes, compression: null, format: null, copyOf: null,
        status: member.special === 'encrypted' ? 'failed' : 'skipped', problem: member.special === 'encrypted' ? 'encrypted: unpack it first and load the result' : `a ${member.special}, no file`, unendedLine: null, records: 0,
      }) // prettier-ignore
      return
    }
    const found = new Found()
    const metered = member.isPacked ? budget.meter({chunks: member.chunks, problem: member.problem}) : member
    await readStream({
      place: memberPlace,
      found,
      chunks: found.pass(metered.chunks, () => undefined),
      outerProblem: metered.problem,
      budget,
      depth,
    })
  }

  const readInput = async (input: Input): Promise<void> => {
    const onBytes = counted('kibRead')
    let readError: NodeJS.ErrnoException | null = null
    const open = async function* (): AsyncGenerator<Buffer> {
      try {
        if (input.path === '-') yield* (await import('./standard-input.ts')).stdin()
        else yield* readFile(input)
      } catch (error) {
        readError = error as NodeJS.ErrnoException
      }
    }
    try {
      if (input.path !== '-' && known.hasSize(input.sizeBytes)) {
        const sha256 = await hashFile(input)
        const same = known.same(input.sizeBytes, sha256)
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
      const isFile = input.path !== '-'
      let isOver = false
      const problem = (): string | null => {
        if (readError !== null) return `could not be read beyond byte ${found.sizeBytes}: ${readError.message}`
        if (isOver && isFile && found.sizeBytes < input.sizeBytes)
          return `the file shrank while it was read: it had ${input.sizeBytes} bytes, of which ${found.sizeBytes} are there`
        return null
      }
      const wholeFile = async function* (): AsyncGenerator<Buffer> {
        yield* found.pass(open(), onBytes)
        isOver = true
      }
      await readStream({
        place: {path: input.path, member: null, modifiedAt: input.modifiedAt},
        found,
        chunks: wholeFile(),
        again: isFile ? open : undefined,
        outerProblem: problem,
        budget: new Budget(plan.limits, () => found.sizeBytes),
        depth: 0,
        ...(isFile ? {file: input.pathBytes === undefined ? input.path : Buffer.from(input.pathBytes)} : {}),
      })
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
        batchSources = 0
        const lane = async (): Promise<void> => {
          while (at < plan.inputs.length && batchBytes < plan.batchBytes && batchSources < plan.batchSources) {
            await readInput(plan.inputs[at++] as Input)
            outside.count('inputsDone', 1)
          }
        }
        await Promise.all(Array.from({length: inputsAtOnce}, lane))
        const last = at >= plan.inputs.length
        parcels.send()
        postReports()
        outside.post({kind: 'batch-end', last, nextSourceId, nextEventId})
        if (last) return
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    }
  }
  return {run, receive}
}
