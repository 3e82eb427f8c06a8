import {
  BIGINT,
  BOOLEAN,
  DuckDBTableFunction,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBDataChunk,
} from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'

/** Records of one source, as the table function hands them to DuckDB; UTF-8. */
export interface FedBlock {
  readonly sourceId: number
  /** Each record is a line that begins as the API server writes an event. */
  readonly isPlain: boolean
  readonly cluster: string | null
  readonly apiserver: string | null
  /** Number of the first line, from 1. */
  readonly firstLine: number
  /** Number that the first line's event gets; each further line counts one on. */
  readonly firstEventId: number
  readonly hasCarriageReturns: boolean
  /** Where the records are no lines, each with its own place: `line,item` of each, parted by blanks; the records are parted by the character 30. NULL: lines, counted from the first. */
  readonly places: string | null
  /** The JSON object that held the records in a list, with that list emptied; NULL where there is none. */
  readonly context: string | null
  readonly bytes: Uint8Array
}

/**
 * Where blocks come from: the next ones, at least one and at most 2048 (a chunk of DuckDB costs as much for one row as for all
 * that it can take), `idle` where there are none yet (so that the event loop gets its turn), NULL at the end.
 */
export type BlockSource = () => readonly FedBlock[] | 'idle' | null

const idleBlock: FedBlock = {
  sourceId: 0,
  isPlain: true,
  cluster: null,
  apiserver: null,
  firstLine: 0,
  firstEventId: 0,
  hasCarriageReturns: false,
  places: null,
  context: null,
  bytes: new Uint8Array(),
}

function write(chunk: DuckDBDataChunk, blocks: readonly FedBlock[]): void {
  chunk.rowCount = blocks.length
  const columns = [
    blocks.map(({sourceId}) => sourceId),
    blocks.map(({isPlain}) => isPlain),
    blocks.map(({cluster}) => cluster),
    blocks.map(({apiserver}) => apiserver),
    blocks.map(({firstLine}) => BigInt(firstLine)),
    blocks.map(({firstEventId}) => BigInt(firstEventId)),
    blocks.map(({hasCarriageReturns}) => hasCarriageReturns),
    blocks.map(({places}) => places),
    blocks.map(({context}) => context),
  ]
  columns.forEach((values, i) => chunk.setColumnValues(i, values))
  // The driver's own setter takes JavaScript text: decoding and encoding each block would cost more than parsing it.
  const texts = bindings.data_chunk_get_vector(chunk.chunk, columns.length)
  blocks.forEach(({bytes}, row) => bindings.vector_assign_string_element_len(texts, row, bytes))
}

/** Parsing a text takes many times its size, and the memory stays with the thread that parsed it: larger ones go to one thread. */
const largeBytes = 2 ** 21
const pauseMs = 2
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Hands blocks to the threads of one statement: large ones all to the same, one after the other. */
class Dispatcher {
  readonly #source: BlockSource
  #largeThread: object | null = null
  #held: readonly FedBlock[] | null = null

  constructor(source: BlockSource) {
    this.#source = source
  }

  /** The next blocks for a thread. */
  next(thread: object): readonly FedBlock[] | 'idle' | null {
    const blocks = this.#held ?? this.#source()
    this.#held = null
    if (blocks === null || blocks === 'idle' || blocks.every(({bytes}) => bytes.length <= largeBytes)) return blocks
    // A block of many lines may be as large; what counts is a single text.
    if (blocks.every(({bytes, places}) => bytes.includes(places === null ? 10 : 30))) return blocks
    this.#largeThread ??= thread
    if (this.#largeThread === thread) return blocks
    this.#held = blocks
    Atomics.wait(pause, 0, 0, pauseMs)
    return 'idle'
  }
}

/**
 * Makes `name()` a table function of this connection: a row a block, taken from `source` while a statement runs. Two
 * threads of DuckDB draw from it, so the rows of a statement over it come in no particular order.
 */
export function registerBlockFeed(connection: DuckDBConnection, name: string, source: BlockSource): void {
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name,
      bindFunction: (info) => {
        info.addResultColumn('source_id', INTEGER)
        info.addResultColumn('is_plain', BOOLEAN)
        info.addResultColumn('cluster', VARCHAR)
        info.addResultColumn('apiserver', VARCHAR)
        info.addResultColumn('first_line', BIGINT)
        info.addResultColumn('first_event_id', BIGINT)
        info.addResultColumn('has_cr', BOOLEAN)
        info.addResultColumn('places', VARCHAR)
        info.addResultColumn('context', VARCHAR)
        info.addResultColumn('block', VARCHAR)
      },
      initFunction: (info) => {
        info.setInitData(new Dispatcher(source))
        info.setMaxThreads(2)
      },
      localInitFunction: (info) => info.setInitData({}),
      mainFunction: (info, chunk) => {
        try {
          const blocks = (info.initData as Dispatcher).next(info.localInitData ?? {})
          if (blocks === null) chunk.rowCount = 0
          else write(chunk, blocks === 'idle' ? [idleBlock] : blocks)
        } catch (error) {
          info.setError(error instanceof Error ? error.message : String(error))
        }
      },
    }),
  )
}
