import {privateFolder} from '../files/private-folder.ts'
import {defaultLimits, type UnpackLimits} from './budget.ts'
import type {Input, KnownSource} from './messages.ts'
import {ReaderThread} from './reader-thread.ts'

/** Who runs a load, where and how: what `loads` keeps. */
export interface Custody {
  readonly toolVersion: string
  readonly arguments: readonly string[]
  readonly workingDirectory: string
  readonly host: string
  readonly osUser: string
}

/** What a load does with logs, wherever it puts them. */
export interface ReadOptions {
  readonly paths: readonly string[]
  readonly cluster: string | null
  readonly trustedProxies: readonly string[]
  readonly custody: Custody
  readonly memoryLimit?: string
  /** Decompressed bytes after which what was read is committed, at the end of an input. */
  readonly batchBytes?: number
  /** Files and members after which it is, too. */
  readonly batchSources?: number
  readonly maxLineBytes?: number
  readonly limits?: Partial<UnpackLimits>
  /** Reads only this much of each text, decompressed: for a look at it. */
  readonly beginningBytes?: number
  readonly onProgress?: (progress: LoadProgress) => void
  readonly signal?: AbortSignal
}

export interface LoadProgress {
  readonly inputsTotal: number
  readonly inputsDone: number
  /** Of all inputs, in bytes as found; 0 where it is not known (standard input). */
  readonly bytesTotal: number
  readonly bytesRead: number
  readonly bytesDecompressed: number
  /** Handed over so far: what becomes events, where the log is whole. */
  readonly lines: number
}

const defaults = {batchBytes: 2 ** 30, batchSources: 20_000, maxLineBytes: 16 * 2 ** 20} as const

/** Starts to read inputs: what follows goes on from the sources and events that the case holds. */
export function startReading(
  inputs: readonly Input[],
  options: ReadOptions,
  from: {readonly known: readonly KnownSource[]; readonly nextSourceId: number; readonly nextEventId: number},
): ReaderThread {
  const folder = privateFolder()
  return new ReaderThread(
    {
      ...from,
      inputs,
      cluster: options.cluster,
      beginningBytes: options.beginningBytes ?? null,
      batchBytes: options.batchBytes ?? defaults.batchBytes,
      batchSources: options.batchSources ?? defaults.batchSources,
      maxLineBytes: options.maxLineBytes ?? defaults.maxLineBytes,
      limits: {...defaultLimits, ...options.limits},
      spoolFolder: folder.path,
    },
    folder.remove,
  )
}
