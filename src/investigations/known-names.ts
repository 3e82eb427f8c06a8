import {isOfType, typeWords, type ResourceType} from '../audit/resource-names.ts'
import type {CaseFile} from '../case/case-file.ts'
import {didYouMean, nearestNames} from '../audit/nearest-names.ts'
import {globPattern, hasWildcard} from './pattern.ts'
import {queryFile} from './query-file.ts'
import type {Question} from './question.ts'

interface KnownRow {
  readonly kind: 'namespace' | 'user' | 'cluster'
  readonly is_known: boolean
  readonly similar: readonly string[]
}

/**
 * Sentences about a namespace, user or cluster that was asked for and that the log does not know at all, with the names
 * that may have been meant. To be asked where an answer is empty: it takes a pass over the names of all requests.
 */
export async function unknownNameWarnings(caseFile: CaseFile, {filters}: Question): Promise<string[]> {
  const asked = (['namespace', 'user', 'cluster'] as const).flatMap((kind) => {
    const name = filters[kind]
    return name === undefined ? [] : [{kind, name}]
  })
  if (asked.length === 0) return []
  const rows = await caseFile.all<KnownRow>(queryFile('known-names'), {
    kinds: asked.map(({kind}) => kind),
    patterns: asked.map(({name}) => globPattern(name)),
    words: asked.map(({name}) => name.replaceAll('*', '')),
  })
  return asked.flatMap(({kind, name}) => {
    const row = rows.find((known) => known.kind === kind)
    if (row === undefined || row.is_known) return []
    const what = hasWildcard(name) ? `${kind} that matches ${name}` : `${kind} ${name}`
    return [`The log knows no ${what}${didYouMean(row.similar)}`]
  })
}

/** Sentences about types that neither kubectl nor the log knows, with the types that may have been meant. */
export async function unknownTypeWarnings(caseFile: CaseFile, types: readonly ResourceType[]): Promise<string[]> {
  const customs = types.filter((type) => !type.builtIn)
  if (customs.length === 0) return []
  const logged = await caseFile.all<{api_group: string | null; resource: string}>(queryFile('log-levels'), {
    resources: null,
    verbs: null,
  })
  const words = typeWords()
  return customs
    .filter((type) => !logged.some((row) => isOfType(type, row.resource, row.api_group)))
    .map((type) => {
      const near = nearestNames(type.resource, [...words.keys(), ...logged.map((row) => row.resource)])
      const plurals = [...new Set(near.map((word) => words.get(word) ?? word))]
      const name = [type.resource, ...(type.groups?.filter((group) => group !== '') ?? [])].join('.')
      return `Neither kubectl nor the log knows a type ${name}${didYouMean(plurals)} A custom type that the audit policy leaves out leaves no trace.`
    })
}
