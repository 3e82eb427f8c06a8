import {interactiveProgram} from '../../audit/interactive-program.ts'
import {hasInput, kubeletCall, type ExecRequest} from './exec-request.ts'

/** Escapes that are none, and semicolons that are not escaped: Go leaves out the parameter that holds one. */
const leftOutByGo = /[?&](?:command|cmd)=[^&]*(?:;|%(?![0-9a-fA-F]{2}))/

/** Escaped bytes of a query that are no UTF-8, which the command shows as they were escaped. */
function hasOtherBytes(uri: string): boolean {
  return uri.split(/[?&]/).some((part) => {
    if (!/^(?:command|cmd)=.*%[89a-f]/is.test(part)) return false
    try {
      decodeURIComponent(part.replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25'))
      return false
    } catch {
      return true
    }
  })
}

/** The program that took commands from the client itself, where a request was accepted and started one; null for any other. */
export function interactiveOf(request: ExecRequest): string | null {
  const {kind, outcome, command} = request
  if (outcome !== 'accepted' || kind === 'copy' || command === null || !hasInput(request)) return null
  return interactiveProgram(command)
}

function interactiveNote(request: ExecRequest): string | null {
  const program = interactiveOf(request)
  if (program === null) return null
  return request.tty === true
    ? `interactive ${program}: what was typed is not in any audit log`
    : `${program} took its commands from the client: they are not in any audit log`
}

function inputNote(request: ExecRequest): string | null {
  const {kind, outcome, stdin} = request
  if (outcome !== 'accepted' || kind === 'copy' || stdin !== true || interactiveOf(request) !== null) return null
  return 'what was typed or sent to it is not in any audit log'
}

function copyNote({kind, copy_direction: direction, copy_path: path, command}: ExecRequest): string | null {
  if (kind !== 'copy') return null
  if (direction === 'download') return `kubectl cp out of the pod: ${path ?? ''}`
  return command?.[0] === 'test'
    ? null
    : `kubectl cp into the pod, below ${path ?? ''}: what was copied is not in any audit log`
}

/** What sets one request of kubectl cp off from the copy itself. */
function partOfCopyNote({kind, copy_path: path, command}: ExecRequest): string | null {
  if (kind !== 'copy') return null
  if (command?.[0] === 'test') return `kubectl cp looks whether ${path ?? ''} is a folder, before its upload`
  const from = /\| tail -c\+(\d+)$/.exec(command?.at(-1) ?? '')?.[1]
  return from === undefined ? null : `taken up again at byte ${from}`
}

function debugNote(request: ExecRequest): string | null {
  const {kind, subresource, image, command, target_container: target, node} = request
  if (kind !== 'debug') return null
  const what =
    subresource === null
      ? `a pod for debugging ${node === null ? 'a node' : `node ${node}`}, as kubectl debug calls it: told by its name alone`
      : 'a container for debugging'
  if (image === null && command === null) return `${what}; its image and command were not logged`
  const parts = [
    what,
    ...(image === null ? [] : [`image ${image}`]),
    ...(target === null ? [] : [`sees the processes of ${target}`]),
    ...(command === null ? ["runs the image's own command"] : []),
  ]
  return parts.join(', ')
}

function proxyNote(request: ExecRequest): string[] {
  const {kind, verb, resource, code, node, pod, service, port} = request
  if (kind !== 'proxy') return []
  const call = kubeletCall(request)
  const through =
    node === null
      ? `${resource === 'services' ? `service ${service ?? ''}` : 'a pod'}${port === null ? '' : ` port ${port}`}`
      : `the kubelet of ${node}`
  return [
    call === null
      ? `passed on to ${node === null && service === null ? `pod ${pod ?? ''}${port === null ? '' : ` port ${port}`}` : through}`
      : `${call} through ${through}`,
    ...(code === 101 ? ['101 does not show that the other side agreed'] : []),
    ...(verb === 'delete' ? ['nothing of Kubernetes is deleted by it: the method is passed on'] : []),
  ]
}

function isWithoutCommand({kind, subresource, command, proxy_path: path}: ExecRequest): boolean {
  if (command !== null && command.length > 0) return false
  return kind === 'exec' || subresource === 'exec' || /^\/+(?:exec|run)\//.test(path ?? '')
}

function retryNote({verb, request_in_session: place, requests_in_session: requests}: ExecRequest): string | null {
  if (requests === 1) return null
  return `request ${place} of ${requests} of one session (${verb === 'get' ? 'WebSocket' : 'SPDY, after WebSocket'})`
}

function isText(clause: string | null): clause is string {
  return clause !== null
}

/** What is out of the ordinary about a request, clause by clause. */
export function particularsOf(request: ExecRequest): string[] {
  const {outcome, impersonation_attempt: attempt, request_uri: uri} = request
  return [
    partOfCopyNote(request),
    debugNote(request),
    ...proxyNote(request),
    interactiveNote(request),
    isWithoutCommand(request) ? 'the command was not logged' : null,
    uri !== null && leftOutByGo.test(uri)
      ? 'an argument holds a bare semicolon or a broken escape: API servers from 1.23 on leave it out'
      : null,
    uri !== null && hasOtherBytes(uri) ? 'bytes that are no UTF-8 are shown as they were escaped' : null,
    attempt === null ? null : `it wanted to act as ${attempt}`,
    outcome === 'unanswered' ? 'the log does not show how it was answered' : null,
  ].filter(isText)
}

/** What the columns of a request do not say by themselves, in one cell; null where there is nothing to add. */
export function noteOf(request: ExecRequest): string | null {
  const {kind, outcome, open} = request
  const clauses = [
    copyNote(request),
    ...particularsOf(request),
    inputNote(request),
    kind === 'port-forward' ? 'which port, and what went through, is not in any audit log' : null,
    retryNote(request),
    open && outcome === 'accepted' ? 'its end is not in the log: still open there, or logged elsewhere' : null,
  ].filter(isText)
  return clauses.length === 0 ? null : clauses.join('; ')
}
