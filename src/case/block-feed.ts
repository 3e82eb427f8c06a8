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

/** Where blocks come from: the next one, `idle` where there is none yet (so that the event loop gets its turn), NULL at the end. */
export type BlockSource = () => FedBlock | 'idle' | null

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

function write(chunk: DuckDBDataChunk, block: FedBlock): void {
  chunk.rowCount = 1
  chunk.setColumnValues(0, [block.sourceId])
  chunk.setColumnValues(1, [block.isPlain])
  chunk.setColumnValues(2, [block.cluster])
  chunk.setColumnValues(3, [block.apiserver])
  chunk.setColumnValues(4, [BigInt(block.firstLine)])
  chunk.setColumnValues(5, [BigInt(block.firstEventId)])
  chunk.setColumnValues(6, [block.hasCarriageReturns])
  chunk.setColumnValues(7, [block.places])
  chunk.setColumnValues(8, [block.context])
  // The driver's own setter takes JavaScript text: decoding and encoding each block would cost more than parsing it.
  bindings.vector_assign_string_element_len(bindings.data_chunk_get_vector(chunk.chunk, 9), 0, block.bytes)
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
        info.setInitData({})
        info.setMaxThreads(2)
      },
      mainFunction: (info, chunk) => {
        try {
          const block = source()
          if (block === null) chunk.rowCount = 0
          else write(chunk, block === 'idle' ? idleBlock : block)
        } catch (error) {
          info.setError(error instanceof Error ? error.message : String(error))
        }
      },
    }),
  )
}
