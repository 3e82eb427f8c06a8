import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import type {Finding} from './finding.ts'
import {instantOf} from './instants.ts'
import {kindName} from './levels.ts'
import type {LogFile, Logs, Series} from './read-series.ts'

interface UnfinishedRow {
  readonly kind: 'unfinished' | 'truncated' | 'stamped'
  readonly cluster: string | null
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly verb: string | null
  readonly stage: string | null
  readonly level: string | null
  readonly events: number
  readonly first_at: string | null
  readonly last_at: string | null
}

/** Requests that last for minutes and hours: they are open at the end of any log. */
const lasting = new Set(['exec', 'attach', 'portforward', 'proxy', 'log'])

/** Events, and requests, that the log holds only in part: cut, without an end, or stamped before they were received. */
export async function readPartEvents(caseFile: CaseFile, question: Question): Promise<Finding[]> {
  const rows = await caseFile.all<UnfinishedRow>(queryFile('coverage-unfinished'), commonParameters(question))
  return rows.map(({kind, first_at: from, last_at: to, ...row}): Finding => {
    const what = `${row.verb ?? ''} of ${kindName(row)}`.trim()
    const common = {...row, from_at: from, to_at: to}
    if (kind === 'truncated')
      return {
        ...common,
        kind,
        statement: `${counted(row.events, 'event')} of ${what} ${row.events === 1 ? 'was' : 'were'} cut because of its size: the bodies are gone.`,
        consequence: 'What was sent and answered is not in the log, though the level says so.',
        isLimit: true,
      }
    if (kind === 'stamped')
      return {
        ...common,
        kind: 'clock',
        statement: `${counted(row.events, 'event')} of ${what} ${row.events === 1 ? 'is' : 'are'} stamped before the request was received: the clock was set back meanwhile.`,
        consequence: 'How long these requests took, and what came first, cannot be told from their times.',
        isLimit: true,
      }
    const isLasting = row.verb === 'watch' || lasting.has(row.subresource ?? '')
    return {
      ...common,
      kind,
      statement: `${counted(row.events, 'request')} (${what}) ${row.events === 1 ? 'has' : 'have'} a start (${row.stage ?? ''}) and no end in the log.`,
      consequence: isLasting
        ? 'Such requests last long: open when the log ends, or ended where it has a gap. How long is not in the log.'
        : row.stage === 'RequestReceived'
          ? 'The answer is not in the log; what was asked may have been carried out.'
          : 'The end is not in the log.',
      isLimit: !isLasting,
    }
  })
}

function ofFile({
  cluster,
  apiserver,
  log,
  place,
}: LogFile): Pick<Finding, 'cluster' | 'apiserver' | 'log' | 'evidence'> {
  return {cluster, apiserver, log, evidence: place}
}

/** Sources that are damaged, hold records that are no events, or copies of what others hold. */
export function sourceFindings({files}: Logs): Finding[] {
  return [...files.values()]
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .flatMap((file): Finding[] => [
      ...(file.status === 'partial' || file.status === 'failed'
        ? [
            {
              ...ofFile(file),
              kind: 'damaged',
              events: file.events,
              statement:
                `${file.place} ${file.status === 'failed' ? 'could not be read' : 'is damaged'}${file.problem === null ? '' : `: ${file.problem}`}.`.replace(
                  /\.\.$/,
                  '.',
                ),
              consequence: 'What stood in the part that is lost does not show.',
              isLimit: true,
            } satisfies Finding,
          ]
        : []),
      ...(file.rejects > 0
        ? [
            {
              ...ofFile(file),
              kind: 'rejects',
              events: file.rejects,
              statement: `${counted(file.rejects, 'record')} of ${file.place} could not be read as ${file.rejects === 1 ? 'an event' : 'events'} (table rejects).`,
              consequence: 'What they tell is in no answer: k8saudit search looks into them too.',
              isLimit: true,
            } satisfies Finding,
          ]
        : []),
      ...(file.salvaged > 0
        ? [
            {
              ...ofFile(file),
              kind: 'salvaged',
              events: file.salvaged,
              statement: `${counted(file.salvaged, 'event')} of ${file.place} ${file.salvaged === 1 ? 'was' : 'were'} read from damaged records.`,
              consequence: 'They lack what was cut off.',
              isLimit: true,
            } satisfies Finding,
          ]
        : []),
      ...(file.duplicates > 0
        ? [
            {
              ...ofFile(file),
              kind: 'overlap',
              events: file.duplicates,
              statement:
                file.duplicates === file.events
                  ? `All ${counted(file.events, 'event')} of ${file.place} are copies of what other sources hold; they are counted once.`
                  : `${counted(file.duplicates, 'event')} of ${counted(file.events, 'event')} of ${file.place} ${file.duplicates === 1 ? 'is a copy' : 'are copies'} of what other sources hold; they are counted once.`,
            } satisfies Finding,
          ]
        : []),
    ])
}

const overlapUs = 2_000_000

/** Files of one log that hold the same time without being copies of each other. */
export function overlapFindings({series, files}: Logs): Finding[] {
  return series.flatMap((one): Finding[] => {
    const spans = new Map<number, {firstUs: number; lastUs: number}>()
    for (const {source, firstUs, lastUs} of one.pieces) {
      const span = spans.get(source)
      if (span === undefined) spans.set(source, {firstUs, lastUs})
      else {
        span.firstUs = Math.min(span.firstUs, firstUs)
        span.lastUs = Math.max(span.lastUs, lastUs)
      }
    }
    const sorted = [...spans].sort(([, a], [, b]) => a.firstUs - b.firstUs || a.lastUs - b.lastUs)
    const over: {readonly a: number; readonly b: number; readonly fromUs: number; readonly toUs: number}[] = []
    let open = sorted[0]
    for (const next of sorted.slice(1)) {
      if (open === undefined) break
      const toUs = Math.min(open[1].lastUs, next[1].lastUs)
      if (toUs - next[1].firstUs > overlapUs) over.push({a: open[0], b: next[0], fromUs: next[1].firstUs, toUs})
      if (next[1].lastUs > open[1].lastUs) open = next
    }
    return over.length === 0 ? [] : [overlapFinding(one, over, files)]
  })
}

function overlapFinding(
  {cluster, apiserver, log}: Series,
  over: readonly {readonly a: number; readonly b: number; readonly fromUs: number; readonly toUs: number}[],
  files: Logs['files'],
): Finding {
  const placeOf = (source: number | undefined): string => files.get(source ?? -1)?.place ?? ''
  const isRotated = over.every(({a, b}) => [a, b].every((source) => (files.get(source)?.endedUs ?? null) !== null))
  return {
    kind: 'overlap',
    cluster,
    apiserver,
    log,
    from_at: instantOf(Math.min(...over.map(({fromUs}) => fromUs))),
    to_at: instantOf(Math.max(...over.map(({toUs}) => toUs))),
    events: null,
    statement: `${over.length === 1 ? 'Two files' : `${over.length + 1} files`} of ${apiserver ?? log} hold the same time, and are no copies of each other.`,
    consequence: isRotated
      ? 'An API server writes one file after the other: its clock was set back between them, or the files are those of two API servers. A silence of one hides behind the other.'
      : 'They may be those of several API servers: a silence of one hides behind the others (sources label names them).',
    evidence: [placeOf(over[0]?.a), placeOf(over[0]?.b)].join(' '),
    isLimit: isRotated,
  }
}
