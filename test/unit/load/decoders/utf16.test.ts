import fc from 'fast-check'
import {expect, test} from 'vitest'
import {decodeUtf16, recogniseUtf16} from '../../../../src/load/decoders/utf16.ts'
import {runs} from '../../../support/properties.ts'
import {inChunks, readAll} from '../../../support/streams.ts'

test('UTF-16 becomes UTF-8 wherever its chunks end; half of a pair becomes its escape', async () => {
  const units = fc.array(fc.oneof(fc.integer({min: 1, max: 0xffff}), fc.integer({min: 0xd7f0, max: 0xe010})), {
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(units, fc.integer({min: 1, max: 9}), fc.boolean(), async (codes, size, isBig) => {
      const text = String.fromCharCode(...codes.filter((code) => code !== 0xfeff))
      const bytes = Buffer.from(text, 'utf16le')
      const lone = /[\ud800-\udfff]/u
      const wanted = text.replace(new RegExp(lone, 'gu'), (unit) => `\\u${unit.charCodeAt(0).toString(16)}`)
      const decoded = await readAll(
        decodeUtf16(inChunks(isBig ? bytes.swap16() : bytes, size), isBig ? 'utf-16be' : 'utf-16le'),
      )
      expect([decoded.bytes.toString('utf8'), decoded.problem]).toEqual([wanted, null])
    }),
    runs(100),
  )
})

test('UTF-16 without a mark is told by its NULs; other text and binary data are not taken for it', () => {
  expect(recogniseUtf16(Buffer.from('{"kind":"Event"}\n', 'utf16le'))).toBe('utf-16le')
  expect(recogniseUtf16(Buffer.from('{"kind":"Event"}\n', 'utf16le').swap16())).toBe('utf-16be')
  expect(recogniseUtf16(Buffer.from('{"kind":"Event"}\n'))).toBeNull()
  expect(recogniseUtf16(Buffer.alloc(4096))).toBeNull()
  expect(recogniseUtf16(Buffer.concat([Buffer.alloc(100), Buffer.from('{"kind":"Event"}\n')]))).toBeNull()
})
