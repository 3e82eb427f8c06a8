import {answersOf, type Outcome} from './outcome.ts'
import type {PolicyGroup} from './policy-group.ts'
import {counted} from '../report-blocks.ts'

/** Something that investigations ask a log about. */
interface Subject {
  readonly name: string
  /** Whether events are about it. */
  readonly isOf: (group: PolicyGroup) => boolean
  /** What the request bodies tell of it, and is not told without; undefined where they matter little. */
  readonly bodiesTell?: string
  /** True where the answer alone tells that a request is about it, or a stage that comes with it. */
  readonly isToldByAnswer?: true
}

const readVerbs = new Set(['get', 'list', 'watch'])
const changeVerbs = new Set(['create', 'update', 'patch'])
const workloads = new Set([
  ...['pods', 'deployments', 'daemonsets', 'statefulsets', 'replicasets', 'jobs', 'cronjobs', 'replicationcontrollers'],
])
const sessions = new Set(['exec', 'attach', 'portforward'])

const failedLogins = 'failed logins (401)'

const isFailedLogin = ({refusal, user_name: user}: PolicyGroup): boolean => refusal === 401 && user === null
const isRead = ({verb}: PolicyGroup): boolean => readVerbs.has(verb ?? '')
const isChange = ({verb}: PolicyGroup): boolean => changeVerbs.has(verb ?? '')
const isDelete = ({verb}: PolicyGroup): boolean => verb === 'delete' || verb === 'deletecollection'
const isWhole = ({subresource}: PolicyGroup): boolean => subresource === null
const isSecret = ({resource, api_group: group}: PolicyGroup): boolean => resource === 'secrets' && group === ''

/** What the investigations of this tool rest on, and what else incidents are told from. */
const subjects: readonly Subject[] = [
  {
    name: 'exec, attach and port-forward sessions',
    isOf: ({resource, subresource}) =>
      (resource === 'pods' && sessions.has(subresource ?? '')) || (resource === 'nodes' && subresource === 'proxy'),
  },
  {
    name: 'debug containers',
    isOf: ({resource, subresource, verb}) =>
      resource === 'pods' && subresource === 'ephemeralcontainers' && !readVerbs.has(verb ?? ''),
    bodiesTell: 'what ran in them',
  },
  {name: 'reads of secrets', isOf: (group) => isSecret(group) && isWhole(group) && isRead(group)},
  {
    name: 'deletions',
    isOf: (group) => isDelete(group) && isWhole(group) && group.resource !== null,
    bodiesTell: 'whether they were dry runs',
  },
  {name: failedLogins, isOf: isFailedLogin, isToldByAnswer: true},
  {name: 'refused requests (403)', isOf: ({refusal}) => refusal === 403, isToldByAnswer: true},
  // An API server learns whom a request acts as behind RequestReceived.
  {name: 'impersonation', isOf: (group) => group.acts_as, isToldByAnswer: true},
  {
    name: 'roles and bindings that were changed',
    isOf: (group) => group.api_group === 'rbac.authorization.k8s.io' && isChange(group),
    bodiesTell: 'which rights went to whom',
  },
  {
    name: 'tokens that were issued',
    isOf: ({resource, subresource, verb}) =>
      resource === 'serviceaccounts' && subresource === 'token' && verb === 'create',
  },
  {
    name: 'certificate requests and approvals',
    isOf: (group) => group.resource === 'certificatesigningrequests' && isChange(group),
  },
  {
    name: 'workloads that were created or changed',
    isOf: (group) => workloads.has(group.resource ?? '') && isWhole(group) && isChange(group),
    bodiesTell: 'which images they run, and with which rights',
  },
  {
    name: 'admission webhooks and policies that were changed',
    isOf: (group) => group.api_group === 'admissionregistration.k8s.io' && isChange(group),
    bodiesTell: 'what they do',
  },
  {name: 'reads of other objects', isOf: (group) => isRead(group) && !isSecret(group) && group.resource !== null},
  {name: 'paths that are no objects', isOf: ({resource, request_uri: uri}) => resource === null && uri !== null},
]

interface SpotSums {
  requests: number
  /** Requests of which it is told how they were answered. */
  answers: number
  /** Events with a request body. */
  bodies: number
}

/** What the log says about a subject now, and what it would have said. */
export interface BlindSpot {
  readonly subject: string
  readonly bodiesTell: string | undefined
  /** All that are in the log. */
  readonly now: SpotSums
  /** Those of them that can be judged. */
  readonly judged: SpotSums
  /** What would have been recorded of those that can be judged. */
  readonly left: SpotSums
  /** Requests that would have been recorded without how they were answered, which is in the log. */
  silenced: number
  /** Requests that would have been recorded, and not that they are about it. */
  disguised: number
  /** Rules by which something is lost, from 1; 0 for what no rule takes. */
  readonly losers: Set<number>
}

const noSums = (): SpotSums => ({requests: 0, answers: 0, bodies: 0})

