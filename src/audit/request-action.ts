import {queryOf} from './delete-answer.ts'
import {objectWords, scopeOf, typeText} from './resource-names.ts'
import {shellWords} from './shell-words.ts'

/** What a request has on record that tells what was asked. Whatever was not logged is null. */
export interface AskedRequest {
  readonly verb: string | null
  readonly apiGroup: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly namespace: string | null
  readonly name: string | null
  readonly requestUri: string | null
  readonly command: readonly string[] | null
  readonly container: string | null
  readonly code: number | null
  /** True where it stands for requests of several paths that asked which APIs there are. */
  readonly isDiscovery?: boolean
}

/** What was asked for, as it stands in a sentence: `deleted`, `delete`, `deleting`, and what follows each. */
export interface Action {
  readonly past: string
  readonly infinitive: string
  readonly gerund: string
  readonly rest: string
}

const longestCommand = 200
const longestPath = 120
const plainText = /^[\w.:@+=-]+$/
const plainSelector = /^[\w.:@+=,!/ -]+$/

/** A name out of a log within a sentence: in quotes where it could be taken for more words of the sentence. */
export function quotedName(name: string): string {
  return plainText.test(name) ? name : JSON.stringify(name)
}

function shortened(text: string, length: number): string {
  const characters = Array.from(text.slice(0, 2 * length))
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text
}

function action(past: string, infinitive: string, gerund: string, rest: string): Action {
  return {past, infinitive, gerund, rest}
}

const reading = (rest: string): Action => action('read', 'read', 'reading', rest)
const creating = (rest: string): Action => action('created', 'create', 'creating', rest)
const asking = (rest: string): Action => action('asked', 'ask', 'asking', rest)
const sending = (rest: string): Action => action('sent', 'send', 'sending', rest)

/** Where an object is: in a namespace, or nowhere in particular. */
function placeOf({resource, namespace}: AskedRequest): string {
  return namespace === null || resource === 'namespaces' ? '' : ` in ${quotedName(namespace)}`
}

function typeOf({resource, apiGroup}: AskedRequest): string {
  const text = typeText(resource, apiGroup)
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text)
}

