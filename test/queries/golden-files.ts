import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseHead} from '../../src/queries/query-head.ts'
import type {Plain} from '../../src/output/answer.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import type {GoldenParameters} from '../support/bare-driver.ts'
import {newFolder} from '../support/scratch.ts'

/** The folder of the project. */
export const root = join(import.meta.dirname, '../..')
const goldens = join(import.meta.dirname, 'goldens')
const inputs = join(import.meta.dirname, 'inputs')

/** One question to a query, and its rows. */
export interface GoldenCase {
  /** What this case shows. */
  readonly about: string
  /** The log: `samples`, or the name of a file or folder in test/queries/inputs. */
  readonly input?: string
  /** Parameters that are left out are NULL. */
  readonly parameters?: GoldenParameters
  readonly rows?: readonly Record<string, Plain>[]
}

/** True for a query that says in its head that its rows come in no order. */
export function isUnordered(name: string): boolean {
  return parseHead(queryText(name)).head.order !== ''
}

/** Names of all shipped queries. */
export const queryNames: readonly string[] = readdirSync(join(root, 'queries'))
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4))
  .sort()

/** The text of a shipped query. */
export function queryText(name: string): string {
  return readFileSync(join(root, 'queries', `${name}.sql`), 'utf8')
}

/** Names of the golden files that are there. */
export const goldenNames: readonly string[] = readdirSync(goldens)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -5))
  .sort()

/** The cases of a query; none where it has no golden file. */
export function goldenCases(name: string): GoldenCase[] {
  const path = join(goldens, `${name}.json`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as GoldenCase[]) : []
}

/** What an editor would not show, or act on. */
const hiddenCharacter = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Writes a golden file: a line for each row, so that a change of it is read as what it is. */
export function writeGolden(name: string, cases: readonly GoldenCase[]): void {
  const texts = cases.map(({about, input, parameters, rows = []}) => {
    const fields = [
      `"about": ${JSON.stringify(about)}`,
      ...(input === undefined ? [] : [`"input": ${JSON.stringify(input)}`]),
      ...(parameters === undefined ? [] : [`"parameters": ${JSON.stringify(parameters)}`]),
      rows.length === 0
        ? '"rows": []'
        : `"rows": [\n${rows.map((row) => `      ${JSON.stringify(row)}`).join(',\n')}\n    ]`,
    ]
    return `  {\n${fields.map((field) => `    ${field}`).join(',\n')}\n  }`
  })
  const json = `[\n${texts.join(',\n')}\n]\n`.replaceAll(
    hiddenCharacter,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  writeFileSync(join(goldens, `${name}.json`), json)
}

function pathsOf(input: string): string[] {
  const folder = input === 'samples' ? join(root, 'samples') : join(inputs, input)
  if (/\.\w+$/.test(input)) return [folder]
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

const cases = new Map<string, Promise<string>>()

/** Path of a case of an input, its files loaded in their order, or the later half first. */
export async function caseOf(input: string, order: 'forward' | 'backward' = 'forward'): Promise<string> {
  const paths = pathsOf(input)
  const half = Math.ceil(paths.length / 2)
  const isSame = order === 'forward' || paths.length === 1
  const key = `${input} ${isSame ? 'forward' : order}`
  const made =
    cases.get(key) ??
    (async () => {
      const path = await emptyCaseIn(newFolder())
      // One after the other: two that are read at once share out their numbers as it happens.
      for (const one of isSame ? paths : [...paths.slice(half), ...paths.slice(0, half)]) await load(path, [one])
      return path
    })()
  cases.set(key, made)
  return made
}

/** What differs from load to load, and from machine to machine, apart from what a query is about. */
const varying = new Set(['loaded_at', 'modified_at'])

/** A row without what differs from one machine to the next: paths below the project, times of loading. */
export function portable(row: Readonly<Record<string, Plain>>): Record<string, Plain> {
  const text = JSON.stringify(
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, varying.has(name) && value !== null ? '*' : value]),
    ),
  )
  return JSON.parse(text.replaceAll(`${JSON.stringify(root).slice(1, -1)}/`, '')) as Record<string, Plain>
}

/** Numbers that the order of loading gives. */
const numbers = ['source_id', 'request_id', 'event_id', 'load_id']

/** A row without the numbers that the order of loading gives. */
export function withoutNumbers(row: Readonly<Record<string, Plain>>): Record<string, Plain> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !numbers.includes(name)))
}
