import type {FedBlock} from '../case/block-feed.ts'
import type {UnpackLimits} from './budget.ts'

/**
 * What the reading thread and the loading thread tell each other. Reading (files, decompression, hashes, recognising)
 * happens in a worker, so that the main thread can feed DuckDB and stay answerable.
 */

/** A file or standard input (`-`), as found. */
export interface Input {
  /** As it is shown; where the name is not UTF-8, with `\\xNN` for the bytes that are none. */
  readonly path: string
  /** The path itself, where it is not UTF-8. */
  readonly pathBytes?: Uint8Array
  readonly sizeBytes: number
  readonly modifiedAt: string | null
}

/** A file that the case already holds. */
export interface KnownSource {
  readonly sourceId: number
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
  /** An archive: its members are sources of their own. */
  readonly isArchive: boolean
}

/** What the reading thread starts with. */
export interface ReaderPlan {
  readonly inputs: readonly Input[]
  readonly known: readonly KnownSource[]
  readonly cluster: string | null
  readonly nextSourceId: number
  readonly nextEventId: number
  /** Decompressed bytes after which a batch ends at the next end of an input. */
  readonly batchBytes: number
  /** Files and members after which it does, too: what is told of each is kept in memory until its batch ends. */
  readonly batchSources: number
  /** Of each text only this much is read, for a look at it; NULL: all. */
  readonly beginningBytes: number | null
  /** Longest line that is taken as one record, in bytes; a longer one becomes a reject. */
  readonly maxLineBytes: number
  readonly limits: UnpackLimits
  /** A private folder for temporary files. */
  readonly spoolFolder: string
}

/** Records of one source, and where they stand in the bytes that they are handed over in. */
export interface Block extends Omit<FedBlock, 'bytes'> {
  readonly start: number
  readonly length: number
}

/** Blocks as UTF-8: a large one, or many small ones of several sources. `bytes` is transferred and comes back as a `release`. */
export interface Parcel {
  readonly kind: 'parcel'
  readonly bytes: ArrayBuffer
  readonly blocks: readonly Block[]
}

/** A record that never reached DuckDB: a line beyond the limit. `raw` is its first MiB. */
export interface ReadReject {
  readonly kind: 'reject'
  readonly sourceId: number
  readonly line: number
  readonly reason: string
  readonly raw: string
}

/** What became of a file or a member. */
export interface SourceReport {
  readonly sourceId: number
  readonly path: string
  readonly member: string | null
  readonly sha256: string | null
  readonly sizeBytes: number
  readonly modifiedAt: string | null
  readonly compression: string | null
  readonly format: string | null
  readonly cluster: string | null
  readonly apiserver: string | null
  /** `read`: its lines were handed over; `copy`: the same bytes as the source `copyOf`, not read again. */
  readonly status: 'read' | 'partial' | 'skipped' | 'failed' | 'copy' | 'container'
  readonly problem: string | null
  readonly copyOf: number | null
  /** Line of a last record without a line feed; NULL where the source ends with one. */
  readonly unendedLine: number | null
  /** Texts handed over that are not blank, and lines beyond the limit, as the reader counted them: what DuckDB is held against. */
  readonly records: number
}

/** What became of several files and members. */
export interface SourceReports {
  readonly kind: 'sources'
  readonly reports: readonly SourceReport[]
}

/** An input that stands in the case already, byte for byte. */
export interface KnownReport {
  readonly kind: 'known'
  readonly path: string
}

export interface BatchEnd {
  readonly kind: 'batch-end'
  readonly last: boolean
  readonly nextSourceId: number
  readonly nextEventId: number
}

export interface ReaderFailure {
  readonly kind: 'failure'
  readonly message: string
}

export type FromReader = Parcel | ReadReject | SourceReports | KnownReport | BatchEnd | ReaderFailure
export type ToReader =
  {readonly kind: 'release'; readonly bytes: ArrayBuffer} | {readonly kind: 'next-batch'} | {readonly kind: 'stop'}

/** Counters that both threads see, as places in one Int32Array; bytes are kept in KiB. */
export const counters = {messages: 0, kibRead: 1, kibDecompressed: 2, inputsDone: 3, lines: 4, size: 5} as const
