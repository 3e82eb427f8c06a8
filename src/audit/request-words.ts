import {actionOf, isRead, quotedName, type AskedRequest} from './request-action.ts'

/** What a request has on record, as far as a sentence about it needs that. Whatever was not logged is null. */
export interface TellableRequest extends AskedRequest {
  readonly impersonatedUser: string | null
  /** Whom it wanted to act as, where that was refused: `alice`, `groups/admins`. */
  readonly impersonationAttempt: string | null
  readonly statusReason: string | null
  readonly statusMessage: string | null
  /** What the authorizer decided: `allow`, `forbid`. */
  readonly decision: string | null
  /** True where the record shows a dry run. */
  readonly dryRun: boolean | null
}

/** What the status codes say that the API server gives. */
const failures: Readonly<Record<number, string>> = {
  400: 'bad request',
  404: 'not found',
  405: 'method not allowed',
  406: 'not acceptable',
  408: 'timed out',
  409: 'conflict',
  410: 'expired',
  412: 'precondition failed',
  413: 'too large',
  415: 'unsupported kind of body',
  422: 'invalid',
  429: 'too many requests',
  500: 'internal error',
  501: 'not implemented',
  502: 'bad gateway',
  503: 'unavailable',
  504: 'timed out',
}

const attemptKinds: Readonly<Record<string, string>> = {groups: 'group', uids: 'uid', userextras: 'extra'}

/** Whom a refused impersonation was to be, in words. */
function attemptText(attempt: string): string {
  const [, kind = '', value = ''] = /^(groups|uids|userextras)\/(.*)$/s.exec(attempt) ?? []
  return kind === '' ? `as ${quotedName(attempt)}` : `with ${attemptKinds[kind] ?? kind} ${quotedName(value)}`
}

function failureText({code, subresource, statusReason, statusMessage}: TellableRequest): string {
  if (code === 409 && statusReason === 'AlreadyExists') return 'already exists'
  if (code === 429 && subresource === 'eviction' && /disruption budget/.test(statusMessage ?? ''))
    return 'held back by a disruption budget'
  return failures[code ?? 0] ?? 'no success'
}

/** What was wanted, and that it was refused with 403: by whom, as far as the record tells. */
function refusalText(request: TellableRequest, infinitive: string): string {
  if (request.decision !== 'allow') return `was refused to ${infinitive}`
  return /attempting to grant RBAC permissions not currently held/.test(request.statusMessage ?? '')
    ? `was refused to grant more rights than its own: tried to ${infinitive}`
    : `was refused by admission to ${infinitive}`
}

/**
 * One request as a sentence without its subject: `deleted deployment nginx in prod`, `was refused to list secrets in
 * payments`, `acting as bob, patched clusterrole view`. In the past tense only where the answer was a success. A deletion
 * whose body was not logged may have been a dry run; only one that the record shows is called so.
 */
export function requestSentence(request: TellableRequest): string {
  const as = request.impersonatedUser === null ? '' : `acting as ${quotedName(request.impersonatedUser)}, `
  return `${as}${toldOf(request)}`
}

function toldOf(request: TellableRequest): string {
  const {code, impersonationAttempt: attempt, subresource, decision, verb} = request
  const {past, infinitive: to, gerund, rest} = actionOf(request)
  const isDry = request.dryRun === true
  const dry = isDry ? ' (dry run)' : ''
  const infinitive = `${to} ${rest}${dry}`
  if (attempt !== null) return `was refused to act ${attemptText(attempt)}: tried to ${infinitive}`
  if (code === null) return `asked to ${infinitive}; no answer is in the log`
  if (subresource === 'proxy' && code >= 400 && decision === 'allow')
    return `${past} ${rest}, and was answered with ${code}`
  if (code === 401) return `was not let in: tried to ${infinitive}`
  if (code === 403) return refusalText(request, infinitive)
  if (code >= 500 && !isRead(request) && !isDry)
    return `tried to ${infinitive}: ${failureText(request)} (${code}), it may have been carried out`
  if (code >= 400) return `failed to ${infinitive}: ${failureText(request)} (${code})`
  if (isDry) return `tried out ${gerund} ${rest} (dry run)`
  const early = request.statusMessage === 'Connection closed early' ? ' (the connection was closed early)' : ''
  return `${past} ${rest}${code === 202 && verb === 'delete' ? ' (accepted)' : ''}${early}`
}

/** A request as a whole sentence, for a timeline of many sources: `carol, acting as bob, deleted deployment nginx in prod`. */
export function requestMessage(userName: string | null, impersonatedUser: string | null, sentence: string): string {
  return `${userName === null ? 'somebody unauthenticated' : quotedName(userName)}${impersonatedUser === null ? '' : ','} ${sentence}`
}
