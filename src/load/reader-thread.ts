import {MessageChannel, Worker, receiveMessageOnPort} from 'node:worker_threads'
import type {BlockSource, FedBlock} from '../case/block-feed.ts'
import {
  counters,
  type BatchEnd,
  type FromReader,
  type KnownReport,
  type Parcel,
  type ReadReject,
  type ReaderPlan,
  type SourceReport,
  type ToReader,
} from './messages.ts'

/** What a batch brought besides its blocks. */
export interface BatchReports {
  readonly sources: SourceReport[]
  readonly known: KnownReport[]
  readonly rejects: ReadReject[]
  end: BatchEnd | null
}

/** Bytes and inputs so far, for the progress line. */
export interface ReaderProgress {
  readonly bytesRead: number
  readonly bytesDecompressed: number
  readonly inputsDone: number
  readonly lines: number
}

const patienceMs = 50

/**
 * The reading thread, seen from the thread that feeds DuckDB. Blocks are taken synchronously, because DuckDB asks for
 * them inside a callback; between two blocks the event loop gets its turn, also where the input stalls.
 */
export class ReaderThread {
  readonly #worker: Worker
  readonly #port
  readonly #counts: Int32Array
  readonly #afterwards: () => void
  #reports: BatchReports = emptyReports()
  #failure: Error | null = null
  #stopped = false
  #hasTurned = true

  /** @param afterwards is done when the thread has ended */
  constructor(plan: ReaderPlan, afterwards: () => void) {
    this.#afterwards = afterwards
    const shared = new SharedArrayBuffer(counters.size * Int32Array.BYTES_PER_ELEMENT)
    this.#counts = new Int32Array(shared)
    const {port1, port2} = new MessageChannel()
    this.#port = port1
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(new URL(`./reader-worker.${extension}`, import.meta.url), {
      workerData: {plan, port: port2, shared},
      transferList: [port2],
    })
    this.#worker.once('error', (error) => (this.#failure = error))
  }

  /** Blocks of the current batch, NULL at its end. */
  readonly next: BlockSource = () => {
    for (;;) {
      if (this.#failure !== null) throw this.#failure
      if (this.#stopped || this.#reports.end !== null) return null
      const seen = Atomics.load(this.#counts, counters.messages)
      const received = receiveMessageOnPort(this.#port) as {message: FromReader} | undefined
      if (received === undefined) {
        // Once in a turn of the event loop: several waiting callbacks in a row would keep signals from being seen.
        if (!this.#hasTurned) return 'idle'
        this.#hasTurned = false
        setImmediate(() => (this.#hasTurned = true))
        if (Atomics.wait(this.#counts, counters.messages, seen, patienceMs) === 'timed-out') return 'idle'
        continue
      }
      const {message} = received
      if (message.kind === 'parcel') return this.#hand(message)
      if (message.kind === 'sources') this.#reports.sources.push(...message.reports)
      else if (message.kind === 'known') this.#reports.known.push(message)
      else if (message.kind === 'reject') this.#reports.rejects.push(message)
      else if (message.kind === 'batch-end') this.#reports.end = message
      else throw new Error(`The reading thread failed: ${message.message}`)
    }
  }

  #handed: Parcel | null = null

  /** The memory of the parcel before goes back to the reader: DuckDB has copied it by now. */
  #hand(parcel: Parcel): FedBlock[] {
    this.#release()
    this.#handed = parcel
    return parcel.blocks.map((block) => ({...block, bytes: new Uint8Array(parcel.bytes, block.start, block.length)}))
  }

  #release(): void {
    if (this.#handed !== null) this.#tell({kind: 'release', bytes: this.#handed.bytes}, [this.#handed.bytes])
    this.#handed = null
  }

  #tell(message: ToReader, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer)
  }

  /** What the batch brought; the reader may go on with the next. */
  takeReports(): BatchReports {
    const reports = this.#reports
    this.#release()
    this.#reports = emptyReports()
    return reports
  }

  nextBatch(): void {
    this.#tell({kind: 'next-batch'})
  }

  /** The statement that draws blocks comes to its end; its transaction is to be rolled back. */
  stop(): void {
    this.#stopped = true
    this.#tell({kind: 'stop'})
  }

  get progress(): ReaderProgress {
    const kib = (place: number) => (Atomics.load(this.#counts, place) >>> 0) * 1024
    return {
      bytesRead: kib(counters.kibRead),
      bytesDecompressed: kib(counters.kibDecompressed),
      inputsDone: Atomics.load(this.#counts, counters.inputsDone),
      lines: Atomics.load(this.#counts, counters.lines) >>> 0,
    }
  }

  async close(): Promise<void> {
    this.#port.close()
    await this.#worker.terminate()
    this.#afterwards()
  }
}

function emptyReports(): BatchReports {
  return {sources: [], known: [], rejects: [], end: null}
}
