import {execFileSync} from 'node:child_process'
import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {shellQuote} from '../../../src/audit/shell-quote.ts'
import {runs} from '../../support/properties.ts'

/** What a shell makes of a line: its words. */
function wordsOf(line: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], {encoding: 'utf8'})
    .split('\0')
    .slice(0, -1)
}

describe('an argv as a line for a shell', () => {
  it.each<[readonly string[], string]>([
    [['ls', '-la', '/tmp/my dir'], "ls -la '/tmp/my dir'"],
    [['sh', '-c', "echo 'a'; id"], String.raw`sh -c 'echo '\''a'\''; id'`],
    [['printf', ''], "printf ''"],
    [['echo', 'a\nb\t'], "echo 'a\nb\t'"],
    [['tar', 'cf', '-', '/etc/passwd'], 'tar cf - /etc/passwd'],
    [['env', 'A=b'], 'env A=b'],
    [['A=b', 'c'], "'A=b' c"],
    [['if', 'then'], "'if' then"],
    [['echo', '$HOME', '~', '`id`', '!', '*', '{a,b}', '#x'], "echo '$HOME' '~' '`id`' '!' '*' '{a,b}' '#x'"],
    [['naïve', '\u001b[2J'], "'naïve' '\u001b[2J'"],
    [[], ''],
  ])('%j', (argv, line) => {
    expect(shellQuote(argv)).toBe(line)
  })

  test('a shell splits it into the same words', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[ab $'"\\`!*?~#;&|<>(){}[\]=\n\t%^/é-]{0,12}$/),
      fc.string({unit: 'grapheme', maxLength: 12}).filter((text) => !text.includes('\0')),
    )
    fc.assert(
      fc.property(fc.array(word, {minLength: 1, maxLength: 30}), (argv) => {
        expect(wordsOf(shellQuote(argv))).toEqual(argv)
      }),
      runs(30),
    )
  })
})
