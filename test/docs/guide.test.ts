import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
// @ts-expect-error A script, without types.
import {renderGuide} from '../../scripts/guide-output.mjs'

/** Where a line is broken depends on how long the folder's real name is. */
const words = (text: string): string[] => text.split(/\s+/)

test('what the guide shows is what its commands print', () => {
  const guide = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8')
  expect(guide.match(/^\$ k8saudit /gm)?.length).toBeGreaterThan(10)
  expect(words((renderGuide as (text: string) => string)(guide))).toEqual(words(guide))
})
