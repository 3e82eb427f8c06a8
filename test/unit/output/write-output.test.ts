import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createWriteStream, existsSync} from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {describe, expect, it} from 'vitest'
import {OutputError} from '../../../src/output/output-error.ts'
import {writeOutput} from '../../../src/output/write-output.ts'

class Endless {
  stopped = false
  async *lines() {
    try {
      for (let i = 0; ; i++) yield await Promise.resolve(`line ${i} ${'x'.repeat(1000)}\n`)
    } finally {
      this.stopped = true
    }
  }
}

describe('writeOutput', () => {
  it('writes every piece in order', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'output-'))
    const stream = createWriteStream(join(folder, 'out'))
    const pieces = Array.from({length: 300}, (_, i) => `${i} ${'é'.repeat(1000)}\n`)
    expect(await writeOutput(asStream(pieces), stream)).toBe('written')
    stream.end()
    await once(stream, 'close')
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe(pieces.join(''))
    await rm(folder, {recursive: true})
  })

  it('ends quietly and stops the pieces when the reader goes away', async () => {
    const head = spawn('head', ['-n', '2'], {stdio: ['pipe', 'pipe', 'inherit']})
    const endless = new Endless()
    const read = text(head.stdout)
    expect(await writeOutput(endless.lines(), head.stdin)).toBe('closed')
    expect(endless.stopped).toBe(true)
    expect((await read).split('\n').map((line) => line.slice(0, 6))).toEqual(['line 0', 'line 1', ''])
  })

  it('waits for a slow reader instead of keeping all in memory', async () => {
    const reader = spawn('sleep', ['30'], {stdio: ['pipe', 'ignore', 'inherit']})
    let made = 0
    async function* pieces() {
      for (; made < 1000; made++) yield await Promise.resolve('x'.repeat(100_000))
    }
    const written = writeOutput(pieces(), reader.stdin)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(made).toBeLessThan(10)
    reader.kill()
    expect(await written).toBe('closed')
  })

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    const endless = new Endless()
    const failure = await writeOutput(endless.lines(), createWriteStream('/dev/full')).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OutputError)
    expect(failure).toMatchObject({
      message: expect.stringContaining('disk is full') as string,
      suggestion: expect.stringMatching(/\.$/) as string,
      cause: expect.objectContaining({code: 'ENOSPC'}) as object,
    })
    expect(endless.stopped).toBe(true)
  })

  it('passes on what the pieces throw', async () => {
    const reader = spawn('cat', {stdio: ['pipe', 'pipe', 'inherit']})
    async function* failing() {
      yield await Promise.resolve('a')
      throw new Error('the statement failed')
    }
    await expect(writeOutput(failing(), reader.stdin)).rejects.toThrow('the statement failed')
    reader.stdin.end()
    expect(await text(reader.stdout)).toBe('a')
  })
})

async function* asStream(pieces: string[]): AsyncGenerator<string> {
  for (const piece of pieces) yield await Promise.resolve(piece)
}
