import {everyRequest} from '../../../audit/policy/policy.ts'
import {decide, preparePolicy} from '../../../audit/policy/decide.ts'
import {auditLevels, type AuditLevel, type GroupResources, type PolicyRule} from '../../../audit/policy/policy.ts'
import type {Shape} from './expected-requests.ts'
import {anyNode, rareNames, typeOf, type RequestKind} from './request-kind.ts'
import {
  costs,
  groupCost,
  namespaceCost,
  ruleCost,
  typeCost,
  typesCost,
  typesKey,
  userCost,
  userGroupCost,
  verbSets,
} from './rule-cost.ts'

/** What becomes of a request: its level, and whether it is logged when it arrives. */
interface Fate {
  readonly level: AuditLevel
  readonly omitsReceived: boolean
}

/** A rule under way, with what it takes. */
interface Draft {
  readonly rule: PolicyRule
  readonly fate: Fate
  /** By place of the kind: 1 where the rule takes it. */
  readonly takes: Uint8Array
  /** In place of what the rule's length would cost. */
  readonly cost: number | undefined
}

const mostRules = 40
const mostTried = 8
const mostScopes = 20
const least = 1e-6
const properType = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(\/[a-z0-9]+)?$/
const properGroup = /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * How much it weighs that a policy decides a kind of request wrongly. One request alone can be chance (a name that a
 * rule tells, a policy in change); from two on it pays to have a rule for what is several times so.
 */
function kindWeight({requests, missing}: RequestKind): number {
  if (missing !== undefined) return missing === 'certain' ? 10 : missing === 'likely' ? 9 : 3
  return 4 + 1.5 * Math.log2(requests)
}

/** That a request was logged refutes a rule that drops it, whatever the rule would explain. */
const loggedAndDropped = 1000

/** Whether a rule can be for this name alone. */
function isNameable(name: string | null): name is string {
  return name !== null && name !== anyNode && name !== rareNames
}

function isSameFate(a: Fate, b: Fate): boolean {
  return a.level === b.level && a.omitsReceived === b.omitsReceived
}

/** Places of texts in the order of their first appearance. */
function numbered(texts: Iterable<string>): Map<string, number> {
  const places = new Map<string, number>()
  for (const text of texts) if (!places.has(text)) places.set(text, places.size)
  return places
}

function listsBy<Key>(count: number, keysOf: (place: number) => readonly Key[]): Map<Key, number[]> {
  const lists = new Map<Key, number[]>()
  for (let place = 0; place < count; place++)
    for (const key of keysOf(place)) {
      const list = lists.get(key)
      if (list === undefined) lists.set(key, [place])
      else list.push(place)
    }
  return lists
}

/** `/healthz` of `/healthz/etcd`: what rules on paths begin with. */
function pathStem(path: string): string {
  return `/${path.split('/')[1] ?? ''}`
}

/**
 * Finds few rules that decide requests as they were logged. A rule costs more the more it names, and every kind of
 * request that is decided otherwise than it was logged costs too: the list with the least of both wins (minimum
 * description length). It begins with a rule for everything and puts exceptions before it, most useful first, and
 * exceptions of those, as people write policies; then rules are widened, joined and dropped while that makes the whole
 * cheaper. Level None comes from `shapes` alone: nothing that was logged can show it.
 *
 * @param shapes Rules that would drop what is missing (`RequestKind.missing`); taken where they pay.
 * @returns The rules in their order; the last takes everything.
 */
export function learnRules(kinds: readonly RequestKind[], shapes: readonly Shape[]): PolicyRule[] {
  const learner = new Learner(kinds, shapes)
  return learner.best().map(({rule}) => rule)
}

