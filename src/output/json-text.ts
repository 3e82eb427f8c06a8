import type {Column, Plain} from './answer.ts'
import {hiddenCharacters} from './sanitise.ts'

const beyondAscii = /[^\x20-\x7e]/

function unicodeEscapes(character: string): string {
  let escapes = ''
  for (let i = 0; i < character.length; i++) escapes += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
  return escapes
}

/**
 * A value as JSON on one line. What is invisible or would act on a terminal is written as `\uXXXX`: the same data, and
 * harmless to look at.
 */
export function jsonText(value: Plain | readonly Plain[] | Readonly<Record<string, Plain>>): string {
  const text = JSON.stringify(value)
  // Outside its strings JSON.stringify writes ASCII alone, so every match stands where an escape is allowed.
  return beyondAscii.test(text) ? text.replace(hiddenCharacters, unicodeEscapes) : text
}

/** Column names as keys of one object: a name that comes again gets a number (`a`, `a_1`), so that no value is lost. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let n = 1; seen.has(unique) || (n > 1 && taken.has(unique)); n++) unique = `${name}_${n}`
    seen.add(unique)
    return unique
  })
}

/** Returns what turns a row of these columns into the text of one JSON object. */
export function jsonRow(columns: readonly Column[]): (row: readonly Plain[]) => string {
  const keys = uniqueNames(columns.map(({name}) => name)).map((name, i) => `${i === 0 ? '{' : ','}${jsonText(name)}:`)
  return (row) => {
    let text = keys.length === 0 ? '{' : ''
    for (let i = 0; i < keys.length; i++) text += (keys[i] ?? '') + jsonText(row[i] ?? null)
    return `${text}}`
  }
}
