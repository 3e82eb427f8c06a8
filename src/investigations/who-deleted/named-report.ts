import type {ReportBlock} from '../../output/answer.ts'
import {section, text, texts} from '../report-blocks.ts'
import {evidenceItems, requestsTable} from './blocks.ts'
import {actText} from './chain.ts'
import type {Selection} from './selection.ts'
import type {Verdict} from './verdict.ts'
import type {Wording} from './wording.ts'

const mostVerdicts = 10

/** Everything that a report about the objects of one name is made of. */
export interface NamedReport {
  /** One for each object of the name. */
  readonly verdicts: readonly Verdict[]
  readonly selection: Selection
  readonly nearMisses: readonly string[]
  /** What was searched, and what the log can show. */
  readonly reach: readonly string[]
  readonly warnings: readonly string[]
  readonly wording: Wording
}

/** The steps from the request that began it to the last that carried it out, where there is more than one. */
function chainItems({carriers}: Verdict, {instant, shorten}: Wording): string[] {
  const [longest] = [...carriers].sort((a, b) => b.chain.path.length - a.chain.path.length)
  if (longest === undefined || longest.chain.path.length < 2) return []
  const steps = longest.chain.path.map((act, i) =>
    shorten(`${i === 0 ? 'It began with' : 'Then came'} ${actText(act, instant)}.`),
  )
  const {basis} = longest.chain
  return basis.length === 0 ? steps : [...steps, `This rests on: ${basis.join('; ')}.`]
}

/** The report about the deletions of one name: the verdict first, what the log could not show last. */
export function namedReport(parts: NamedReport): ReportBlock[] {
  const {verdicts, selection, nearMisses, reach, warnings, wording} = parts
  const told = verdicts.slice(0, mostVerdicts)
  const beyond = verdicts.length - mostVerdicts
  const evidence = evidenceItems(selection.shown, wording)
  return [
    ...told.map((verdict) => text(verdict.sentences.join(' '), 'verdict')),
    ...(beyond > 0 ? [text(`${beyond} more objects bear the name: ask with --namespace.`, 'muted')] : []),
    ...texts(warnings, 'warning'),
    ...section(
      'Removals',
      told.flatMap(({removals}) => removals),
    ),
    ...requestsTable(selection, wording),
    ...section(
      'How it came about',
      told.flatMap((verdict) => chainItems(verdict, wording)),
    ),
    ...(evidence.length === 0
      ? []
      : ([
          {kind: 'heading', text: 'Evidence'},
          ...texts(wording.said, 'muted'),
          {kind: 'list', items: evidence},
        ] as const)),
    ...section('Near misses', nearMisses),
    ...section('What the log can show', reach),
  ]
}
