import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, instantWords, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import type {Finding} from './finding.ts'
import {instantOf, lengthWords} from './instants.ts'
import type {Logs} from './read-series.ts'

/** A line that was stamped before the line above it. Times are in microseconds since 1970. */
export interface ClockStep {
  readonly source_id: number
  readonly place: string
  readonly apiserver: string | null
  readonly line: number
  readonly before_us: number
  readonly at_us: number
  readonly next_us: number | null
  readonly later_us: number | null
}

/** Of a file in which more steps go back than this, its lines stand in another order than they were written in. */
const mostSteps = 10
/** So few steps that no clock lived through before are told one by one. */
const mostUnclear = 2
const secondUs = 1_000_000

/** True where the lines after it stay behind too: a single late line is none. */
function isLasting({before_us: before, at_us: at, next_us: next, later_us: later}: ClockStep): boolean {
  const limit = before - Math.min(secondUs, (before - at) / 2)
  if (next === null || next >= limit) return false
  return later === null || later < limit || later - next > (before - at) / 4
}

/**
 * Where a clock was set back, of the steps in one file: the times after the step were lived through once before it. Where
 * they were not, its clock was set back by more, or the lines stand in another order: `unclear`.
 *
 * @param firstUs the time at which the file begins
 */
export function clockSteps(
  steps: readonly ClockStep[],
  firstUs: number,
): {readonly back: ClockStep[]; readonly unclear: ClockStep[]; readonly isDisordered: boolean} {
  const lasting = steps.filter(isLasting)
  if (lasting.length > mostSteps) return {back: [], unclear: [], isDisordered: true}
  let beganUs = firstUs
  const back: ClockStep[] = []
  const unclear: ClockStep[] = []
  for (const step of lasting) {
    const livedUs = step.before_us - beganUs
    if (step.at_us > beganUs && step.before_us - step.at_us < livedUs * 0.9) back.push(step)
    else {
      unclear.push(step)
      beganUs = step.at_us
    }
  }
  return unclear.length > mostUnclear ? {back, unclear: [], isDisordered: true} : {back, unclear, isDisordered: false}
}

/** Clocks that were set back, and files whose lines do not stand in the order of time. */
export async function readClocks(caseFile: CaseFile, question: Question, {files, series}: Logs): Promise<Finding[]> {
  const at = (us: number): string => instantWords(question, instantOf(us))
  const bySource = new Map<number, ClockStep[]>()
  for (const step of await caseFile.all<ClockStep>(queryFile('coverage-clock-steps'), commonParameters(question))) {
    const list = bySource.get(step.source_id)
    if (list === undefined) bySource.set(step.source_id, [step])
    else list.push(step)
  }
  return [...bySource].flatMap(([source, steps]): Finding[] => {
    const one = series.find(({pieces}) => pieces.some((piece) => piece.source === source))
    const first = one?.pieces.find((piece) => piece.source === source && piece.firstLine <= 1)?.firstUs
    const place = files.get(source)?.place ?? ''
    const names = {cluster: one?.cluster ?? null, apiserver: steps[0]?.apiserver ?? null, log: one?.log ?? null}
    const {back, unclear, isDisordered} = clockSteps(steps, first ?? steps[0]?.at_us ?? 0)
    return [
      ...back.map((step): Finding => ({
        ...names,
        kind: 'clock',
        from_at: instantOf(step.at_us),
        to_at: instantOf(step.before_us),
        events: null,
        statement: `The clock of ${step.apiserver ?? names.log ?? 'an API server'} was set back by about ${lengthWords(step.before_us - step.at_us)}, at ${at(step.before_us)} by its own reckoning.`,
        consequence: `The time from ${at(step.at_us)} to ${at(step.before_us)} stands in the log twice: within it, and against other clocks before it, the times do not tell what came first; the lines of the file do.`,
        evidence: `${step.place}:${step.line}`,
        isLimit: true,
      })),
      ...unclear.map((step): Finding => ({
        ...names,
        kind: 'clock',
        from_at: instantOf(step.at_us),
        to_at: instantOf(step.before_us),
        events: null,
        statement: `The lines of ${place} do not stand in the order of time: at line ${step.line} they step back by about ${lengthWords(step.before_us - step.at_us)}, from ${at(step.before_us)} to ${at(step.at_us)}. Either the clock of ${step.apiserver ?? names.log ?? 'an API server'} was set back by that, or the file was put together in another order.`,
        consequence:
          'If it was the clock, the times before or after the step are wrong by as much: against other clocks they do not tell what came first; the lines of the file do.',
        evidence: `${step.place}:${step.line}`,
        isLimit: true,
      })),
      ...(isDisordered
        ? [
            {
              ...names,
              kind: 'clock',
              events: steps.length,
              statement: `The lines of ${place} do not stand in the order of time: ${counted(steps.length, 'step')} back of two seconds and more.`,
              consequence:
                'The file was put together in another order or from several logs, or its clock ran back again and again: which of them cannot be told from it.',
              evidence: `${steps[0]?.place ?? ''}:${steps[0]?.line ?? 0}`,
              isLimit: true,
            } satisfies Finding,
          ]
        : []),
    ]
  })
}
