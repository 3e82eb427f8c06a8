import {readFileSync} from 'node:fs'

/**
 * The text of a `.sql` file beside this one, with `{name}` replaced. Only numbers and fixed pieces of SQL are ever put
 * in this way; everything that comes from outside is bound.
 */
export function sqlFile(name: string, replacements: Readonly<Record<string, number | string>> = {}): string {
  let text = readFileSync(new URL(name, import.meta.url), 'utf8')
  for (const [key, value] of Object.entries(replacements)) text = text.replaceAll(`{${key}}`, () => String(value))
  return text
}
