import {ZSTDDecoder} from 'zstddec/stream'
import {ByteSource} from './byte-source.ts'
import {placeOf, tailProblem, type Decoded} from './decoded.ts'
import {isZstdFrame, isZstdSkippable, wordAt, zstdMark} from './magic.ts'
import {noRoom, WindowMemory} from './window-memory.ts'
import {instantiate, type WasmMemory, type WasmModule} from './wasm.ts'

/** Largest window that is taken, in bytes: what `zstd` itself takes without being asked (`--long=27`). */
const mostWindowBytes = 2 ** 27

/** Memory of a decoder that is kept for the next stream. */
const keptMemoryBytes = 2 ** 24

/** Functions of the zstd library, as the package exports them. */
interface Library {
  readonly memory: WasmMemory
  readonly malloc: (bytes: number) => number
  readonly free: (pointer: number) => void
  readonly ZSTD_createDCtx: () => number
  readonly ZSTD_freeDCtx: (context: number) => number
  readonly ZSTD_decompressStream: (context: number, output: number, input: number) => number
  readonly ZSTD_DStreamOutSize: () => number
}

/** Hands over the compiled library: the package's own decoder takes errors for output and goes on for ever. */
class Loader extends ZSTDDecoder {
  loaded: WasmModule | undefined
  override readonly _init = ({module}: {readonly module: WasmModule}): void => {
    this.loaded = module
  }
}

let compiled: Promise<WasmModule> | undefined
async function compile(): Promise<WasmModule> {
  const loader = new Loader()
  await loader.init()
  if (loader.loaded === undefined) throw new Error('the zstd library was loaded elsewhere')
  return loader.loaded
}

const idle: Library[] = []
async function takeLibrary(): Promise<Library> {
  const free = idle.pop()
  if (free !== undefined) return free
  compiled ??= compile()
  const {exports} = instantiate(await compiled, {env: {emscripten_notify_memory_growth: () => undefined}})
  return exports as Library
}

const inputBytes = 2 ** 17 + 64

/** One stream's decoder. Each step is given just the bytes that the library asked for: a block, or a header. */
class Context {
  readonly #library: Library
  readonly #context: number
  readonly #input: number
  readonly #output: number
  readonly #outputBytes: number
  /** Two structs of pointer, size and position: input, then output. */
  readonly #buffers: number

  constructor(library: Library) {
    this.#library = library
    this.#context = library.ZSTD_createDCtx()
    this.#input = library.malloc(inputBytes)
    this.#outputBytes = library.ZSTD_DStreamOutSize()
    this.#output = library.malloc(this.#outputBytes)
    this.#buffers = library.malloc(24)
  }

