import {closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync} from 'node:fs'
import {basename, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {nearest} from './nearest.ts'
import {parseHead, type QueryHead} from './query-head.ts'
import {QueryError} from './query-error.ts'

/** The folder of the shipped queries. */
export const shippedFolder = fileURLToPath(new URL('../../queries', import.meta.url))

/** Longer files are no queries. */
const longestFile = 1024 * 1024

/** A query file: where it stands, and which other one it stands before. */
export interface QueryPlace {
  /** The file's name without its ending. */
  readonly name: string
  readonly path: string
  readonly isShipped: boolean
  /** Path of the file of the same name that is used in its place; NULL where this one is used. */
  readonly hiddenBy: string | null
}

/** A query file that was read. */
export interface Query extends QueryPlace {
  readonly text: string
  readonly head: QueryHead
  /** Path of a file of the same name that this one hides; NULL where there is none. */
  readonly hides: string | null
}

function realFolder(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

function namesIn(folder: string, isWanted: boolean): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.sql') && name.length > 4)
      .sort()
  } catch (error) {
    if (!isWanted && (error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new QueryError(
      `The folder ${folder} cannot be read: ${reasonOf(error)}.`,
      'Give a folder that holds query files.',
      error,
    )
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  ENOTDIR: 'it is no folder',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ELOOP: 'its links lead in a circle',
  EISDIR: 'it is a folder',
  ENXIO: 'it is no ordinary file',
}

function reasonOf(error: unknown): string {
  const {code = '', message} = error as NodeJS.ErrnoException
  return reasons[code] ?? message
}

/**
 * The query files of the user's folders, in their order, then the shipped ones. Of several with one name the first is
 * used, and the others are listed as hidden by it.
 *
 * @param folders `--query-path` as given; they have to be there
 * @param ownFolder `./queries`, which may be missing, or be the shipped folder itself
 * @throws QueryError where a folder that was asked for cannot be read
 */
export function findQueries(folders: readonly string[], ownFolder: string): QueryPlace[] {
  const wanted = [
    ...folders.map((path) => ({path, isWanted: true})),
    {path: ownFolder, isWanted: false},
    {path: shippedFolder, isWanted: true},
  ]
  const shipped = realFolder(shippedFolder)
  const seen = new Set<string>()
  const used = new Map<string, string>()
  return wanted.flatMap(({path: folder, isWanted}) => {
    const real = realFolder(folder)
    if (seen.has(real)) return []
    seen.add(real)
    return namesIn(folder, isWanted).map((file) => {
      const path = join(folder, file)
      const name = file.slice(0, -'.sql'.length)
      const hiddenBy = used.get(name) ?? null
      if (hiddenBy === null) used.set(name, path)
      return {name, path, isShipped: real === shipped, hiddenBy}
    })
  })
}

/**
 * The text of a query file.
 *
 * @throws QueryError where it is missing, no ordinary file, too long, or no text
 */
export function readQueryText(path: string): string {
  let bytes: Buffer
  try {
    // Without waiting: a named pipe would otherwise hold the command until somebody wrote to it.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(file)
      if (!stat.isFile())
        throw new QueryError(
          `${path} is ${stat.isDirectory() ? 'a folder' : 'no ordinary file'}.`,
          'Give a file that holds a query.',
        )
      if (stat.size > longestFile)
        throw new QueryError(
          `${path} is longer than a query can be: ${stat.size.toLocaleString('en-US')} bytes, where ${longestFile.toLocaleString('en-US')} are taken.`,
          'Give a file that holds one statement.',
        )
      bytes = readFileSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof QueryError) throw error
    throw new QueryError(
      `${path} cannot be read: ${reasonOf(error)}.`,
      'k8saudit query list shows what there is.',
      error,
    )
  }
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes)
    if (text.includes('\0')) throw new TypeError('a NUL byte')
    return text
  } catch (error) {
    throw new QueryError(`${path} is no text in UTF-8.`, 'Give a file that holds a query in SQL.', error)
  }
}

/** True for what names a file rather than a query of the catalogue. */
export function isPath(word: string): boolean {
  return word.endsWith('.sql') || word.includes('/') || word.includes('\\')
}

/**
 * One query by its name, or by the path of its file.
 *
 * @throws QueryError where there is none, or its file cannot be read
 */
export function openQuery(word: string, places: readonly QueryPlace[]): Query {
  if (isPath(word)) {
    const text = readQueryText(word)
    const name = basename(word).replace(/\.sql$/, '')
    return {name, path: word, isShipped: false, hiddenBy: null, hides: null, text, head: parseHead(text).head}
  }
  const place = places.find(({name, hiddenBy}) => name === word && hiddenBy === null)
  if (place === undefined) {
    const meant = nearest(
      word,
      places.map(({name}) => name),
    )
    throw new QueryError(
      `There is no query ${word}.`,
      `${meant === undefined ? '' : `Did you mean ${meant}? `}k8saudit query list shows all; a file is given by its path.`,
    )
  }
  const text = readQueryText(place.path)
  const hides = places.find(({name, hiddenBy}) => name === word && hiddenBy === place.path)?.path ?? null
  return {...place, hides, text, head: parseHead(text).head}
}

/** The sentence that says which of several files of one name is used; NULL where there is one alone. */
export function hidingText(query: Query, places: readonly QueryPlace[]): string | null {
  if (query.hides === null) return null
  const isShipped = places.some(({path, isShipped}) => path === query.hides && isShipped)
  return `${query.name} is ${query.path}; ${isShipped ? 'the shipped query' : query.hides} of that name is not used.`
}
