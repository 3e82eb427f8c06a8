const mostHeld = 256
const lookedAt = 160

/** How a line of JSON begins, as far as it tells what kind of record it is: its first key, the value of `kind`, its second key. */
function signatureOf(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('latin1', from, Math.min(to, from + lookedAt))
  const found = /^\{\s*"([^"\\]*)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|[^",{[]*)?(?:,\s*"([^"\\]*)")?/.exec(text)
  if (found === null) return text
  const [, first = '', value = '', second = ''] = found
  // A list of records is most often the last member.
  return `${first} ${first === 'kind' ? value : ''} ${second} ${bytes[to - 1] === 0x5d ? ']' : ''}`
}

/**
 * True where a line begins as the API server writes an event: `{"kind":"Event",`. Looked at byte by byte, because it is asked of
 * every line.
 */
export function isPlainStart(bytes: Buffer, at: number): boolean {
  return (
    bytes[at + 2] === 0x6b && // k
    bytes[at + 5] === 0x64 && // d
    bytes[at + 6] === 0x22 &&
    bytes[at + 7] === 0x3a &&
    bytes[at + 8] === 0x22 &&
    bytes[at + 9] === 0x45 && // E
    bytes[at + 13] === 0x74 && // t
    bytes[at + 14] === 0x22 &&
    bytes[at + 15] === 0x2c
  )
}

/** Ways to begin of lines that were found to be a whole record each, with no list of records in it: those need not be scanned again. */
export class KnownLineStarts {
  readonly #known = new Set<string>()

  has(bytes: Buffer, from: number, to: number): boolean {
    return this.#known.size > 0 && this.#known.has(signatureOf(bytes, from, to))
  }

  add(bytes: Buffer, from: number, to: number): void {
    if (this.#known.size >= mostHeld) this.#known.clear()
    this.#known.add(signatureOf(bytes, from, to))
  }
}
