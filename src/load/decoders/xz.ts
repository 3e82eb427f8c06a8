import xzDecompress from 'xz-decompress'
import {ByteSource} from './byte-source.ts'
import {placeOf, type Decoded} from './decoded.ts'
import {noRoom, WindowMemory} from './window-memory.ts'
import type {WasmInstance, WasmMemory} from './wasm.ts'

/** Memory of a decoder that is kept for the next stream. */
const keptMemoryBytes = 2 ** 24

/** Functions of XZ Embedded, as the package exports them. */
interface Library {
  readonly memory: WasmMemory
  readonly create_context: () => number
  readonly destroy_context: (context: number) => void
  readonly supply_input: (context: number, bytes: number) => void
  readonly get_next_output: (context: number) => number
}

/** The package's own stream admits one decoder at a time, which would be the end of an xz in an xz; its library does not. */
const loader = xzDecompress.XzReadableStream as unknown as {
  readonly _getModuleInstance: () => Promise<void>
  readonly _moduleInstance: WasmInstance
}

const idle: Library[] = []
async function takeLibrary(): Promise<Library> {
  const free = idle.pop()
  if (free !== undefined) return free
  await loader._getModuleInstance()
  return loader._moduleInstance.exports as Library
}

/** Size of the header of a stream. */
const headerBytes = 12

/** What the library returns (enum xz_ret). */
const results = {ok: 0, streamEnd: 1, unsupportedCheck: 2, noMemory: 3, memoryLimit: 4, format: 5, options: 6, data: 7}

/** Words of the library's context: sizes, and pointers with positions for input and output. */
const words = {bufferBytes: 0, input: 1, inputAt: 2, inputBytes: 3, output: 4, outputAt: 5, all: 6}

/** One file's decoder. */
class Context {
  readonly #library: Library
  readonly #context: number
  readonly mostInput: number

  constructor(library: Library) {
    this.#library = library
    this.#context = library.create_context()
    this.mostInput = this.#words()[words.bufferBytes] as number
  }

  #words(): Uint32Array {
    return new Uint32Array(this.#library.memory.buffer, this.#context, words.all)
  }

  /**
   * Decodes bytes into `out`. Without bytes: tells whether the end of a stream was reached.
   *
   * @returns the library's result, and how many of the bytes it took
   */
  step(bytes: Uint8Array, out: Buffer[]): {readonly result: number; readonly taken: number} {
    const {memory} = this.#library
    new Uint8Array(memory.buffer, this.#words()[words.input], bytes.length).set(bytes)
    this.#library.supply_input(this.#context, bytes.length)
    for (;;) {
      const result = this.#library.get_next_output(this.#context)
      const after = this.#words()
      const written = after[words.outputAt] as number
      if (written > 0) out.push(Buffer.from(new Uint8Array(memory.buffer, after[words.output] as number, written)))
      after[words.outputAt] = 0
      const taken = after[words.inputAt] as number
      if (result !== results.ok || (taken >= bytes.length && written < this.mostInput)) return {result, taken}
    }
  }

  /** Memory that the library has for this file. */
  get memoryBytes(): number {
    return this.#library.memory.buffer.byteLength
  }

  close(): void {
    this.#library.destroy_context(this.#context)
    if (this.#library.memory.buffer.byteLength <= keptMemoryBytes) idle.push(this.#library)
  }
}

function explain(result: number): string {
  if (result === results.memoryLimit || result === results.noMemory)
    return 'its dictionary is beyond the limit of 64 MiB: unpack it first (xz -d) and load the result'
  if (result === results.options || result === results.unsupportedCheck)
    return 'the xz stream is damaged, or it has a filter or a SHA-256 check, which are not known here: try to unpack it (xz -d) and load the result'
  return 'the xz stream or its checksum is damaged'
}

/**
 * Decompresses xz, one stream or several with padding between them; CRC32 and CRC64 of blocks, headers and indexes are
 * verified. A damaged file hands over what could be read, then `problem` tells where it broke.
 *
 * @param compressed the bytes as found; always read to their end, so that a hash beside it sees all of them
 * @param windows what it shares with the decoders around it
 */
export function unxz(compressed: AsyncIterable<Buffer>, windows = new WindowMemory()): Decoded {
  let problem: string | null = null
  const source = new ByteSource(compressed)
  const read = async function* (): AsyncGenerator<Buffer> {
    let bytesOut = 0
    let context: Context | undefined
    const share = windows.share()
    try {
      context = new Context(await takeLibrary())
      for (;;) {
        const at = source.position
        const bytes = await source.takeSome(Math.min(context.mostInput, 2 ** 14))
        const out: Buffer[] = []
        const {result, taken} = context.step(bytes, out)
        for (const chunk of out) {
          bytesOut += chunk.length
          yield chunk
        }
        if (!share.fits(context.memoryBytes)) {
          problem = `${noRoom}: ${placeOf(at + taken, bytesOut)}`
          return
        }
        if (result === results.format && at + taken > headerBytes) {
          // The library has taken what follows for the header of a further stream.
          const end = at + taken - headerBytes
          const {bytes: after} = await source.rest()
          problem = `${bytes.length - taken + headerBytes + after} bytes after the end of the xz stream are no xz: compressed byte ${end}`
          return
        }
        if (result !== results.ok && result !== results.streamEnd) {
          problem = `${explain(result)}: ${placeOf(at + taken, bytesOut)}`
          return
        }
        if (bytes.length === 0) {
          if (result !== results.streamEnd)
            problem = `the xz stream is cut short: ${placeOf(source.position, bytesOut)}`
          return
        }
      }
    } finally {
      context?.close()
      share.release()
      await source.rest()
    }
  }
  return {chunks: read(), problem: () => problem}
}
