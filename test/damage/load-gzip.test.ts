import {constants, gunzipSync, gzipSync} from 'node:zlib'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {logText, manyEvents} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const text = logText(manyEvents(300))
const lines = text.trimEnd().split('\n')
const packed = gzipSync(text)

/** What can be decompressed of a stream that ends early, as zlib itself sees it. */
const decompressible = (bytes: Uint8Array): string =>
  bytes.length < 11 ? '' : gunzipSync(bytes, {finishFlush: constants.Z_SYNC_FLUSH}).toString('utf8')

interface Loaded {
  readonly outcome: string
  readonly status: string
  readonly problem: string | null
  readonly events: number
  readonly rejects: number
  readonly raw: readonly {readonly line: number; readonly raw: string}[]
  readonly reasons: readonly string[]
}

async function loadBytes(bytes: Uint8Array): Promise<Loaded> {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const report = await load(casePath, [writeInto(folder, 'audit.log.gz', bytes)])
  const [source] = await ask<{status: string; problem: string | null; events: number; rejects: number}>(
    casePath,
    'SELECT status, problem, events, rejects FROM sources',
  )
  expect(await brokenSources(casePath)).toEqual([])
  return {
    outcome: report.outcome,
    ...(source as NonNullable<typeof source>),
    raw: await ask(casePath, 'SELECT line, raw FROM events ORDER BY line'),
    reasons: (await ask<{reason: string}>(casePath, 'SELECT reason FROM rejects')).map(({reason}) => reason),
  }
}

describe('a gzip file that was cut', () => {
  test('gives every whole line before the cut, and tells the byte and the line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 20, max: packed.length - 1}), async (cut) => {
        const readable = decompressible(packed.subarray(0, cut))
        const whole = readable.split('\n').slice(0, -1)
        const torn = readable.split('\n').at(-1) ?? ''
        const loaded = await loadBytes(packed.subarray(0, cut))
        // A cut inside the first block of deflate can leave nothing to read at all, and then it is a failed source.
        expect(loaded.outcome).toBe('damaged')
        expect(loaded.problem).toContain(`the gzip stream is cut short: compressed byte ${cut}, decompressed byte ${readable.length}`)
        if (readable !== '') expect(loaded.problem).toMatch(torn === '' ? /line after the last/ : new RegExp(`line ${whole.length + 1}\\b`))
        expect(loaded.status).toBe('partial')
        expect(loaded.raw.map(({raw}) => raw)).toEqual(lines.slice(0, torn === lines[whole.length] ? whole.length + 1 : whole.length))
        expect(loaded.rejects).toBe(torn === '' || torn === lines[whole.length] ? 0 : 1)
        if (loaded.rejects === 1) expect(loaded.reasons).toEqual(['torn last line'])
      }),
      {...runs(9), examples: [[packed.length - 1], [packed.length - 8], [packed.length - 9]]},
    ) // prettier-ignore
  })
})

describe('a gzip file with a flipped bit', () => {
  test('is never taken for whole, and what stands before the damage is in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 10, max: packed.length - 1}), fc.nat({max: 7}), async (at, bit) => {
        const bytes = Buffer.from(packed)
        bytes[at] = (bytes[at] as number) ^ (1 << bit)
        const loaded = await loadBytes(bytes)
        expect(loaded.outcome).toBe('damaged')
        expect(['partial', 'failed']).toContain(loaded.status)
        expect(loaded.problem).toMatch(/compressed byte \d+, decompressed byte \d+|after the end of the gzip stream/)
        const before = decompressible(packed.subarray(0, at)).split('\n').length - 1
        if (loaded.status === 'partial' && loaded.events > 0)
          expect(loaded.raw.slice(0, before).map(({raw}) => raw)).toEqual(lines.slice(0, before))
      }),
      {...runs(9), examples: [[packed.length - 1, 0], [packed.length - 8, 3]]},
    ) // prettier-ignore
  })
})

test('a gzip file of two members is read to its end', async () => {
  const loaded = await loadBytes(Buffer.concat([gzipSync(lines.slice(0, 100).join('\n')), gzipSync(`\n${lines.slice(100).join('\n')}\n`)])) // prettier-ignore
  expect(loaded).toMatchObject({outcome: 'complete', status: 'loaded', problem: null, events: 300})
  expect(loaded.raw.map(({line}) => line)).toEqual(lines.map((_, i) => i + 1))
})

test('a second member that is cut leaves the first one whole', async () => {
  const second = gzipSync(text)
  const loaded = await loadBytes(Buffer.concat([packed, second.subarray(0, second.length / 2)]))
  expect(loaded.status).toBe('partial')
  expect(loaded.raw.length).toBe(300)
  expect(loaded.events).toBeGreaterThan(300) // the rest are copies
})

test('bytes after the end of a gzip file are told, with their place, and cost nothing', async () => {
  const garbage = await loadBytes(Buffer.concat([packed, Buffer.from('garbage')]))
  expect(garbage).toMatchObject({outcome: 'damaged', status: 'partial', events: 300, rejects: 0})
  expect(garbage.problem).toMatch(new RegExp(`compressed byte ${packed.length + 1}, decompressed byte ${text.length}`))
  const afterPadding = await loadBytes(Buffer.concat([packed, Buffer.from('\0\0garbage')]))
  expect(afterPadding).toMatchObject({outcome: 'damaged', status: 'partial', events: 300, rejects: 0})
  expect(afterPadding.problem).toContain(`9 bytes after the end of the gzip stream are no gzip: compressed byte ${packed.length}`) // prettier-ignore
})

test('zeros after the end of a gzip file are padding', async () => {
  expect(await loadBytes(Buffer.concat([packed, Buffer.alloc(1000)]))).toMatchObject({
    outcome: 'complete',
    status: 'loaded',
    problem: null,
    events: 300,
  })
})

test('a gzip file of nothing is no audit log, and one whose header is all there is was cut', async () => {
  expect(await loadBytes(gzipSync(''))).toMatchObject({outcome: 'complete', status: 'skipped', problem: 'empty'})
  expect(await loadBytes(packed.subarray(0, 10))).toMatchObject({outcome: 'damaged', status: 'partial', events: 0})
})
