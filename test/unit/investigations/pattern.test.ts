import {fc, test as property} from '@fast-check/vitest'
import {describe, expect, test} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {globPattern, matcherOf} from '../../../src/investigations/pattern.ts'
import {emptyCaseIn} from '../../support/built-loader.ts'
import {newFolder} from '../../support/scratch.ts'

describe('matcherOf', () => {
  test.each([
    ['prod', 'prod', true],
    ['prod', 'prod-2', false],
    ['prod*', 'prod-2', true],
    ['*', '', true],
    ['*:ci:*', 'system:serviceaccount:ci:deployer', true],
    ['a.c', 'abc', false],
    ['a[b]*', 'a[b]c', true],
    ['a*', 'a\nb', true],
    ['*', null, false],
    ['a', null, false],
  ])('%s on %s: %s', (pattern, value, meant) => expect(matcherOf(pattern)(value)).toBe(meant))
})

const names = fc.string({
  unit: fc.constantFrom('a', 'b', '*', '?', '[', ']', '\\', '^', '-', '!', '/', '.', '\n', 'é'),
  maxLength: 8,
})
const casePath = await emptyCaseIn(newFolder())

property.prop([names, names], {numRuns: 200})(
  'a query means the same by a pattern as the matcher',
  async (pattern, value) => {
    const caseFile = await openCase(casePath)
    try {
      const [row] = await caseFile.all('SELECT $value::VARCHAR GLOB $pattern::VARCHAR AS meant', {
        value,
        pattern: globPattern(pattern),
      })
      expect(row?.['meant']).toBe(matcherOf(pattern)(value))
    } finally {
      caseFile.close()
    }
  },
)
