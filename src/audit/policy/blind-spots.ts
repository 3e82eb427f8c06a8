import {isRecorded} from './decision-meaning.ts'
import {decide, preparePolicy, type PreparedPolicy} from './decide.ts'
import {unlikeGroup, unlikeUser} from './identity-remarks.ts'
import {ordinaryActs, requestOn, type Act, type Setting} from './ordinary-acts.ts'
import type {Policy, PolicyDecision, PolicyRule} from './policy.ts'
import {listed, quoted, ruleField, type Remark} from './remark.ts'

/** What is not recorded of one kind of acts: verbs by type. */
interface Lost {
  readonly act: Act
  readonly verbs: ReadonlyMap<string, readonly string[]>
}

/** Lost acts by the rule that decides them; null where none does. */
type LostBy = Map<number | null, Lost[]>

/** What a rule does with what it leaves out: its level, and where that is not None, why nothing is recorded. */
function levelText(rule: PolicyRule | undefined): string {
  return rule === undefined || rule.level === 'None' ? 'None' : `${rule.level}, its stages omitted`
}

/** What is lost in a setting, without that for which `isTold` is true. */
function lostIn(
  policy: PreparedPolicy,
  setting: Setting,
  isTold: (decision: PolicyDecision, type: string, group: string, verb: string) => boolean,
): LostBy {
  const lostBy: LostBy = new Map()
  for (const act of ordinaryActs) {
    const byRule = new Map<number | null, Map<string, string[]>>()
    for (const [group, type] of act.types)
      for (const verb of act.verbs) {
        const request = requestOn(group, type, verb, setting)
        const decision = decide(policy, request)
        if (isRecorded(request, decision) || isTold(decision, type, group, verb)) continue
        const verbs = byRule.get(decision.rule) ?? new Map<string, string[]>()
        verbs.set(type, [...(verbs.get(type) ?? []), verb])
        byRule.set(decision.rule, verbs)
      }
    for (const [rule, verbs] of byRule) lostBy.set(rule, [...(lostBy.get(rule) ?? []), {act, verbs}])
  }
  return lostBy
}

/** What is lost, as a list names it: `reading of Secrets`, `exec, attach and port-forward by get`, `deletions (of pods)`. */
function lostText({act, verbs}: Lost): string {
  const types = [...verbs.keys()]
  const verbSets = new Set([...verbs.values()].map((list) => list.join()))
  const allVerbs = [...new Set([...verbs.values()].flat())]
  const isOfAllTypes = types.length === act.types.length
  if (verbSets.size > 1)
    return `${act.words} (${listed(
      [...verbs].map(([type, list]) => `${list.join('/')} ${type}`),
      4,
    )})`
  const how = allVerbs.length === act.verbs.length ? '' : ` by ${listed(allVerbs)}`
  return `${act.words}${how}${isOfAllTypes ? '' : ` (${listed(types, 4)})`}`
}

/** A list whose entries may hold lists. */
const items = (lost: readonly Lost[]): string => lost.map(lostText).join('; ')

/** True where a session by `get` is lost and the one by `create` is not. */
function isOnlyGet(lost: readonly Lost[]): boolean {
  return lost.some(({act, verbs}) => act.kind === 'exec' && [...verbs.values()].every((list) => list.join() === 'get'))
}

function codeOf(lost: readonly Lost[], otherwise: string): string {
  return lost.length === 1 ? `${lost[0]?.act.kind ?? ''}-not-logged` : otherwise
}

