const firstBytes = 1 << 16

/** What a stream is given that does not end soon. */
const usualBytes = 4 << 20

/** The part of a stream that is held in memory. Places in the stream count from its first byte. */
export class Window {
  /** Holds the stream from `base` on, `length` bytes of it. */
  bytes = Buffer.allocUnsafeSlow(firstBytes)
  base = 0
  length = 0
  ended = false
  readonly #chunks: AsyncIterator<Buffer>

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Place behind the last byte that is held. */
  get end(): number {
    return this.base + this.length
  }

  /** The bytes between two places that are held: valid until `more`. */
  slice(from: number, to: number): Buffer {
    return this.bytes.subarray(from - this.base, to - this.base)
  }

  /** Reads on, and lets go of what stands before `keep`. False at the end of the stream. */
  async more(keep: number): Promise<boolean> {
    if (this.ended) return false
    const next = await this.#chunks.next()
    if (next.done === true) {
      this.ended = true
      return false
    }
    const chunk = next.value
    if (this.length + chunk.length > this.bytes.length) this.#makeRoom(keep, chunk.length)
    chunk.copy(this.bytes, this.length)
    this.length += chunk.length
    return true
  }

  #makeRoom(keep: number, size: number): void {
    const from = Math.max(0, Math.min(keep - this.base, this.length))
    const kept = this.length - from
    const needed = kept + size
    const target =
      needed > this.bytes.length
        ? Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, needed, usualBytes))
        : this.bytes
    this.bytes.copy(target, 0, from, this.length)
    this.bytes = target
    this.base += from
    this.length = kept
  }
}
