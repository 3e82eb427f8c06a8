import type {UnknownPart} from '../../audit/policy/decide.ts'
import type {PolicyRequest} from '../../audit/policy/policy.ts'
import {typeText} from '../../audit/resource-names.ts'

/** A name out of a log or a policy within a sentence: in quotes where it could be taken for more words of it. */
export function quoted(text: string): string {
  return /^[\w.:@+/*=-]+$/.test(text) ? text : JSON.stringify(text)
}

/**
 * A request in words: `get pods/exec web in prod by alice`, `get /healthz by nobody (401)`.
 *
 * @param unknown What is not known of it, and is not made up.
 */
export function requestWords(request: PolicyRequest, unknown: readonly UnknownPart[]): string {
  const {verb, isResource, apiGroup, resource, subresource, namespace, name, path, user} = request
  const type = `${quoted(typeText(resource, apiGroup))}${subresource === '' ? '' : `/${quoted(subresource)}`}`
  const isNamespace = resource === 'namespaces' && apiGroup === ''
  const parts = [
    verb === '' ? '(no verb)' : quoted(verb),
    ...(isResource
      ? [
          type,
          ...(name === '' ? [] : [quoted(name)]),
          ...(namespace === '' || isNamespace ? [] : [`in ${quoted(namespace)}`]),
        ]
      : [path === '' ? '(unknown path)' : quoted(path)]),
    user === null ? (unknown.includes('user') ? 'by (unknown user)' : 'by nobody (401)') : `by ${quoted(user)}`,
  ]
  return parts.join(' ')
}
