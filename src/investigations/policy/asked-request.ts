import {certainGroups} from '../../audit/policy/certain-groups.ts'
import type {PolicyRequest} from '../../audit/policy/policy.ts'
import {requestOfPath} from '../../audit/policy/request-of-path.ts'
import {parseTarget, TargetError, typeText, type ResourceType} from '../../audit/resource-names.ts'
import type {ExplainedRequest} from './explain.ts'

/** A request in the words of the command line. */
export interface AskedRequest {
  /** Undefined where nobody authenticates: a request that is answered with 401. */
  readonly user: string | undefined
  readonly groups: readonly string[]
  readonly verb: string | undefined
  /** A type as kubectl takes it, also with its subresource: `pods/exec`. */
  readonly resource?: string | undefined
  readonly subresource?: string | undefined
  readonly apiGroup?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly url?: string | undefined
}

const auditedVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const collectionVerbs = new Set(['list', 'watch', 'deletecollection', 'create'])

/** What people say, and what an API server audits. */
const otherVerbs: Readonly<Record<string, string>> = {
  exec: 'kubectl exec is a get of pods/exec, or a create before kubectl 1.30',
  attach: 'kubectl attach is a get of pods/attach, or a create before kubectl 1.30',
  'port-forward': 'kubectl port-forward is a get of pods/portforward, or a create before kubectl 1.31',
  apply: 'kubectl apply is a patch, or a create',
  edit: 'kubectl edit is a patch',
  replace: 'kubectl replace is an update',
  describe: 'kubectl describe is a get, or a list',
  logs: 'kubectl logs is a get of pods/log',
  scale: 'kubectl scale is a patch, or an update, of the subresource scale',
  post: 'POST is a create',
  put: 'PUT is an update',
}

function who({user, groups}: AskedRequest): {
  readonly request: Pick<PolicyRequest, 'user' | 'groups'>
  readonly mayHaveGroups: boolean
  notes: string[]
} {
  if (user === undefined)
    return {
      request: {user: null, groups: []},
      mayHaveGroups: false,
      notes: ['Nobody authenticated (401): no rule with users or userGroups takes the request.'],
    }
  const {groups: certain, isAll} = certainGroups(user)
  const added = certain.filter((group) => !groups.includes(group))
  return {
    request: {user, groups: [...groups, ...added]},
    mayHaveGroups: groups.length === 0 && !isAll,
    notes: added.length === 0 ? [] : [`Groups that the name makes certain were added: ${added.join(', ')}.`],
  }
}

function typeOf(words: string, apiGroup: string | undefined): {readonly type: ResourceType; readonly below: string} {
  const {types, name: below = ''} = parseTarget(words)
  const [type] = types
  if (type === undefined || types.length > 1)
    throw new TargetError(
      `${JSON.stringify(words)} means ${types.length === 0 ? 'no type' : 'several types'}: give one.`,
    )
  if (apiGroup === undefined && type.groups === undefined)
    throw new TargetError(
      `${JSON.stringify(type.resource)} is no built-in type, and rules look at its API group: give ${type.resource}.GROUP, or --api-group.`,
    )
  return {type, below}
}

/** The same request in the other group or by the other verb that it may come in. */
function alternativesOf(request: PolicyRequest, type: ResourceType): ExplainedRequest['alternatives'] {
  const {verb, subresource} = request
  const isSession = ['exec', 'attach', 'portforward'].includes(subresource) && request.resource === 'pods'
  const other = verb === 'get' ? 'create' : 'get'
  return [
    ...(isSession && (verb === 'get' || verb === 'create')
      ? [
          {
            when: `With verb ${other}, as ${other === 'get' ? 'newer' : 'older'} kubectl sends it`,
            request: {...request, verb: other},
          },
        ]
      : []),
    ...(type.groups ?? [])
      .filter((apiGroup) => apiGroup !== request.apiGroup)
      .map((apiGroup) => ({
        when: `In the API group ${apiGroup === '' ? 'core' : apiGroup}, where ${request.resource} stand too`,
        request: {...request, apiGroup},
      })),
  ]
}

