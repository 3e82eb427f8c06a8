import type {Outcome} from './outcome.ts'
import type {PolicyGroup} from './policy-group.ts'
import {counted} from '../report-blocks.ts'

/** Something that investigations ask a log about. */
interface Subject {
  readonly name: string
  /** Whether events are about it. */
  readonly isOf: (group: PolicyGroup) => boolean
  /** What the request bodies tell of it, and is not told without; undefined where they matter little. */
  readonly bodiesTell?: string
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
  {name: failedLogins, isOf: isFailedLogin},
  {name: 'refused requests (403)', isOf: ({refusal}) => refusal === 403},
  {name: 'impersonation', isOf: (group) => group.acts_as},
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

/** What the log says about a subject now, and what it would have said. */
export interface BlindSpot {
  readonly subject: string
  readonly bodiesTell: string | undefined
  requests: number
  requestsLeft: number
  /** Events with a request body. */
  bodies: number
  bodiesLeft: number
  /** Rules by which something is lost, from 1; 0 for what no rule takes. */
  readonly losers: Set<number>
}

/** The subjects, without events. */
export function noBlindSpots(): readonly BlindSpot[] {
  return subjects.map(({name, bodiesTell}) => ({
    subject: name,
    bodiesTell,
    requests: 0,
    requestsLeft: 0,
    bodies: 0,
    bodiesLeft: 0,
    losers: new Set(),
  }))
}

/** Adds events of which it can be told what would have become of them. */
export function addToBlindSpots(
  spots: readonly BlindSpot[],
  group: PolicyGroup,
  outcome: Outcome,
  rule: number | null,
): void {
  for (const [i, {isOf}] of subjects.entries()) {
    const spot = spots[i]
    if (spot === undefined || !isOf(group)) continue
    // Whoever failed to log in did none of the other things.
    if (isFailedLogin(group) && spot.subject !== failedLogins) continue
    spot.requests += group.requests
    spot.requestsLeft += outcome.requestsLeft
    spot.bodies += group.request_bodies
    spot.bodiesLeft += outcome.requestBodiesLeft
    const losesBodies = spot.bodiesTell !== undefined && outcome.requestBodiesLeft < group.request_bodies
    if (outcome.requestsLeft < group.requests || losesBodies) spot.losers.add(rule === null ? 0 : rule + 1)
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

/** What would be lost of a subject, in a sentence; null where nothing is. */
export function lossText(spot: BlindSpot): string | null {
  const {subject, bodiesTell, requests, requestsLeft, bodies, bodiesLeft} = spot
  if (requests === 0) return null
  const lost = requests - requestsLeft
  const lostBodies = bodiesTell === undefined ? 0 : bodies - bodiesLeft
  if (lost === 0 && lostBodies === 0) return null
  const of = `${counted(requests, 'request')} in this log`
  const none = requests === 1 ? 'The one request in this log would not' : `None of ${of} would`
  const by = byRules(spot.losers)
  if (requestsLeft === 0) return `Blind: ${subject}. ${none} have been recorded (${by}).`
  const bodiesText =
    bodies === 1
      ? `The one request body would not have been recorded: it tells ${bodiesTell ?? ''}`
      : `${lostBodies.toLocaleString('en-US')} of ${counted(bodies, 'request body', 'request bodies')} would not have been recorded: they tell ${bodiesTell ?? ''}`
  if (lost === 0) return `Less told: ${subject}. ${bodiesText} (${by}).`
  return `Partly blind: ${subject}. ${lost.toLocaleString('en-US')} of ${of} would not have been recorded (${by}).${lostBodies === 0 ? '' : ` ${bodiesText}.`}`
}
