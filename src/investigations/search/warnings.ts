import {plainText} from '../../output/answer.ts'
import {counted} from '../report-blocks.ts'
import type {Hit} from './hits.ts'
import {leastBase64Bytes} from './needles.ts'

/** What a search did not find, or found elsewhere than in events. */
export interface SearchOutcome {
  readonly terms: readonly string[]
  readonly notFound: readonly string[]
  /** Terms without a hit among the rows, of which it is not known whether they stand beyond the limit. */
  readonly unknown: readonly string[]
  readonly copies: readonly Hit[]
  readonly rejects: readonly Hit[]
  /** True where a filter is in force, which cannot be applied to rejects. */
  readonly isFiltered: boolean
}

const mostNamed = 20

function listed(words: readonly string[]): string {
  const more = words.length - mostNamed
  return `${words.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`
}

/** Sentences about terms that were not found, and about hits in copies and rejects. */
export function searchWarnings(outcome: SearchOutcome): string[] {
  const {terms, notFound, unknown, copies, rejects, isFiltered} = outcome
  const warnings: string[] = []
  if (notFound.length > 0) {
    const share =
      notFound.length > 1 && notFound.length < terms.length ? ` (${notFound.length} of ${terms.length} terms)` : ''
    warnings.push(`Not found: ${listed(notFound)}${share}.`)
  }
  if (unknown.length > 0)
    warnings.push(`Whether these are beyond the limit was not looked into: ${listed(unknown)}; --limit 0 tells.`)
  if (rejects.length > 0) {
    const places = [...new Set(rejects.map(({record}) => plainText(record.row['evidence'])))]
    const what = terms.length === 1 ? 'the term' : 'a term'
    const note = isFiltered ? ', to which the filters cannot be applied: not among the rows' : ''
    warnings.push(
      `${counted(places.length, 'rejected record holds', 'rejected records hold')} ${what} (${listed(places)})${note}.`,
    )
  }
  if (copies.length > 0)
    warnings.push(
      `${counted(copies.length, 'hit is', 'hits are')} in copies whose text is not that of the stored event.`,
    )
  const short = terms.filter((term) => Buffer.byteLength(term) < leastBase64Bytes)
  if (short.length > 0)
    warnings.push(
      `Not looked for in base64, where they would be found by chance: terms of fewer than ${leastBase64Bytes} bytes (${listed(short)}).`,
    )
  return warnings
}
