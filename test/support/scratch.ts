import {mkdtempSync, rmSync, writeFileSync, mkdirSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterAll} from 'vitest'

let base: string | null = null

afterAll(() => {
  if (base !== null) rmSync(base, {recursive: true, force: true})
  base = null
})

/** An empty folder of this test file's own; it is gone when the file's tests are done. */
export function newFolder(): string {
  base ??= mkdtempSync(join(tmpdir(), 'k8saudit-test-'))
  return mkdtempSync(join(base, 'f-'))
}

/** Writes a file below a folder, with the folders between; text that ends in `.gz` is gzipped. Returns its path. */
export function writeInto(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, name.endsWith('.gz') && typeof content === 'string' ? gzipSync(content) : content)
  return path
}
