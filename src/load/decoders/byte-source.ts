/** A stream of bytes that is taken in portions of the taker's choice. */
export class ByteSource {
  readonly #iterator: AsyncIterator<Buffer>
  #held: Buffer[] = []
  #heldBytes = 0
  #ended = false
  /** Bytes taken so far. */
  position = 0

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#iterator = chunks[Symbol.asyncIterator]()
  }

  /** Waits until that many bytes are there, or the end is; returns how many there are. */
  async fill(bytes: number): Promise<number> {
    while (this.#heldBytes < bytes && !this.#ended) {
      const next = await this.#iterator.next()
      if (next.done === true) this.#ended = true
      else {
        this.#held.push(next.value)
        this.#heldBytes += next.value.length
      }
    }
    return this.#heldBytes
  }

  /** The next bytes without taking them, fewer at the end of the stream. */
  async peek(bytes: number): Promise<Buffer> {
    await this.fill(bytes)
    if ((this.#held[0]?.length ?? 0) < bytes && this.#held.length > 1) this.#held = [Buffer.concat(this.#held)]
    return (this.#held[0] ?? Buffer.alloc(0)).subarray(0, bytes)
  }

  /** The next bytes, fewer at the end of the stream. */
  async take(bytes: number): Promise<Buffer> {
    const taken = await this.peek(bytes)
    this.#drop(taken.length)
    return taken
  }

  /** Whatever comes next, at most that many bytes, without joining what came in pieces; empty at the end. */
  async takeSome(most: number): Promise<Buffer> {
    if (most <= 0) return Buffer.alloc(0)
    while (this.#heldBytes === 0 && !this.#ended) await this.fill(1)
    const first = this.#held.find(({length}) => length > 0) ?? Buffer.alloc(0)
    const taken = first.subarray(0, most)
    this.#drop(taken.length)
    return taken
  }

  /** Passes over bytes; returns how many there were. */
  async skip(bytes: number): Promise<number> {
    let left = bytes
    while (left > 0) {
      const {length} = await this.takeSome(left)
      if (length === 0) break
      left -= length
    }
    return bytes - left
  }

  /** Reads to the end; tells how many bytes there were and whether all of them were zeros. */
  async rest(): Promise<{readonly bytes: number; readonly onlyZeros: boolean}> {
    let bytes = 0
    let onlyZeros = true
    for (;;) {
      const some = await this.takeSome(Infinity)
      if (some.length === 0) return {bytes, onlyZeros}
      bytes += some.length
      onlyZeros &&= isZeros(some)
    }
  }

  #drop(bytes: number): void {
    this.position += bytes
    this.#heldBytes -= bytes
    let left = bytes
    while (this.#held.length > 0) {
      const first = this.#held[0] as Buffer
      if (first.length > left) {
        this.#held[0] = first.subarray(left)
        return
      }
      left -= first.length
      this.#held.shift()
    }
  }
}

/** True where all bytes are zero. */
export function isZeros(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false
  return true
}
