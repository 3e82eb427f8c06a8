import {oddEscape, unescaped, urlDecoded} from './decode.ts'
import {needlesOf} from './needles.ts'

const tableBits = 18
const tableMask = (1 << tableBits) - 1

/** Three characters as a place in the table. */
function placeOf(a: number, b: number, c: number): number {
  return ((a << 10) ^ (b << 5) ^ c) & tableMask
}

interface Needle {
  readonly text: string
  /** Which term it belongs to. */
  readonly owner: number
}

/**
 * Finds many texts in one pass, after Wu and Manber (1994): a table says for three characters how far the next hit of any
 * text is at least, so most characters are never looked at.
 */
class NeedleSet {
  readonly #length: number
  readonly #shifts: Uint8Array
  readonly #ends = new Map<number, Needle[]>()

  /** @param needles each of at least three characters */
  constructor(needles: readonly Needle[]) {
    this.#length = Math.min(...needles.map(({text}) => text.length), 32)
    const farthest = this.#length - 2
    this.#shifts = new Uint8Array(tableMask + 1).fill(farthest)
    for (const needle of needles) {
      for (let i = 2; i < this.#length; i++) {
        const {text} = needle
        const place = placeOf(text.charCodeAt(i - 2), text.charCodeAt(i - 1), text.charCodeAt(i))
        const shift = this.#length - 1 - i
        if (shift < (this.#shifts[place] ?? 0)) this.#shifts[place] = shift
        if (shift !== 0) continue
        const ending = this.#ends.get(place)
        if (ending === undefined) this.#ends.set(place, [needle])
        else ending.push(needle)
      }
    }
  }

  /** Calls back for each hit until told to stop. */
  find(text: string, onHit: (owner: number) => boolean): boolean {
    const shifts = this.#shifts
    const last = text.length
    for (let i = this.#length - 1; i < last;) {
      const place = placeOf(text.charCodeAt(i - 2), text.charCodeAt(i - 1), text.charCodeAt(i))
      const shift = shifts[place] ?? 1
      if (shift > 0) {
        i += shift
        continue
      }
      for (const needle of this.#ends.get(place) ?? [])
        if (text.startsWith(needle.text, i - this.#length + 1) && onHit(needle.owner)) return true
      i++
    }
    return false
  }
}

/** Short needles shorten the steps of all that are searched with them, so they go apart. */
const lengthClasses = [3, 6, 10, 16] as const

class NeedleSets {
  readonly #sets: readonly NeedleSet[]
  readonly #short: readonly Needle[]

  constructor(needles: readonly Needle[]) {
    this.#short = needles.filter(({text}) => text.length < lengthClasses[0])
    this.#sets = lengthClasses.flatMap((least, i) => {
      const most = lengthClasses[i + 1] ?? Infinity
      const own = needles.filter(({text}) => text.length >= least && text.length < most)
      return own.length === 0 ? [] : [new NeedleSet(own)]
    })
  }

  find(text: string, onHit: (owner: number) => boolean): boolean {
    for (const set of this.#sets) if (set.find(text, onHit)) return true
    for (const needle of this.#short) if (text.includes(needle.text) && onHit(needle.owner)) return true
    return false
  }
}

/** Tells which of many terms a record may hold, in one pass over its text, however many they are. */
export class TextScanner {
  readonly #ignoreCase: boolean
  readonly #texts: NeedleSets
  readonly #base64: NeedleSets

  constructor(terms: readonly string[], ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase
    const needles = terms.map((term, owner) => ({owner, ...needlesOf(term, ignoreCase)}))
    const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text)
    const texts = needles.flatMap(({owner, texts: own}) => own.map((text) => ({text: fold(text), owner})))
    const base64 = needles.flatMap(({owner, base64: own}) => own.map((text) => ({text, owner})))
    this.#texts = new NeedleSets(ignoreCase ? texts : [...texts, ...base64])
    this.#base64 = new NeedleSets(ignoreCase ? base64 : [])
  }

  #scan(raw: string, onHit: (owner: number) => boolean): boolean {
    const readings = [raw]
    if (raw.includes('%')) readings.push(...urlDecoded(raw))
    if (raw.includes('\\u') && oddEscape.test(raw)) readings.push(unescaped(raw))
    for (const text of readings) {
      if (this.#texts.find(this.#ignoreCase ? text.toLowerCase() : text, onHit)) return true
      if (this.#base64.find(text, onHit)) return true
    }
    return false
  }

  /** True where the text may hold any of the terms. */
  mayHold(raw: string): boolean {
    return this.#scan(raw, () => true)
  }

  /** The terms that the text may hold, by their place among all. */
  termsIn(raw: string): number[] {
    const found = new Set<number>()
    this.#scan(raw, (owner) => {
      found.add(owner)
      return false
    })
    return [...found].sort((a, b) => a - b)
  }
}
