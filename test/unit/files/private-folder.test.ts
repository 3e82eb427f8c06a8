import {existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {privateFolder, removePrivateFolders} from '../../../src/files/private-folder.ts'
import {newFolder} from '../../support/scratch.ts'

const before = process.env['TMPDIR']
let temporary = ''

beforeEach(() => {
  temporary = newFolder()
  process.env['TMPDIR'] = temporary
})

afterEach(() => {
  removePrivateFolders()
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
})

const deadPid = 2 ** 22 + 1

/** The name of this process's folders, with another process, or another host. */
function named({pid = process.pid, realm}: {readonly pid?: number; readonly realm?: string}): string {
  const folder = privateFolder()
  const [own, , random] = basename(folder.path).split('-') as [string, string, string]
  folder.remove()
  return [realm ?? own, pid, random].join('-')
}

function leave(name: string): string {
  const path = join(temporary, `k8saudit-${process.getuid?.() ?? 'user'}`, name)
  mkdirSync(path, {recursive: true})
  writeFileSync(join(path, '1'), 'rest')
  return path
}

test('folders stand in one place, for the user alone, and go with it', () => {
  const [one, two] = [privateFolder(), privateFolder()]
  expect(dirname(one.path)).toBe(dirname(two.path))
  for (const path of [one.path, dirname(one.path)]) expect(lstatSync(path).mode & 0o777).toBe(0o700)
  writeFileSync(join(one.path, 'f'), 'x')
  one.remove()
  expect(existsSync(one.path)).toBe(false)
  expect(existsSync(two.path)).toBe(true)
  two.remove()
  expect(readdirSync(temporary)).toEqual([])
})

test('a place that was open to others is closed to them', () => {
  mkdirSync(join(temporary, `k8saudit-${process.getuid?.() ?? 'user'}`), {mode: 0o755})
  expect(lstatSync(dirname(privateFolder().path)).mode & 0o777).toBe(0o700)
})

test.each([
  ['a link', (path: string) => symlinkSync(newFolder(), path)],
  ['a file', (path: string) => writeFileSync(path, '')],
])('where the name is %s that someone else made, another is taken', (_, make) => {
  const usual = join(temporary, `k8saudit-${process.getuid?.() ?? 'user'}`)
  make(usual)
  const folder = privateFolder()
  expect(dirname(folder.path)).not.toBe(usual)
  expect(lstatSync(dirname(folder.path)).mode & 0o777).toBe(0o700)
  folder.remove()
  expect(readdirSync(temporary)).toEqual([basename(usual)])
})

test('what a killed process left is removed; what a living one has stays', () => {
  const dead = leave(named({pid: deadPid}))
  const living = leave(named({pid: process.ppid}))
  privateFolder()
  expect(existsSync(dead)).toBe(false)
  expect(existsSync(living)).toBe(true)
})

test('what other hosts have there stays for a week, whatever its number says', () => {
  const young = leave(named({pid: deadPid, realm: 'aaaaaaaaaaaa'}))
  const old = leave(named({pid: deadPid, realm: 'bbbbbbbbbbbb'}))
  const eightDaysAgo = Date.now() / 1000 - 8 * 86_400
  utimesSync(old, eightDaysAgo, eightDaysAgo)
  privateFolder()
  expect(existsSync(young)).toBe(true)
  expect(existsSync(old)).toBe(false)
})

test('what is not its own kind stays', () => {
  const foreign = leave('something-else')
  privateFolder()
  expect(existsSync(foreign)).toBe(true)
})
