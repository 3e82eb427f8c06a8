import {describe, expect, it} from 'vitest'
import {cut, displayWidth, visible} from '../../../src/output/sanitise.ts'

describe('visible', () => {
  it.each([
    ['a line break', 'a\nb\r\n\tc', String.raw`a\nb\r\n\tc`],
    ['a colour', '\x1b[31mred\x1b[0m', String.raw`\x1b[31mred\x1b[0m`],
    ['a link of a terminal', '\x1b]8;;http://x\x07y', String.raw`\x1b]8;;http://x\x07y`],
    ['C1 controls, which some terminals obey', '\x9b31m\x85\x7f', String.raw`\x9b31m\x85\x7f`],
    ['bidi controls', 'exe\u202egpj.\u2066x\u200f', String.raw`exe\u{202e}gpj.\u{2066}x\u{200f}`],
    ['zero width and BOM', 'a\u200bd\u2060m\ufeffin', String.raw`a\u{200b}d\u{2060}m\u{feff}in`],
    ['line and paragraph separators', 'a\u2028b\u2029c', String.raw`a\u{2028}b\u{2029}c`],
    ['tags', 'x\u{e0001}\u{e0041}', String.raw`x\u{e0001}\u{e0041}`],
    [
      'smuggling variation selectors',
      'x\ufe01\u{e0100}1\ufe0f😀\ufe0f\ufe0f',
      String.raw`x\u{fe01}\u{e0100}1\u{fe0f}😀` + '\ufe0f' + String.raw`\u{fe0f}`,
    ],
    ['lone surrogates', 'a\ud800b\udc00', String.raw`a\u{d800}b\u{dc00}`],
    ['blanks that pass for a space', 'a\u00a0b\u2003c\u3164d\u2800e', String.raw`a\xa0b\u{2003}c\u{3164}d\u{2800}e`],
    ['soft hyphen', 'ad\u00admin', String.raw`ad\xadmin`],
  ])('shows %s', (_, hostile, shown) => {
    expect(visible(hostile)).toBe(shown)
  })

  it.each([
    'system:serviceaccount:kube-system:default',
    'Zoë Müller',
    '日本語　全角',
    'עברית العربية ไทย',
    '😀👍🏽🇩🇪❤️ 1️⃣',
    'C:\\Users\\Zoe',
    '{"a":"b"}',
  ])('leaves %s as it is', (text) => {
    expect(visible(text)).toBe(text)
  })

  it('tells a line break from a backslash and an n', () => {
    expect(visible('CORP\\nathan')).toBe(String.raw`CORP\\nathan`)
    expect(visible('CORP\nathan')).toBe(String.raw`CORP\nathan`)
    expect(visible('CORP\\\nathan')).toBe(String.raw`CORP\\\nathan`)
  })

  it('stops marks from piling up over other lines', () => {
    expect(visible(`e${'\u0301'.repeat(8)}`)).toBe(`e${'\u0301'.repeat(6)}${String.raw`\u{301}\u{301}`}`)
  })

  it('takes a megabyte of backslashes in its stride', () => {
    const startedAt = performance.now()
    expect(visible('\\'.repeat(1_000_000))).toHaveLength(1_000_000)
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['kubectl', 7],
    ['Zoë', 3],
    ['e\u0301', 1],
    ['日本語', 6],
    ['ｱｲｳ', 3],
    ['ＡＢ', 4],
    ['한국', 4],
    ['\u1112\u1161\u11ab', 2],
    ['😀', 2],
    ['👍🏽', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['\u0301', 1],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('cut', () => {
  it.each([
    ['nginx', 5, 'nginx'],
    ['nginx', 4, 'ngi…'],
    ['nginx', 1, '…'],
    ['nginx', 0, ''],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 1, '…'],
    ['日本語', 0, ''],
    ['ae\u0301io', 3, 'ae\u0301…'],
    ['a👍🏽bc', 4, 'a👍🏽…'],
    ['a👍🏽bc', 3, 'a…'],
    ['日本a', 5, '日本a'],
  ])('%j to %i is %j', (text, width, result) => {
    expect(cut(text, width)).toBe(result)
  })
})
