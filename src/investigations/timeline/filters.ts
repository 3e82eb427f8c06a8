import {parseTarget, resolveType, typeText, type ResourceType, type Target} from '../../audit/resource-names.ts'
import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Plain} from '../../output/answer.ts'
import {addressMatcher} from '../../load/trusted-proxies.ts'
import {globPattern, hasWildcard, matcherOf} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'
import {parseCodes} from './codes.ts'

/** What a timeline is asked for beside the common filters, as typed; names may hold `*`. */
export interface TimelineFilters {
  readonly effectiveUser?: string | undefined
  readonly principal?: string | undefined
  /** `TYPE` or `TYPE/NAME`, as kubectl takes it. */
  readonly resource?: string | undefined
  /** Addresses or CIDR blocks. */
  readonly ip?: readonly string[] | undefined
  readonly credential?: string | undefined
  /** Part of it, or the whole with `*`; upper and lower case are the same. */
  readonly userAgent?: string | undefined
  readonly verb?: readonly string[] | undefined
  /** `403`, `4xx`, `>=400`, `400-499`, `none`. */
  readonly code?: readonly string[] | undefined
}

/** Filters as the queries take them, and what they mean. */
export interface Scope {
  readonly parameters: Parameters
  readonly target: Target
  /** The filters in force, by name. */
  readonly own: Readonly<Record<string, Plain | undefined>>
  /** The same in words. */
  readonly words: readonly string[]
  /** Sentences about what a filter does not do. */
  readonly warnings: readonly string[]
  /** True where an identity, or a credential, was asked for by its name: then nobody's requests are everyday noise. */
  readonly isAboutIdentity: boolean
}

/** The verbs that an API server logs; of requests on no object, HTTP methods in lower case. */
const verbs = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'post',
  'put',
  'head',
  'options',
  '',
]

/** Words that people take for verbs. */
const notVerbs: Readonly<Record<string, string>> = {
  exec: 'k8saudit execs lists them, whatever their verb',
  attach: 'k8saudit execs lists them, whatever their verb',
  'port-forward': 'k8saudit execs lists them, whatever their verb',
  portforward: 'k8saudit execs lists them, whatever their verb',
  proxy: 'a request through a proxy has the verb of its method',
  impersonate: 'it is a right, not a request; impersonation stands in impersonated_user',
  bind: 'it is a right, not a request',
  escalate: 'it is a right, not a request',
  approve: 'an approval is an update of certificatesigningrequests/approval',
  apply: 'kubectl apply sends patch and create',
  edit: 'kubectl edit sends patch',
  scale: 'kubectl scale sends patch or update of the scale',
  describe: 'kubectl describe sends get and list',
}

function listed(words: readonly string[] | undefined): string[] | undefined {
  const all = words?.flatMap((word) => word.split(',')).map((word) => word.trim())
  return all === undefined || all.length === 0 ? undefined : all
}

function pattern(text: string | undefined): string | null {
  return text === undefined ? null : globPattern(text)
}

/** A client as typed: part of the user agent, unless `*` says where it begins or ends. */
function agentPattern(text: string | undefined): string | null {
  return text === undefined ? null : globPattern(hasWildcard(text) ? text : `*${text}*`)
}

/** Plurals with their group behind a slash; without one, of any group. */
function typeParameter(types: readonly ResourceType[]): string[] | null {
  return types.length === 0
    ? null
    : types.flatMap(({resource, groups}) => groups?.map((group) => `${resource}/${group}`) ?? [resource])
}

/** Words that no table knows become the plurals that the log holds. */
async function resolvedTarget(caseFile: CaseFile, target: Target): Promise<Target> {
  if (target.types.every((type) => type.builtIn)) return target
  const rows = await caseFile.all<{api_group: string | null; resource: string}>(queryFile('log-levels'), {
    resources: null,
    verbs: null,
  })
  const logged = rows.map((row) => ({resource: row.resource, group: row.api_group ?? ''}))
  return {...target, types: target.types.map((type) => resolveType(type, logged))}
}

