import type {ReportBlock} from '../../output/answer.ts'
import {section, text} from '../report-blocks.ts'
import {evidenceItems, requestsTable} from './blocks.ts'
import {actText} from './chain.ts'
import type {Coverage} from './coverage.ts'
import type {Deletion} from './rows.ts'
import type {Verdict} from './verdict.ts'

const mostVerdicts = 10

/** Everything that a report about the objects of one name is made of. */
export interface NamedReport {
  /** One for each object of the name. */
  readonly verdicts: readonly Verdict[]
  readonly shown: readonly Deletion[]
  readonly leftOut: readonly string[]
  readonly coverage: Coverage
  readonly nearMisses: readonly string[]
  readonly searched: string
  readonly warnings: readonly string[]
}

/** The steps from the request that began it to the last that carried it out, where there is more than one. */
function chainItems({carriers}: Verdict): string[] {
  const [longest] = [...carriers].sort((a, b) => b.chain.path.length - a.chain.path.length)
  if (longest === undefined || longest.chain.path.length < 2) return []
  const steps = longest.chain.path.map((act, i) => `${i === 0 ? 'It began with' : 'Then came'} ${actText(act)}.`)
  const {basis} = longest.chain
  return basis.length === 0 ? steps : [...steps, `This rests on: ${basis.join('; ')}.`]
}

/** The report about the deletions of one name: the verdict first, what the log could not show last. */
export function namedReport(parts: NamedReport): ReportBlock[] {
  const {verdicts, shown, leftOut, coverage, nearMisses, searched, warnings} = parts
  const beyond = verdicts.length - mostVerdicts
  return [
    ...verdicts.slice(0, mostVerdicts).map((verdict) => text(verdict.sentences.join(' '), 'verdict')),
    ...(beyond > 0 ? [text(`${beyond} more objects bear the name: ask with --namespace.`, 'muted')] : []),
    ...warnings.map((warning) => text(warning, 'warning')),
    ...requestsTable(shown),
    ...leftOut.map((words) => text(words, 'muted')),
    ...section('How it came about', verdicts.slice(0, mostVerdicts).flatMap(chainItems)),
    ...section('Evidence', evidenceItems(shown)),
    ...section('Near misses', nearMisses),
    ...section('What the log can show', [searched, ...coverage.facts]),
  ]
}
