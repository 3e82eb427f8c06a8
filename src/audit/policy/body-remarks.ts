import {scopeOf} from '../resource-names.ts'
import {decide, preparePolicy} from './decide.ts'
import {isRecorded} from './decision-meaning.ts'
import {requestOn, type Setting} from './ordinary-acts.ts'
import {auditLevels, type AuditLevel, type GroupResources, type Policy, type PolicyRule} from './policy.ts'
import {listed, ruleField, rulesText, type Remark} from './remark.ts'
import {reachOf, type PolicyGround} from './rule-reach.ts'

interface Sensitive {
  readonly words: string
  readonly group: string
  readonly type: string
  readonly verbs: readonly string[]
  /** From which level on the log holds them. */
  readonly from: AuditLevel
  /** True where only rules for everybody are worth a word, and none that name the type: what they hold is not always secret. */
  readonly isMild?: boolean
}

/** Verbs that are answered with the objects themselves. */
const answering = ['get', 'list', 'delete', 'deletecollection'] as const

/**
 * Requests whose bodies hold credentials. A watch is recorded without bodies, whatever the level. A deletion is answered with
 * what it removed: a collection always, a single object where a finalizer holds it.
 */
const sensitive: readonly Sensitive[] = [
  {words: 'Secrets', group: '', type: 'secrets', verbs: ['create', 'update', 'patch'], from: 'Request'},
  {words: 'Secrets', group: '', type: 'secrets', verbs: answering, from: 'RequestResponse'},
  {words: 'issued tokens', group: '', type: 'serviceaccounts/token', verbs: ['create'], from: 'RequestResponse'},
  {
    words: 'tokens under review',
    group: 'authentication.k8s.io',
    type: 'tokenreviews',
    verbs: ['create'],
    from: 'Request',
  },
  {
    words: 'ConfigMaps',
    group: '',
    type: 'configmaps',
    verbs: ['create', 'update', 'patch'],
    from: 'Request',
    isMild: true,
  },
  {words: 'ConfigMaps', group: '', type: 'configmaps', verbs: answering, from: 'RequestResponse', isMild: true},
]

/** Types that are many, long and often listed. */
const bulky: readonly (readonly [group: string, type: string])[] = [
  ['', 'pods'],
  ['', 'nodes'],
  ['', 'endpoints'],
  ['', 'events'],
  ['apps', 'deployments'],
  ['apps', 'replicasets'],
  ['discovery.k8s.io', 'endpointslices'],
  ['coordination.k8s.io', 'leases'],
]

const rank = (level: AuditLevel): number => auditLevels.indexOf(level)

function isNamed(rule: PolicyRule, group: string, type: string): boolean {
  return rule.resources.some((entry) => entry.group === group && entry.resources.includes(type))
}

/** Verbs of requests across all namespaces: these have the empty one on types that stand in namespaces. */
const acrossNamespaces = new Set(['list', 'watch'])

/** The parts of a rule that are about one type and some verbs; none where it takes none of that. */
function partsOn(rule: PolicyRule, group: string, type: string, verbs: readonly string[]): PolicyRule[] {
  if (rule.resources.length === 0 && rule.namespaces.length === 0 && rule.nonResourceURLs.length > 0) return []
  const [resource = '', subresource = ''] = type.split('/')
  const fits = ({group: own, resources}: GroupResources): boolean =>
    own === group &&
    (resources.length === 0 ||
      resources.some(
        (word) =>
          word === '*' ||
          word === type ||
          word === `${resource}/*` ||
          (subresource !== '' && word === `*/${subresource}`),
      ))
  const entries = rule.resources.filter(fits)
  if (rule.resources.length > 0 && entries.length === 0) return []
  const ownVerbs = rule.verbs.length === 0 ? verbs : verbs.filter((verb) => rule.verbs.includes(verb))
  if (ownVerbs.length === 0) return []
  const resources =
    entries.length === 0
      ? [{group, resources: [type], resourceNames: []}]
      : entries.map((entry) => ({
          group,
          resources: [type],
          resourceNames: entry.resources.length === 0 ? [] : entry.resourceNames,
        }))
  const part = {...rule, verbs: ownVerbs, resources}
  if (!rule.namespaces.includes('') || scopeOf(resource, group) !== 'namespaced') return [part]
  const namespaces = rule.namespaces.filter((namespace) => namespace !== '')
  const across = ownVerbs.filter((verb) => acrossNamespaces.has(verb))
  return [
    ...(namespaces.length === 0 ? [] : [{...part, namespaces}]),
    ...(across.length === 0 ? [] : [{...part, namespaces: [''], verbs: across}]),
  ]
}