/** The subjects, without events. */
export function noBlindSpots(): readonly BlindSpot[] {
  return subjects.map(({name, bodiesTell}) => ({
    subject: name,
    bodiesTell,
    now: noSums(),
    judged: noSums(),
    left: noSums(),
    silenced: 0,
    disguised: 0,
    losers: new Set(),
  }))
}

function add(sums: SpotSums, requests: number, answers: number, bodies: number): void {
  sums.requests += requests
  sums.answers += answers
  sums.bodies += bodies
}

/** Adds events; `outcome` is NULL where nobody can tell what would have become of them. */
export function addToBlindSpots(
  spots: readonly BlindSpot[],
  group: PolicyGroup,
  outcome: Outcome | null,
  rule: number | null,
): void {
  const {requests, request_bodies: bodies} = group
  const answers = answersOf(group)
  for (const [i, {isOf, isToldByAnswer}] of subjects.entries()) {
    const spot = spots[i]
    if (spot === undefined || !isOf(group)) continue
    // Whoever failed to log in did none of the other things.
    if (isFailedLogin(group) && spot.subject !== failedLogins) continue
    add(spot.now, requests, answers, bodies)
    if (outcome === null) continue
    add(spot.judged, requests, answers, bodies)
    const {answersLeft, requestBodiesLeft} = outcome
    const requestsLeft = isToldByAnswer === true ? answersLeft : outcome.requestsLeft
    add(spot.left, requestsLeft, answersLeft, requestBodiesLeft)
    spot.disguised += outcome.requestsLeft - requestsLeft
    if (requestsLeft > 0) spot.silenced += answers - answersLeft
    const losesBodies = spot.bodiesTell !== undefined && requestBodiesLeft < bodies
    if (requestsLeft < requests || answersLeft < answers || losesBodies) spot.losers.add(rule === null ? 0 : rule + 1)
  }
}

/** The rules of which this comes, in words. */
function byRules(losers: ReadonlySet<number>): string {
  const rules = [...losers].filter((rule) => rule > 0).sort((a, b) => a - b)
  const parts = [
    ...(rules.length === 0 ? [] : [`${rules.length === 1 ? 'rule' : 'rules'} ${rules.join(', ')}`]),
    ...(losers.has(0) ? ['no rule takes them'] : []),
  ]
  return parts.join('; ')
}

const number = (value: number): string => value.toLocaleString('en-US')

/** Requests of a subject that would not have been recorded, of those that can be judged. */
function requestsText({now, judged, left, disguised}: BlindSpot): string {
  const lost = judged.requests - left.requests
  const unjudged = now.requests - judged.requests
  const recorded = disguised === 0 ? 'have been recorded' : 'have been recorded as such'
  const one = judged.requests === 1
  if (unjudged === 0) {
    const of = `${counted(judged.requests, 'request')} in this log`
    if (lost === judged.requests)
      return `${one ? 'The one request in this log would not' : `None of ${of} would`} ${recorded}`
    return `${number(lost)} of ${of} would not ${recorded}`
  }
  const of = `of the ${number(judged.requests)} that can be judged`
  const what = one
    ? 'The one request that can be judged would not'
    : lost === judged.requests
      ? `None ${of} would`
      : `${number(lost)} ${of} would not`
  return `${what} ${recorded}; ${number(unjudged)} cannot`
}

/** Answers that would not have been recorded of requests that would. */
function answersText(lost: number, of: number): string {
  const requests = `${counted(of, 'request')} that would have been recorded`
  const whose =
    of === 1
      ? 'the one request that would have been recorded'
      : lost === of
        ? `the ${requests}`
        : `${number(lost)} of ${requests}`
  return `What came of ${whose} is not told: the stages with the answer are omitted`
}

function bodiesText(lost: number, of: number, tell: string): string {
  return of === 1
    ? `The one request body would not have been recorded: it tells ${tell}`
    : `${number(lost)} of ${counted(of, 'request body', 'request bodies')} would not have been recorded: they tell ${tell}`
}

/** What would be lost of a subject, in sentences; null where nothing is. */
export function lossText(spot: BlindSpot): string | null {
  const {subject, bodiesTell, now, judged, left, silenced} = spot
  const lost = judged.requests - left.requests
  const lostBodies = bodiesTell === undefined ? 0 : judged.bodies - left.bodies
  const by = ` (${byRules(spot.losers)}).`
  if (lost > 0 && lost === now.requests) return `Blind: ${subject}. ${requestsText(spot)}${by}`
  const parts = [
    ...(lost === 0 ? [] : [requestsText(spot)]),
    ...(silenced === 0 ? [] : [answersText(silenced, left.requests)]),
    ...(lostBodies === 0 ? [] : [bodiesText(lostBodies, judged.bodies, bodiesTell ?? '')]),
  ]
  const [first, ...others] = parts
  if (first === undefined) return null
  const rest = others.map((part) => ` ${part}.`).join('')
  return `${lost === 0 ? 'Less told' : 'Partly blind'}: ${subject}. ${first}${by}${rest}`
}
