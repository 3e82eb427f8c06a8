import type {CaseFile} from '../../case/case-file.ts'
import {readLosses, serverName, type Gap} from '../coverage/gaps.ts'
import {instantOf, lengthWords} from '../coverage/instants.ts'
import {uncheckedTexts} from '../coverage/missing-files.ts'
import {instantWords, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'

/** Stretches of the window that is asked about that the log does not hold. */
export interface GapWords {
  /** Sentences about those that the traffic does not explain. */
  readonly warnings: readonly string[]
  /** Sentences about silences that may be the habit of the log, or that there is no gap. */
  readonly facts: readonly string[]
}

const mostTold = 5

function gapText(question: Question, gap: Gap, what: string): string {
  const {reason, fromUs, toUs} = gap
  const between = `between ${instantWords(question, instantOf(fromUs))} and ${instantWords(question, instantOf(toUs))}`
  const server = gap.apiserver === null ? gap.log : `API server ${serverName(gap)}`
  switch (reason) {
    case 'missing-file':
      return `A rotated file of ${gap.log} is missing: nothing is in the log ${between} (${lengthWords(toUs - fromUs)}), and ${what} then does not show.`
    case 'doubtful-file':
      return `A rotated file of ${gap.log} may be missing ${between} (${lengthWords(toUs - fromUs)}): if it is, ${what} then does not show.`
    case 'late-start':
    case 'early-end':
      return `The log of ${server} ${reason === 'late-start' ? 'begins later' : 'ends earlier'} than that of another API server of the cluster: ${what} that it served ${between} (${lengthWords(toUs - fromUs)}) does not show.`
    default:
      return `Not one event of ${server} for ${lengthWords(toUs - fromUs)} ${between}: ${what} then does not show.`
  }
}

/**
 * Reads the gaps of the window that is asked about, of each API server, from statistics kept at load.
 *
 * @param what What the answer is about, for sentences: `a deletion`.
 */
export async function readGapWords(caseFile: CaseFile, question: Question, what: string): Promise<GapWords> {
  const {gaps, ends, rotations} = await readLosses(caseFile, question)
  const real = gaps.filter(({reason}) => reason !== 'pause' && reason !== 'replaced')
  const pauses = gaps.filter(({reason}) => reason === 'pause')
  const told = (list: readonly Gap[]): string[] => [
    ...list.slice(0, mostTold).map((gap) => gapText(question, gap, what)),
    ...(list.length > mostTold
      ? [`${counted(list.length - mostTold, 'more such gap')}: k8saudit coverage tells all.`]
      : []),
  ]
  return {
    warnings: [
      ...told(real),
      ...ends
        .slice(0, mostTold)
        .map(
          ({log, fromUs}) =>
            `The end of ${log} is missing: it went on after ${instantWords(question, instantOf(fromUs))} in a file that was not loaded, and ${what} in it does not show.`,
        ),
    ],
    facts: [
      ...(real.length === 0 ? ['There is no stretch without events that the traffic does not explain.'] : []),
      ...uncheckedTexts(rotations),
      ...(pauses.length === 0
        ? []
        : [
            `${counted(pauses.length, 'silence')} of the log may be habit or loss: the longest ${lengthWords(Math.max(...pauses.map(({fromUs, toUs}) => toUs - fromUs)))}.`,
          ]),
    ],
  }
}
