import {chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DuckDBInstance} from '@duckdb/node-api'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {OutputError} from '../../../src/output/output-error.ts'
import {saveOutput} from '../../../src/output/save-output.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'save-'))
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, {recursive: true})
})

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  for (const piece of texts) yield await Promise.resolve(piece)
}

async function failureOf(path: string): Promise<OutputError> {
  const failure = await saveOutput(pieces('new'), path).catch((error: unknown) => error)
  if (!(failure instanceof OutputError)) throw new Error(`no OutputError: ${String(failure)}`)
  return failure
}

describe('saveOutput', () => {
  it('writes all pieces to a file that only its owner can read', async () => {
    const path = join(folder, 'answer.csv')
    await saveOutput(pieces('a,é\n', '1,日本\n'), path)
    expect(await readFile(path, 'utf8')).toBe('a,é\n1,日本\n')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['answer.csv'])
  })

  it('writes an empty answer too', async () => {
    await saveOutput(pieces(), join(folder, 'empty'))
    expect(await readFile(join(folder, 'empty'), 'utf8')).toBe('')
  })

  it('takes the place of an older file, which stays until the end', async () => {
    const path = join(folder, 'answer')
    await writeFile(path, 'old and longer', {mode: 0o644})
    let during = ''
    async function* looking() {
      yield 'new'
      during = await readFile(path, 'utf8')
    }
    await saveOutput(looking(), path)
    expect(during).toBe('old and longer')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('leaves the older file and no other behind when the pieces fail', async () => {
    const path = join(folder, 'answer')
    await writeFile(path, 'old')
    async function* failing() {
      yield await Promise.resolve('half')
      throw new RangeError('the statement failed')
    }
    await expect(saveOutput(failing(), path)).rejects.toThrow(RangeError)
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['answer'])
  })

  it('leaves nothing behind when it is aborted, and stops the pieces', async () => {
    const abort = new AbortController()
    let stopped = false
    async function* aborted() {
      try {
        yield await Promise.resolve('half')
        abort.abort(new Error('interrupted'))
        yield 'more'
      } finally {
        stopped = true
      }
    }
    await expect(saveOutput(aborted(), join(folder, 'answer'), {signal: abort.signal})).rejects.toThrow('interrupted')
    expect(stopped).toBe(true)
    expect(await readdir(folder)).toEqual([])
  })

  it('does not finish a file when the signal comes with the last piece', async () => {
    const abort = new AbortController()
    async function* last() {
      yield await Promise.resolve('all')
      abort.abort()
    }
    await expect(saveOutput(last(), join(folder, 'answer'), {signal: abort.signal})).rejects.toThrow()
    expect(await readdir(folder)).toEqual([])
  })

  it('follows a link to a file', async () => {
    await mkdir(join(folder, 'real'))
    await writeFile(join(folder, 'real', 'answer'), 'old')
    await symlink(join('real', 'answer'), join(folder, 'link'))
    await saveOutput(pieces('new'), join(folder, 'link'))
    expect(await readFile(join(folder, 'real', 'answer'), 'utf8')).toBe('new')
    expect(await readdir(folder)).toEqual(['link', 'real'])
  })

  it('says which folder is missing', async () => {
    const failure = await failureOf(join(folder, 'no', 'answer'))
    expect(failure.message).toBe(`There is no folder ${join(folder, 'no')}.`)
    expect(failure.suggestion).not.toBe('')
    expect(failure.cause).toMatchObject({code: 'ENOENT'})
  })

  it('says where a folder is a file or a file a folder', async () => {
    await writeFile(join(folder, 'file'), '')
    expect((await failureOf(join(folder, 'file', 'answer'))).message).toBe(`${join(folder, 'file')} is no folder.`)
    expect((await failureOf(folder)).message).toBe(`${folder} is a folder.`)
  })

  it('replaces no device and no pipe', async () => {
    expect((await failureOf('/dev/null')).message).toBe('/dev/null is no ordinary file.')
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
  })

  it('does not replace a case file', async () => {
    const path = join(folder, 'case.duckdb')
    const instance = await DuckDBInstance.create(path)
    instance.closeSync()
    const before = await readFile(path)
    expect((await failureOf(path)).message).toContain('DuckDB database')
    expect((await readFile(path)).equals(before)).toBe(true)
  })

  it.skipIf(process.getuid?.() === 0)('says that there is no permission', async () => {
    await chmod(folder, 0o500)
    const failure = await failureOf(join(folder, 'answer'))
    expect(failure.message).toBe(`${join(folder, 'answer')} could not be written: no permission.`)
    expect(failure.cause).toMatchObject({code: 'EACCES'})
  })

  it('names the file where the system has another complaint', async () => {
    const failure = await failureOf(join(folder, 'x'.repeat(300)))
    expect(failure.message).toContain('xxx could not be written: ENAMETOOLONG')
  })
})
