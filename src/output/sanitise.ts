/**
 * What a reader would not see, or what would act on a terminal: control and format characters (escapes, bidi controls,
 * zero-width characters, tags), lone surrogates, blanks that pass for a space, characters that Unicode lets vanish
 * (fillers, variation selectors), and combining marks beyond the sixth in a row. A variation selector that picks the
 * form of an emoji or a keycap stays, and so does the ideographic space, which is wide.
 */
const hidden =
  '(?!(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]|(?<=[0-9#*])\\ufe0f\\u20e3|[ \\u3000])' +
  '(?:[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Z}\\p{Default_Ignorable_Code_Point}\\u2800]|(?<=\\p{M}{6})\\p{M})'

/** Matches each hidden character: for formats that have an escape of their own for it. */
export const hiddenCharacters = new RegExp(hidden, 'gu')

// The run of backslashes is matched from its first one only: otherwise a long run would cost the square of its length.
const ambiguous = new RegExp(`(?<!\\\\)(\\\\+)(?=[nrt]|x[0-9a-f]{2}|u\\{[0-9a-f]{1,6}\\}|${hidden})|${hidden}`, 'gu')
const harmless = /^[\x20-\x5b\x5d-\x7e]*$/
const named: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t'}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return named[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`)
}

/**
 * Text with everything invisible made visible, on one line: `\n`, `\x1b`, `\u{202e}`. Letters of all scripts, CJK and
 * emoji stay; the joiner inside a joined emoji is shown, because it can hide elsewhere too.
 *
 * Different texts stay different: where the text itself has backslashes before something that looks like such an
 * escape, they are doubled. So this is for raw text, once.
 */
export function visible(text: string): string {
  if (harmless.test(text)) return text
  return text.replace(ambiguous, (match: string, backslashes: string | undefined) =>
    backslashes === undefined ? escapeOf(match) : backslashes + backslashes,
  )
}

const narrow = /^[\x20-\x7e\xa1-\xac\xae-\u02ff]*$/
const emoji = /\p{Emoji_Presentation}|\ufe0f/u
const noColumn = /^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u
/** Wide and full-width, after Unicode's UAX 11; the emoji among them are found by their own property. */
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u

let segmenter: Intl.Segmenter | undefined

function* graphemes(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('en', {granularity: 'grapheme'})
  for (const {segment} of segmenter.segment(text)) yield segment
}

function graphemeWidth(grapheme: string): number {
  if (emoji.test(grapheme)) return 2
  let columns = 0
  for (const character of grapheme) columns += noColumn.test(character) ? 0 : wide.test(character) ? 2 : 1
  return Math.max(columns, 1)
}

/** The columns that visible text takes on a terminal: two for CJK and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  if (narrow.test(text)) return text.length
  let columns = 0
  for (const grapheme of graphemes(text)) columns += graphemeWidth(grapheme)
  return columns
}

/** Visible text in at most `width` columns, ending in `…` where something was cut; never cut inside what reads as one character. */
export function cut(text: string, width: number): string {
  if (narrow.test(text)) return text.length <= width ? text : width < 1 ? '' : `${text.slice(0, width - 1)}…`
  let columns = 0
  let length = 0
  let kept = 0
  for (const grapheme of graphemes(text)) {
    columns += graphemeWidth(grapheme)
    if (columns > width) return width < 1 ? '' : `${text.slice(0, kept)}…`
    length += grapheme.length
    if (columns < width) kept = length
  }
  return text
}
