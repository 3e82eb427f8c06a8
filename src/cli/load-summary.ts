import {visible} from '../output/sanitise.ts'
import type {LoadReport, TroubledSource} from '../load/load-case.ts'
import {clock, count, counted} from './numbers.ts'

const shown = 10

function some(title: string, lines: readonly string[], casePath: string): string[] {
  if (lines.length === 0) return []
  const rest =
    lines.length > shown ? [`  … and ${count(lines.length - shown)} more: k8saudit sources --case ${casePath}`] : []
  return [title, ...lines.slice(0, shown).map((line) => `  ${visible(line)}`), ...rest]
}

const troubles = (sources: readonly TroubledSource[]): string[] =>
  sources.map(
    ({place, status, problem}) =>
      `${place}: ${status === 'failed' ? problem.replace(/^could not be read beyond byte 0: /, '') : problem}`,
  )

const named = 3

function inShort(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  const rest = lines.length > named ? `; and ${count(lines.length - named)} more` : ''
  return [`${title} (${count(lines.length)}): ${lines.slice(0, named).map(visible).join('; ')}${rest}.`]
}

/** What logs that are asked directly came to, where it needs telling: a line each for skipped, damaged and rejected. */
export function inputNotes(report: LoadReport): string[] {
  return [
    ...inShort('Skipped, no audit log', troubles(report.skipped)),
    ...inShort(
      'Damaged, what could be read is asked',
      troubles(report.damaged.filter(({status}) => status !== 'failed')),
    ),
    ...inShort('Could not be read', troubles(report.damaged.filter(({status}) => status === 'failed'))),
    ...inShort(
      'Rejected records, first of each kind',
      report.rejectExamples.map(({place, reason, count: n}) => `${place}: ${reason}${n > 1 ? ` (${count(n)})` : ''}`),
    ),
  ]
}

/** What a load came to, line by line. */
export function loadSummary(report: LoadReport, casePath: string, seconds: number): string[] {
  const failed = report.damaged.filter(({status}) => status === 'failed')
  const partial = report.damaged.filter(({status}) => status !== 'failed')
  const span =
    report.firstEventAt === null ? [] : [`The new events span ${report.firstEventAt} to ${report.lastEventAt ?? ''}.`]
  return [
    `${counted(report.sources, 'source')} read: ${counted(report.newEvents, 'new event')} in ${counted(report.newRequests, 'request')}, ${counted(report.duplicates, 'copy', 'copies')}, ${counted(report.rejects, 'reject')}, in ${clock(seconds)}.`,
    ...(report.known > 0
      ? [
          `${counted(report.known, 'file')} in the case already, byte for byte: nothing was added.${report.knownDamaged > 0 ? ` ${counted(report.knownDamaged, 'of them is damaged or holds rejected records', 'of them are damaged or hold rejected records')}: see k8saudit sources. To read one again, with other limits: k8saudit sources remove FILE, then load.` : ''}`,
        ]
      : []),
    ...span,
    ...some(`Skipped, no audit log (${count(report.skipped.length)}):`, troubles(report.skipped), casePath),
    ...some(`Damaged, what could be read is in (${count(partial.length)}):`, troubles(partial), casePath),
    ...some(`Could not be read (${count(failed.length)}):`, troubles(failed), casePath),
    ...some(
      'Rejected records, first line of each kind:',
      report.rejectExamples.map(({place, reason, count: n}) => `${place}: ${reason}${n > 1 ? ` (${count(n)})` : ''}`),
      casePath,
    ),
    ...(report.outcome === 'interrupted'
      ? [
          `Interrupted: ${report.newEvents > 0 ? 'what was committed stays' : 'nothing was committed yet'}. Give the same command again to go on.`,
        ]
      : report.newEvents === 0 && report.known === 0 && report.duplicates === 0
        ? [
            `Case: ${visible(casePath)}`,
            failed.length > 0
              ? 'Nothing that could be read holds an audit event.'
              : 'Nothing that was given holds an audit event.',
          ]
        : [`Case: ${visible(casePath)}`, `Next: k8saudit summary, or k8saudit who-deleted TYPE/NAME -n NAMESPACE`]),
  ]
}
