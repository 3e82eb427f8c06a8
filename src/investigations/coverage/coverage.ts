import type {CaseFile} from '../../case/case-file.ts'
import type {Answer} from '../../output/answer.ts'
import {unknownNameWarnings} from '../known-names.ts'
import {filtersInForce, windowWarnings, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import {readClocks} from './clocks.ts'
import {findingColumns, findingRow, type Finding} from './finding.ts'
import {gapFindings, missingFindings, spanFindings, uncheckedFindings} from './gap-findings.ts'
import {isInWindow, lossesIn} from './gaps.ts'
import {readLeaks, type Leak} from './leaks.ts'
import {levelFindings, readLevels} from './levels.ts'
import {overlapFindings, readPartEvents, sourceFindings} from './losses.ts'
import {metricsFindings, type GivenMetrics} from './metrics.ts'
import {neverLogged, readLogged, secondsAsked} from './never-logged.ts'
import {readSeries, type Logs} from './read-series.ts'
import {coverageReport, emptyText} from './report.ts'
import {stageFindings} from './stages.ts'

/** At most so many limits of one kind are warnings; the rows hold all. */
const mostOfKind = 5

/** What of the log limits conclusions, as sentences; of many of one kind the first, and how many more. */
function limitsOf(findings: readonly Finding[]): string[] {
  const limits = findings.filter(({isLimit}) => isLimit === true)
  const kinds = [...new Set(limits.map(({kind}) => kind))]
  return kinds.flatMap((kind) => {
    const own = limits.filter((finding) => finding.kind === kind)
    const told = own.slice(0, kind === 'never-logged' ? own.length : mostOfKind)
    return [
      ...told.map(({statement, consequence}) => (consequence ? `${statement} ${consequence}` : statement)),
      ...(own.length > told.length
        ? [`${own.length - told.length} more of kind ${kind}: see the rows (-o json).`]
        : []),
    ]
  })
}

/** What filters do not narrow: what is a matter of the whole log. */
async function filterWarnings(caseFile: CaseFile, question: Question, logs: Logs): Promise<string[]> {
  const {
    filters: {namespace, user, cluster},
    window: {since, until},
  } = question
  const flags = [...(namespace === undefined ? [] : ['--namespace']), ...(user === undefined ? [] : ['--user'])]
  const unnamed = [...logs.files.values()].filter((file) => file.cluster === null && file.events > 0).length
  return [
    ...(cluster === undefined
      ? []
      : [
          ...(await unknownNameWarnings(caseFile, {...question, filters: {cluster}})),
          ...(unnamed === 0
            ? []
            : [
                `${counted(unnamed, 'source names', 'sources name')} no cluster, or several, and ${unnamed === 1 ? 'is' : 'are'} counted: they may be of cluster ${cluster} or not (k8saudit sources label names it).`,
              ]),
        ]),
    ...(flags.length === 0
      ? []
      : [
          `${flags.join(' and ')} ${flags.length === 1 ? 'narrows' : 'narrow'} only what is said of credentials in the log: the rest is about whole logs.`,
        ]),
    ...(since === null && until === null
      ? []
      : [
          'Levels, stages and what is never logged are those of whole days (UTC) that the window touches, and spans those of whole logs.',
        ]),
  ]
}

/** What the log gives away, as findings: kinds and numbers, never values. */
function leakFindings(leaks: readonly Leak[]): Finding[] {
  return leaks.map(
    ({cluster, apiserver, api_group, resource, subresource, verb, at, count, statement, consequence, evidence}) => ({
      kind: 'leak',
      cluster,
      apiserver,
      from_at: at,
      to_at: at,
      api_group,
      resource,
      subresource,
      verb,
      events: count,
      statement,
      consequence,
      evidence,
    }),
  )
}

function within(logs: Logs, question: Question): Logs {
  const isAsked = isInWindow(question)
  return {...logs, series: logs.series.filter(({firstUs, lastUs}) => isAsked({fromUs: firstUs, toUs: lastUs + 1}))}
}

/**
 * What the log can show: how far it reaches, where it has gaps, which files are missing, what is never logged, at which
 * levels the rest was, and what else limits what can be concluded from something not being found.
 *
 * @param own.metrics what API servers counted of their own auditing, to be compared with what was loaded
 * @param own.isThorough looks for credentials in every body, however large the case is
 * @throws UnknownServerError where metrics are said to be of an API server that the case does not know
 */
export async function coverage(
  caseFile: CaseFile,
  question: Question,
  own: {readonly metrics: readonly GivenMetrics[]; readonly isThorough: boolean},
): Promise<Answer> {
  const {forPeople, limit} = question
  const all = await readSeries(caseFile, question)
  const logs = within(all, question)
  const {gaps, rotations} = lossesIn(all, question)
  const isAsked = isInWindow(question)
  const missing = rotations
    .flatMap((rotation) => rotation.missing)
    .filter(({fromUs, toUs}) => isAsked({fromUs, toUs: toUs ?? Infinity}))
  const logged = await readLogged(caseFile, question)
  const seconds = secondsAsked(question)
  const never = [...logged.values()].flatMap((rows) => neverLogged(rows, seconds))
  const levels = await readLevels(caseFile, question)
  const leaks = await readLeaks(caseFile, question, {whole: own.isThorough})
  const findings: Finding[] = [
    ...spanFindings(logs.series, question),
    ...gapFindings(gaps, all, question),
    ...missingFindings(missing, question),
    ...uncheckedFindings(rotations),
    ...(await readClocks(caseFile, question, all)),
    ...sourceFindings(all),
    ...overlapFindings(all),
    ...never.map(({cluster, apiGroup, resource, subresource, verb, statement, consequence}): Finding => ({
      kind: 'never-logged',
      cluster,
      api_group: apiGroup,
      resource,
      subresource,
      verb,
      level: 'None',
      events: 0,
      statement,
      consequence,
      isLimit: true,
    })),
    ...levels.changes,
    ...stageFindings(logged, seconds),
    ...(await readPartEvents(caseFile, question)),
    ...metricsFindings(own.metrics, all.series, question),
    ...leakFindings(leaks.rows),
    ...levelFindings(levels.rows),
  ]
  const asked = await filterWarnings(caseFile, question, all)
  const empty = logs.series.length === 0 ? [emptyText(question, all)] : []
  const warnings = [...empty, ...asked, ...limitsOf(findings), ...leaks.warnings, ...windowWarnings(question)]
  const answer = {
    command: 'coverage',
    caseFile: caseFile.path,
    filters: filtersInForce(question, {
      leaks: own.isThorough ? true : undefined,
      metrics: own.metrics.length === 0 ? undefined : own.metrics.map(({place}) => place),
    }),
    columns: findingColumns,
    rows: [(limit === 0 ? findings : findings.slice(0, limit)).map(findingRow)],
    warnings,
  }
  return forPeople
    ? {
        ...answer,
        report: coverageReport({
          question,
          logs,
          all,
          gaps,
          rotations,
          findings,
          levels: levels.rows,
          leaks,
          remarks: asked,
        }),
      }
    : answer
}
