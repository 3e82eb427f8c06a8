import {readFileSync} from 'node:fs'

/** The text of a shipped query, by its name without ending. */
export function queryFile(name: string): string {
  return readFileSync(new URL(`../../queries/${name}.sql`, import.meta.url), 'utf8')
}