/** True where a rule takes any request on a type by some verbs. */
function takesAny(
  rule: PolicyRule,
  place: number,
  ground: PolicyGround,
  [group, type, verbs]: readonly [group: string, type: string, verbs: readonly string[]],
): boolean {
  return partsOn(rule, group, type, verbs).some((part) => reachOf(part, place, ground).kind === 'takes')
}

const forEverybody = ({users, userGroups}: PolicyRule): boolean =>
  users.length === 0 && (userGroups.length === 0 || userGroups.includes('system:authenticated'))

/** Credentials that a rule puts into the log. */
function secretsWithBodies(rule: PolicyRule, place: number, ground: PolicyGround): string[] {
  const words = sensitive.flatMap(({words: what, group, type, verbs, from, isMild}) => {
    if (rank(rule.level) < rank(from)) return []
    if (isMild === true && (!forEverybody(rule) || isNamed(rule, group, type))) return []
    return takesAny(rule, place, ground, [group, type, verbs]) ? [what] : []
  })
  return [...new Set(words)]
}

function bulkyReads(rule: PolicyRule, place: number, ground: PolicyGround): string[] {
  if (rule.level !== 'RequestResponse' || !forEverybody(rule)) return []
  return bulky.flatMap(([group, type]) => (takesAny(rule, place, ground, [group, type, ['list']]) ? [type] : []))
}

/** Rules that record bodies with credentials in them, and bodies of what is read. */
function tooMuch(policy: Policy, ground: PolicyGround): Remark[] {
  const inRule = (rule: PolicyRule, place: number): Remark[] => {
    if (rank(rule.level) < rank('Request')) return []
    // Bodies stand in this stage alone.
    if (ground.rules[place]?.decision.omitStages.includes('ResponseComplete') === true) return []
    const about = {severity: 'advice', rule: place + 1, field: ruleField(place, 'level')} as const
    const secrets = secretsWithBodies(rule, place, ground)
    const reads = bulkyReads(rule, place, ground)
    const isCatchAll = rule.resources.length === 0 && rule.namespaces.length === 0 && forEverybody(rule)
    return [
      ...(secrets.length === 0
        ? []
        : [
            {
              ...about,
              code: 'secrets-with-bodies',
              message: `Rule ${place + 1} (${rule.level}) puts the contents of ${listed(secrets)} into the log.`,
              why: 'Whoever reads the log then holds the credentials. Let a rule at Metadata take secrets, configmaps, serviceaccounts/token and tokenreviews (authentication.k8s.io) first.',
            },
          ]),
      ...(reads.length === 0
        ? []
        : [
            {
              ...about,
              code: isCatchAll ? 'catch-all-with-bodies' : 'reads-with-bodies',
              message: isCatchAll
                ? `Rule ${place + 1} (RequestResponse) records all that no other rule names with its bodies, lists included (${listed(reads, 4)}).`
                : `Rule ${place + 1} (RequestResponse) records whole lists of ${listed(reads)}.`,
              why: `Answers to reads are most of such a log and prove little: Metadata tells who read what.${isCatchAll ? ' Custom resources can hold credentials, too.' : ''} Let a rule for get, list and watch take them first.`,
            },
          ]),
    ]
  }
  const remarks: Remark[] = []
  for (const [place, rule] of policy.rules.entries()) {
    const found = inRule(rule, place)
    if (ground.comparisonsLeft < 0)
      return [
        ...remarks,
        {
          severity: 'advice',
          code: 'bodies-not-checked',
          rule: place + 1,
          field: null,
          message: `Whether rule ${place + 1} and those after it put credentials or long lists into the log was not worked out: there is too much to compare.`,
          why: 'Checks of one policy are limited, so that no policy can keep them busy for long.',
        },
      ]
    remarks.push(...found)
  }
  return remarks
}

interface Change {
  readonly group: string
  readonly type: string
  readonly verb: string
}

const ofTypes = (group: string, types: readonly string[], verbs: readonly string[]): Change[] =>
  types.flatMap((type) => verbs.map((verb) => ({group, type, verb})))

const deletions = [
  ...ofTypes('apps', ['deployments', 'statefulsets', 'daemonsets'], ['delete', 'deletecollection']),
  ...ofTypes('', ['pods', 'services', 'persistentvolumeclaims'], ['delete', 'deletecollection']),
  ...ofTypes('', ['namespaces'], ['delete']),
]