  /** Decodes bytes into `out`; returns how many bytes are wanted next, 0 at the end of a frame, or a negative error code. */
  step(bytes: Uint8Array, out: Buffer[]): number {
    const {memory} = this.#library
    new Uint8Array(memory.buffer, this.#input, bytes.length).set(bytes)
    let taken = 0
    for (;;) {
      const before = new Uint32Array(memory.buffer, this.#buffers, 6)
      before.set([this.#input, bytes.length, taken, this.#output, this.#outputBytes, 0])
      const wanted = this.#library.ZSTD_decompressStream(this.#context, this.#buffers + 12, this.#buffers)
      const after = new Uint32Array(memory.buffer, this.#buffers, 6)
      const written = after[5] as number
      if (written > 0) out.push(Buffer.from(new Uint8Array(memory.buffer, this.#output, written)))
      const moved = (after[2] as number) - taken
      taken = after[2] as number
      if (wanted < 0 && wanted > -200) return wanted
      if (taken === bytes.length && written < this.#outputBytes) return wanted
      if (moved === 0 && written === 0) return corrupted
      if (wanted === 0) return taken === bytes.length ? 0 : corrupted
    }
  }

  /** Memory that the library has for this stream. */
  get memoryBytes(): number {
    return this.#library.memory.buffer.byteLength
  }

  close(): void {
    const library = this.#library
    library.ZSTD_freeDCtx(this.#context)
    for (const pointer of [this.#input, this.#output, this.#buffers]) library.free(pointer)
    if (library.memory.buffer.byteLength <= keptMemoryBytes) idle.push(library)
  }
}

const corrupted = -20
const explain = (code: number): string =>
  code === -22
    ? 'the zstd checksum is wrong'
    : code === -64
      ? 'the zstd stream needs more memory than there is'
      : 'the zstd stream is damaged'

/** Why a frame cannot be read, by its header (RFC 8878, 3.1.1.1), else NULL. */
function refusal(head: Uint8Array): string | null {
  const descriptor = head[4] as number
  const isSingle = (descriptor & 0x20) !== 0
  if (!isSingle && head.length > 5) {
    const window = head[5] as number
    const base = 2 ** (10 + (window >> 3))
    const bytes = base + (base / 8) * (window & 7)
    if (bytes > mostWindowBytes)
      return `its window of ${Math.ceil(bytes / 2 ** 20)} MiB is beyond the limit of ${mostWindowBytes / 2 ** 20} MiB: unpack it first (zstd -d --long=31) and load the result`
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  const at = isSingle ? 5 : 6
  if (head.subarray(at, at + dictionaryBytes).some((byte) => byte !== 0))
    return 'it was packed with a dictionary: unpack it first (zstd -d -D) and load the result'
  return null
}

/**
 * Decompresses zstd, one frame or several, skippable ones passed over; the library verifies checksums and sizes. A damaged
 * stream hands over what could be read, to the last whole block, then `problem` tells where it broke.
 *
 * @param compressed the bytes as found; always read to their end, so that a hash beside it sees all of them
 * @param windows what it shares with the decoders around it
 */
export function unzstd(compressed: AsyncIterable<Buffer>, windows = new WindowMemory()): Decoded {
  let problem: string | null = null
  const source = new ByteSource(compressed)
  const read = async function* (): AsyncGenerator<Buffer> {
    let bytesOut = 0
    let context: Context | undefined
    const share = windows.share()
    try {
      context = new Context(await takeLibrary())
      for (;;) {
        const head = await source.peek(18)
        if (isZstdSkippable(head) && head.length >= 8) {
          const bytes = 8 + wordAt(head, 4)
          if ((await source.skip(bytes)) < bytes) {
            problem = `the zstd stream is cut short: ${placeOf(source.position, bytesOut)}`
            return
          }
          continue
        }
        if (head.length > 0 && head.length < 4 && zstdMark.subarray(0, head.length).equals(head)) {
          problem = `the zstd stream is cut short: ${placeOf(source.position + head.length, bytesOut)}`
          return
        }
        if (!isZstdFrame(head)) {
          problem = await tailProblem(source, 'zstd')
          return
        }
        const refused = refusal(head)
        if (refused !== null) {
          problem = `${refused}: ${placeOf(source.position, bytesOut)}`
          return
        }
        for (let wanted = 5; wanted > 0;) {
          const at = source.position
          const bytes = await source.take(Math.min(wanted, inputBytes))
          const out: Buffer[] = []
          const next = bytes.length === 0 ? wanted : context.step(bytes, out)
          for (const chunk of out) {
            bytesOut += chunk.length
            yield chunk
          }
          if (!share.fits(context.memoryBytes)) {
            problem = `${noRoom}: ${placeOf(at, bytesOut)}`
            return
          }
          if (next < 0) {
            problem = `${explain(next)}: ${placeOf(at, bytesOut)}`
            return
          }
          if (next > 0 && bytes.length < Math.min(wanted, inputBytes)) {
            problem = `the zstd stream is cut short: ${placeOf(source.position, bytesOut)}`
            return
          }
          wanted = next
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
