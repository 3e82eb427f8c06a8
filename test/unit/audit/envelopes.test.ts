import {readFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {envelopes} from '../../../src/audit/envelopes.ts'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

it('tells every format that the documentation names, and no other', () => {
  const named = [...read('docs/formats.md').matchAll(/^\| `([^`]+)`/gm)].map(([, format]) => format)
  expect(Object.keys(envelopes).sort()).toEqual([...new Set(named)].sort())
})

it('tells every format that a record can be given', () => {
  const given = ['open-envelope', 'unwrap-envelopes']
    .flatMap((name) => [...read(`src/load/${name}.sql`).matchAll(/(?:THEN|ELSE) '([a-z][-a-z0-9]*)'/g)])
    .map(([, format]) => format as string)
  expect(given.length).toBeGreaterThan(20)
  expect(Object.keys(envelopes)).toEqual(expect.arrayContaining(given))
})