const changes = [
  ...ofTypes(
    'rbac.authorization.k8s.io',
    ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
    ['create', 'patch'],
  ),
  ...ofTypes('', ['pods'], ['create']),
  ...ofTypes('apps', ['deployments', 'daemonsets'], ['create', 'patch']),
  ...ofTypes('admissionregistration.k8s.io', ['mutatingwebhookconfigurations'], ['create', 'patch']),
]

/** Changes through subresources, which a rule for the type does not cover. */
const throughSubresources: readonly (readonly [group: string, type: string, subresource: string, words: string])[] = [
  ['', 'pods', 'ephemeralcontainers', 'the image and command of a debugging container'],
  ['apps', 'deployments', 'scale', 'to how many copies it was scaled'],
  ['apps', 'statefulsets', 'scale', 'to how many copies it was scaled'],
]

/** Changes that are recorded, but not what they changed. */
function tooLittle(policy: Policy, fresh: string): Remark[] {
  const prepared = preparePolicy(policy)
  const someone: Setting = {user: fresh, groups: ['system:authenticated'], namespace: fresh}
  const decided = ({group, type, verb}: Change) => {
    const request = requestOn(group, type, verb, someone)
    const decision = decide(prepared, request)
    return {...decision, isRecorded: isRecorded(request, decision)}
  }
  const atMetadata = (asked: readonly Change[]): {rules: number[]; types: string[]; all: boolean} => {
    const found = asked.filter((change) => {
      const {level, isRecorded: isTold} = decided(change)
      return level === 'Metadata' && isTold
    })
    return {
      rules: [...new Set(found.map((change) => decided(change).rule ?? 0))].toSorted((a, b) => a - b),
      types: [...new Set(found.map(({type}) => type))],
      all: found.length === asked.length,
    }
  }
  const remarks: Remark[] = []
  const about = (rules: readonly number[]) => ({
    severity: 'advice' as const,
    rule: (rules[0] ?? 0) + 1,
    field: ruleField(rules[0] ?? 0, 'level'),
  })
  const deleted = atMetadata(deletions)
  if (deleted.rules.length > 0)
    remarks.push({
      ...about(deleted.rules),
      code: 'deletions-without-bodies',
      message: `Deletions${deleted.all ? '' : ` of ${listed(deleted.types)}`} are recorded at Metadata (${rulesText(deleted.rules)}): a dry run by kubectl looks like a removal, and collections do not tell what they removed.`,
      why: '`kubectl delete --dry-run=server` says so in its body alone, and the names of a collection stand in the answer. Record delete and deletecollection at RequestResponse, Secrets and ConfigMaps at Request: the request body of a deletion holds no contents, its answer can.',
    })
  const changed = atMetadata(changes)
  if (changed.rules.length > 0)
    remarks.push({
      ...about(changed.rules),
      code: 'changes-without-bodies',
      message: `Changes${changed.all ? '' : ` of ${listed(changed.types)}`} are recorded at Metadata (${rulesText(changed.rules)}): who changed what, but not what it was changed to.`,
      why: 'What rights a role grants, who got it, which image a pod ran and with which privileges stand in the bodies alone. Record writes at Request or above, but for Secrets, ConfigMaps and tokens.',
    })
  for (const [group, type, subresource, words] of throughSubresources) {
    const whole = decided({group, type, verb: 'patch'})
    const part = decided({group, type: `${type}/${subresource}`, verb: 'patch'})
    if (rank(whole.level) < rank('Request') || part.level !== 'Metadata' || whole.rule === null) continue
    if (!whole.isRecorded || !part.isRecorded) continue
    const rule = policy.rules[whole.rule]
    if (rule === undefined || !isNamed(rule, group, type)) continue
    if (remarks.some((told) => told.code === 'subresource-not-covered' && told.rule === (whole.rule ?? 0) + 1)) continue
    remarks.push({
      ...about([whole.rule]),
      field: ruleField(whole.rule, 'resources'),
      code: 'subresource-not-covered',
      message: `Rule ${whole.rule + 1} (${whole.level}) names ${type}, which does not cover ${type}/${subresource}: ${rulesText([part.rule ?? 0])} (Metadata) does not record ${words}.`,
      why: `A type covers none of its subresources. Add ${type}/${subresource} to the rule.`,
    })
  }
  return remarks
}

/** What a policy records with too much in it, or too little. */
export function bodyRemarks(policy: Policy, fresh: string, ground: PolicyGround): Remark[] {
  return [...tooMuch(policy, ground), ...tooLittle(policy, fresh)]
}
