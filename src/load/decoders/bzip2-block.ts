/** Bits of a buffer, the highest of each byte first. Beyond the end zeros are read; `isBeyond` tells. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at: number
  #held = 0
  #heldBits = 0

  constructor(bytes: Uint8Array, bitAt = 0) {
    this.#bytes = bytes
    this.#at = bitAt >> 3
    if ((bitAt & 7) > 0) this.read(bitAt & 7)
  }

  /** At most 24 bits, without taking them. */
  peek(bits: number): number {
    while (this.#heldBits < bits) {
      this.#held = (this.#held << 8) | (this.#bytes[this.#at++] ?? 0)
      this.#heldBits += 8
    }
    return (this.#held >>> (this.#heldBits - bits)) & ((1 << bits) - 1)
  }

  /** Takes bits that were peeked at. */
  drop(bits: number): void {
    this.#heldBits -= bits
  }

  /** At most 24 bits. */
  read(bits: number): number {
    const value = this.peek(bits)
    this.#heldBits -= bits
    return value
  }

  /** Two words of 24 bits, as one number. */
  read48(): number {
    return this.read(24) * 2 ** 24 + this.read(24)
  }

  read32(): number {
    return ((this.read(16) << 16) | this.read(16)) >>> 0
  }

  alignToByte(): void {
    this.#heldBits -= this.#heldBits & 7
  }

  /** Bits taken so far. */
  get position(): number {
    return this.#at * 8 - this.#heldBits
  }

  isBeyond(): boolean {
    return this.position > this.#bytes.length * 8
  }
}

/** Thrown for a block that is none: broken, or of a kind that is not read. */
export class BlockError extends Error {
  override readonly name = 'BlockError'
}

const mostSymbols = 258
const mostBits = 20
const groupSize = 50
/** Codes up to this length are found with one look. */
const quickBits = 10

const crcTable = Uint32Array.from({length: 256}, (_, i) => {
  let value = i << 24
  for (let bit = 0; bit < 8; bit++) value = (value & 0x80000000) !== 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value >>> 0
})

/** One of a block's Huffman codes. */
interface Code {
  readonly symbols: Uint16Array
  /** Highest code of each length, shifted to 20 bits and exclusive. */
  readonly limits: Int32Array
  readonly bases: Int32Array
  /** By the next 10 bits: symbol times 32 plus length, 0 where the code is longer. */
  readonly quick: Uint16Array
  readonly longest: number
}

function readCode(bits: BitReader, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount)
  let length = bits.read(5)
  for (let i = 0; i < symbolCount; i++) {
    for (;;) {
      if (length < 1 || length > mostBits) throw new BlockError('a Huffman code is none')
      if (bits.read(1) === 0) break
      length += bits.read(1) === 0 ? 1 : -1
    }
    lengths[i] = length
  }
  const symbols = new Uint16Array(symbolCount)
  const limits = new Int32Array(mostBits + 1)
  const bases = new Int32Array(mostBits + 1)
  const quick = new Uint16Array(1 << quickBits)
  let longest = 0
  let placed = 0
  let code = 0
  for (let bitCount = 1; bitCount <= mostBits; bitCount++) {
    bases[bitCount] = placed - code
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== bitCount) continue
      longest = bitCount
      if (bitCount <= quickBits) {
        const from = code << (quickBits - bitCount)
        quick.fill(symbol * 32 + bitCount, from, from + (1 << (quickBits - bitCount)))
      }
      symbols[placed++] = symbol
      code++
    }
    limits[bitCount] = Math.min(code << (mostBits - bitCount), 1 << mostBits)
    code <<= 1
  }
  return {symbols, limits, bases, quick, longest}
}

function readSymbol(bits: BitReader, code: Code): number {
  const next = bits.peek(mostBits)
  const found = code.quick[next >> (mostBits - quickBits)] as number
  if (found > 0) {
    bits.drop(found & 31)
    return found >> 5
  }
  for (let length = quickBits + 1; length <= code.longest; length++) {
    if (next >= (code.limits[length] as number)) continue
    bits.drop(length)
    const symbol = code.symbols[(next >> (mostBits - length)) + (code.bases[length] as number)]
    if (symbol !== undefined) return symbol
    break
  }
  throw new BlockError('a Huffman code is none')
}

