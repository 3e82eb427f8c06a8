import {base64Decoded, unescaped, urlDecoded} from './decode.ts'
import {leavesOf, parsed} from './leaves.ts'
import {needlesOf} from './needles.ts'

/** How a term stands in a field: as it is, escaped as JSON, form-encoded, or in base64. */
export type Form = 'plain' | 'json' | 'url' | 'base64'

/** Where a term stands in a record. */
export interface Place {
  /** Path of the field as jq takes it; `raw` where the term is in the text of the record, but in no one field. */
  readonly field: string
  readonly how: Form
  /** The decoded text around it. */
  readonly match: string
}

/** Finds one term in texts and in bytes. */
export interface Finder {
  readonly term: string
  /** Where the term begins in a text and how long it is; undefined where it is not in it. */
  readonly inText: (text: string) => readonly [start: number, length: number] | undefined
  /** The text around the term in bytes, be they UTF-8 or UTF-16. */
  readonly inBytes: (bytes: Buffer) => string | undefined
  /** False for the text of a record in which no base64 can hold the term. */
  readonly mayBeInBase64: (raw: string) => boolean
}

const around = 40

/** The piece of a text around a hit, on whole characters. */
function excerpt(text: string, start: number, length: number): string {
  const isWithin = (at: number): boolean =>
    /[\udc00-\udfff]/.test(text.charAt(at)) && /[\ud800-\udbff]/.test(text.charAt(at - 1))
  let from = Math.max(start - around, 0)
  let to = Math.min(start + length + around, text.length)
  if (isWithin(from)) from++
  if (isWithin(to)) to--
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`
}

/** What base64 can be written with beside its own characters. */
const encodedSign = /%|\\\/|\\u(?!00(?:26|3c|3e))/i

/** Bytes one to one as characters, so that they can be searched like a text. */
const asCharacters = (bytes: Buffer): string => bytes.toString('latin1')

/** How to find a term, in lower and upper case alike where asked for. */
export function finderOf(term: string, ignoreCase: boolean): Finder {
  const pattern = ignoreCase ? new RegExp(term.replaceAll(/[$()*+.?[\\\]^{|}/]/g, String.raw`\$&`), 'iu') : undefined
  const inText = (text: string): readonly [number, number] | undefined => {
    if (pattern !== undefined) {
      const hit = pattern.exec(text)
      return hit === null ? undefined : [hit.index, hit[0].length]
    }
    const start = text.indexOf(term)
    return start === -1 ? undefined : [start, term.length]
  }
  const encodings = (['utf8', 'utf16le'] as const).map((encoding) => {
    const characters = asCharacters(Buffer.from(term, encoding))
    return {encoding, needle: ignoreCase ? characters.toLowerCase() : characters}
  })
  const inBytes = (bytes: Buffer): string | undefined => {
    const characters = asCharacters(bytes)
    const searched = ignoreCase ? characters.toLowerCase() : characters
    for (const {encoding, needle} of encodings) {
      const at = searched.indexOf(needle)
      if (at === -1) continue
      const step = encoding === 'utf8' ? 1 : 2
      const from = encoding === 'utf8' ? Math.max(at - around, 0) : Math.max(at - 2 * around, at % 2)
      const text = bytes.subarray(from, at + needle.length + step * around).toString(encoding)
      const hit = inText(text)
      if (hit !== undefined) return excerpt(text, ...hit)
    }
    return undefined
  }
  const {base64} = needlesOf(term, ignoreCase)
  const mayBeInBase64 = (raw: string): boolean =>
    base64.length > 0 && (encodedSign.test(raw) || base64.some((needle) => raw.includes(needle)))
  return {term, inText, inBytes, mayBeInBase64}
}

/** A text with what it says when it is decoded; each is worked out when it is first asked for. */
class Reading {
  readonly path: string
  readonly text: string
  #nested: readonly string[] | undefined
  #decoded: readonly string[] | undefined
  #bytes: readonly Buffer[] | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  /** Texts within the text, where it is JSON. */
  get nested(): readonly string[] {
    this.#nested ??= /^\s*[[{]/.test(this.text) ? leavesOf(parsed(this.text) ?? null).map(({text}) => text) : []
    return this.#nested
  }

  get decoded(): readonly string[] {
    this.#decoded ??= [this.text, ...this.nested].flatMap(urlDecoded)
    return this.#decoded
  }

  get bytes(): readonly Buffer[] {
    this.#bytes ??= [this.text, ...this.nested, ...this.decoded].flatMap((text) => [...base64Decoded(text)])
    return this.#bytes
  }

  find(finder: Finder, isInText: boolean, withBase64: boolean): Place | undefined {
    const {path: field} = this
    const first = (how: Form, texts: readonly string[]): Place | undefined => {
      for (const text of texts) {
        const hit = finder.inText(text)
        if (hit !== undefined) return {field, how, match: excerpt(text, ...hit)}
      }
      return undefined
    }
    const told =
      first(isInText ? 'plain' : 'json', [this.text]) ?? first('json', this.nested) ?? first('url', this.decoded)
    if (told !== undefined || !withBase64) return told
    for (const bytes of this.bytes) {
      const match = finder.inBytes(bytes)
      if (match !== undefined) return {field, how: 'base64', match}
    }
    return undefined
  }
}

/** A record that is searched, taken apart once for all terms. */
export class SearchedRecord {
  readonly #raw: string
  readonly #readings: readonly Reading[]
  #whole: Reading | undefined

  /** @param eventJson the event as JSON, where `raw` is not that */
  constructor(raw: string, eventJson: string | null) {
    this.#raw = raw
    const document = parsed(eventJson ?? raw)
    this.#readings =
      typeof document === 'object' && document !== null
        ? leavesOf(document).map(({path, text}) => new Reading(path, text))
        : []
  }

  /**
   * Every field in which a term stands, in the order of the record. A term that stands in its text and in no field, such
   * as a part of its JSON or a value that a later one of the same key hides, is in the field `raw`.
   */
  placesOf(finder: Finder): Place[] {
    const isInText = finder.inText(this.#raw) !== undefined
    const withBase64 = finder.mayBeInBase64(this.#raw)
    const places: Place[] = []
    const seen = new Set<string>()
    for (const reading of this.#readings) {
      const place = seen.has(reading.path) ? undefined : reading.find(finder, isInText, withBase64)
      if (place === undefined) continue
      seen.add(reading.path)
      places.push(place)
    }
    if (places.length > 0) return places
    this.#whole ??= new Reading('raw', this.#raw)
    const whole = this.#whole.find(finder, isInText, withBase64)
    if (whole !== undefined) return [whole]
    const plain = unescaped(this.#raw)
    const escaped = plain === this.#raw ? undefined : new Reading('raw', plain).find(finder, false, withBase64)
    return escaped === undefined ? [] : [escaped]
  }
}