/** One object: `deployment nginx in prod`; `a pod in prod` where the log does not hold its name. */
function objectOf(request: AskedRequest): string {
  const {resource, apiGroup, name} = request
  const word = objectWords(resource, apiGroup, '').trim()
  const kind = /^[\w./-]+$/.test(word) ? word : JSON.stringify(word)
  if (name !== null) return `${kind} ${quotedName(name)}${placeOf(request)}`
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}${placeOf(request)}`
}

function selectorOf(request: AskedRequest): string {
  const query = queryOf(request.requestUri)
  const selectors = ['labelSelector', 'fieldSelector']
    .flatMap((key) => query.get(key) ?? '')
    .filter((text) => text !== '')
  if (selectors.length === 0) return ''
  const text = shortened(selectors.join(' and '), longestPath)
  return ` matching ${plainSelector.test(text) ? text : JSON.stringify(text)}`
}

/** Many objects: `secrets in payments`, `secrets in all namespaces`; only those of one name where that was asked for. */
function collectionOf(request: AskedRequest): string {
  const {resource, apiGroup, namespace, name} = request
  const everywhere = namespace === null && scopeOf(resource, apiGroup) === 'namespaced' ? ' in all namespaces' : ''
  return `${typeOf(request)}${placeOf(request)}${everywhere}${name === null ? '' : ` named ${quotedName(name)}`}`
}

function pathOf({requestUri}: AskedRequest): string {
  const path = shortened(requestUri?.split('?')[0] ?? '', longestPath)
  return path === '' ? 'a path that was not logged' : /^[\w.:@+=/%~-]+$/.test(path) ? path : JSON.stringify(path)
}

function commandOf({command}: AskedRequest): string {
  return command === null || command.length === 0 ? 'a command' : shortened(shellWords(command), longestCommand)
}

const methods: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

/** A request of no known verb: by its method and path. */
function bareRequest(request: AskedRequest): Action {
  const {verb} = request
  const method = verb === null || verb === '' ? 'a request of an unusual method' : (methods[verb] ?? verb.toUpperCase())
  return sending(`${/^[\w ]+$/.test(method) ? method : JSON.stringify(method)} to ${pathOf(request)}`)
}

/** What goes through the proxy reaches a pod, a service or a kubelet: the verb is only its method. */
function throughProxy(request: AskedRequest): Action {
  const {verb, requestUri, command} = request
  const behind = /^[^?]*?\/(?:nodes|pods|services)\/[^/?]+\/proxy(\/[^?]*)?(?:\?|$)/.exec(requestUri ?? '')?.[1] ?? '/'
  const path = shortened(behind, longestPath)
  const shown = /^[\w.:@+=/%~-]+$/.test(path) ? path : JSON.stringify(path)
  const toExecute = command === null || command.length === 0 ? '' : `, to execute ${commandOf(request)}`
  return sending(`${methods[verb ?? ''] ?? 'a request'} ${shown} through the proxy of ${objectOf(request)}${toExecute}`)
}

type ByObject = (request: AskedRequest) => Action

/** Subresources that mean more than a part of the object: by `resource/subresource`, or by the subresource alone. */
const subresources: Readonly<Record<string, ByObject>> = {
  proxy: throughProxy,
  'pods/exec': (request) => {
    const {container} = request
    const inContainer = container === null ? '' : ` (container ${quotedName(container)})`
    return action('executed', 'execute', 'executing', `${commandOf(request)} in ${objectOf(request)}${inContainer}`)
  },
  'pods/attach': (request) => action('attached', 'attach', 'attaching', `to ${objectOf(request)}`),
  'pods/portforward': (request) => action('forwarded', 'forward', 'forwarding', `ports of ${objectOf(request)}`),
  'pods/log': (request) => reading(`the logs of ${objectOf(request)}`),
}

const writtenSubresources: Readonly<Record<string, ByObject>> = {
  scale: (request) => action('scaled', 'scale', 'scaling', objectOf(request)),
  'pods/eviction': (request) => action('evicted', 'evict', 'evicting', objectOf(request)),
  'pods/binding': (request) => action('assigned', 'assign', 'assigning', `${objectOf(request)} to a node`),
  'pods/ephemeralcontainers': (request) =>
    action('added', 'add', 'adding', `an ephemeral (debug) container to ${objectOf(request)}`),
  'serviceaccounts/token': ({namespace, name}) =>
    action(
      'requested',
      'request',
      'requesting',
      `a token for service account ${[namespace, name].map((part) => quotedName(part ?? '?')).join('/')}`,
    ),
  'certificatesigningrequests/approval': (request) =>
    action('approved or denied', 'approve or deny', 'approving or denying', objectOf(request)),
  'namespaces/finalize': (request) => action('finalized', 'finalize', 'finalizing', objectOf(request)),
}

/** Reviews are questions: by type, what is asked. */
const reviews: Readonly<Record<string, string>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': 'whether it may do something',
  'authorization.k8s.io/selfsubjectrulesreviews': 'what it may do',
  'authorization.k8s.io/subjectaccessreviews': 'whether somebody may do something',
  'authorization.k8s.io/localsubjectaccessreviews': 'whether somebody may do something',
  'authentication.k8s.io/selfsubjectreviews': 'who it is',
  'authentication.k8s.io/tokenreviews': 'whose a token is',
}

const reads = new Set(['get', 'list', 'watch', 'head', 'options'])

function onSubresource(request: AskedRequest, subresource: string): Action {
  const {verb, resource} = request
  const key = `${resource ?? ''}/${subresource}`
  const known = subresources[key] ?? subresources[subresource]
  if (known !== undefined) return known(request)
  const part = `the ${quotedName(subresource)} of ${objectOf(request)}`
  if (reads.has(verb ?? '')) return verb === 'watch' ? action('watched', 'watch', 'watching', part) : reading(part)
  const written = writtenSubresources[key] ?? writtenSubresources[subresource]
  if (written !== undefined && verb !== 'delete' && verb !== 'deletecollection') return written(request)
  return byVerb(request, part)
}

/** The everyday verbs; `object` is what they are about. */
function byVerb(request: AskedRequest, object: string): Action {
  const {verb, code} = request
  switch (verb) {
    case 'get':
      return reading(object)
    case 'create':
      return creating(object)
    case 'update':
      return code === 201 ? creating(object) : action('updated', 'update', 'updating', object)
    case 'patch':
      return code === 201 ? creating(`${object} by applying it`) : action('patched', 'patch', 'patching', object)
    case 'delete':
      return action('deleted', 'delete', 'deleting', object)
    default:
      return bareRequest(request)
  }
}

/** What a request asked for, in words. The verb of the log is not always what was meant: exec, proxies and reviews are told apart. */
export function actionOf(request: AskedRequest): Action {
  const {verb, apiGroup, resource, subresource} = request
  if (resource === null) {
    if (request.isDiscovery === true) return action('looked up', 'look up', 'looking up', 'which APIs there are')
    return verb === 'get' ? action('asked', 'ask', 'asking', `for ${pathOf(request)}`) : bareRequest(request)
  }
  if (subresource !== null) return onSubresource(request, subresource)
  const review = verb === 'create' ? reviews[`${apiGroup ?? ''}/${resource}`] : undefined
  if (review !== undefined) return asking(review)
  switch (verb) {
    case 'list':
      return action('listed', 'list', 'listing', collectionOf(request))
    case 'watch':
      return action('watched', 'watch', 'watching', request.name === null ? collectionOf(request) : objectOf(request))
    case 'deletecollection':
      return action('deleted', 'delete', 'deleting', `all ${collectionOf(request)}${selectorOf(request)}`)
    default:
      return byVerb(request, objectOf(request))
  }
}

/** True for requests that change nothing where they succeed; streams into containers and proxies are none. */
export function isRead({verb, subresource}: Pick<AskedRequest, 'verb' | 'subresource'>): boolean {
  return reads.has(verb ?? '') && !['exec', 'attach', 'portforward', 'proxy'].includes(subresource ?? '')
}
