import {expect, test} from 'vitest'
import {sizeText} from '../../../../src/investigations/policy/size-text.ts'

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 KB'],
  [99_940, '99.9 KB'],
  [999_400, '999 KB'],
  [999_600, '1.0 MB'],
  [17_644_000, '17.6 MB'],
  [2_500_000_000_000_000, '2500 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})
