import type {ReportBlock} from '../../output/answer.ts'
import type {Row} from '../answer-rows.ts'
import {counted, leftOutTexts, section, text, texts} from '../report-blocks.ts'
import {callersTable, refusedTable, requestsTable, sumsTable} from './blocks.ts'
import type {Asked, Sum} from './read-secrets.ts'
import {gotValues, listed, readings, readingsText, total, whoTexts} from './wording.ts'

const mostNamed = 5

/** Everything that a report on secrets is made of. */
export interface ReportParts {
  readonly asked: Asked
  /** Where the named secret is looked for, in words. */
  readonly where: string
  /** By caller, without what is left out. */
  readonly callers: readonly Sum[]
  /** Requests that were left out, by user. */
  readonly leftOut: ReadonlyMap<string, number>
  readonly searched: string
  readonly facts: readonly string[]
  readonly warnings: readonly string[]
}

function refusedText(callers: readonly Sum[]): string {
  const refused = callers.filter((sum) => sum.refused > 0)
  const count = total(refused, (sum) => sum.refused)
  if (count === 0) return ''
  const nobody = total(
    refused.filter((sum) => sum.user_name === null),
    (sum) => sum.refused,
  )
  const who = whoTexts(refused.filter((sum) => sum.user_name !== null))
  const parts = [
    ...(who.length === 0 ? [] : [listed(who, mostNamed)]),
    ...(nobody === 0 ? [] : [`${nobody.toLocaleString('en-US')} without a valid credential`]),
  ]
  return ` Refused: ${counted(count, 'request')} (${parts.join('; ')}).`
}

/** Who saw that secrets are there, but not what is in them. */
function namesText(callers: readonly Sum[]): string {
  const seen = callers.filter((sum) => sum.names_only > 0 && !gotValues(sum))
  return seen.length === 0 ? '' : ` Names only: ${listed(whoTexts(seen), mostNamed)}.`
}

/** The answer to who read secrets, in a sentence or three. */
function everyVerdict({callers, asked}: ReportParts): string {
  const readers = callers.filter((sum) => readings(sum) > 0 && gotValues(sum))
  const everything = readers.filter((sum) => sum.whole_cluster > 0)
  const selected = readers.filter((sum) => sum.whole_cluster === 0 && sum.by_selector.includes('*'))
  const changers = callers.filter((sum) => sum.changes > 0)
  const tokens = callers.filter((sum) => sum.tokens_issued > 0)
  const read =
    readers.length === 0
      ? 'Nobody is seen to have got the values of secrets.'
      : `${counted(new Set(readers.map((sum) => sum.user_name)).size, 'identity', 'identities')} read, listed or watched secrets: ${readingsText(readers)}.`
  return [
    read,
    namesText(callers),
    everything.length === 0 ? '' : ` Every secret of the cluster: ${listed(whoTexts(everything), mostNamed)}.`,
    selected.length === 0 ? '' : ` What a selector met in the whole cluster: ${listed(whoTexts(selected), mostNamed)}.`,
    changers.length === 0
      ? ''
      : ` Changed: ${counted(
          total(changers, ({changes}) => changes),
          'request',
        )} by ${listed(whoTexts(changers), mostNamed)}.`,
    !asked.tokens
      ? ''
      : tokens.length === 0
        ? ' No tokens are seen to have been issued.'
        : ` Tokens issued: ${total(tokens, (sum) => sum.tokens_issued).toLocaleString('en-US')}, to ${listed(whoTexts(tokens), mostNamed)}.`,
    refusedText(callers),
  ].join('')
}

