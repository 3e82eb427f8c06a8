import {auditLevels} from '../../audit/policy/policy.ts'
import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import {column, counted, section, text, texts} from '../report-blocks.ts'
import type {BlindSpot} from './blind-spots.ts'
import type {Fate} from './outcome.ts'
import type {RuleSums} from './rule-sums.ts'
import {sizeText} from './size-text.ts'

/** Everything that a report about a simulated policy is made of. */
interface SimulationReport {
  readonly all: readonly RuleSums[]
  readonly spots: readonly BlindSpot[]
  readonly ruleLines: readonly number[]
  /** What would be lost, a sentence for each subject. */
  readonly losses: readonly string[]
  /** What the answer lacks. */
  readonly caveats: readonly string[]
  readonly searched: string
}

const count = (name: string): Column => column(name, 'BIGINT')

function sum(all: readonly RuleSums[], value: (sums: RuleSums) => number): number {
  return all.reduce((total, sums) => total + value(sums), 0)
}

function verdictText(judged: readonly RuleSums[], unjudged: number): string {
  const events = sum(judged, (sums) => sums.events)
  if (events === 0)
    return unjudged === 0
      ? 'No event is left by the filters: there is nothing to simulate.'
      : `What would have become of ${unjudged === 1 ? 'the one event' : `the ${counted(unjudged, 'event')}`} cannot be judged.`
  const fate = (name: Fate): number => sum(judged, ({fates}) => fates[name])
  const [bytes, left] = [sum(judged, (sums) => sums.bytes), sum(judged, (sums) => sums.bytesLeft)]
  const kept = events - fate('dropped')
  const parts = [
    ...(fate('kept') === 0 ? [] : [`${fate('kept').toLocaleString('en-US')} at the level that was logged`]),
    ...(fate('cut') === 0 ? [] : [`${fate('cut').toLocaleString('en-US')} at a lower one, with less of their bodies`]),
    ...(fate('raised') === 0 ? [] : [`${fate('raised').toLocaleString('en-US')} at a higher one`]),
    ...(fate('uncompared') === 0 ? [] : [`${fate('uncompared').toLocaleString('en-US')} that cannot be compared`]),
  ]
  const recorded =
    kept === 0
      ? `Under this policy ${events === 1 ? 'the one event' : `none of ${counted(events, 'event')}`} (${sizeText(bytes)}) would ${events === 1 ? 'not ' : ''}have been recorded.`
      : `Under this policy ${kept.toLocaleString('en-US')} of ${counted(events, 'event')} would have been recorded, ${sizeText(left)} of ${sizeText(bytes)}: ${parts.join(', ')}.`
  return kept === 0 || kept === events ? recorded : `${recorded} ${counted(events - kept, 'event')} would not.`
}

function ruleBlocks({all, ruleLines}: SimulationReport): ReportBlock[] {
  const hasUncompared = all.some(({fates}) => fates.uncompared > 0)
  const rows = all
    .filter(({events}) => events > 0)
    .map(({takenBy, rule, level, requests, events, fates, bytes, bytesLeft}): Plain[] => [
      takenBy === 'rule' ? `rule ${(rule ?? 0) + 1}` : takenBy,
      rule === null ? null : (ruleLines[rule] ?? null),
      level,
      requests,
      events,
      ...(takenBy === 'unknown'
        ? Array.from({length: hasUncompared ? 5 : 4}, () => null)
        : [fates.kept, fates.cut, fates.raised, fates.dropped, ...(hasUncompared ? [fates.uncompared] : [])]),
      sizeText(bytes),
      takenBy === 'unknown' ? null : sizeText(bytesLeft),
    ])
  const columns = [
    {...column('taken_by'), keep: true},
    {...count('line'), spare: true},
    {...column('level'), keep: true},
    ...['requests', 'events', 'kept', 'cut', 'raised', 'dropped', ...(hasUncompared ? ['uncompared'] : [])].map(count),
    {...column('bytes'), spare: true},
    column('bytes_left'),
  ]
  if (rows.length === 0) return []
  return [
    {kind: 'heading', text: 'By rule'},
    {kind: 'table', columns, rows},
  ]
}

const unknownLevel = '(not told)'

