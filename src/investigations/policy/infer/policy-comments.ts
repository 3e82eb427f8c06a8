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

function decidesText({requests, exact}: Inference, rest: string): string {
  return `It decides ${exact.toLocaleString('en-US')} of the ${counted(requests, 'request')} at the level at which they were logged${exact === requests ? '' : rest}.`
}

function untoldText(rules: Inference['rules']): string {
  const guesses = rules.filter(({confidence}) => confidence === 'guess').length
  return `What no log can tell: what level None drops and what was never asked look alike. Compare it with the real policy before you rely on it${guesses === 0 ? '' : `, the ${counted(guesses, 'rule')} marked guess first`}.`
}

function silenceTexts(policy: Inference['policy'], kinds: readonly RequestKind[]): string[] {
  const silences = silencesOf(policy, kinds)
  return silences.length === 0
    ? []
    : [
        `Nowhere in the log, so either never asked or dropped (level None), and decided above only by what is around: ${silences.join('; ')}.`,
      ]
}

function contradictionTexts({contradictions}: Inference): string[] {
  return [
    ...contradictions
      .slice(0, mostContradictions)
      .map(
        ({kind, decided}) => `${counted(kind.requests, 'request')}: ${kindText(kind)} at ${kind.level}, not ${decided}`,
      ),
    ...(contradictions.length > mostContradictions
      ? [`${counted(contradictions.length - mostContradictions, 'more kind')} of requests`]
      : []),
  ]
}

/** What the comments say beside the rules, as sentences for those who read the rows alone. */
export function policyCaveats(inference: Inference, kinds: readonly RequestKind[]): string[] {
  const contradictions = contradictionTexts(inference)
  return [
    decidesText(inference, ''),
    untoldText(inference.rules),
    ...inference.stages,
    ...silenceTexts(inference.policy, kinds),
    ...(contradictions.length === 0
      ? []
      : [`Logged otherwise than this policy decides: ${contradictions.join('; ')}.`]),
  ]
}

/** What is said about an inferred policy: what it rests on, rule by rule, and what no log can tell. */
export function policyComments(
  inference: Inference,
  kinds: readonly RequestKind[],
  about: readonly string[],
): PolicyComments {
  const {policy, rules, requests, events, stages} = inference
  const contradictions = contradictionTexts(inference)
  return {
    head: [
      `Inferred by k8saudit from ${counted(requests, 'request')} (${counted(events, 'event')}): the policy that they seem to have been logged under.`,
      ...about,
      decidesText(inference, '; the others are at the end'),
      'How sure: certain = many requests, none contradicts; likely = some, or what every cluster does; guess = little or nothing in the log shows it.',
      untoldText(rules),
      ...stages,
    ],
    rules: rules.map(({requests: own, events: ownEvents, confidence, why}, place) => [
      `Rule ${place + 1}: ${counted(ownEvents, 'event')} of ${counted(own, 'request')}; ${confidence}.`,
      ...why,
    ]),
    foot: [
      ...silenceTexts(policy, kinds),
      ...(contradictions.length === 0 ? [] : ['Logged otherwise than this policy decides:']),
      ...contradictions.map((text) => `- ${text}`),
    ],
  }
}
