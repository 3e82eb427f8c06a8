import {certainGroups} from '../../audit/policy/certain-groups.ts'
import type {PreparedPolicy, UnknownPart} from '../../audit/policy/decide.ts'
import type {PolicyRequest} from '../../audit/policy/policy.ts'
import {requestOfPath} from '../../audit/policy/request-of-path.ts'
import type {Parameters} from '../../case/case-file.ts'
import type {Plain} from '../../output/answer.ts'

/** What a policy looks at, as it was recorded. */
export interface RecordedRequest {
  readonly user_name: string | null
  readonly group_list: string | null
  readonly verb: string | null
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly namespace: string | null
  readonly name: string | null
  readonly request_uri: string | null
  readonly salvaged: boolean
}

/** Events that are alike in all that a policy looks at: a row of the query `policy-groups`. */
export interface PolicyGroup extends RecordedRequest {
  readonly acts_as: boolean
  readonly stage: string | null
  readonly level: string | null
  readonly refusal: number | null
  readonly earlier_stages: string | null
  readonly events: number
  readonly requests: number
  readonly bytes: number
  readonly request_bodies: number
  readonly request_bytes: number
  readonly response_bodies: number
  readonly response_bytes: number
}

/** What is known of a request, and what is not. */
interface KnownRequest {
  readonly request: PolicyRequest
  readonly unknown: readonly UnknownPart[]
}

function named(policy: PreparedPolicy, values: (rule: PreparedPolicy['rules'][number]['rule']) => readonly string[]) {
  return [...new Set(policy.rules.flatMap(({rule}) => values(rule)))]
}

/** What the query has to tell apart for a policy: only what one of its rules looks at. */
export function partsToTell(policy: PreparedPolicy): Parameters {
  const omitted = new Set(policy.rules.flatMap(({decision}) => decision.omitStages))
  omitted.delete('RequestReceived') // the first stage has none before it
  const lists = {
    users: named(policy, ({users}) => users),
    namespaces: named(policy, ({namespaces}) => namespaces),
    names: named(policy, ({resources}) => resources.flatMap(({resourceNames}) => resourceNames)),
  }
  const all = Object.values(lists).flat()
  let others = '*'
  while (all.includes(others)) others += '*'
  return {
    ...lists,
    groups: policy.rules.some(({userGroups}) => userGroups !== undefined),
    paths: policy.rules.some(({paths}) => paths !== undefined),
    earlier: omitted.size > 0,
    others,
  }
}

const groupLists = new Map<string, readonly string[] | null>()

/** The groups of a user out of JSON text; null where it is no list of names. */
function groupsOf(text: string): readonly string[] | null {
  const known = groupLists.get(text)
  if (known !== undefined) return known
  let groups: readonly string[] | null = null
  try {
    const value = JSON.parse(text) as Plain
    if (Array.isArray(value)) groups = value.filter((group) => typeof group === 'string')
  } catch {
    // what is no list tells no groups
  }
  groupLists.set(text, groups)
  return groups
}

/** What a policy looks at of recorded events; groups count only where `hasGroups` says that the policy looks at them. */
export function requestOfRecord(record: RecordedRequest, hasGroups: boolean): KnownRequest {
  const unknown: UnknownPart[] = []
  const {user_name: user, group_list: list, request_uri: uri} = record
  let groups: readonly string[] = []
  if (user === null) {
    if (record.salvaged) unknown.push('user', 'groups')
  } else if (hasGroups) {
    const recorded = list === null ? null : groupsOf(list)
    const certain = certainGroups(user)
    groups = recorded ?? certain.groups
    if (recorded === null && !certain.isAll) unknown.push('groups')
  }
  if (record.verb === null) unknown.push('verb')
  const who = {user, groups}
  const verb = record.verb ?? ''
  if (record.resource !== null)
    return {
      unknown,
      request: {
        ...who,
        verb,
        isResource: true,
        apiGroup: record.api_group ?? '',
        resource: record.resource,
        subresource: record.subresource ?? '',
        namespace: record.namespace ?? '',
        name: record.name ?? '',
        path: '',
      },
    }
  const asked = uri === null ? undefined : requestOfPath(uri, verb)
  if (asked === undefined) unknown.push('target')
  const {
    isResource = false,
    apiGroup = '',
    resource = '',
    subresource = '',
    namespace = '',
    name = '',
    path = '',
  } = asked ?? {}
  // The verb as recorded is the one that was compared.
  return {unknown, request: {...who, verb, isResource, apiGroup, resource, subresource, namespace, name, path}}
}
