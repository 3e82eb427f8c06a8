import {auditLevels, auditStages, type AuditStage, type PolicyDecision, type PolicyRequest} from './policy.ts'

const sessions = new Set(['exec', 'attach', 'portforward'])
const longSubresources = new Set([...sessions, 'proxy', 'log'])
const readVerbs = new Set(['get', 'list', 'watch'])

/** The stages at which an API server could log a request; a panic apart, which is no ordinary end. */
function stagesOf({user, verb, subresource}: PolicyRequest): readonly AuditStage[] {
  if (user === null) return ['ResponseStarted'] // 401: k8s.io/apiserver, WithFailedAuthenticationAudit
  const isLong = verb === 'watch' || verb === 'proxy' || longSubresources.has(subresource)
  return auditStages.filter((stage) => stage !== 'Panic' && (isLong || stage !== 'ResponseStarted'))
}

function isSecretRead({apiGroup, resource, verb, subresource}: PolicyRequest): boolean {
  return apiGroup === '' && resource === 'secrets' && subresource === '' && readVerbs.has(verb)
}

function isToken({resource, subresource, verb}: PolicyRequest): boolean {
  return resource === 'serviceaccounts' && subresource === 'token' && verb === 'create'
}

function withoutBodies(request: PolicyRequest): string[] {
  const {verb, resource, subresource, user} = request
  if (user === null) return ['Who tried is not known, only from where: nobody authenticated.']
  if (request.isResource && verb === 'delete' && subresource === '')
    return ['Without its body a dry run of kubectl delete (--dry-run=server) cannot be told from a deletion.']
  if (verb === 'deletecollection')
    return [
      'Which objects a collection held stands in the response body alone: the log does not name what was deleted.',
    ]
  if (resource === 'pods' && subresource === 'ephemeralcontainers')
    return ['What runs in a debug container stands in the request body alone.']
  if (isSecretRead(request)) return ['It is known who read secrets, and not what stood in them.']
  return ['create', 'update', 'patch'].includes(verb) && !sessions.has(subresource) && !isToken(request)
    ? ['What was written stands in the request body alone: the log tells that something was changed, not what.']
    : []
}

function levelTexts(request: PolicyRequest, {level}: PolicyDecision): string[] {
  const {verb, subresource, isResource} = request
  const tells = 'who did what, when, from where, and how it was answered'
  if (level === 'Metadata') return [`Metadata records ${tells}; no bodies.`, ...withoutBodies(request)]
  if (sessions.has(subresource) || subresource === 'proxy')
    return [`${level} records ${tells}; a session has no bodies to record.`]
  if (!isResource) return [`${level} records ${tells}; paths that are no objects have no bodies to record.`]
  if (verb === 'watch') return [`${level} records ${tells}; what a watch was sent is never recorded.`]
  if (level === 'Request')
    return readVerbs.has(verb)
      ? [`Request records ${tells}; a read has no request body, so this is what Metadata records.`]
      : [
          `Request records ${tells}, and the request body; not the answer’s.`,
          ...(verb === 'deletecollection' ? withoutBodies(request) : []),
        ]
  return [
    `RequestResponse records ${tells}, and both bodies.`,
    ...(isToken(request)
      ? ['The token itself stands in the log: who reads the log can use it.']
      : request.apiGroup === '' && request.resource === 'secrets'
        ? ['The values of secrets stand in the log, in base64: who reads the log has them.']
        : []),
  ]
}

function stageTexts(request: PolicyRequest, {omitStages}: PolicyDecision): string[] {
  const possible = stagesOf(request)
  const recorded = possible.filter((stage) => !omitStages.includes(stage))
  const omitted = auditStages.filter((stage) => omitStages.includes(stage))
  if (recorded.length === 0)
    return [
      request.user === null
        ? 'Nothing of it is recorded: a failed login is logged at ResponseStarted alone, and that stage is omitted.'
        : `Nothing of it is recorded: ${possible.slice(0, -1).join(', ')} and ${possible.at(-1) ?? ''} are omitted.`,
    ]
  return [
    `Recorded at ${recorded.join(', ')}${omitted.length === 0 ? '' : `; omitted: ${omitted.join(', ')}`}.`,
    ...(possible.includes('ResponseComplete') && !recorded.includes('ResponseComplete')
      ? [
          recorded.includes('ResponseStarted')
            ? 'The end of it is not recorded.'
            : 'How it was answered is not recorded.',
        ]
      : []),
  ]
}

/** True where a policy lets something of a request be recorded: its level is not None, and not all of its stages are omitted. */
export function isRecorded(request: PolicyRequest, {level, omitStages}: PolicyDecision): boolean {
  return level !== 'None' && stagesOf(request).some((stage) => !omitStages.includes(stage))
}

/** What a decision means for an investigation: sentences about what is recorded of the request, and what is not. */
export function decisionMeaning(request: PolicyRequest, decision: PolicyDecision): readonly string[] {
  if (decision.level === 'None') return ['Nothing of it is recorded: the log does not show that it happened.']
  const stages = stageTexts(request, decision)
  if (!isRecorded(request, decision)) return stages
  const hasBodies = auditLevels.indexOf(decision.level) > auditLevels.indexOf('Metadata')
  return [
    ...levelTexts(request, decision),
    ...stages,
    ...(hasBodies
      ? [decision.omitManagedFields ? 'Managed fields are left out of bodies.' : 'Managed fields stay in bodies.']
      : []),
  ]
}
