import {decideIfSure, preparePolicy} from '../../audit/policy/decide.ts'
import type {CaseFile} from '../../case/case-file.ts'
import type {Answer, Column, Plain} from '../../output/answer.ts'
import {unknownNameWarnings} from '../known-names.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, filtersInForce, searchedText, windowWarnings, type Question} from '../question.ts'
import {column, counted} from '../report-blocks.ts'
import {addToBlindSpots, lossText, noBlindSpots} from './blind-spots.ts'
import {outcomeOf} from './outcome.ts'
import type {PolicyInFile} from './policy-in-file.ts'
import {partsToTell, requestOfRecord, type PolicyGroup} from './policy-group.ts'
import {addGroup, emptySums, type RuleSums} from './rule-sums.ts'
import {simulationReport} from './simulate-report.ts'

const count = (name: string): Column => column(name, 'BIGINT')

const columns: readonly Column[] = [
  column('taken_by'),
  column('rule', 'INTEGER'),
  column('line', 'INTEGER'),
  column('level'),
  column('omit_stages', 'VARCHAR[]'),
  ...['requests', 'requests_left', 'answers', 'answers_left', 'events'].map(count),
  ...['kept', 'cut', 'raised', 'dropped', 'stage_omitted', 'uncompared'].map(count),
  ...['bytes', 'bytes_left', 'bodies', 'bodies_left'].map(count),
  ...['logged_metadata', 'logged_request', 'logged_request_response', 'logged_unknown'].map(count),
  ...['request_received', 'response_started', 'response_complete', 'panic', 'other_stage'].map(count),
]

const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic']

function rowOf(sums: RuleSums, ruleLines: readonly number[]): Plain[] {
  const {rule, fates, logged} = sums
  const isJudged = sums.takenBy !== 'unknown'
  const judged = (value: number): Plain => (isJudged ? value : null)
  const known = stages.map((stage) => sums.stages.get(stage) ?? 0)
  return [
    sums.takenBy,
    rule === null ? null : rule + 1,
    rule === null ? null : (ruleLines[rule] ?? null),
    sums.level,
    isJudged ? [...sums.omitStages] : null,
    sums.requests,
    judged(sums.requestsLeft),
    sums.answers,
    judged(sums.answersLeft),
    sums.events,
    ...[fates.kept, fates.cut, fates.raised, fates.dropped, sums.stageOmitted, fates.uncompared].map(judged),
    sums.bytes,
    judged(sums.bytesLeft),
    sums.bodies,
    judged(sums.bodiesLeft),
    ...['Metadata', 'Request', 'RequestResponse', ''].map((level) => logged.get(level) ?? 0),
    ...known,
    sums.events - known.reduce((sum, events) => sum + events, 0),
  ]
}

/**
 * What the requests of a case would have become under a policy: a row for each rule, one for what no rule takes and one
 * for what cannot be judged. Events are counted by kind in SQL, and each kind is decided once.
 *
 * @throws StatementError from the case.
 */
export async function simulatePolicy(caseFile: CaseFile, question: Question, inFile: PolicyInFile): Promise<Answer> {
  const {policy, ruleLines, file} = inFile
  const prepared = preparePolicy(policy)
  const parts = partsToTell(prepared)
  const hasGroups = parts['groups'] === true
  const ofRules = prepared.rules.map(({decision}) => emptySums({...decision, takenBy: 'rule'}))
  const ofNone = emptySums({...prepared.otherwise, takenBy: 'no rule'})
  const unknown = emptySums({rule: null, takenBy: 'unknown', level: null, omitStages: []})
  const spots = noBlindSpots()
  const {columns: names, batches} = await caseFile.stream(queryFile('policy-groups'), {
    ...commonParameters(question),
    ...parts,
  })
  for await (const batch of batches)
    for (const cells of batch) {
      const group = Object.fromEntries(names.map(({name}, i) => [name, cells[i] ?? null])) as unknown as PolicyGroup
      const {request, unknown: parts} = requestOfRecord(group, hasGroups)
      const decision = decideIfSure(prepared, request, parts)
      const outcome = decision === null ? null : outcomeOf(decision, group)
      const sums = decision === null ? unknown : decision.rule === null ? ofNone : (ofRules[decision.rule] ?? ofNone)
      addGroup(sums, group, decision, outcome)
      addToBlindSpots(spots, group, outcome, decision?.rule ?? null)
    }
  const all = [...ofRules, ofNone, unknown]
  const uncompared = all.reduce((sum, {fates}) => sum + fates.uncompared, 0)
  const losses = spots.flatMap((spot) => lossText(spot) ?? [])
  const isEmpty = all.every(({events}) => events === 0)
  const caveats = [
    ...inFile.warnings,
    ...(unknown.events === 0
      ? []
      : [
          `${counted(unknown.events, 'event')} could not be judged: the log lacks what the rules look at (groups of the user, or what was asked for).`,
        ]),
    ...(uncompared === 0
      ? []
      : [
          `${counted(uncompared, 'event')} would have been recorded, but the log does not tell at which level ${uncompared === 1 ? 'it was' : 'they were'} logged: nothing can be compared.`,
        ]),
    ...windowWarnings(question),
    ...(isEmpty && question.forPeople ? await unknownNameWarnings(caseFile, question) : []),
  ]
  return {
    command: 'policy simulate',
    caseFile: caseFile.path,
    filters: filtersInForce(question, {policy: file}),
    columns,
    rows: [all.map((sums) => rowOf(sums, ruleLines))],
    warnings: [...losses, ...caveats],
    ...(question.forPeople
      ? {report: simulationReport({all, spots, ruleLines, losses, caveats, searched: searchedText(question)})}
      : {}),
  }
}
