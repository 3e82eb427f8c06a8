import {shellQuote} from '../../audit/shell-quote.ts'
import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Answer, Plain} from '../../output/answer.ts'
import {extendedRows, type AddedColumn, type Extended} from '../answer-rows.ts'
import {globPattern, hasWildcard} from '../pattern.ts'
import {
  commonParameters,
  filtersInForce,
  instantWords,
  limitParameter,
  searchedText,
  windowWarnings,
  type Question,
} from '../question.ts'
import {readReach, type Kind as ReachKind, type Reach} from '../reach/reach.ts'
import {readSystemNoise, type SystemNoise} from '../system-noise.ts'
import {execRequest} from './exec-request.ts'
import {noteOf} from './note.ts'
import {execReport} from './report.ts'
import {isPassedOn, SessionList, type Session} from './sessions.ts'
import {Tally} from './tally.ts'

/** What is asked of execs beside the common filters. */
export interface ExecsAsked {
  /** Name of a pod; `*` stands for any run of characters. */
  readonly pod?: string | undefined
  /** Only commands that contain this text, in upper or lower case, arguments joined by blanks. */
  readonly command?: string | undefined
  /** All requests through nodes/proxy, metrics and logs too. */
  readonly proxy: boolean
}

const pods = {resource: 'pods', groups: [''], scope: 'namespaced', builtIn: true, otherPlurals: []} as const
const reachKinds: readonly ReachKind[] = [{type: pods, subresources: ['exec', 'attach', 'portforward']}]

const added: readonly AddedColumn[] = [
  {
    column: {name: 'command_line', type: 'VARCHAR'},
    before: 'stdin',
    value: (row) => {
      const {command} = execRequest(row)
      return command === null ? null : shellQuote(command)
    },
  },
  {column: {name: 'note', type: 'VARCHAR'}, before: 'image', value: (row) => noteOf(execRequest(row))},
]

function parametersOf(question: Question, asked: ExecsAsked): Parameters {
  return {
    ...commonParameters(question),
    pod: asked.pod === undefined ? null : globPattern(asked.pod),
    text: asked.command === undefined ? null : asked.command.toLowerCase(),
    proxy: asked.proxy,
    limit: null,
  }
}

function searchedWords(asked: ExecsAsked): string[] {
  return [
    ...(asked.pod === undefined ? [] : [`pod ${asked.pod}`]),
    ...(asked.command === undefined ? [] : [`commands that contain ${JSON.stringify(asked.command)}`]),
    asked.proxy
      ? 'everything through nodes/proxy too'
      : 'through nodes/proxy only what runs, attaches or forwards (--proxy: all)',
  ]
}

function hintsOf(asked: ExecsAsked, isEmpty: boolean): string[] {
  return isEmpty && asked.pod !== undefined && !hasWildcard(asked.pod)
    ? [`Pods are asked for by their whole name; for those of a workload: --pod '${asked.pod}-*'.`]
    : []
}

const direct = 'Whoever reaches a kubelet or a container runtime directly leaves no trace in audit logs.'

async function reportAnswer(
  caseFile: CaseFile,
  question: Question,
  asked: ExecsAsked,
  rows: Extended,
  reach: Reach,
  noise: SystemNoise | null,
): Promise<Pick<Answer, 'rows' | 'report' | 'warnings'>> {
  const tally = new Tally()
  const sessions = new SessionList(question.limit)
  const passedOn = new SessionList(question.limit)
  const leftOut = new Map<string, number>()
  const names = rows.columns.map(({name}) => name)
  const rowOf = new Map<object, Plain[]>()
  for await (const batch of rows.rows) {
    for (const cells of batch) {
      const request = execRequest(Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null])))
      if (noise?.includes(request) === true) {
        leftOut.set(request.user_name ?? '', (leftOut.get(request.user_name ?? '') ?? 0) + 1)
        continue
      }
      const list = isPassedOn(request) ? passedOn : sessions
      const before = list.beyondLimit
      tally.add(request, list.add(request))
      if (list.beyondLimit === before) rowOf.set(request, cells)
    }
  }
  const shown = [...sessions.shown, ...passedOn.shown]
  const shownRequests = new Set<object>(shown.flatMap(({requests}: Session) => requests))
  const warnings = [...windowWarnings(question), ...reach.warnings]
  return {
    rows: [[...rowOf].filter(([request]) => shownRequests.has(request)).map(([, cells]) => cells)],
    warnings,
    report: execReport({
      tally,
      sessions: sessions.shown,
      passedOn: passedOn.shown,
      beyondLimit: sessions.beyondLimit + passedOn.beyondLimit,
      leftOut,
      timeText: (instant) => instantWords(question, instant),
      searched: searchedText(question, searchedWords(asked)),
      facts: [...reach.facts, direct],
      warnings,
      hints: hintsOf(asked, tally.requests === 0),
    }),
  }
}

/**
 * What was run in pods and what reached into them: a row a request with its argv, oldest first; the requests of one
 * exec share a session. For people each session stands once, after a sentence that sums them up.
 *
 * @throws StatementError from the case.
 */
export async function execs(caseFile: CaseFile, question: Question, asked: ExecsAsked): Promise<Answer> {
  const reach = await readReach(caseFile, question, {what: 'an exec', kinds: reachKinds})
  // Before the rows: another query would end their stream.
  const noise = question.forPeople && !question.includeSystem ? await readSystemNoise(caseFile, question) : null
  const parameters = parametersOf(question, asked)
  const limit = question.forPeople ? {} : limitParameter(question)
  const rows = await extendedRows(caseFile, 'execs', {...parameters, ...limit}, added)
  const answer = {
    command: 'execs',
    caseFile: caseFile.path,
    filters: filtersInForce(question, {pod: asked.pod, command: asked.command, proxy: asked.proxy ? true : undefined}),
    columns: rows.columns,
  }
  if (!question.forPeople)
    return {...answer, rows: rows.rows, warnings: [...windowWarnings(question), ...reach.warnings]}
  return {...answer, ...(await reportAnswer(caseFile, question, asked, rows, reach, noise))}
}