/** Which addresses of the log are meant, and how many requests only claim to come from them. */
async function addressesOf(
  caseFile: CaseFile,
  ip: readonly string[] | undefined,
  parameters: Parameters,
): Promise<{readonly addresses: readonly string[] | null; readonly claims: number}> {
  if (ip === undefined) return {addresses: null, claims: 0}
  const isMeant = addressMatcher(ip)
  const known = await caseFile.all<{address: string; is_own: boolean; is_claimed: boolean}>(
    queryFile('timeline-addresses'),
  )
  const meant = known.filter(({address}) => isMeant(address))
  const addresses = meant.filter((row) => row.is_own).map(({address}) => address)
  // A claimed address may be another client's own: whoever claims it is counted where neither of its own is asked for.
  const claimed = meant.map(({address}) => address)
  if (!meant.some((row) => row.is_claimed)) return {addresses, claims: 0}
  const [row] = await caseFile.all<{requests: number}>(queryFile('timeline-claims'), {
    ...parameters,
    claimed,
    addresses,
  })
  return {addresses, claims: row?.requests ?? 0}
}

function verbParameter(words: readonly string[] | undefined): {
  readonly wanted: readonly string[] | null
  readonly warnings: readonly string[]
} {
  if (words === undefined) return {wanted: null, warnings: []}
  const wanted = words.flatMap((word) => {
    const verb = word.toLowerCase()
    return hasWildcard(verb) ? verbs.filter(matcherOf(verb)) : [verb === '""' ? '' : verb]
  })
  const warnings = wanted
    .filter((verb) => !verbs.includes(verb))
    .map((verb) => {
      const hint = notVerbs[verb] ?? `those are ${verbs.filter((known) => known !== '').join(', ')}`
      return `${JSON.stringify(verb)} is no verb of an audit log: ${hint}.`
    })
  return {wanted, warnings}
}

/** True for a name that means somebody, not everybody. */
function isNamed(text: string | undefined): boolean {
  return text !== undefined && !/^\**$/.test(text)
}

/**
 * Works out what the filters of a timeline mean in a case.
 *
 * @throws TargetError, CidrError, FilterError
 */
export async function readScope(caseFile: CaseFile, question: Question, asked: TimelineFilters): Promise<Scope> {
  const {effectiveUser, principal, resource, credential, userAgent} = asked
  const [ip, verb, code] = [listed(asked.ip), listed(asked.verb), listed(asked.code)]
  const target = await resolvedTarget(caseFile, parseTarget(resource))
  const isOfCluster = target.types.length > 0 && target.types.every((type) => type.scope === 'cluster')
  const {namespace, user} = question.filters
  const {wanted, warnings: verbWarnings} = verbParameter(verb)
  const parameters: Parameters = {
    ...commonParameters(question),
    ...(isOfCluster ? {namespace: null} : {}),
    effective_user: pattern(effectiveUser),
    principal: pattern(principal),
    types: typeParameter(target.types),
    resources: target.types.length === 0 ? null : target.types.map((type) => type.resource),
    name: pattern(target.name),
    credential: pattern(credential),
    user_agent: agentPattern(userAgent),
    verbs: wanted,
    codes: code === undefined ? null : parseCodes(code),
  }
  const {addresses, claims} = await addressesOf(caseFile, ip, parameters)
  const types = target.types.map((type) => typeText(type.resource, type.groups?.[0] ?? null)).join(',')
  const objects = `${types}${target.name === undefined ? '' : `/${target.name}`}`
  const words: readonly (readonly [string, string | undefined])[] = [
    ['with the rights of', effectiveUser],
    ['of principal', principal],
    ['on', resource === undefined ? undefined : objects],
    ['from', ip?.join(' or ')],
    ['with credential', credential],
    ['with client', userAgent],
    ['verb', verb?.map((word) => (word === '' ? '""' : word)).join(' or ')],
    ['code', code?.join(' or ')],
  ]
  return {
    parameters: {...parameters, addresses},
    target,
    own: {
      resource: resource === undefined ? undefined : objects,
      effective_user: effectiveUser,
      principal,
      ip,
      credential,
      user_agent: userAgent,
      verb,
      code,
    },
    words: words.flatMap(([before, text]) => (text === undefined ? [] : [`${before} ${text}`])),
    warnings: [
      ...verbWarnings,
      ...(isOfCluster && namespace !== undefined
        ? [`${types} are of the whole cluster: the namespace ${namespace} was not used to filter.`]
        : []),
      ...(claims === 0
        ? []
        : [
            `${claims.toLocaleString('en-US')} more ${claims === 1 ? 'request names' : 'requests name'} such an address in X-Forwarded-For, which a client may invent: not shown. Behind a proxy of yours, load with --trusted-proxy.`,
          ]),
    ],
    isAboutIdentity: [user, effectiveUser, principal, credential].some(isNamed),
  }
}