function onType(asked: AskedRequest, words: string, verb: string): ExplainedRequest {
  const {type, below} = typeOf(words, asked.apiGroup)
  if (below !== '' && asked.subresource !== undefined && below !== asked.subresource)
    throw new TargetError(
      `The subresource was given twice: ${JSON.stringify(below)} and ${JSON.stringify(asked.subresource)}.`,
    )
  const {request: identity, mayHaveGroups, notes} = who(asked)
  const subresource = asked.subresource ?? below
  const isNamespace = type.resource === 'namespaces' && type.builtIn
  const isNamedInBody = verb === 'create' && subresource === ''
  const name = isNamedInBody ? '' : (asked.name ?? '')
  if (type.scope === 'cluster' && !isNamespace && asked.namespace !== undefined)
    throw new TargetError(`${typeText(type.resource, type.groups?.[0] ?? null)} stand in no namespace: leave -n out.`)
  const isAcross = asked.namespace === undefined && type.scope !== 'cluster'
  if (isAcross && (name !== '' || subresource !== ''))
    throw new TargetError(`A request on one of the ${type.resource} names its namespace: give it with -n.`)
  const request: PolicyRequest = {
    ...identity,
    verb,
    isResource: true,
    apiGroup: asked.apiGroup ?? type.groups?.[0] ?? '',
    resource: type.resource,
    subresource,
    // The API server takes the name in /api/v1/namespaces/NAME for the namespace too.
    namespace: isNamespace ? name : (asked.namespace ?? ''),
    name,
    path: '',
  }
  return {
    request,
    unknown: [],
    mayHaveGroups,
    notes: [
      ...notes,
      ...(isNamedInBody && asked.name !== undefined
        ? ['A creation names its object in the body alone: policies do not see the name.']
        : []),
      ...(isAcross && type.scope === 'namespaced'
        ? [
            'No namespace was given: this is a request across all namespaces, and rules with namespaces take it only where they list the empty name.',
          ]
        : []),
      ...(name === '' && !collectionVerbs.has(verb)
        ? [
            'No name was given: a rule with resourceNames does not take the request as it stands, and may take one with a name.',
          ]
        : []),
    ],
    alternatives:
      asked.apiGroup === undefined ? alternativesOf(request, type) : alternativesOf(request, {...type, groups: []}),
    logged: null,
  }
}

function onPath(asked: AskedRequest, url: string, verb: string): ExplainedRequest {
  const path = requestOfPath(url, verb)
  if (path === undefined)
    throw new TargetError(
      `An API server answers ${JSON.stringify(url)} before it looks at its audit policy: check the path.`,
    )
  const {request: identity, mayHaveGroups, notes} = who(asked)
  const request = {...path, ...identity}
  return {
    request,
    unknown: [],
    mayHaveGroups,
    notes,
    alternatives: alternativesOf(request, {
      resource: '',
      groups: [],
      scope: 'unknown',
      builtIn: false,
      otherPlurals: [],
    }),
    logged: null,
  }
}

/**
 * The request that the words of a command line mean, as an API server would see it.
 *
 * @throws TargetError where they mean none.
 */
export function askedRequest(asked: AskedRequest): ExplainedRequest {
  const {url, resource} = asked
  if (url !== undefined) return onPath(asked, url, asked.verb ?? 'GET')
  const verb = asked.verb?.toLowerCase() ?? ''
  if (!auditedVerbs.includes(verb)) {
    const meant = otherVerbs[verb]
    throw new TargetError(
      `${JSON.stringify(asked.verb ?? '')} is no verb that an API server audits${meant === undefined ? `: it is one of ${auditedVerbs.join(', ')}.` : `: ${meant}.`}`,
    )
  }
  return onType(asked, resource ?? '', verb)
}
