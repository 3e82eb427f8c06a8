/** Memory that the windows of all decoders of this thread may take together, in bytes. */
const mostBytes = 2 ** 28

/** A smaller one is in nobody's way, and is not counted. */
const smallBytes = 2 ** 24

let taken = 0

/**
 * Takes memory for a decoder's window. Compressions within each other, in two inputs at once, may ask for a gigabyte with a
 * few bytes; then the innermost is refused.
 *
 * @returns what gives it back, to be called once; NULL where there is none left
 */
export function takeWindow(bytes: number): (() => void) | null {
  if (bytes <= smallBytes) return () => undefined
  if (taken + bytes > mostBytes) return null
  taken += bytes
  return () => (taken -= bytes)
}

/** Why a stream is not read whose window found no room. */
export const noRoom = (bytes: number): string =>
  `its window of ${Math.ceil(bytes / 2 ** 20)} MiB is beyond what all that is unpacked at once may take, ${mostBytes / 2 ** 20} MiB: unpack it first and load the result`
