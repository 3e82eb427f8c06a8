/** Text with its `%XX` decoded; what is none stays. Bytes that are not UTF-8 become U+FFFD. */
function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

/** What a text says where it is percent- or form-encoded, once or twice; nothing where it is not. */
export function urlDecoded(text: string): string[] {
  const once = text.includes('%') ? percentDecoded(text) : text
  const forms = [once]
  if (text.includes('+')) forms.push(percentDecoded(text.replaceAll('+', ' ')))
  if (once.includes('%')) forms.push(percentDecoded(once), percentDecoded(once.replaceAll('+', ' ')))
  return [...new Set(forms)].filter((form) => form !== text)
}

const escapes: Readonly<Record<string, string>> = {b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'}

/** JSON text with its escapes undone wherever they stand, nested ones too. */
export function unescaped(text: string): string {
  return text.includes('\\')
    ? text.replaceAll(
        /\\+(?:u([0-9a-f]{4})|(["\\/bfnrt]))/gi,
        (_, code: string | undefined, sign: string | undefined) =>
          code === undefined ? (escapes[sign ?? ''] ?? sign ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text
}

const base64Run = /[A-Za-z0-9+/_-]{6,}/g

/** The bytes that runs of base64 in a text stand for, at each of the four places where a group may begin. */
export function* base64Decoded(text: string): Generator<Buffer> {
  for (const [run] of text.matchAll(base64Run))
    for (let from = 0; from < 4; from++) yield Buffer.from(run.slice(from), 'base64')
}

/** Escapes that Go's encoder does not write by itself: who writes letters so may want them not to be found. */
export const oddEscape = /\\u(?!00(?:26|3c|3e)|202[89])/i
