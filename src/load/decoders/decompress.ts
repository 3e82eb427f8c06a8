import type {Decoded} from './decoded.ts'
import type {WindowMemory} from './window-memory.ts'
import {isBzip2, isGzip, isXz, isZstd} from './magic.ts'

/** Compressions that are read. */
export type Compression = 'gzip' | 'zstd' | 'xz' | 'bzip2'

/** Which compression a stream begins with, else NULL. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (isGzip(head)) return 'gzip'
  if (isZstd(head)) return 'zstd'
  if (isXz(head)) return 'xz'
  return isBzip2(head) ? 'bzip2' : null
}

/**
 * Decompresses a stream; a decoder is loaded when it is first needed.
 *
 * @param compressed always read to its end, so that a hash beside it sees all of it
 * @param again opens the same bytes once more, where that is possible
 * @param windows what it shares with the decoders around it
 */
export async function decompress(
  compression: Compression,
  compressed: AsyncIterable<Buffer>,
  again?: () => AsyncIterable<Buffer>,
  windows?: WindowMemory,
): Promise<Decoded> {
  if (compression === 'gzip') return (await import('./gzip.ts')).gunzip(compressed, again)
  if (compression === 'zstd') return (await import('./zstd.ts')).unzstd(compressed, windows)
  if (compression === 'xz') return (await import('./xz.ts')).unxz(compressed, windows)
  return (await import('./bzip2.ts')).unbzip2(compressed)
}
