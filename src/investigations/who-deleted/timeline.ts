import {addTo} from './add-to.ts'
import type {Sign} from './sign.ts'

/** The first place in a sorted list at which a value is not below an instant, or is beyond it. */
export function placeOf<Entry>(
  entries: readonly Entry[],
  instantOf: (entry: Entry) => string,
  instant: string,
  isBeyond = false,
): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = instantOf(entries[middle] as Entry)
    if (at < instant || (isBeyond && at === instant)) low = middle + 1
    else high = middle
  }
  return low
}

/** For each place the next one, itself included, at which something holds; the length where it never does again. */
export function nextPlaces<Entry>(entries: readonly Entry[], holds: (entry: Entry) => boolean): readonly number[] {
  // No typed array: of these there are several for each object, most of them tiny.
  const next = new Array<number>(entries.length + 1).fill(entries.length)
  for (let i = entries.length - 1; i >= 0; i--) next[i] = holds(entries[i] as Entry) ? i : (next[i + 1] as number)
  return next
}

const instantOf = (sign: Sign): string => sign.at

/**
 * The signs of one object in their order. Nothing here walks through all of them for each request: a log may hold any
 * number of requests on one object, and clients choose how many.
 */
export class Timeline {
  readonly #signs: readonly Sign[]
  // Worked out when first asked for: of most objects hardly any of it is.
  #nextEnd: readonly number[] | undefined
  #nextGone: readonly number[] | undefined
  #nextPresent: readonly number[] | undefined
  #nextUnnamed: readonly number[] | undefined
  #nextNamed: readonly number[] | undefined
  #nextOther: readonly number[] | undefined
  #byUid: Map<string, Sign[]> | undefined
  #lifeBefore: readonly number[] | undefined

  constructor(signs: readonly Sign[]) {
    this.#signs = signs.length < 2 ? signs : [...signs].sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
  }

  get #ends(): readonly number[] {
    return (this.#nextEnd ??= nextPlaces(this.#signs, ({kind}) => kind === 'absent' || kind === 'created'))
  }

  get #gone(): readonly number[] {
    return (this.#nextGone ??= nextPlaces(this.#signs, ({kind}) => kind === 'gone'))
  }

  get #present(): readonly number[] {
    return (this.#nextPresent ??= nextPlaces(this.#signs, ({kind}) => kind === 'present'))
  }

  get #unnamed(): readonly number[] {
    return (this.#nextUnnamed ??= nextPlaces(this.#signs, ({kind, uid}) => kind === 'present' && uid === null))
  }

  get #named(): readonly number[] {
    return (this.#nextNamed ??= nextPlaces(this.#signs, ({kind, uid}) => kind === 'present' && uid !== null))
  }

  /** For each sign with a uid, the next with another one. */
  get #others(): readonly number[] {
    if (this.#nextOther !== undefined) return this.#nextOther
    const others = new Array<number>(this.#signs.length + 1).fill(this.#signs.length)
    for (let i = this.#signs.length - 1; i >= 0; i--) {
      const next = this.#named[i + 1] as number
      others[i] = this.#signs[next]?.uid === this.#signs[i]?.uid ? (others[next] as number) : next
    }
    return (this.#nextOther = others)
  }

  get #uids(): ReadonlyMap<string, readonly Sign[]> {
    if (this.#byUid !== undefined) return this.#byUid
    const uids = new Map<string, Sign[]>()
    for (const sign of this.#signs) if (sign.kind === 'present' && sign.uid !== null) addTo(uids, sign.uid, sign)
    return (this.#byUid = uids)
  }

  /** The last sign of life, deletions aside, before each place. */
  get #lives(): readonly number[] {
    if (this.#lifeBefore !== undefined) return this.#lifeBefore
    const lives = new Array<number>(this.#signs.length + 1).fill(-1)
    for (const [i, sign] of this.#signs.entries())
      lives[i + 1] = sign.kind === 'present' && sign.act === undefined ? i : (lives[i] as number)
    return (this.#lifeBefore = lives)
  }

  #at(place: number | undefined): Sign | undefined {
    return place === undefined ? undefined : this.#signs[place]
  }

  #from(instant: string, isBeyond = false): number {
    return placeOf(this.#signs, instantOf, instant, isBeyond)
  }

  /**
   * The first sign that the object a request spoke of is no more: absent or made anew from the request on, or another
   * uid under its name once it was answered.
   */
  endAfter(time: string, endedAt: string, uid: string | null): Sign | undefined {
    const end = this.#at(this.#ends[this.#from(time)])
    const other = uid === null ? undefined : this.#otherAfter(endedAt, uid)
    return other !== undefined && (end === undefined || other.at < end.at) ? other : end
  }

  #otherAfter(endedAt: string, uid: string): Sign | undefined {
    const place = this.#named[this.#from(endedAt, true)]
    const sign = this.#at(place)
    return sign?.uid === uid ? this.#at(this.#others[place as number]) : sign
  }

  /** The first sign of life after an instant that bears a uid. */
  sameAfter(endedAt: string, uid: string): Sign | undefined {
    const same = this.#uids.get(uid)
    return same?.[placeOf(same, instantOf, endedAt, true)]
  }

  /** The first sign of life after an instant; without a uid of its own, where one is asked for. */
  lifeAfter(endedAt: string, uid: string | null): Sign | undefined {
    const next = uid === null ? this.#present : this.#unnamed
    return this.#at(next[this.#from(endedAt, true)])
  }

  /** The first write after an instant that freed the object, or one of this uid, of what held it. */
  freedAfter(time: string, uid: string | null): Sign | undefined {
    for (let place = this.#gone[this.#from(time)]; ;) {
      const sign = this.#at(place)
      if (place === undefined || sign === undefined) return undefined
      if (uid === null || sign.uid === null || sign.uid === uid) return sign
      place = this.#gone[place + 1]
    }
  }

  /** The last sign of life, deletions aside, between an instant and a sign, or up to the end of the log. */
  lastLife(from: string, until: Sign | undefined): Sign | undefined {
    const before = until === undefined ? this.#signs.length : this.#from(until.at)
    const place = this.#lives[before]
    const sign = place === undefined || place < 0 ? undefined : this.#signs[place]
    return sign !== undefined && sign.at >= from ? sign : undefined
  }

  /** The last sign of any kind before an instant. */
  lastBefore(time: string): Sign | undefined {
    return this.#signs[this.#from(time) - 1]
  }
}
