import {expect, it} from 'vitest'
import {memberText} from '../../../src/load/member-text.ts'

it.each([
  ['a', '{"a":{"n":1.10}}', '{"n":1.10}'],
  ['a', '{ "b" : [{"a":{}}] , "a" : { "n" : 1e3 } }', '{ "n" : 1e3 }'],
  ['a', String.raw`{"s":"\"a\":{}","a":{"s":"}\/\u00e9"}}`, String.raw`{"s":"}\/\u00e9"}`],
  ['a.b', '{"b":{"x":1},"a":{"c":{"b":{}},"b":{"y":2}}}', '{"y":2}'],
  ['a.b', '{"a":{"c":1},"b":{"y":2}}', null],
  ['a.b', '{"a":{"c":{"b":{}}}}', null],
  ['a', '{"a":"{}"}', null],
  ['a', '{"a":[{}]}', null],
  ['a', '{"a":{"b":1', null],
  ['a', 'a', null],
  ['a', '', null],
  ['é', '{"é":{"ü":"😀"}}', '{"ü":"😀"}'],
])('finds %s in %s', (place, text, found) => {
  expect(memberText(`${place} ${text}`)).toBe(found)
})
