import type {PolicyComments} from '../../../audit/policy/write-policy.ts'
import {typeText} from '../../../audit/resource-names.ts'
import {counted} from '../../report-blocks.ts'
import type {Inference} from './infer-policy.ts'
import type {RequestKind} from './request-kind.ts'
import {silencesOf} from './silences.ts'

const mostContradictions = 10
const longestName = 200

/** `get secrets in prod by alice`, `get /metrics by system:anonymous` */
function kindText({request}: RequestKind): string {
  const {user, verb, isResource, apiGroup, resource, subresource, namespace, path} = request
  const type = typeText(resource, apiGroup) + (subresource === '' ? '' : `/${subresource}`)
  const parts = [
    verb === '' ? '(no verb)' : verb,
    isResource ? type : path,
    ...(namespace === '' ? [] : [`in ${namespace}`]),
    `by ${user ?? 'nobody (401)'}`,
  ]
  return parts.map((part) => (part.length > longestName ? `${part.slice(0, longestName)}…` : part)).join(' ')
}

/** What is said about an inferred policy: what it rests on, rule by rule, and what no log can tell. */
export function policyComments(
  {policy, rules, requests, events, exact, contradictions, stages}: Inference,
  kinds: readonly RequestKind[],
  about: readonly string[],
): PolicyComments {
  const silences = silencesOf(policy, kinds)
  const guesses = rules.filter(({confidence}) => confidence === 'guess').length
  return {
    head: [
      `Inferred by k8saudit from ${counted(requests, 'request')} (${counted(events, 'event')}): the policy that they seem to have been logged under.`,
      ...about,
      `It decides ${exact.toLocaleString('en-US')} of the ${counted(requests, 'request')} at the level at which they were logged${exact === requests ? '' : '; the others are at the end'}.`,
      'How sure: certain = many requests, none contradicts; likely = some, or what every cluster does; guess = little or nothing in the log shows it.',
      `What no log can tell: what level None drops and what was never asked look alike. Compare it with the real policy before you rely on it${guesses === 0 ? '' : `, the ${counted(guesses, 'rule')} marked guess first`}.`,
      ...stages,
    ],
    rules: rules.map(({requests: own, events: ownEvents, confidence, why}, place) => [
      `Rule ${place + 1}: ${counted(ownEvents, 'event')} of ${counted(own, 'request')}; ${confidence}.`,
      ...why,
    ]),
    foot: [
      ...(silences.length === 0
        ? []
        : [
            `Nowhere in the log, so either never asked or dropped (level None), and decided above only by what is around: ${silences.join('; ')}.`,
          ]),
      ...(contradictions.length === 0 ? [] : ['Logged otherwise than this policy decides:']),
      ...contradictions
        .slice(0, mostContradictions)
        .map(
          ({kind, decided}) =>
            `- ${counted(kind.requests, 'request')}: ${kindText(kind)} at ${kind.level}, not ${decided}`,
        ),
      ...(contradictions.length > mostContradictions
        ? [`- ${counted(contradictions.length - mostContradictions, 'more kind')} of requests`]
        : []),
    ],
  }
}