function whyOf(lost: readonly Lost[], rules: readonly PolicyRule[]): string {
  const first = lost[0]?.act.why ?? ''
  const get = isOnlyGet(lost) ? ' kubectl exec from 1.30 on is `get`, so that verb is needed too.' : ''
  const isPodsMeant =
    lost.some(({act}) => act.kind === 'exec') &&
    rules.some(
      ({level, resources}) =>
        level !== 'None' && resources.some((entry) => entry.group === '' && entry.resources.includes('pods')),
    )
  return `${first}${get}${isPodsMeant ? ' `pods` does not cover pods/exec: name subresources too, or `pods/*`.' : ''}`
}

/** How to get it recorded. */
function fixOf(lost: readonly Lost[], rule: PolicyRule | undefined): string {
  if (rule !== undefined && rule.level !== 'None')
    return 'With those stages omitted nothing is recorded, whatever the level. Omit no more than RequestReceived.'
  return lost.every(({act}) => act.kind === 'event-deletions')
    ? 'A rule at Metadata ahead of it for delete and deletecollection alone costs next to nothing.'
    : 'Let a rule at Metadata or above take it first.'
}

/** The groups of a user, as far as its name tells. */
function groupsOfUser(user: string): string[] {
  const [system, kind, namespace] = user.split(':')
  const own =
    system === 'system' && kind === 'serviceaccount'
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace ?? ''}`]
      : user.startsWith('system:node:')
        ? ['system:nodes']
        : []
  return [...own, user === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated']
}

const components = new Set([
  'system:apiserver',
  'system:kube-apiserver',
  'system:kube-controller-manager',
  'system:kube-proxy',
  'system:kube-scheduler',
])

/** True where a component that reads all the time is left out with its reads alone: that is noise. */
function isNoise(user: string, lost: readonly Lost[]): boolean {
  return (
    components.has(user) &&
    lost.every(({verbs}) => [...verbs.values()].flat().every((verb) => /^(?:get|list|watch)$/.test(verb)))
  )
}

/** Groups that are looked at by themselves. */
const everybody = new Set(['system:authenticated', 'system:unauthenticated'])

/** True where a rule leaves any ordinary request out of the log: by its level or by the stages that are omitted. */
function canLose(policy: Policy, rule: PolicyRule): boolean {
  const omitted = [...policy.omitStages, ...rule.omitStages]
  return rule.level === 'None' || (omitted.includes('RequestReceived') && omitted.includes('ResponseComplete'))
}

/** How many identities and namespaces of a policy are tried at most. */
const mostSettings = 500

/** How often rules are compared with requests for that: what bounds the work on policies of any size, to seconds. */
const mostComparisons = 15_000_000

const actRequests = ordinaryActs.reduce((count, {types, verbs}) => count + types.length * verbs.length, 0)

/**
 * What an investigation will ask about and the policy does not record: for ordinary users, those who did not log in,
 * the users, groups and namespaces that rules leave out. One remark for each rule that is the cause.
 *
 * @param fresh a word that the policy does not mention
 * @param hiddenBy types that are told elsewhere, by the rule that leaves them out
 * @param share of the work that may be done
 */
export function blindSpots(
  policy: Policy,
  fresh: string,
  hiddenBy: ReadonlyMap<number, ReadonlySet<string>>,
  share = 1,
): Remark[] {
  const prepared = preparePolicy(policy)
  const remarks: Remark[] = []
  const someone: Setting = {user: fresh, groups: ['system:authenticated'], namespace: fresh}
  const isHidden = ({rule}: PolicyDecision, type: string, group: string): boolean =>
    rule !== null && hiddenBy.get(rule)?.has(`${group}/${type}`) === true
  const lostOrdinarily = lostIn(prepared, someone, isHidden)

  const otherRequest = requestOn('example.com', fresh, 'create', someone)
  const other = decide(prepared, otherRequest)
  const isOtherLost = !isRecorded(otherRequest, other)
  const hasNoCatchAll = other.rule === null
  for (const [rule, lost] of lostOrdinarily)
    if (rule === null)
      remarks.push({
        severity: 'advice',
        code: 'no-catch-all',
        rule: null,
        field: null,
        message: `No rule takes these, so they are not recorded: ${items(lost)}${hasNoCatchAll ? '; and all that no rule names, such as custom resources' : ''}.`,
        why: `${whyOf(lost, policy.rules)} End the policy with a rule at Metadata for all that is left.`,
      })
    else
      remarks.push({
        severity: 'advice',
        code: other.rule === rule && other.level === 'None' ? 'catch-all-at-none' : codeOf(lost, 'acts-not-logged'),
        rule: rule + 1,
        field: ruleField(rule),
        message: `Rule ${rule + 1} (${levelText(policy.rules[rule])}) leaves out of the log: ${items(lost)}${other.rule === rule && isOtherLost ? '; and all that no other rule names' : ''}.`,
        why: `${whyOf(lost, policy.rules)} ${fixOf(lost, policy.rules[rule])}`,
      })
  if (hasNoCatchAll && !lostOrdinarily.has(null))
    remarks.push({
      severity: 'advice',
      code: 'no-catch-all',
      rule: null,
      field: null,
      message: 'No rule takes what the others do not name, such as custom resources: it is not recorded.',
      why: 'End the policy with a rule at Metadata for all that is left.',
    })

  const isToldOf = (setting: Setting) => (decision: PolicyDecision, type: string, group: string, verb: string) => {
    const request = requestOn(group, type, verb, setting)
    return isHidden(decision, type, group) || !isRecorded(request, decide(prepared, request))
  }
  const notOfSomeone = isToldOf(someone)

  // Failed logins have no user, anonymous requests have one.
  const anonymous: Setting = {user: 'system:anonymous', groups: ['system:unauthenticated'], namespace: fresh}
  const failed: Setting = {user: null, groups: [], namespace: fresh}
  const lostAnonymously = lostIn(prepared, anonymous, notOfSomeone)
  // Those that are lost by their one stage are told with the stages.
  const lostLogins = lostIn(
    prepared,
    failed,
    (decision, ...asked) => decision.level !== 'None' || notOfSomeone(decision, ...asked),
  )
  for (const rule of new Set([...lostAnonymously.keys(), ...lostLogins.keys()])) {
    const who = [
      ...(lostAnonymously.has(rule) ? ['anonymous requests'] : []),
      ...(lostLogins.has(rule) ? ['failed logins (401)'] : []),
    ]
    const subject =
      rule === null ? 'No rule takes' : `Rule ${rule + 1} (${levelText(policy.rules[rule])}) leaves out of the log:`
    remarks.push({
      severity: 'advice',
      code: 'unauthenticated-not-logged',
      rule: rule === null ? null : rule + 1,
      field: rule === null ? null : ruleField(rule),
      message: `${subject} ${who.join(' and ')}${rule === null ? ', so they are not recorded' : ''}.`,
      why: 'They show who tried tokens and who got in without one. A failed login belongs to no group at all: only rules without `users` and `userGroups` take it.',
    })
  }

  let settings = 0
  const settingsTried = Math.min(
    mostSettings,
    Math.ceil((share * mostComparisons) / (policy.rules.length * actRequests * 2)),
  )
  let firstUntried: number | undefined
  for (const [place, rule] of policy.rules.entries()) {
    if (!canLose(policy, rule)) continue
    const whom: string[] = []
    const lostHere = new Map<string, Lost>()
    const tryOut = (setting: Setting, words: string, name: string, isTold: ReturnType<typeof isToldOf>): void => {
      if (++settings > settingsTried) {
        firstUntried ??= place
        return
      }
      const lost = lostIn(prepared, setting, isTold).get(place) ?? []
      if (lost.length === 0 || isNoise(name, lost)) return
      whom.push(words)
      for (const one of lost) lostHere.set(one.act.kind, lostHere.get(one.act.kind) ?? one)
    }
    for (const user of rule.users)
      if (user !== '' && user !== 'system:anonymous' && unlikeUser(user) === undefined)
        tryOut({user, groups: groupsOfUser(user), namespace: fresh}, quoted(user), user, notOfSomeone)
    if (rule.users.length === 0)
      for (const group of rule.userGroups)
        if (!everybody.has(group) && unlikeGroup(group) === undefined)
          tryOut({...someone, groups: [group, 'system:authenticated']}, `group ${quoted(group)}`, group, notOfSomeone)
    if (whom.length > 0) {
      const lost = [...lostHere.values()]
      remarks.push({
        severity: 'advice',
        code: 'identity-not-logged',
        rule: place + 1,
        field: ruleField(place, rule.users.length > 0 ? 'users' : 'userGroups'),
        message: `Rule ${place + 1} (${levelText(rule)}) leaves out of the log what ${listed(whom)} ${whom.length === 1 ? 'does' : 'do'}: ${items(lost)}.`,
        why: 'Whoever gets hold of these credentials works unseen. Leave out single types that are read all the time, not all that somebody does.',
      })
      continue
    }
    if (rule.users.length > 0 || rule.userGroups.length > 0) continue
    for (const namespace of rule.namespaces)
      if (namespace !== '' && !namespace.includes('*'))
        tryOut({...someone, namespace}, quoted(namespace), namespace, notOfSomeone)
    if (whom.length > 0)
      remarks.push({
        severity: 'advice',
        code: 'namespace-not-logged',
        rule: place + 1,
        field: ruleField(place, 'namespaces'),
        message: `Rule ${place + 1} (${levelText(rule)}) leaves out of the log in ${whom.length === 1 ? 'namespace' : 'namespaces'} ${listed(whom)}: ${items([...lostHere.values()])}.`,
        why: `${whyOf([...lostHere.values()], policy.rules)} ${rule.namespaces.includes('kube-system') ? 'kube-system holds the cluster’s own credentials: it is where intruders settle.' : 'Leave out single types that are read all the time, not a whole namespace.'}`,
      })
  }
  if (firstUntried !== undefined)
    remarks.push({
      severity: 'advice',
      code: 'identities-not-checked',
      rule: firstUntried + 1,
      field: null,
      message: `What is not recorded of the users, groups and namespaces that rule ${firstUntried + 1} and those after it leave out was not worked out: there are too many.`,
      why: `The first ${settingsTried} of them were tried. Checks of one policy are limited, so that no policy can keep them busy for long.`,
    })
  return remarks
}
