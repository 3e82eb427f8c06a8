import {WindowMemory} from './decoders/window-memory.ts'
import type {Decoded} from './decoders/decoded.ts'

/** How much is unpacked of one input before it is taken for a bomb. Each is a flag of `load`. */
export interface UnpackLimits {
  /** Bytes unpacked for each byte as found, beyond the first 64 MiB. */
  readonly maxRatio: number
  readonly maxUnpackedBytes: number
  /** Members of archives, folders counted as well. */
  readonly maxMembers: number
  /** Compressions and archives within each other. */
  readonly maxDepth: number
  /** Bytes of archives within archives that stand on disk for a while. */
  readonly maxSpoolBytes: number
}

/** Limits where none are given. Audit logs are packed to a tenth or a hundredth, never to less than a three-hundredth. */
export const defaultLimits: UnpackLimits = {
  maxRatio: 300,
  maxUnpackedBytes: 2 ** 40,
  maxMembers: 100_000,
  maxDepth: 8,
  maxSpoolBytes: 2 ** 32,
}

const unmeasuredBytes = 2 ** 26

/** What is unpacked of one input, counted as it comes: no size that the input claims is believed. */
export class Budget {
  readonly limits: UnpackLimits
  readonly windows = new WindowMemory()
  readonly #bytesFound: () => number
  #unpacked = 0
  #members = 0
  /** Which limit was reached, with the flag that raises it; NULL as long as none is. */
  exceeded: string | null = null
  #isCut = false

  /** @param bytesFound bytes of the input that were read so far */
  constructor(limits: UnpackLimits, bytesFound: () => number) {
    this.limits = limits
    this.#bytesFound = bytesFound
  }

  /** Hands a stream through as long as the budget lasts; then the stream ends, and `problem` tells so. */
  meter({chunks, problem}: Decoded): Decoded {
    let stopped: string | null = null
    const {limits} = this
    const read = async function* (this: Budget): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        this.#unpacked += chunk.length
        if (this.#unpacked > limits.maxUnpackedBytes)
          this.exceeded ??= `more than ${Math.floor(limits.maxUnpackedBytes / 2 ** 20)} MiB unpacked (--max-unpacked)`
        else if (this.#unpacked > unmeasuredBytes + limits.maxRatio * this.#bytesFound())
          this.exceeded ??= `${this.#unpacked} bytes unpacked of ${this.#bytesFound()}, beyond the limit of ${limits.maxRatio} to 1 (--max-ratio)`
        if (this.exceeded !== null) {
          stopped = `not read to its end: ${this.exceeded}`
          return
        }
        yield chunk
      }
    }
    return {chunks: read.call(this), problem: () => stopped ?? problem()}
  }

  /** True where any limit kept a part of the input from being read: with a higher one, it would tell more. */
  get isCut(): boolean {
    return this.#isCut || this.exceeded !== null
  }

  /** Told where a limit is kept elsewhere, and was reached. */
  cut(): void {
    this.#isCut = true
  }

  /** Counts a member; false where it is one too many. */
  takeMember(): boolean {
    if (++this.#members > this.limits.maxMembers)
      this.exceeded ??= `more than ${this.limits.maxMembers} members (--max-members)`
    return this.exceeded === null
  }
}
