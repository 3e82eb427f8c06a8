import {instantWords, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import type {Finding} from './finding.ts'
import {serverName, type Gap} from './gaps.ts'
import {instantOf, lengthWords} from './instants.ts'
import {uncheckedTexts, type MissingFile, type Rotation} from './missing-files.ts'
import type {Logs, Series} from './read-series.ts'

function fileName(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1)
}

/** Where the events at both ends of a gap stand. */
function edgesOf({before, after}: Gap, {files}: Logs): string | null {
  const places = [before && {piece: before, line: before.lastLine}, after && {piece: after, line: after.firstLine}]
    .filter((each) => each !== null)
    .map(({piece, line}) => {
      const place = files.get(piece.source)?.place ?? ''
      return line > 0 ? `${place}:${line}` : place
    })
  return places.length === 0 ? null : places.join(' ')
}

/** Why a silence is one: its two ends in one file, or at the ends of two. */
function whereText({before, after}: Gap): string {
  if (before === null || after === null) return ''
  if (before.source !== after.source) return ' It lies between two files: one may be missing.'
  return before.lastLine > 0 && after.firstLine === before.lastLine + 1
    ? ' Both ends stand in one file, in lines that follow each other: no file is missing there; the API server was down or cut off, its clock was set forward, or lines were taken out.'
    : ' Both ends stand in one file.'
}

const servedThen = 'What it served then is not in the log'
const ifServed = 'If it served anything then, it is not in the log'

function gapFinding(gap: Gap, logs: Logs, question: Question): Finding | undefined {
  const at = (us: number): string => instantWords(question, instantOf(us))
  const length = lengthWords(gap.toUs - gap.fromUs)
  const span = `${at(gap.fromUs)} to ${at(gap.toUs)}`
  const name = serverName(gap)
  const common = {
    cluster: gap.cluster,
    apiserver: gap.apiserver,
    log: gap.log,
    from_at: instantOf(gap.fromUs),
    to_at: instantOf(gap.toUs),
    evidence: edgesOf(gap, logs),
  }
  switch (gap.reason) {
    // Told once, as a missing file.
    case 'doubtful-file':
      return undefined
    case 'missing-file':
      return {
        ...common,
        kind: 'gap',
        statement: `Gap of ${length}, ${span}, in ${name}: at least one rotated file is missing, as the names of the files around it tell.`,
        consequence: `${servedThen}: that nothing is found there proves nothing.`,
        evidence:
          gap.missing === null ? null : [gap.missing.before.place, gap.missing.after?.place ?? ''].join(' ').trim(),
        isLimit: true,
      }
    case 'replaced':
      return {
        ...common,
        kind: 'replaced',
        statement: `${name} ends at ${at(gap.fromUs)} and ${gap.successor ?? ''} begins at ${at(gap.toUs)}: the one was probably replaced by the other, as in an upgrade.`,
        consequence: 'No gap, as far as the one took the place of the other.',
      }
    case 'silence':
      return {
        ...common,
        kind: 'gap',
        statement: `Gap of ${length}, ${span}, in ${name}: not one event, though its traffic makes such a silence unlikely.${whereText(gap)}`,
        consequence: `${ifServed}: that nothing is found there proves nothing.`,
        isLimit: true,
      }
    case 'pause':
      return {
        ...common,
        kind: 'pause',
        statement: `${name} is silent for ${length}, ${span}${gap.isHabit === true ? ', as it is at other times' : ''}.`,
        consequence:
          'Around it the log holds no steady traffic such as leases: whether this is its habit or a loss cannot be told from it.',
      }
    case 'late-start':
      return {
        ...common,
        kind: 'late-start',
        statement: `The log of ${name} begins ${length} later (${at(gap.toUs)}) than that of another API server of its cluster (${at(gap.fromUs)}).`,
        consequence: `${ifServed}: of that time the case holds only what others served.`,
        isLimit: true,
      }
    case 'early-end':
      return {
        ...common,
        kind: 'early-end',
        statement: `The log of ${name} stops ${length} earlier (${at(gap.fromUs)}) than that of another API server of its cluster (${at(gap.toUs)}).`,
        consequence: `${ifServed}: of that time the case holds only what others served.`,
        isLimit: true,
      }
  }
}

