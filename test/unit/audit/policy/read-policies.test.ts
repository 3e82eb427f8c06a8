import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import type {Finding} from '../../../../src/audit/policy/finding.ts'
import {readPolicies} from '../../../../src/audit/policy/read-policies.ts'

/**
 * Policies beside what is expected of them. `check` is what reading them finds, in order; `taken` are the places of the
 * policies that an API server takes (null: the file itself). UPDATE_GOLDENS=1 writes both and leaves the rest: read what it
 * wrote.
 */
interface Expected {
  readonly taken: readonly (string | null)[]
  readonly check: readonly object[]
}

const folder = fileURLToPath(new URL('../../../support/policies/', import.meta.url))
const files = readdirSync(folder).filter((name) => /\.(?:yaml|json)$/.test(name) && !name.endsWith('.expected.json'))

function brief({severity, code, rule, line}: Finding, place: string | null) {
  return {severity, code, rule, line, ...(place === null ? {} : {place})}
}

describe('policies that somebody could write', () => {
  it.each(files)('%s', (name) => {
    const documents = readPolicies(readFileSync(`${folder}${name}`, 'utf8'))
    const path = `${folder}${name.replace(/\.[a-z]+$/, '')}.expected.json`
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Expected) : undefined
    const got: Expected = {
      taken: documents.filter(({policy}) => policy !== null).map(({place}) => place),
      check: documents.flatMap(({place, findings}) => findings.map((finding) => brief(finding, place))),
    }
    if (process.env['UPDATE_GOLDENS'] !== undefined)
      writeFileSync(path, `${JSON.stringify({...before, ...got}, null, 2)}\n`)
    else expect(got).toEqual({taken: before?.taken, check: before?.check})
  })

  it('have a sentence for what is so and one for why it matters', () => {
    for (const name of files)
      for (const {findings} of readPolicies(readFileSync(`${folder}${name}`, 'utf8')))
        for (const {message, why} of findings) {
          expect(message).toMatch(/^[^a-z].*\.$|^[a-zA-Z.[\]0-9]+ is .*\.$/s)
          expect(why.length).toBeGreaterThan(10)
        }
  })
})
