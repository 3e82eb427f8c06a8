import type {PolicyRequest} from './policy.ts'

/** What an API server makes of a URL and a verb, before it knows who asks. */
type PathRequest = Omit<PolicyRequest, 'user' | 'groups'>

const httpVerbs: Readonly<Record<string, string>> = {
  post: 'create',
  get: 'get',
  head: 'get',
  put: 'update',
  patch: 'patch',
  delete: 'delete',
}
const auditVerbs = new Set(['list', 'watch', 'create', 'update', 'deletecollection'])
const prefixVerbs = new Set(['proxy', 'watch'])
const namespaceSubresources = new Set(['status', 'finalize'])

/** Percent-decoding as URLs have it; bytes that are not UTF-8 become U+FFFD. Undefined where an escape is broken. */
function decoded(text: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'))
}

/** Values of the query by name, in order. Like Go, leaves out what is not well-formed: broken escapes and `;`. */
function queryValues(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const at = pair.indexOf('=')
    const [name, value] = [at < 0 ? pair : pair.slice(0, at), at < 0 ? '' : pair.slice(at + 1)].map((part) =>
      decoded(part.replaceAll('+', ' ')),
    )
    if (name !== undefined && value !== undefined) values.set(name, [...(values.get(name) ?? []), value])
  }
  return values
}

/** The terms of a field selector, `name=value`; undefined where it is none. Commas, `=` and backslashes are escaped by a backslash. */
function selectorTerms(selector: string): [name: string, value: string, isEqual: boolean][] | undefined {
  const terms: [string, string, boolean][] = []
  for (const term of (selector.match(/(?:\\[^]|[^,\\]|\\$)+/g) ?? []).sort()) {
    const parts = /^((?:[^=!]|!(?!=))*)(!=|==|=)([^]*)$/.exec(term)
    if (parts === null) return undefined
    const [, name = '', operator = '', escaped = ''] = parts
    // What stands unescaped in a value makes the selector invalid.
    if (!/^(?:\\[\\,=]|[^\\,=])*$/.test(escaped)) return undefined
    terms.push([name, escaped.replace(/\\([\\,=])/g, '$1'), operator !== '!='])
  }
  return terms
}

const wholeNumber = /^[+-]?\d+$/

interface ListOptions {
  readonly isWatch: boolean
  readonly name: string
}

/** What the query of a read of many objects says: whether to watch, and `fieldSelector=metadata.name=`. */
function listOptions(query: string): ListOptions {
  const values = queryValues(query)
  const watch = values.get('watch')?.[0]
  const isWatch = watch !== undefined && !['false', '0'].includes(watch.toLowerCase())
  const selector = values.get('fieldSelector')?.[0]
  const isReadable = ['limit', 'timeoutSeconds'].every((name) => wholeNumber.test(values.get(name)?.[0] ?? '0'))
  const terms = selector === undefined || !isReadable ? undefined : selectorTerms(selector)
  const name = terms?.find(([field, , isEqual]) => field === 'metadata.name' && isEqual)?.[1] ?? ''
  return {isWatch, name: name === '.' || name === '..' || /[/%]/.test(name) ? '' : name}
}

/**
 * What an API server makes of a URL: the resource, or a path that is none, and the verb that is audited
 * (k8s.io/apiserver, `RequestInfo`). Knows the old prefixes `/watch/` and `/proxy/`.
 *
 * @param url Path with its query, or a whole URL, whose host does not count.
 * @param verb HTTP method or audited verb: on a collection `GET` is a list or a watch, `DELETE` a deletecollection.
 * @returns Undefined for what an API server refuses before it audits: a broken escape, `/api/v1/watch` without more.
 */
export function requestOfPath(url: string, verb: string): PathRequest | undefined {
  const uri = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '')
  const mark = uri.indexOf('?')
  const path = decoded(mark < 0 ? uri : uri.slice(0, mark))
  if (path === undefined) return undefined
  const query = mark < 0 ? '' : uri.slice(mark + 1)
  const method = verb.toLowerCase()
  const other: PathRequest = {
    isResource: false,
    verb: method,
    apiGroup: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    path,
  }
  const trimmed = path.replace(/^\/+|\/+$/g, '')
  const [prefix, ...rest] = trimmed.split('/')
  if (rest.length < 2 || (prefix !== 'api' && prefix !== 'apis') || (prefix === 'apis' && rest.length < 3)) return other
  const apiGroup = prefix === 'api' ? '' : (rest[0] ?? '')
  let parts = rest.slice(prefix === 'api' ? 1 : 2)
  let audited = httpVerbs[method] ?? (auditVerbs.has(method) ? method : '')
  let mayListOptions = audited === 'get' || audited === 'list' || audited === 'watch'
  if (prefixVerbs.has(parts[0] ?? '')) {
    if (parts.length < 2) return undefined
    audited = parts[0] ?? ''
    mayListOptions = false
    parts = parts.slice(1)
  }
  let namespace = ''
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? ''
    if (parts.length > 2 && !namespaceSubresources.has(parts[2] ?? '')) parts = parts.slice(2)
  }
  const [resource = '', nameInPath = '', below = ''] = parts
  const options = nameInPath === '' && mayListOptions ? listOptions(query) : undefined
  return {
    isResource: true,
    verb:
      options !== undefined && audited === 'get'
        ? options.isWatch
          ? 'watch'
          : 'list'
        : nameInPath === '' && audited === 'delete'
          ? 'deletecollection'
          : audited,
    apiGroup,
    resource,
    subresource: audited === 'proxy' ? '' : below,
    namespace,
    name: options?.name ?? nameInPath,
    path,
  }
}
