import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Sign} from '../../../src/investigations/who-deleted/sign.ts'
import {Timeline} from '../../../src/investigations/who-deleted/timeline.ts'

const instant = (n: number): string => `2026-03-01T10:00:0${n}.000000Z`

const signOf = fc
  .record({
    kind: fc.constantFrom('created', 'absent', 'present', 'gone'),
    at: fc.nat({max: 9}).map(instant),
    uid: fc.constantFrom(null, 'u1', 'u2', 'u3'),
  })
  .map((sign): Sign => ({
    ...sign,
    kind: sign.kind,
    endedAt: sign.at,
    userName: 'alice',
    actor: 'user',
    what: 'get 200',
    evidence: 'a.log:1',
  }))

/** The same answers, by walking through all signs. */
class Naive {
  readonly signs: readonly Sign[]
  constructor(signs: readonly Sign[]) {
    this.signs = [...signs].sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
  }
  endAfter(time: string, endedAt: string, uid: string | null): string | undefined {
    const end = this.signs.find(({kind, at}) => (kind === 'absent' || kind === 'created') && at >= time)?.at
    const other = this.signs.find(
      (sign) => sign.kind === 'present' && uid !== null && sign.uid !== null && sign.uid !== uid && sign.at > endedAt,
    )?.at
    return [end, other].filter((at) => at !== undefined).sort()[0]
  }
  lifeAfter(endedAt: string, uid: string | null): Sign | undefined {
    return this.signs.find(
      (sign) => sign.kind === 'present' && sign.at > endedAt && (uid === null || sign.uid === null),
    )
  }
  sameAfter(endedAt: string, uid: string): Sign | undefined {
    return this.signs.find((sign) => sign.kind === 'present' && sign.at > endedAt && sign.uid === uid)
  }
  freedAfter(time: string, uid: string | null): Sign | undefined {
    return this.signs.find(
      (sign) => sign.kind === 'gone' && sign.at >= time && (uid === null || sign.uid === null || sign.uid === uid),
    )
  }
  lastBefore(time: string): Sign | undefined {
    return this.signs.filter((sign) => sign.at < time).at(-1)
  }
  lastLife(from: string, until: Sign | undefined): Sign | undefined {
    const limit = until?.at ?? 'z'
    return this.signs.filter((sign) => sign.kind === 'present' && sign.at >= from && sign.at < limit).at(-1)
  }
}

describe('Timeline', () => {
  it('answers as walking through all signs would', () => {
    const asked = fc.tuple(
      fc.array(signOf, {maxLength: 30}),
      fc.nat({max: 9}).map(instant),
      fc.nat({max: 9}).map(instant),
      fc.constantFrom(null, 'u1', 'u2'),
    )
    fc.assert(
      fc.property(asked, ([signs, time, endedAt, uid]) => {
        const timeline = new Timeline(signs)
        const naive = new Naive(signs)
        expect(timeline.endAfter(time, endedAt, uid)?.at).toEqual(naive.endAfter(time, endedAt, uid))
        expect(timeline.lifeAfter(endedAt, uid)).toBe(naive.lifeAfter(endedAt, uid))
        expect(timeline.sameAfter(endedAt, uid ?? 'u3')).toBe(naive.sameAfter(endedAt, uid ?? 'u3'))
        expect(timeline.freedAfter(time, uid)).toBe(naive.freedAfter(time, uid))
        expect(timeline.lastBefore(time)).toBe(naive.lastBefore(time))
        const until = signs.find((sign) => sign.at >= time)
        expect(timeline.lastLife(time, until)).toBe(naive.lastLife(time, until))
        expect(timeline.lastLife('', undefined)).toBe(naive.lastLife('', undefined))
      }),
      {numRuns: 500},
    )
  })
})