/** A search over lists of rules; a class for the tables that all its steps share. */
class Learner {
  readonly #kinds: readonly RequestKind[]
  readonly #shapes: readonly Draft[]
  readonly #fates: readonly Fate[]
  /** For each fate and kind: 1 where the fate is what was logged. */
  readonly #agrees: readonly Uint8Array[]
  readonly #weights: Float64Array
  readonly #types: readonly NamedType[]
  readonly #typeOf: Int32Array
  readonly #stems: readonly string[]
  readonly #stemOf: Int32Array
  readonly #verbMasks: readonly Uint8Array[]
  /** Who and where a rule can be about, with the kinds it would take. */
  readonly #scopes: readonly {
    readonly part: Partial<PolicyRule>
    readonly cost: number
    readonly places: readonly number[]
  }[]
  readonly #drafts = new Map<string, Draft>()

  constructor(kinds: readonly RequestKind[], shapes: readonly Shape[]) {
    this.#kinds = kinds
    this.#weights = Float64Array.from(kinds, kindWeight)
    const fates: Fate[] = []
    for (const {level, omitsReceived, missing} of kinds) {
      if (missing !== undefined || omitsReceived === null) continue
      const fate = {level, omitsReceived}
      if (!fates.some((one) => isSameFate(one, fate))) fates.push(fate)
    }
    for (const {level, omitsReceived, missing} of kinds)
      if (missing === undefined && omitsReceived === null && !fates.some((fate) => fate.level === level))
        fates.push({level, omitsReceived: true})
    // Of lists that cost the same the one that records least by default.
    fates.sort((a, b) => auditLevels.indexOf(a.level) - auditLevels.indexOf(b.level))
    this.#fates = fates
    this.#agrees = fates.map((fate) => Uint8Array.from(kinds, (kind) => (isFate(kind, fate) ? 1 : 0)))

    const typeKeys = kinds.map(({request}) => (request.isResource ? `${request.apiGroup} ${typeOf(request)}` : ''))
    const types = numbered(typeKeys.filter((key) => key !== ''))
    this.#types = [...types.keys()].map((key) => {
      const [group = '', type = ''] = key.split(/ (.*)/s)
      return {group, type, isProper: properGroup.test(group) && properType.test(type)}
    })
    this.#typeOf = Int32Array.from(typeKeys, (key) => types.get(key) ?? -1)
    const stemKeys = kinds.map(({request}) => (request.isResource ? null : pathStem(request.path)))
    const stems = numbered(stemKeys.filter((stem) => stem !== null))
    this.#stems = [...stems.keys()]
    this.#stemOf = Int32Array.from(stemKeys, (stem) => (stem === null ? -1 : (stems.get(stem) ?? -1)))
    this.#verbMasks = verbSets.map(({verbs}) =>
      Uint8Array.from(kinds, ({request}) => (verbs.length === 0 || verbs.includes(request.verb) ? 1 : 0)),
    )
    const everything = kinds.map((_, place) => place)
    const requestAt = (place: number) => (kinds[place] as RequestKind).request
    const groups = listsBy(kinds.length, (place) => {
      const {user, groups} = requestAt(place)
      return user === null ? [] : [...new Set(groups)]
    })
    const users = listsBy(kinds.length, (place) => {
      const {user} = requestAt(place)
      return isNameable(user) ? [user] : []
    })
    const namespaces = listsBy(kinds.length, (place) => {
      const {namespace} = requestAt(place)
      return namespace !== '' && isNameable(namespace) ? [namespace] : []
    })
    this.#scopes = [
      {part: {}, cost: 0, places: everything},
      ...[...groups].map(([group, places]) => ({part: {userGroups: [group]}, cost: userGroupCost(1), places})),
      ...[...users].map(([user, places]) => ({part: {users: [user]}, cost: userCost(1), places})),
      ...[...namespaces].map(([name, places]) => ({part: {namespaces: [name]}, cost: namespaceCost(1), places})),
    ]
    this.#shapes = shapes.map(({rule, cost}) => this.#draft(rule, {level: 'None', omitsReceived: true}, cost))
  }

  /** The cheapest list, over what the last rule can be. */
  best(): readonly Draft[] {
    let best: readonly Draft[] = []
    let least = Infinity
    for (const fate of this.#fates) {
      const list = this.#refined(this.#grown(this.#withFate(everyRequest, fate)))
      const cost = this.#total(list)
      if (cost < least) [best, least] = [list, cost]
    }
    return best
  }

  #draft(rule: PolicyRule, fate: Fate, cost?: number): Draft {
    const key = JSON.stringify([rule, fate])
    const known = this.#drafts.get(key)
    if (known !== undefined) return known
    const prepared = preparePolicy({rules: [rule], omitStages: [], omitManagedFields: false})
    const takes = Uint8Array.from(this.#kinds, ({request}) => (decide(prepared, request).rule === null ? 0 : 1))
    const draft = {rule, fate, takes, cost}
    this.#drafts.set(key, draft)
    return draft
  }

  #withFate(part: Omit<PolicyRule, 'level'>, fate: Fate): Draft {
    return this.#draft(
      {
        ...part,
        level: fate.level,
        omitStages: fate.omitsReceived && fate.level !== 'None' ? ['RequestReceived'] : [],
      },
      fate,
    )
  }

  #isRight(draft: Draft | undefined, place: number): boolean {
    return draft !== undefined && isFate(this.#kinds[place] as RequestKind, draft.fate)
  }

  #total(list: readonly Draft[]): number {
    const lists = new Set<string>()
    let total = 0
    for (const {rule, cost} of list) total += cost ?? ruleCost(rule, lists)
    for (let place = 0; place < this.#kinds.length; place++) {
      const draft = list.find(({takes}) => takes[place] === 1)
      if (this.#isRight(draft, place)) continue
      const isDropped = draft?.fate.level === 'None'
      total += (this.#weights[place] as number) * (isDropped ? loggedAndDropped : 1)
    }
    return total
  }

  #grown(last: Draft): Draft[] {
    let list = [last]
    let total = this.#total(list)
    while (list.length < mostRules) {
      const tried = [...new Set([0, list.length - 1])].flatMap((place) =>
        this.#candidates(list, place).map((drafts) => list.toSpliced(place, 0, ...drafts)),
      )
      for (const shape of this.#shapes)
        for (let place = 0; place < list.length; place++) tried.push(list.toSpliced(place, 0, shape))
      const next = this.#cheapest(tried, total)
      if (next === undefined) break
      ;[list, total] = next
    }
    return list
  }

  #cheapest(lists: readonly Draft[][], below: number): [Draft[], number] | undefined {
    let best: [Draft[], number] | undefined
    for (const list of lists) {
      const total = this.#total(list)
      if (total < (best?.[1] ?? below) - least) best = [list, total]
    }
    return best
  }

  /** The rules that promise most at a place of the list. */
  #candidates(list: readonly Draft[], at: number): Draft[][] {
    const standing = this.#standing(list, at)
    const {free, right} = standing
    const lists = new Map(
      list.filter(({rule}) => rule.resources.length > 0).map(({rule}) => [typesKey(rule.resources), rule.resources]),
    )
    const found: {readonly drafts: () => Draft[]; readonly gain: number}[] = []
    const offer: Offer = (part, fate, gain, but = []) => {
      if (gain <= 0) return
      const drafts = () => [...this.#exceptions(but, standing), this.#withFate({...everyRequest, ...part}, fate)]
      found.push({drafts, gain})
    }
    for (const {part, cost, places} of this.#scopes) {
      const open = places.filter((place) => free[place] === 1)
      for (const [f, fate] of this.#fates.entries()) {
        const agrees = this.#agrees[f] as Uint8Array
        if (!open.some((place) => agrees[place] === 1 && right[place] === 0)) continue
        for (const [v, {verbs, cost: verbCost}] of verbSets.entries()) {
          const mask = this.#verbMasks[v] as Uint8Array
          const gains = this.#gains(
            open.filter((place) => mask[place] === 1),
            agrees,
            right,
          )
          const base = costs.rule + cost + verbCost
          for (const {part: what, gain, but} of this.#whats(gains, lists, part.namespaces !== undefined, cost > 0))
            offer({...part, verbs, ...what}, fate, gain - base, but)
        }
      }
    }
    this.#offerLists(free, right, offer)
    return found
      .sort((a, b) => b.gain - a.gain)
      .slice(0, mostTried)
      .map(({drafts}) => drafts())
  }

  /** Rules that keep types as they are decided from here on, for a rule that would take their whole group. */
  #exceptions(types: readonly number[], {free, right, fates}: Standing): Draft[] {
    const byFate = new Map<Fate, GroupResources[]>()
    for (const type of types) {
      const weights = new Map<Fate, number>()
      for (let place = 0; place < this.#kinds.length; place++) {
        const fate = fates[place]
        if (free[place] === 1 && right[place] === 1 && fate !== undefined && this.#typeOf[place] === type)
          weights.set(fate, (weights.get(fate) ?? 0) + (this.#weights[place] as number))
      }
      const [fate] = [...weights].sort(([, a], [, b]) => b - a)[0] ?? []
      const named = this.#types[type]
      if (fate === undefined || named?.isProper !== true) continue
      const entry = {group: named.group, resources: [named.type], resourceNames: []}
      byFate.set(fate, joinTypes(byFate.get(fate) ?? [], [entry]))
    }
    return [...byFate].map(([fate, resources]) => this.#withFate({...everyRequest, resources}, fate))
  }

  /** Rules that name several users or namespaces for one type, or for all. */
  #offerLists(free: Uint8Array, right: Uint8Array, offer: Offer): void {
    const byType = listsBy(this.#kinds.length, (place) =>
      free[place] === 1 ? [-1, this.#typeOf[place] as number] : [],
    )
    for (const [type, places] of byType) {
      const named = type < 0 ? undefined : this.#types[type]
      if (named?.isProper === false) continue
      const resources = named === undefined ? [] : [{group: named.group, resources: [named.type], resourceNames: []}]
      for (const [f, fate] of this.#fates.entries()) {
        const agrees = this.#agrees[f] as Uint8Array
        if (!places.some((place) => agrees[place] === 1 && right[place] === 0)) continue
        for (const [v, {verbs, cost}] of verbSets.entries()) {
          const users = new Map<string, number>()
          const namespaces = new Map<string, number>()
          for (const place of places) {
            if (this.#verbMasks[v]?.[place] !== 1) continue
            const gain = (this.#weights[place] as number) * ((agrees[place] as number) - (right[place] as number))
            const {user, namespace} = (this.#kinds[place] as RequestKind).request
            if (isNameable(user)) users.set(user, (users.get(user) ?? 0) + gain)
            if (namespace !== '' && isNameable(namespace))
              namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + gain)
          }
          const base = costs.rule + cost + typesCost(resources, true)
          const best = (gains: Map<string, number>) => [...gains].filter(([, gain]) => gain > 0.8)
          for (const [field, gains] of [
            ['users', best(users)],
            ['namespaces', best(namespaces)],
          ] as const) {
            if (gains.length < 2) continue
            const gain = gains.reduce((sum, [, one]) => sum + one, 0) - userCost(gains.length)
            offer({[field]: gains.map(([name]) => name).sort(), verbs, resources}, fate, gain - base)
          }
        }
      }
    }
  }

  /** Which kinds reach a place of the list, and which are decided rightly from there on. */
  #standing(list: readonly Draft[], at: number): Standing {
    const fates: (Fate | undefined)[] = []
    const free = new Uint8Array(this.#kinds.length)
    const right = new Uint8Array(this.#kinds.length)
    const before = list.slice(0, at)
    const after = list.slice(at)
    for (let place = 0; place < this.#kinds.length; place++) {
      if (before.some(({takes}) => takes[place] === 1)) continue
      free[place] = 1
      const draft = after.find(({takes}) => takes[place] === 1)
      fates[place] = draft?.fate
      if (this.#isRight(draft, place)) right[place] = 1
    }
    return {free, right, fates}
  }

  #gains(places: readonly number[], agrees: Uint8Array, right: Uint8Array): Gains {
    const types = new Map<number, number>()
    const stems = new Map<number, number>()
    for (const place of places) {
      const gain = (this.#weights[place] as number) * ((agrees[place] as number) - (right[place] as number))
      const type = this.#typeOf[place] as number
      if (type >= 0) types.set(type, (types.get(type) ?? 0) + gain)
      else {
        const stem = this.#stemOf[place] as number
        stems.set(stem, (stems.get(stem) ?? 0) + gain)
      }
    }
    return {types, stems}
  }

  /** What a rule can be about, given what naming each type and path would gain. */
  #whats(
    {types, stems}: Gains,
    lists: ReadonlyMap<string, readonly GroupResources[]>,
    isNamespaced: boolean,
    isScoped: boolean,
  ): What[] {
    const sum = (gains: ReadonlyMap<number, number>) => [...gains.values()].reduce((total, gain) => total + gain, 0)
    const found: What[] = [
      {part: {}, gain: sum(types) + (isNamespaced ? 0 : sum(stems)) - (isScoped ? costs.anyTypeOfSome : 0)},
    ]
    const resources = this.#bestTypes(types, isScoped)
    if (resources.length > 0)
      found.push({part: {resources}, gain: this.#gainOf(resources, types) - typesCost(resources, isScoped)})
    if (!isScoped) {
      const whole = this.#wholeGroups(types)
      if (whole.but.length > 0) found.push({part: {resources: whole.resources}, gain: whole.gain, but: whole.but})
    }
    for (const list of lists.values()) {
      found.push({
        part: {resources: list},
        gain: this.#gainOf(list, types) - (isScoped ? typesCost(list, true) : costs.sharedList),
      })
      const joined = joinTypes(list, resources)
      if (joined.length > list.length)
        found.push({
          part: {resources: joined},
          gain: this.#gainOf(joined, types) - typesCost(isScoped ? joined : resources, isScoped),
        })
    }
    if (!isNamespaced && stems.size > 0) {
      found.push({part: {nonResourceURLs: ['*']}, gain: sum(stems) - costs.allPaths})
      const paths = [...stems].filter(([stem, gain]) => gain > costs.path && !/[*]/.test(this.#stems[stem] ?? '*'))
      if (paths.length > 0)
        found.push({
          part: {nonResourceURLs: paths.map(([stem]) => `${this.#stems[stem] as string}*`).sort()},
          gain: paths.reduce((total, [, gain]) => total + gain - costs.path, 0),
        })
    }
    return found
  }

  #gainOf(resources: readonly GroupResources[], types: ReadonlyMap<number, number>): number {
    const byGroup = new Map(resources.map((entry) => [entry.group, entry.resources]))
    let gain = 0
    for (const [type, one] of types) {
      const {group, type: name} = this.#types[type] as NamedType
      const named = byGroup.get(group)
      if (named !== undefined && (named.length === 0 || named.includes(name))) gain += one
    }
    return gain
  }

  /** Whole API groups, and their types that lose by it: those need a rule of their own before. */
  #wholeGroups(types: ReadonlyMap<number, number>): {
    readonly resources: GroupResources[]
    readonly gain: number
    readonly but: readonly number[]
  } {
    const groups = new Map<string, {gain: number; but: number[]}>()
    for (const [place, gain] of types) {
      const {group} = this.#types[place] as NamedType
      const entry = groups.get(group) ?? {gain: 0, but: []}
      if (gain < -costs.type) entry.but.push(place)
      entry.gain += Math.max(gain, -costs.type)
      groups.set(group, entry)
    }
    const chosen = [...groups]
      .filter(([group, {gain}]) => properGroup.test(group) && gain > groupCost(group, false))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const resources = chosen.map(([group]) => ({group, resources: [], resourceNames: []}))
    const sum = chosen.reduce((total, [, {gain}]) => total + gain, 0)
    return {
      resources,
      gain: sum - typesCost(resources, false) - costs.rule,
      but: chosen.flatMap(([, {but}]) => but),
    }
  }

  /** For each API group the whole of it, or those of its types that gain by being named, or nothing. */
  #bestTypes(types: ReadonlyMap<number, number>, isScoped: boolean): GroupResources[] {
    const groups = new Map<string, {whole: number; isProper: boolean; named: {type: string; gain: number}[]}>()
    for (const [place, gain] of types) {
      const {group, type, isProper} = this.#types[place] as NamedType
      const entry = groups.get(group) ?? {whole: 0, isProper: properGroup.test(group), named: []}
      entry.whole += gain
      if (isProper && gain > typeCost(group)) entry.named.push({type, gain: gain - typeCost(group)})
      groups.set(group, entry)
    }
    const found: GroupResources[] = []
    for (const [group, {whole, isProper, named}] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!isProper) continue
      const asGroup = whole - groupCost(group, isScoped)
      const asTypes = named.reduce((sum, {gain}) => sum + gain, 0)
      if (asGroup > 0 && asGroup >= asTypes) found.push({group, resources: [], resourceNames: []})
      else if (asTypes > 0) found.push({group, resources: named.map(({type}) => type).sort(), resourceNames: []})
    }
    return found
  }

  /** Changes a list while that makes it cheaper. */
  #refined(grown: Draft[]): Draft[] {
    let list = grown
    let total = this.#total(list)
    for (;;) {
      const next = this.#cheapest(this.#neighbours(list), total)
      if (next === undefined) return list
      ;[list, total] = next
    }
  }

  #neighbours(list: readonly Draft[]): Draft[][] {
    const last = list.length - 1
    const found: Draft[][] = []
    for (const [i, draft] of list.entries()) {
      if (i === last) break
      const {rule, fate} = draft
      found.push(list.toSpliced(i, 1))
      if (fate.level === 'None') continue
      for (const part of [{users: []}, {userGroups: []}, {verbs: []}, {namespaces: []}] as Partial<PolicyRule>[]) {
        const wider = this.#withFate({...rule, ...part}, fate)
        if (wider === draft) continue
        const without = list.toSpliced(i, 1)
        for (let at = i; at < last; at++) found.push(without.toSpliced(at, 0, wider))
      }
      for (const {verbs} of verbSets) found.push(list.with(i, this.#withFate({...rule, verbs}, fate)))
      found.push(...this.#narrower(list, i))
      if (rule.resources.length > 0) found.push(...this.#otherTypes(list, i))
      for (let at = i + 1; at < last; at++) found.push(list.toSpliced(i, 1).toSpliced(at, 0, draft))
    }
    found.push(...this.#swapped(list))
    for (const shape of this.#shapes)
      if (!list.includes(shape))
        for (let place = 0; place < list.length; place++) found.push(list.toSpliced(place, 0, shape))
    return found
  }

  /** Of two rules on the same types, the one that took the rest of the verbs names some, and the other takes the rest. */
  #swapped(list: readonly Draft[]): Draft[][] {
    const found: Draft[][] = []
    for (const [i, upper] of list.entries())
      for (const [j, lower] of list.entries()) {
        if (j <= i || j === list.length - 1 || upper.rule.verbs.length === 0 || lower.rule.verbs.length > 0) continue
        if (upper.rule.resources.length === 0 || upper.fate.level === 'None' || lower.fate.level === 'None') continue
        if (typesKey(upper.rule.resources) !== typesKey(lower.rule.resources)) continue
        for (const {verbs} of verbSets.slice(1))
          found.push(
            list
              .with(i, this.#withFate({...lower.rule, verbs}, lower.fate))
              .with(j, this.#withFate({...upper.rule, verbs: []}, upper.fate)),
          )
      }
    return found
  }

  /** The same list with a rule that is wrong about some requests limited to those of some users or of a namespace. */
  #narrower(list: readonly Draft[], i: number): Draft[][] {
    const {rule, fate, takes} = list[i] as Draft
    if (rule.users.length + rule.userGroups.length + rule.namespaces.length > 0) return []
    const {free} = this.#standing(list, i)
    const gain = (place: number): number =>
      free[place] === 1 && takes[place] === 1
        ? (this.#weights[place] as number) * (isFate(this.#kinds[place] as RequestKind, fate) ? 1 : -1)
        : 0
    const all = this.#kinds.map((_, place) => gain(place))
    if (!all.some((one) => one < 0)) return []
    return this.#scopes
      .slice(1)
      .map(({part, places}) => ({part, gain: places.reduce((sum, place) => sum + (all[place] as number), 0)}))
      .filter(({gain: one}) => one > 0)
      .sort((a, b) => b.gain - a.gain)
      .slice(0, mostScopes)
      .map(({part}) => list.with(i, this.#withFate({...rule, ...part}, fate)))
  }

  /** The same list with the types of one rule chosen anew, or made the same as those of another. */
  #otherTypes(list: readonly Draft[], i: number): Draft[][] {
    const {rule, fate} = list[i] as Draft
    const found: Draft[][] = []
    const f = this.#fates.indexOf(fate)
    const isScoped = rule.users.length + rule.userGroups.length + rule.namespaces.length > 0
    const {free, right} = this.#standing(list.toSpliced(i, 1), i)
    const anyType = this.#withFate({...rule, resources: []}, fate)
    const places = this.#kinds.flatMap((_, place) => (free[place] === 1 && anyType.takes[place] === 1 ? [place] : []))
    const agrees = this.#agrees[f]
    if (agrees !== undefined) {
      const resources = this.#bestTypes(this.#gains(places, agrees, right).types, isScoped)
      if (resources.length > 0) found.push(list.with(i, this.#withFate({...rule, resources}, fate)))
    }
    for (const [j, other] of list.entries()) {
      if (j === i || other.rule.resources.length === 0 || other.fate.level === 'None') continue
      found.push(list.with(i, this.#withFate({...rule, resources: other.rule.resources}, fate)))
      const resources = joinTypes(rule.resources, other.rule.resources)
      found.push(
        list
          .with(i, this.#withFate({...rule, resources}, fate))
          .with(j, this.#withFate({...other.rule, resources}, other.fate)),
      )
    }
    return found
  }
}

/** A rule that may be worth having; `but` are types that need a rule of their own before it. */
type Offer = (part: Partial<PolicyRule>, fate: Fate, gain: number, but?: readonly number[]) => void

/** What a rule can be about, and what that gains. */
interface What {
  readonly part: Partial<PolicyRule>
  readonly gain: number
  readonly but?: readonly number[]
}

/** What reaches a place of a list, and what becomes of it from there on. */
interface Standing {
  readonly free: Uint8Array
  readonly right: Uint8Array
  readonly fates: readonly (Fate | undefined)[]
}

/** A type, and whether its name can be one at all: clients choose what stands in a path. */
interface NamedType {
  readonly group: string
  readonly type: string
  readonly isProper: boolean
}

interface Gains {
  readonly types: ReadonlyMap<number, number>
  readonly stems: ReadonlyMap<number, number>
}

function isFate(kind: RequestKind, fate: Fate): boolean {
  if (kind.level !== fate.level) return false
  return fate.level === 'None' || kind.omitsReceived === null || kind.omitsReceived === fate.omitsReceived
}

/** Both lists of types in one, in the order of their groups. */
function joinTypes(a: readonly GroupResources[], b: readonly GroupResources[]): GroupResources[] {
  const groups = new Map<string, readonly string[]>()
  for (const {group, resources} of [...a, ...b]) {
    const known = groups.get(group)
    groups.set(
      group,
      known === undefined
        ? resources
        : known.length === 0 || resources.length === 0
          ? []
          : [...new Set([...known, ...resources])].sort(),
    )
  }
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([group, resources]) => ({group, resources, resourceNames: []}))
}
