import {byteOf} from './framing/bytes.ts'
import {JsonScanner} from './framing/json-scanner.ts'

/**
 * The text of a member that is an object, as it stands in a JSON object.
 *
 * @param names of the members that lead to it, from the outermost
 * @returns NULL where there is none, or where it is something else than an object
 */
function objectIn(bytes: Buffer, names: readonly string[]): string | null {
  const keys = names.map((name) => JSON.stringify(name).slice(1, -1))
  const scanner = new JsonScanner()
  scanner.watchDepth = 1
  let looksFor = 0
  for (;;) {
    if (scanner.scan(bytes, scanner.at, bytes.length, 0) !== 'opens') return null
    const isSought =
      bytes[scanner.at] === byteOf.openBrace &&
      bytes.toString('utf8', scanner.keyStart, scanner.keyEnd) === keys[looksFor]
    if (isSought && looksFor === keys.length - 1) {
      const start = scanner.at
      scanner.stopDepth = scanner.depth
      scanner.watchDepth = -1
      scanner.enter(bytes)
      return scanner.scan(bytes, scanner.at, bytes.length, 0) === 'value'
        ? bytes.toString('utf8', start, scanner.at)
        : null
    }
    if (isSought) {
      looksFor++
      scanner.watchDepth++
      // Behind the end of this object nothing is looked for.
      scanner.stopDepth = scanner.depth
    }
    scanner.enter(bytes)
  }
}

/**
 * The exact text of an object in a JSON object, which may differ from what a parser makes of it: in numbers, blanks, escapes.
 *
 * @param given the names that lead to it, joined by `.`; a blank; the text of the JSON object
 * @returns NULL where it is none. Of equal keys the first that is an object is taken, which a parser may see otherwise.
 */
export function memberText(given: string): string | null {
  const at = given.indexOf(' ')
  const names = given.slice(0, at).split('.')
  return objectIn(Buffer.from(given.slice(at + 1)), names)
}
