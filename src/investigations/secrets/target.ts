import {TargetError} from '../../audit/resource-names.ts'
import type {Question} from '../question.ts'

/** Which secret is asked about, and the question with the namespace that was given along with it. */
export interface SecretTarget {
  /** As typed, `*` for any characters; undefined for every secret. */
  readonly name: string | undefined
  readonly question: Question
}

const types = new Set(['secret', 'secrets'])

/**
 * Takes a name as typed: `db-main`, `prod/db-main`, and `secret/db-main` as kubectl writes it.
 *
 * @throws TargetError where nothing stands before or behind the slash, or the namespace is another than that of `-n`.
 */
export function secretTarget(typed: string | undefined, question: Question): SecretTarget {
  if (typed === undefined) return {name: undefined, question}
  const [first = '', ...rest] = typed.split('/')
  const name = rest.length === 0 ? first : rest.join('/')
  if (first === '' || name === '' || name.includes('/'))
    throw new TargetError(`${JSON.stringify(typed)} names no secret: give NAME or NAMESPACE/NAME.`)
  if (rest.length === 0 || types.has(first)) return {name, question}
  const {namespace} = question.filters
  if (namespace !== undefined && namespace !== first)
    throw new TargetError(
      `${JSON.stringify(typed)} is in namespace ${first}, and -n asks for ${namespace}: give one of them.`,
    )
  return {name, question: {...question, filters: {...question.filters, namespace: first}}}
}
