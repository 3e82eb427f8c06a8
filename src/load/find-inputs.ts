import {isUtf8} from 'node:buffer'
import {lstatSync, realpathSync, statSync, type Dirent, type Stats} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join, resolve, sep} from 'node:path'
import {shownName} from './decoders/member.ts'
import type {Input} from './messages.ts'

/** A path that could not be looked at, and why. */
export interface InputProblem {
  readonly path: string
  readonly problem: string
}

export interface FoundInputs {
  readonly inputs: Input[]
  readonly problems: InputProblem[]
}

/** Thrown for a path that was named and is not there: nothing is loaded then. */
export class MissingPathError extends Error {
  override readonly name = 'MissingPathError'
}

const hasWildcard = (path: string): boolean => /[*?[\]{}]/.test(path)

function describe(stats: Stats): string {
  if (stats.isFIFO()) return 'a named pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

/**
 * What paths on the command line stand for: files, folders with all below them, glob patterns (where the shell left
 * them), `-` for standard input. Each file once, in the order of its path; loops of symbolic links end at the folder
 * that was already seen.
 *
 * @throws MissingPathError for a path that does not exist or a pattern that matches nothing
 */
export async function findInputs(paths: readonly string[]): Promise<FoundInputs> {
  const inputs = new Map<string, Input>()
  const problems: InputProblem[] = []
  const folders = new Set<string>()

  /** @param bytes the path itself, where it is not UTF-8 */
  const add = async (path: string, named: boolean, bytes?: Buffer): Promise<void> => {
    const real = bytes ?? path
    let stats: Stats
    try {
      stats = statSync(real)
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      if (named && (code === 'ENOENT' || code === 'ENOTDIR'))
        throw new MissingPathError(`${path}: no such file or folder.`, {cause: error})
      problems.push({
        path,
        problem:
          code === 'ENOENT'
            ? lstatSync(real, {throwIfNoEntry: false})?.isSymbolicLink() === true
              ? 'a symbolic link that leads nowhere'
              : 'not found under this name: it is gone by now'
            : code === 'ELOOP'
              ? 'a loop of symbolic links'
              : (error as Error).message,
      })
      return
    }
    if (stats.isDirectory()) {
      let entries: Dirent<Buffer>[]
      try {
        const resolved = realpathSync.native(real, {encoding: 'buffer'}).toString('latin1')
        if (folders.has(resolved)) return
        folders.add(resolved)
        entries = await readdir(real, {withFileTypes: true, encoding: 'buffer'})
      } catch (error) {
        problems.push({path, problem: (error as Error).message})
        return
      }
      const named = entries.map(({name}) => ({name, shown: shownName(name)}))
      for (const {name, shown} of named.sort((a, b) => (a.shown < b.shown ? -1 : 1))) {
        const isText = bytes === undefined && isUtf8(name)
        await add(
          join(path, shown),
          false,
          isText ? undefined : Buffer.concat([Buffer.from(real), Buffer.from(sep), name]),
        )
      }
    } else if (stats.isFile()) {
      inputs.set(bytes === undefined ? path : `\0${bytes.toString('latin1')}`, {
        path,
        ...(bytes === undefined ? {} : {pathBytes: bytes}),
        sizeBytes: stats.size,
        modifiedAt: stats.mtime.toISOString(),
      })
    } else problems.push({path, problem: `${describe(stats)}, no file: pipe it in with - instead`})
  }

  for (const path of paths) {
    if (path === '-') {
      inputs.set('-', {path: '-', sizeBytes: 0, modifiedAt: null})
      continue
    }
    const absolute = resolve(path)
    if (hasWildcard(path) && !exists(absolute)) {
      const {glob} = await import('tinyglobby') // only where it is needed: it takes time to start up
      const matches = await glob(absolute.replaceAll('\\', '/'), {
        absolute: true,
        onlyFiles: false,
        dot: true,
        expandDirectories: false,
      })
      if (matches.length === 0) throw new MissingPathError(`${path}: nothing matches this pattern.`)
      for (const match of matches.sort()) await add(resolve(match), false)
    } else await add(absolute, true)
  }
  return {inputs: [...inputs.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)), problems}
}

function exists(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false}) !== undefined
}
