/** Fewer bytes than that have no base64 form that is not in every other text by chance. */
export const leastBase64Bytes = 4

/** The inside of a JSON string as Go's encoder writes it: `&`, `<` and `>` escaped too, and the line ends that JavaScript knows. */
export function goText(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[&<>\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A term as it may stand in the text of a record: as typed, in a JSON string, in JSON within a JSON string, with `+` for blanks, with `\/`. */
function textNeedles(term: string): string[] {
  const loose = JSON.stringify(term).slice(1, -1)
  const go = goText(term)
  return [
    term,
    loose,
    go,
    goText(go),
    goText(loose),
    ...(term.includes(' ') ? [goText(term.replaceAll(' ', '+'))] : []),
    ...(term.includes('/') ? [go.replaceAll('/', String.raw`\/`)] : []),
  ]
}

/** Characters of base64 by how often they stand in audit logs, the rarest first. */
const byRarity = 'QYK_+WLOXFHNJGEUBMjDCzwqVZxSAPIRThygkvf79/85631lb4mp20-durcoinstae'
/** So long a piece of base64 does not stand in other text by chance. */
const enoughBase64 = 10

/** A piece that begins with its rarest character, if enough is left of it: what looks for it skips to where that stands. */
function fromRarest(piece: string): string {
  let start = 0
  for (let i = 1; i <= piece.length - enoughBase64; i++)
    if (byRarity.indexOf(piece.charAt(i)) < byRarity.indexOf(piece.charAt(start))) start = i
  return piece.slice(start)
}

/**
 * The characters of base64 that bytes have wherever they stand in a longer text: one piece for each of the three places
 * at which they can begin in a group of three. What also depends on the neighbours is cut off.
 */
function base64Needles(bytes: Buffer): string[] {
  const needles = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return fromRarest(encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)))
  })
  return needles.flatMap((needle) => {
    const urlSafe = needle.replaceAll('+', '-').replaceAll('/', '_')
    return urlSafe === needle ? [needle] : [needle, urlSafe]
  })
}

/**
 * Base64 of a term, as UTF-8 and as UTF-16LE (what PowerShell encodes), none for a term that is too short. Where case is
 * ignored: of the term as typed, in lower and in upper case.
 */
function base64NeedlesOf(term: string, ignoreCase: boolean): string[] {
  if (Buffer.byteLength(term) < leastBase64Bytes) return []
  const forms = ignoreCase ? [term, term.toLowerCase(), term.toUpperCase()] : [term]
  return forms.flatMap((form) => [
    ...base64Needles(Buffer.from(form, 'utf8')),
    ...base64Needles(Buffer.from(form, 'utf16le')),
  ])
}

/** Pieces of text of which an event holds one where it may hold the term. */
export interface Needles {
  readonly texts: readonly string[]
  readonly base64: readonly string[]
}

/** What to look for in the text of records to find a term. */
export function needlesOf(term: string, ignoreCase: boolean): Needles {
  return {
    texts: [...new Set(textNeedles(term))],
    base64: [...new Set(base64NeedlesOf(term, ignoreCase))],
  }
}

/** A character for RE2, which knows no other special meaning of it then. */
function literal(character: string): string {
  return /^[A-Za-z0-9]$/.test(character) ? character : `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

const hex = (value: number, width: number): string => `(?i:${value.toString(16).padStart(width, '0')})`

const named: Readonly<Record<string, string>> = {'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

/** A character as a URI and as JSON may encode it: percent-encoded once or twice, escaped as often as it is nested. */
function encodedForms(character: string): string[] {
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25)?${hex(byte, 2)}`).join('')
  const escaped = Array.from({length: character.length}, (_, i) => `\\\\+u${hex(character.charCodeAt(i), 4)}`).join('')
  return [percent, escaped]
}

/** A character in any form, as it is too; in lower and upper case where case is ignored. */
function anyForm(character: string, ignoreCase: boolean): string {
  const cases = ignoreCase ? [character, character.toLowerCase(), character.toUpperCase()] : [character]
  const forms = [literal(character), ...new Set(cases.flatMap(encodedForms))]
  if (character === ' ') forms.push('\\+')
  if (character === '"' || character === '/') forms.push(`\\\\+${literal(character)}`)
  if (character === '\\') forms.push('\\\\+')
  const letter = named[character]
  if (letter !== undefined) forms.push(`\\\\+${letter}`)
  return `(?:${forms.join('|')})`
}

const base64Signs: Readonly<Record<string, string>> = {'+': '(?:\\+|%(?:25)?2(?i:b))', '/': '(?:/|%(?:25)?2(?i:f))'}

/** Base64 in a URI, where `+` and `/` are percent-encoded. */
function base64InUri(needle: string): string {
  return Array.from(needle, (character) => base64Signs[character] ?? literal(character)).join('')
}

/** A pattern for RE2 that finds terms however single characters of them are encoded. */
export function encodedPattern(terms: readonly string[], ignoreCase: boolean): string {
  const forms = terms.map((term) => Array.from(term, (character) => anyForm(character, ignoreCase)).join(''))
  const base64 = terms
    .flatMap((term) => base64NeedlesOf(term, ignoreCase))
    .filter((needle) => /[+/]/.test(needle))
    .map(base64InUri)
  return [...forms.map((form) => (ignoreCase ? `(?i:${form})` : form)), ...base64].join('|')
}

/** A pattern for RE2 that finds texts in lower or upper case, and others as they are. */
export function foldedPattern(folded: readonly string[], exact: readonly string[]): string {
  const literals = (text: string): string => Array.from(text, literal).join('')
  return [`(?i:${folded.map(literals).join('|')})`, ...exact.map(literals)].join('|')
}
