import {clientTool} from '../../audit/client-tool.ts'
import {queryOf} from '../../audit/delete-answer.ts'
import {objectWords, typeText} from '../../audit/resource-names.ts'
import {instantWords, type Question} from '../question.ts'
import {shortPlaces} from '../source-folder.ts'
import type {Act, ObjectRef} from './act.ts'
import type {Outcome} from './outcome.ts'
import type {Deletion} from './rows.ts'

/** How sentences for people write instants and places; data have both whole. */
export interface Wording {
  readonly instant: (instant: string | null) => string
  /** Text with places in it, without the folder that all share. */
  readonly shorten: (text: string) => string
  /** What says which folder that is. */
  readonly said: readonly string[]
}

/** The wording of a report, from the question and the paths of all sources. */
export function wordingOf(question: Question, paths: readonly string[]): Wording {
  const {shorten, said} = shortPlaces(paths)
  return {instant: (instant) => instantWords(question, instant), shorten, said}
}

/** An object in words: `deployment nginx in prod`. */
export function objectText(object: ObjectRef): string {
  const where = object.namespace === null || object.resource === 'namespaces' ? '' : ` in ${object.namespace}`
  return `${objectWords(object.resource, object.apiGroup, object.name)}${where}${object.cluster === null ? '' : ` (cluster ${object.cluster})`}`
}

/** Who made a request, and on whose behalf. */
export function whoText(act: Act): string {
  const name = act.userName ?? 'somebody unauthenticated'
  return act.impersonatedUser === null ? name : `${name} (acting as ${act.impersonatedUser})`
}

/** From where and with what. */
export function fromText(act: Act): string {
  const parts = [act.clientIp, clientTool(act.userAgent)].filter((part) => part !== null)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** When a request was received. */
export function atText(act: Act, {instant}: Wording): string {
  return act.time === null ? 'at a time that was not recorded' : `at ${instant(act.time)}`
}

/** The selector of a collection deletion. */
export function selectorText(act: Act): string {
  const query = queryOf(act.requestUri)
  const parts = ['labelSelector', 'fieldSelector'].flatMap((key) => query.get(key) ?? [])
  return parts.length === 0 ? 'of all there were' : `with the selector ${parts.join(' and ')}`
}

/** What a request was about: one object, or what a selector met. */
export function subjectText(act: Act): string {
  const where = act.namespace === null || act.resource === 'namespaces' ? '' : ` in ${act.namespace}`
  const what =
    act.name === null
      ? `${typeText(act.resource, act.apiGroup)} ${selectorText(act)}`
      : objectWords(act.resource, act.apiGroup, act.name)
  return `${what}${where}`
}

/** The request that a deletion goes back to. */
export function firstOf(deletion: Deletion): Act {
  return deletion.chain.path[0] ?? deletion.act
}

/** How many came to an outcome. */
export function count(deletions: readonly Deletion[], outcome: Outcome): number {
  return deletions.filter((deletion) => deletion.outcome === outcome).length
}

/** What the rest came to, in words. */
export function tally(deletions: readonly Deletion[]): string {
  const words: readonly (readonly [Outcome, string])[] = [
    ['refused', 'refused'],
    ['failed', 'failed'],
    ['dry-run', 'only a dry run'],
    ['unproven', 'unproven'],
    ['terminating', 'without an end in the log'],
  ]
  return words
    .flatMap(([outcome, word]) => {
      const times = count(deletions, outcome)
      return times > 0 ? [`${times.toLocaleString('en-US')} ${word}`] : []
    })
    .join(', ')
}
