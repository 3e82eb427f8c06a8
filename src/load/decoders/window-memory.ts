/** What the decoders of one input may take together for their windows, in bytes: one of 128 MiB (zstd) and one of 64 MiB (xz), with some slack. */
const mostBytes = 224 * 2 ** 20

/** What each decoder has before it has a window; the number of decoders is bounded by the depth. */
const usualBytes = 2 ** 24

/** What one decoder holds. */
export interface WindowShare {
  /** Told how much memory the decoder has taken; false where that is more than is left for it. */
  readonly fits: (bytes: number) => boolean
  readonly release: () => void
}

/**
 * Memory for windows, shared by the decoders that unpack one input: compressions within each other could ask for a gigabyte
 * with a few bytes each. By input, so that what is read never depends on what else is being read.
 */
export class WindowMemory {
  #taken = 0

  share(): WindowShare {
    let own = 0
    return {
      fits: (bytes) => {
        const wanted = Math.max(own, bytes - usualBytes)
        if (this.#taken - own + wanted > mostBytes) return false
        this.#taken += wanted - own
        own = wanted
        return true
      },
      release: () => {
        this.#taken -= own
        own = 0
      },
    }
  }
}

/** Why a stream is not read on whose window finds no room. */
export const noRoom = `its window and those around it need more than ${mostBytes / 2 ** 20} MiB together: unpack it first and load the result`
