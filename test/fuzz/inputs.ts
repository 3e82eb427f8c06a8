import {readdirSync, readFileSync, statSync} from 'node:fs'
import {basename, join} from 'node:path'
import fc from 'fast-check'
import {hardEvents} from '../support/hard-events.ts'
import {below, oneOf, random} from '../support/random.ts'
import {allShapes} from '../support/shapes/all-shapes.ts'
import {encodings} from '../support/shapes/encodings.ts'
import type {WrittenEvent} from '../support/shapes/shape.ts'
import {mutate} from './mutations.ts'
import {packedLogs} from './packed-logs.ts'

/** A file to load, and how it was made. */
export interface FuzzInput {
  readonly name: string
  readonly bytes: Buffer
  readonly story: string
}

/** Real logs are taken up to this size, so that many of them fit into one load. */
const realBytes = 60_000

interface RealLog {
  readonly name: string
  readonly bytes: Buffer
}

/** Every file of real logs, its beginning at least; none where there are none. */
export function readRealLogs(folder: string | undefined): RealLog[] {
  if (folder === undefined) return []
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({name: basename(path), bytes: readFileSync(path).subarray(0, realBytes)}))
}

/** Lists of events that the seed determines. */
export function eventLists(seed: number): WrittenEvent[][] {
  return fc.sample(hardEvents, {seed, numRuns: 60}).map((events) => events.slice(0, 8))
}

/** The event as CloudWatch cuts a long message. */
const cutMessage = ({event, text}: WrittenEvent, next: () => number): WrittenEvent => ({
  event,
  text: `${text.slice(0, below(next, text.length))}[Truncated...]`,
})

/**
 * Makes the `nth` input of a seed, always the same: a real log or generated events in some shape, changed as text, put
 * into some encoding or container, and changed there again.
 */
export async function fuzzInput(
  seed: number,
  nth: number,
  lists: readonly WrittenEvent[][],
  real: readonly RealLog[],
): Promise<FuzzInput> {
  const next = random((seed ^ Math.imul(nth + 1, 0x9e3779b1)) | 0)
  const written = (): RealLog => {
    if (real.length > 0 && next() < 0.3) return oneOf(next, real)
    if (next() < 0.05) {
      const name = oneOf(next, Object.keys(packedLogs))
      return {name: `a .${name} file`, bytes: packedLogs[name] as Buffer}
    }
    const given = oneOf(next, allShapes)
    const whole = oneOf(next, lists).filter(({event}) => given.accepts(event))
    const events = next() < 0.1 ? whole.map((event) => cutMessage(event, next)) : whole
    return {name: given.name, bytes: given.wrap(events).bytes}
  }
  const base = written()
  const encoding = next() < 0.5 ? encodings[0] : oneOf(next, encodings)
  const where = oneOf(next, ['text', 'text', 'packed', 'both'])
  let {bytes} = base
  const story = [base.name]
  const change = (): void => {
    const changed = mutate(bytes, next, written().bytes)
    bytes = changed.bytes
    story.push(...changed.how)
  }
  if (where !== 'packed') change()
  bytes = (await encoding?.encode(bytes, 'audit.log')) ?? bytes
  story.push(encoding?.name ?? '')
  if (where !== 'text') change()
  const name = `${nth}-${oneOf(next, ['audit.log', 'audit.log.gz', 'PT1H.json', 'x.csv', '0.log', 'a.tar', `${below(next, 9)}`])}`
  return {name, bytes, story: story.join(' > ')}
}