/** Gaps as findings; many pauses are limits of one conclusion, which is said once. */
export function gapFindings(gaps: readonly Gap[], logs: Logs, question: Question): Finding[] {
  const findings = gaps.flatMap((gap) => gapFinding(gap, logs, question) ?? [])
  const seen = new Set<string>()
  return findings.map((finding) => {
    if (finding.kind !== 'pause') return finding
    const key = JSON.stringify([finding.cluster, finding.apiserver, finding.log])
    if (seen.has(key)) return finding
    seen.add(key)
    return {...finding, isLimit: true}
  })
}

/** Missing rotated files as findings, the one that was being written included. */
export function missingFindings(missing: readonly MissingFile[], question: Question): Finding[] {
  const at = (us: number): string => instantWords(question, instantOf(us))
  return missing.map(({log, cluster, apiserver, fromUs, toUs, before, after, isDoubtful}) => ({
    kind: 'missing-file',
    cluster,
    apiserver,
    log,
    from_at: instantOf(fromUs),
    to_at: toUs === null ? null : instantOf(toUs),
    ...(toUs === null
      ? {
          statement: `The file that ${fileName(log)} went on in after ${at(fromUs)} is missing: ${fileName(before.place)} was closed then because the next line did not fit.`,
          consequence: 'The log goes on after its last event here: what came later is not in it.',
          evidence: before.place,
          isLimit: true,
        }
      : isDoubtful
        ? {
            statement: `A rotated file of ${log} may be missing: ${fileName(before.place)} was closed at ${at(fromUs)}, and ${fileName(after?.place ?? '')} begins ${lengthWords(toUs - fromUs)} later, much longer than events are apart in them.`,
            consequence: `If so, what was logged between ${at(fromUs)} and ${at(toUs)} is not in the case. No two files of the log follow each other to the moment that a name tells: it cannot be told for certain.`,
            evidence: [before.place, after?.place ?? ''].join(' ').trim(),
            isLimit: true,
          }
        : {
            statement: `Missing: at least one rotated file of ${log}. ${fileName(before.place)} was closed at ${at(fromUs)}, when the first line of the next file was written; ${fileName(after?.place ?? '')} begins ${lengthWords(toUs - fromUs)} later.`,
            consequence: `What was logged between ${at(fromUs)} and ${at(toUs)} is not in the case.`,
            evidence: [before.place, after?.place ?? ''].join(' ').trim(),
          }),
  }))
}

/** Logs of which it cannot be told whether rotated files are missing. */
export function uncheckedFindings(rotations: readonly Rotation[]): Finding[] {
  return rotations.flatMap((rotation) =>
    uncheckedTexts([rotation]).map((statement): Finding => ({
      kind: 'rotation',
      log: rotation.log,
      statement,
      consequence: 'That none is told to be missing proves nothing there.',
      evidence: rotation.unchecked[0]?.place ?? null,
      isLimit: true,
    })),
  )
}

/** How far each API server's log reaches. */
export function spanFindings(series: readonly Series[], question: Question): Finding[] {
  const at = (us: number): string => instantWords(question, instantOf(us))
  return series.map((one) => ({
    kind: 'span',
    cluster: one.cluster,
    apiserver: one.apiserver,
    log: one.log,
    from_at: instantOf(one.firstUs),
    to_at: instantOf(one.lastUs),
    events: one.events,
    statement: `${serverName(one)}: ${counted(one.events, 'event')} from ${at(one.firstUs)} to ${at(one.lastUs)}.`,
    consequence: 'What came before and after is not in the log.',
  }))
}
