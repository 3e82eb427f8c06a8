import {open, rm} from 'node:fs/promises'
import {join} from 'node:path'

/** What was put aside: in memory where it is small, else in a file. */
export interface Spooled {
  readonly content: {readonly bytes: Buffer} | {readonly path: string}
  /** Why not all of it was taken. */
  readonly problem: string | null
  readonly release: () => Promise<void>
}

const inMemoryBytes = 2 ** 22

/**
 * Puts streams aside that can only be read from their end. What is larger than 4 MiB goes into files of a
 * private folder.
 */
export class Spool {
  readonly #folder: string
  readonly #maxBytes: number
  #usedBytes = 0
  #files = 0

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  async take(chunks: AsyncIterable<Buffer>): Promise<Spooled> {
    const held: Buffer[] = []
    let size = 0
    let file: {readonly path: string; readonly handle: Awaited<ReturnType<typeof open>>} | null = null
    let problem: string | null = null
    const release = async (): Promise<void> => {
      if (file === null) return
      this.#usedBytes -= size
      await rm(file.path, {force: true})
    }
    try {
      for await (const chunk of chunks) {
        if (size + chunk.length > inMemoryBytes && this.#usedBytes + chunk.length > this.#maxBytes) {
          problem = `not read to its end: more than ${Math.floor(this.#maxBytes / 2 ** 20)} MiB to be put aside on disk (--max-spool)`
          break
        }
        if (size + chunk.length <= inMemoryBytes) held.push(chunk)
        else {
          if (file === null) {
            const path = join(this.#folder, String(++this.#files))
            file = {path, handle: await open(path, 'wx', 0o600)}
            this.#usedBytes += size
            for (const piece of held) await file.handle.writeFile(piece)
            held.length = 0
          }
          await file.handle.writeFile(chunk)
          this.#usedBytes += chunk.length
        }
        size += chunk.length
      }
    } catch (error) {
      problem = `it could not be put aside on disk: ${(error as Error).message}`
    } finally {
      await file?.handle.close()
    }
    return {content: file === null ? {bytes: Buffer.concat(held)} : {path: file.path}, problem, release}
  }
}
