import type {CaseFile} from '../../case/case-file.ts'
import {readGaps, serverName, type Gap} from '../coverage/gaps.ts'
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

function durationText(microseconds: number): string {
  const seconds = Math.round(microseconds / 1e6)
  if (seconds < 120) return counted(seconds, 'second')
  if (seconds < 7200) return counted(Math.floor(seconds / 60), 'minute')
  return seconds < 172_800 ? counted(Math.floor(seconds / 3600), 'hour') : counted(Math.floor(seconds / 86_400), 'day')
}

function instantOf(microseconds: number): string {
  return `${new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, -1)}${String(Math.floor(microseconds) % 1000).padStart(3, '0')}Z`
}

function gapText(question: Question, gap: Gap, what: string): string {
  const {reason, fromUs, toUs} = gap
  const between = `between ${instantWords(question, instantOf(fromUs))} and ${instantWords(question, instantOf(toUs))}`
  const server = gap.apiserver === null ? gap.log : `API server ${serverName(gap)}`
  switch (reason) {
    case 'missing-file':
      return `A rotated file of ${gap.log} is missing: nothing is in the log ${between} (${durationText(toUs - fromUs)}), and ${what} then does not show.`
    case 'late-start':
    case 'early-end':
      return `The log of ${server} ${reason === 'late-start' ? 'begins later' : 'ends earlier'} than that of another API server of the cluster: ${what} that it served ${between} (${durationText(toUs - fromUs)}) does not show.`
    default:
      return `Not one event of ${server} for ${durationText(toUs - fromUs)} ${between}: ${what} then does not show.`
  }
}

/**
 * Reads the gaps of the window that is asked about, of each API server, from statistics kept at load.
 *
 * @param what What the answer is about, for sentences: `a deletion`.
 */
export async function readGapWords(caseFile: CaseFile, question: Question, what: string): Promise<GapWords> {
  const gaps = await readGaps(caseFile, question)
  const real = gaps.filter(({reason}) => reason !== 'pause')
  const pauses = gaps.filter(({reason}) => reason === 'pause')
  const told = (list: readonly Gap[]): string[] => [
    ...list.slice(0, mostTold).map((gap) => gapText(question, gap, what)),
    ...(list.length > mostTold
      ? [`${counted(list.length - mostTold, 'more such gap')}: k8saudit coverage tells all.`]
      : []),
  ]
  return {
    warnings: told(real),
    facts: [
      ...(real.length === 0 ? ['There is no stretch without events that the traffic does not explain.'] : []),
      ...(pauses.length === 0
        ? []
        : [
            `${counted(pauses.length, 'silence')} of the log may be its habit: the longest ${durationText(Math.max(...pauses.map(({fromUs, toUs}) => toUs - fromUs)))}.`,
          ]),
    ],
  }
}