/** Which bytes occur in a block. */
function readAlphabet(bits: BitReader): Uint8Array {
  const ranges = bits.read(16)
  const bytes: number[] = []
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue
    const present = bits.read(16)
    for (let i = 0; i < 16; i++) if ((present & (0x8000 >> i)) !== 0) bytes.push(range * 16 + i)
  }
  if (bytes.length === 0) throw new BlockError('no byte occurs in it')
  return Uint8Array.from(bytes)
}

function readSelectors(bits: BitReader, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15))
  if (selectors.length === 0) throw new BlockError('it has no Huffman codes')
  const order = [0, 1, 2, 3, 4, 5]
  for (let i = 0; i < selectors.length; i++) {
    let place = 0
    while (bits.read(1) === 1) if (++place >= codeCount) throw new BlockError('a Huffman code is none')
    const [chosen = 0] = order.splice(place, 1)
    order.unshift(chosen)
    selectors[i] = chosen
  }
  return selectors
}

/**
 * Reads the body of a block, after its magic number and checksum: Huffman codes, run lengths and move-to-front undone.
 *
 * @param block takes the bytes, each in the low 8 bits of an element
 * @returns how many there are, and where the text begins
 * @throws BlockError
 */
export function readBlock(bits: BitReader, block: Uint32Array): {readonly length: number; readonly origin: number} {
  if (bits.read(1) === 1) throw new BlockError('it was packed by a bzip2 before 0.9.5')
  const origin = bits.read(24)
  const alphabet = readAlphabet(bits)
  const codeCount = bits.read(3)
  if (codeCount < 2 || codeCount > 6) throw new BlockError('it has no Huffman codes')
  const selectors = readSelectors(bits, codeCount)
  const endSymbol = alphabet.length + 1
  if (endSymbol >= mostSymbols) throw new BlockError('too many symbols')
  const codes = Array.from({length: codeCount}, () => readCode(bits, alphabet.length + 2))
  const front = alphabet.slice()
  let length = 0
  let run = 0
  let runWeight = 1
  const endRun = (): void => {
    if (run === 0) return
    if (run > block.length - length) throw new BlockError('a run goes beyond its end')
    block.fill(front[0] as number, length, length + run)
    length += run
    run = 0
    runWeight = 1
  }
  for (const selector of selectors) {
    const code = codes[selector] as Code
    for (let i = 0; i < groupSize; i++) {
      const symbol = readSymbol(bits, code)
      if (symbol <= 1) {
        run += runWeight << symbol
        runWeight <<= 1
        if (run > block.length) throw new BlockError('a run goes beyond its end')
        continue
      }
      endRun()
      if (symbol === endSymbol) {
        if (origin >= length) throw new BlockError('its text begins beyond its end')
        return {length, origin}
      }
      if (length >= block.length) throw new BlockError('it is longer than it may be')
      const byte = front[symbol - 1] as number
      front.copyWithin(1, 0, symbol - 1)
      front[0] = byte
      block[length++] = byte
    }
    if (bits.isBeyond()) throw new BlockError('it is cut short')
  }
  throw new BlockError('it has no end')
}

const pieceBytes = 1 << 20

/** Undoes the Burrows-Wheeler transform and the run lengths beneath it; returns the text in pieces and its checksum. */
export function unsortBlock(block: Uint32Array, length: number, origin: number): {pieces: Buffer[]; crc: number} {
  const starts = new Uint32Array(256)
  for (let i = 0; i < length; i++) starts[block[i] as number] = (starts[block[i] as number] as number) + 1
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    const count = starts[byte] as number
    starts[byte] = sum
    sum += count
  }
  for (let i = 0; i < length; i++) {
    const byte = (block[i] as number) & 0xff
    const place = starts[byte] as number
    starts[byte] = place + 1
    block[place] = (block[place] as number) | (i << 8)
  }
  const pieces: Buffer[] = []
  let piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, length + 1024))
  let at = 0
  let crc = 0xffffffff
  let place = (block[origin] as number) >>> 8
  let same = 0
  let last = -1
  for (let i = 0; i < length; i++) {
    const entry = block[place] as number
    let byte = entry & 0xff
    place = entry >>> 8
    let times = 1
    if (same === 4) {
      times = byte
      byte = last
      same = 0
      last = -1
    } else if (byte === last) same++
    else {
      same = 1
      last = byte
    }
    for (; times > 0; times--) {
      if (at === piece.length) {
        pieces.push(piece)
        piece = Buffer.allocUnsafeSlow(pieceBytes)
        at = 0
      }
      piece[at++] = byte
      crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] as number)
    }
  }
  pieces.push(piece.subarray(0, at))
  return {pieces, crc: ~crc >>> 0}
}
