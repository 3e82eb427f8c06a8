import fc from 'fast-check'
import {expect, test} from 'vitest'
import {unlikelySilences, type Piece} from '../../src/investigations/coverage/silences.ts'
import {random as seededRandom} from '../support/random.ts'
import {runs} from '../support/properties.ts'

const hour = 3600

/** What is kept of events at these seconds: a piece for each minute. */
function piecesOf(seconds: readonly number[]): Piece[] {
  const minutes = new Map<number, Piece>()
  for (const at of seconds) {
    const us = Math.round(at * 1e6)
    const one = minutes.get(Math.floor(at / 60)) ?? {
      source: 1,
      firstUs: us,
      lastUs: us,
      events: 0,
      firstLine: 1,
      lastLine: 1,
    }
    minutes.set(Math.floor(at / 60), {
      ...one,
      firstUs: Math.min(one.firstUs, us),
      lastUs: Math.max(one.lastUs, us),
      events: one.events + 1,
    })
  }
  return [...minutes.values()]
}

type Traffic = (random: () => number, seconds: number) => number[]
const wait = (random: () => number, mean: number): number => -Math.log(1 - random()) * mean

/** Events that come independently of each other, so many seconds apart on the average. */
const independent =
  (mean: number): Traffic =>
  (random, seconds) => {
    const events = []
    for (let at = wait(random, mean); at < seconds; at += wait(random, mean)) events.push(at)
    return events
  }

/** Bursts of twenty events. */
const bursts =
  (mean: number, length: number): Traffic =>
  (random, seconds) =>
    independent(mean)(random, seconds).flatMap((at) => Array.from({length: 20}, () => at + random() * length))

/** Busy days and quiet nights. */
const days: Traffic = (random, seconds) => {
  const events = []
  for (let at = 0; at < seconds;) {
    const clock = (at / hour) % 24
    at += wait(random, clock > 8 && clock < 18 ? 5 : 400)
    events.push(at)
  }
  return events
}

test('traffic without a gap has none, in 99 of 100 logs', () => {
  const random = seededRandom(20260301)
  const kinds = [
    independent(2),
    independent(12),
    independent(60),
    independent(300),
    bursts(120, 30),
    bursts(600, 120),
    days,
  ]
  let [logs, alarms] = [0, 0]
  for (const traffic of kinds)
    for (const length of [0.5, 2, 6, 24, 60])
      for (let i = 0; i < 12; i++) {
        const silences = unlikelySilences(piecesOf(traffic(random, length * hour)), () => null)
        logs++
        if (silences.some(({isHabit}) => !isHabit)) alarms++
      }
  expect(logs).toBeGreaterThan(400)
  expect(alarms / logs).toBeLessThanOrEqual(0.01)
})

test('what is cut out of busy traffic is found, with its very edges, wherever it lies', () => {
  fc.assert(
    fc.property(
      fc.integer({min: 1, max: 2 ** 30}),
      fc.double({min: 0.2, max: 0.8, noNaN: true}),
      fc.integer({min: 300, max: 7200}),
      (seed, share, length) => {
        const whole = independent(2)(seededRandom(seed), 10 * hour)
        const from = share * 10 * hour
        const left = whole.filter((at) => at < from || at >= from + length)
        const [found, ...others] = unlikelySilences(piecesOf(left), () => null)
        expect(others).toEqual([])
        expect(found).toMatchObject({isHabit: false})
        expect(found?.before.lastUs).toBe(Math.round((left.findLast((at) => at < from) ?? 0) * 1e6))
        expect(found?.after.firstUs).toBe(Math.round((left.find((at) => at >= from) ?? 0) * 1e6))
      },
    ),
    runs(25),
  )
})

test('the order of pieces does not matter, and steady traffic makes a minute and a half tell', () => {
  fc.assert(
    fc.property(fc.integer({min: 61, max: 9000}), fc.integer({min: 0, max: 2 ** 20}), (length, seed) => {
      const seconds = Array.from({length: 600}, (_, i) => i * 2 + (i >= 300 ? length : 0))
      const pieces = piecesOf(seconds)
      const random = seededRandom(seed)
      const shuffled = pieces.map((piece) => ({piece, at: random()})).sort((a, b) => a.at - b.at)
      const found = unlikelySilences(
        shuffled.map(({piece}) => piece),
        () => 2,
      )
      expect(found).toEqual(unlikelySilences(pieces, () => 2))
      expect(found.map((each) => [each.seconds, each.isHabit])).toEqual([[length + 2, false]])
    }),
    runs(50),
  )
})
