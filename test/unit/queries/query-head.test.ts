import {describe, expect, test} from 'vitest'
import {nearest} from '../../../src/queries/nearest.ts'
import {isOptional, parseHead} from '../../../src/queries/query-head.ts'

const whole = `/*
title: Reads of a secret
description: Every get of one secret,
  oldest first: also those that were refused.
params:
  name: Name of the secret.
  since: Only from then on.
    Optional.
columns:
  time: When: in UTC.
  "count_star()": How many.
limits: Blind at level None.
*/
SELECT 1
`

describe('the head of a query', () => {
  test('is read with its nested and continued lines', () => {
    const {head, problems} = parseHead(whole)
    expect(problems).toEqual([])
    expect(head).toMatchObject({
      title: 'Reads of a secret',
      description: 'Every get of one secret, oldest first: also those that were refused.',
      params: [
        {name: 'name', text: 'Name of the secret.', line: 6},
        {name: 'since', text: 'Only from then on. Optional.', line: 7},
      ],
      columns: [
        {name: 'time', text: 'When: in UTC.', line: 10},
        {name: 'count_star()', text: 'How many.', line: 11},
      ],
      limits: 'Blind at level None.',
      lastLine: 13,
    })
    expect(head.lines.get('limits')).toBe(12)
  })

  test('is the same with a byte order mark, carriage returns and other indentation', () => {
    const other = `\ufeff${whole.replaceAll('\n', '\r\n').replaceAll('\r\n  ', '\r\n\t').replace('title', ' title')}`
    const {head} = parseHead(other.replace(' title', 'title'))
    expect({...head, columns: []}).toEqual({...parseHead(whole).head, columns: []})
  })

  test.each([
    ['SELECT 1', 1, /does not begin with a head/],
    ['/* title: x', 1, /does not end/],
    ['/*\ntitle: x\nlimit: y\n*/', 3, /knows no "limit"/],
    ['/*\ntitle: x\ntitle: y\n*/', 3, /second time/],
    ['/*\nsome words\n*/', 2, /no "key: text"/],
    ['/*\n  name: x\n*/', 2, /belongs to no key/],
    ['/*\nparams:\n  no colon here\n*/', 3, /no "name: text"/],
    ['/*\nparams:\n  a: x\n  a: y\n*/', 4, /second time/],
    ['/*\nparams: none\n*/', 2, /followed by lines/],
  ])('that does not fit is told with its line: %j', (text, line, message) => {
    const {problems} = parseHead(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems[0]?.line).toBe(line)
    expect(problems[0]?.problem).toMatch(message)
  })

  test('says which parameters may be left out', () => {
    const entry = (text: string) => isOptional({name: 'x', text, line: 1})
    expect(entry('Only this cluster. Optional.')).toBe(true)
    expect(entry('Plurals of the types; NULL for every type.')).toBe(true)
    expect(entry('Name of the object.')).toBe(false)
    expect(entry('Nullable, optionally said.')).toBe(false)
  })
})

test('the word that was probably meant', () => {
  expect(nearest('nmae', ['name', 'cluster'])).toBe('name')
  expect(nearest('log-gap', ['log-gaps', 'log-levels'])).toBe('log-gaps')
  expect(nearest('clus', ['name', 'cluster'])).toBe('cluster')
  expect(nearest('zzz', ['name', 'cluster'])).toBeUndefined()
  expect(nearest('x', [])).toBeUndefined()
})
