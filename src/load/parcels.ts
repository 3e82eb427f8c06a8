import type {Block, Parcel} from './messages.ts'

const parcelBytes = 1 << 20

/** As many rows as a chunk of DuckDB's takes. */
const mostBlocks = 2048

/** Gathers small blocks of many sources: sending and inserting each by itself would cost a hundred times what is in it. */
export class Parcels {
  /** A block of this size or more is sent by itself. */
  static readonly smallBytes = 1 << 18
  readonly #send: (parcel: Parcel) => void
  #bytes: Uint8Array<ArrayBuffer> | null = null
  #blocks: Block[] = []
  #length = 0
  /** Text that stands beside the bytes. */
  #besides = 0

  constructor(send: (parcel: Parcel) => void) {
    this.#send = send
  }

  /** Takes a copy of a small block. */
  add(block: Omit<Block, 'start' | 'length'>, bytes: Uint8Array): void {
    if (this.#length + this.#besides + bytes.length > parcelBytes || this.#blocks.length >= mostBlocks) this.send()
    this.#bytes ??= new Uint8Array(parcelBytes)
    this.#bytes.set(bytes, this.#length)
    this.#blocks.push({...block, start: this.#length, length: bytes.length})
    this.#length += bytes.length
    this.#besides += (block.places?.length ?? 0) + (block.context?.length ?? 0)
  }

  /** Sends what is gathered. */
  send(): void {
    if (this.#bytes === null) return
    this.#send({kind: 'parcel', bytes: this.#bytes.buffer, blocks: this.#blocks})
    this.#bytes = null
    this.#blocks = []
    this.#length = 0
    this.#besides = 0
  }
}