/** Events by the level at which they were logged, and what they would have become. */
function matrixBlocks(judged: readonly RuleSums[]): ReportBlock[] {
  const logged = [...auditLevels.slice(1), ''].filter((level) =>
    judged.some((sums) => (sums.logged.get(level) ?? 0) > 0),
  )
  if (logged.length === 0) return []
  const recorded = auditLevels.slice(1)
  const at = (from: string, to: string): number => sum(judged, ({levels}) => levels.get(`${from} ${to}`) ?? 0)
  return [
    {kind: 'heading', text: 'Level logged, and what it would have been'},
    {
      kind: 'table',
      columns: [{...column('logged'), keep: true}, ...recorded.map(count), count('not_recorded')],
      rows: logged.map((from) => [
        from === '' ? unknownLevel : from,
        ...recorded.map((to) => at(from, to)),
        at(from, 'None'),
      ]),
    },
  ]
}

function subjectBlocks(spots: readonly BlindSpot[]): ReportBlock[] {
  const shown = spots.filter(({now}) => now.requests > 0)
  if (shown.length === 0) return []
  const hasUnjudged = shown.some(({now, judged}) => judged.requests < now.requests)
  const hasSilenced = shown.some(({silenced}) => silenced > 0)
  const rows = shown.map(({subject, now, judged, left}): Plain[] => [
    subject,
    now.requests,
    ...(hasUnjudged ? [now.requests - judged.requests] : []),
    left.requests,
    ...(hasSilenced ? [left.answers] : []),
    now.bodies,
    left.bodies,
  ])
  const columns = [
    {...column('what'), keep: true},
    count('requests_now'),
    ...(hasUnjudged ? [count('unjudged')] : []),
    count('requests_then'),
    ...(hasSilenced ? [count('answers_then')] : []),
    ...['bodies_now', 'bodies_then'].map((name) => ({...count(name), spare: hasSilenced})),
  ]
  return [
    {kind: 'heading', text: 'What investigations ask about'},
    {kind: 'table', columns, rows},
  ]
}

/** Rules by number, for sentences: `3, 5 and 9`. */
function ruleList(rules: readonly number[]): string {
  const last = rules.at(-1) ?? 0
  return rules.length < 2 ? `${last}` : `${rules.slice(0, -1).join(', ')} and ${last}`
}

function facts({all, searched}: SimulationReport): string[] {
  const idle = all.flatMap(({takenBy, rule, events}) => (takenBy === 'rule' && events === 0 ? [(rule ?? 0) + 1] : []))
  const omitted = sum(all, ({stageOmitted}) => stageOmitted)
  const raised = sum(all, ({fates}) => fates.raised)
  return [
    searched,
    'Only what was logged can be simulated: requests that the policy of this log left out are not here, and may be recorded under this one.',
    ...(idle.length === 0 || all.every(({events}) => events === 0)
      ? []
      : [
          `${idle.length === 1 ? 'Rule' : 'Rules'} ${ruleList(idle)} took none of these requests: nothing of the kind happened, it was not logged, or an earlier rule took it.`,
        ]),
    ...(omitted === 0
      ? []
      : [
          `Of the events that would not have been recorded, ${omitted.toLocaleString('en-US')} are at a stage that is omitted.`,
        ]),
    ...(raised === 0
      ? []
      : [
          'A higher level would have recorded bodies that are not in this log: how many bytes they would have been cannot be told, and they are not counted.',
        ]),
    'Bytes are those of the events’ text, of which bodies are taken away that would not have been recorded; managed fields that would have been left out are not.',
    'Rules look at who authenticated, never at whom a request acted as.',
  ]
}

/** What a policy would have made of a log, for people. */
export function simulationReport(parts: SimulationReport): ReportBlock[] {
  const {all, spots, losses, caveats} = parts
  const judged = all.filter(({takenBy}) => takenBy !== 'unknown')
  const unjudged = sum(all, ({takenBy, events}) => (takenBy === 'unknown' ? events : 0))
  const hasJudged = judged.some(({events}) => events > 0)
  const isLossless = hasJudged && judged.every(({fates}) => fates.cut + fates.dropped + fates.uncompared === 0)
  return [
    text(verdictText(judged, unjudged), 'verdict'),
    ...texts(caveats, 'warning'),
    ...section('What would be lost', losses),
    ...(isLossless
      ? [text(`Nothing that this log shows${unjudged === 0 ? '' : ', of what can be judged,'} would have been lost.`)]
      : []),
    ...ruleBlocks(parts),
    ...matrixBlocks(judged),
    ...subjectBlocks(spots),
    ...section('What this rests on', facts(parts)),
  ]
}