/** Who could have seen one secret: by its name, and with all others of its scope. */
function namedVerdict({callers, asked, where}: ReportParts): string {
  const what = `${asked.name ?? ''}${where}`
  const byName = callers.filter((sum) => sum.reads > 0 && gotValues(sum))
  const covering = callers.filter(
    (sum) => sum.whole_cluster > 0 || sum.whole_namespaces.length + sum.by_selector.length > 0,
  )
  const changers = callers.filter((sum) => sum.changes > 0)
  return [
    byName.length === 0
      ? `Nobody is seen to have read ${what} by name.`
      : `${what} was read by name ${counted(
          total(byName, ({reads}) => reads),
          'time',
        )}, by ${listed(whoTexts(byName), mostNamed)}.`,
    covering.length === 0
      ? ''
      : ` Lists and watches gave it with others, or could have: ${listed(whoTexts(covering), mostNamed)}.`,
    namesText(callers),
    changers.length === 0 ? '' : ` Changed by ${listed(whoTexts(changers), mostNamed)}.`,
    refusedText(callers),
  ].join('')
}

/** What nearly every reader of such a log gets wrong. */
function readingFacts({callers}: ReportParts): string[] {
  const could = total(callers, (sum) => sum.could_have)
  const values = total(callers, (sum) => sum.gave_values)
  const names = total(callers, (sum) => sum.names_only)
  const helm = total(callers, (sum) => sum.helm_releases)
  return [
    ...(could === 0
      ? []
      : [
          `could have: the answers of ${counted(could, 'request')} were not logged. They could have held values; kubectl get as a table, which shows names only, looks the same. What a watch sent is never logged.`,
        ]),
    ...(values === 0
      ? []
      : [
          `values: the logged answers of ${counted(values, 'request')} hold the secrets in clear, and so does this evidence.`,
        ]),
    ...(names === 0
      ? []
      : [
          `names: the logged answers of ${counted(names, 'request')} hold names, labels and annotations alone; the annotation that kubectl apply leaves is a copy of the values.`,
        ]),
    ...(helm === 0
      ? []
      : [
          `${counted(helm, 'request')} on sh.helm.release.v1.*: releases of Helm, with the values that a chart was installed with.`,
        ]),
    'Secrets that a pod mounts or gets as variables are read by its node; what then happens to them in the pod does not show, nor what is read out of etcd.',
  ]
}

function nothingText({asked, where}: ReportParts): string {
  return asked.name === undefined
    ? `No request on secrets${where} is in this log.`
    : `No request that names ${asked.name}${where}, and no list or watch that covered it, is in this log.`
}

function verdictOf(parts: ReportParts): string {
  if (parts.callers.length === 0) return nothingText(parts)
  return parts.asked.name === undefined ? everyVerdict(parts) : namedVerdict(parts)
}

function frame(parts: ReportParts, blocks: readonly ReportBlock[], beyond: number): ReportBlock[] {
  return [
    text(verdictOf(parts), 'verdict'),
    ...texts(parts.warnings, 'warning'),
    ...blocks,
    ...texts(leftOutTexts(parts.leftOut, beyond), 'muted'),
    ...section('What the log can show', [parts.searched, ...readingFacts(parts), ...parts.facts]),
  ]
}

/**
 * The report on requests: who got what, what was refused, then each.
 *
 * @param clusterWide Lists and watches of every namespace, up to a limit.
 */
export function requestsReport(parts: ReportParts, rows: readonly Row[], clusterWide: readonly Row[]): ReportBlock[] {
  const {callers} = parts
  const blocks = [
    ...callersTable(callers),
    ...refusedTable(callers),
    ...requestsTable('Lists and watches of every secret of the cluster', clusterWide, true),
    ...requestsTable('Requests', rows),
  ]
  return frame(parts, blocks, total(callers, ({requests}) => requests) - rows.length)
}

/**
 * The report on sums.
 *
 * @param shown So many of them are shown.
 */
export function sumsReport(
  parts: ReportParts,
  by: 'user' | 'secret' | 'namespace',
  sums: readonly Sum[],
  shown: number,
): ReportBlock[] {
  return frame(parts, sumsTable(by, sums.slice(0, shown)), sums.length - shown)
}
