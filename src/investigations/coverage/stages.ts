import {counted} from '../report-blocks.ts'
import type {Finding} from './finding.ts'
import type {LoggedRow} from './never-logged.ts'

/** What can not be concluded where a stage was never logged. */
const withoutStage: Readonly<Record<string, string>> = {
  RequestReceived:
    'A request that was never answered, because the API server crashed or was cut off, leaves no trace; every other one is told by its end.',
  ResponseStarted:
    'API servers log failed logins (401) at this stage alone: guessed and expired credentials leave no trace. A watch or an exec shows only when it ends.',
  ResponseComplete: 'How requests were answered, and whether they succeeded, is not in the log.',
}

const busyEvents = 300
const longSeconds = 900

/** The stages that were logged, and those that never were, by cluster. */
export function stageFindings(logged: ReadonlyMap<string | null, readonly LoggedRow[]>, seconds: number): Finding[] {
  return [...logged].flatMap(([cluster, rows]) => {
    const counts = new Map<string, number>()
    for (const {stage, events} of rows) counts.set(stage ?? 'none', (counts.get(stage ?? 'none') ?? 0) + events)
    const total = [...counts.values()].reduce((sum, events) => sum + events, 0)
    const hasLong = rows.some(
      ({verb, subresource}) => verb === 'watch' || subresource === 'exec' || subresource === 'log',
    )
    const isTold = (stage: string): boolean =>
      stage === 'ResponseStarted' ? total >= busyEvents && (hasLong || seconds >= longSeconds) : total >= busyEvents
    return [
      ...[...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([stage, events]): Finding => ({
          kind: 'stages',
          cluster,
          stage,
          events,
          statement: `Stage ${stage}: ${counted(events, 'event')}.`,
        })),
      ...Object.entries(withoutStage)
        .filter(([stage]) => !counts.has(stage) && isTold(stage))
        .map(([stage, consequence]): Finding => ({
          kind: 'stages',
          cluster,
          stage,
          events: 0,
          statement: `Stage ${stage} was never logged, in ${counted(total, 'event')}: the audit policy omits it.`,
          consequence,
          isLimit: stage !== 'RequestReceived',
        })),
    ]
  })
}
