import type {RefusalKind} from '../../audit/refusal.ts'
import {typeText} from '../../audit/resource-names.ts'
import type {Row} from '../answer-rows.ts'
import {plainText, type Plain} from '../../output/answer.ts'

/** What refused a request, in words that go behind a number. */
export const kindWords: Readonly<Record<RefusalKind, string>> = {
  unauthenticated: 'as not authenticated (401)',
  authorization: 'by RBAC or another authorizer',
  impersonation: 'as not allowed to act as somebody else',
  escalation: 'as they would have granted more rights than the own',
  admission: 'by admission, after they had been authorized',
  unknown: 'by what the record does not tell',
}

/** A value of a row as text; NULL stays NULL. */
export function textOf(value: Plain | undefined): string | null {
  return value === null || value === undefined ? null : plainText(value)
}

/** Who was refused: `carol as bob`; NULL where nobody authenticated. */
export function whoText(row: Row): string | null {
  const [user, effective] = [textOf(row['user_name']), textOf(row['effective_user'])]
  return user !== null && effective !== null && effective !== user ? `${user} as ${effective}` : user
}

/** What a refused request tried: `get secrets/db in prod`, `get /metrics`, `delete pods/x in prod as alice`. */
export function triedText(row: Row): string {
  const recorded = textOf(row['verb']) ?? ''
  const verb = recorded === '' ? '(no verb)' : recorded
  const resource = textOf(row['resource'])
  const attempt = textOf(row['impersonation_attempt'])
  const [name, namespace, subresource] = [textOf(row['name']), textOf(row['namespace']), textOf(row['subresource'])]
  const object =
    resource === null
      ? (textOf(row['request_uri']) ?? '').split('?')[0]
      : [typeText(resource, textOf(row['api_group'])), name, subresource].filter((part) => part !== null).join('/')
  const parts = [
    verb,
    object,
    namespace === null || resource === 'namespaces' ? '' : `in ${namespace}`,
    attempt === null ? '' : `as ${attempt}`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

/** A span for people: `1 second`, `4 minutes`. */
export function spanText(fromAt: string, untilAt: string): string {
  const seconds = Math.round((Date.parse(untilAt) - Date.parse(fromAt)) / 1000)
  if (seconds < 1) return '<1 s'
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
