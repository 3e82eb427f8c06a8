import type {AddressList} from '../../audit/address-list.ts'
import type {CaseFile} from '../../case/case-file.ts'
import type {Answer} from '../../output/answer.ts'
import {extendedRows} from '../answer-rows.ts'
import {queryFile} from '../query-file.ts'
import {
  commonParameters,
  filtersInForce,
  limitParameter,
  searchedText,
  windowWarnings,
  type Question,
} from '../question.ts'
import {readReach} from '../reach/reach.ts'
import {counted, leftOutTexts} from '../report-blocks.ts'
import {readSystemNoise} from '../system-noise.ts'
import {addressMarks, listText, listWarnings, type GivenList} from './address-marks.ts'
import type {RankingName} from './ranking-names.ts'
import {rankings, textOf} from './rankings.ts'
import {topReport} from './report.ts'
import {readTally} from './tally.ts'

/** What is ranked, and with what. */
export interface TopQuestion {
  readonly what: RankingName
  /** For addresses: rank what clients claim instead of where they connected from. */
  readonly claimed?: boolean | undefined
  /** For addresses: a list to mark them by. */
  readonly list?: {readonly name: string; readonly list: AddressList} | undefined
}

interface ClaimsRow {
  readonly claims: number
  readonly behind_proxies: number
}

/** What the addresses rest on: whether proxies were known at load, and whether clients claimed others. */
async function addressFacts(caseFile: CaseFile, question: Question): Promise<string[]> {
  const [row] = await caseFile.all<ClaimsRow>(queryFile('top-claims'), commonParameters(question))
  const {claims = 0, behind_proxies: behind = 0} = row ?? {}
  return [
    behind === 0
      ? 'No request came through a trusted proxy that load was told of: client_ip is the peer throughout.'
      : `${counted(behind, 'request')} came through a trusted proxy that load was told of.`,
    ...(claims === 0
      ? []
      : [`${counted(claims, 'request')} claimed another address as well: top ips --claimed shows which.`]),
  ]
}

/**
 * Ranks addresses, identities, agents, verbs, resources, namespaces, answers or credentials by their requests, the most
 * first: how many failed, how many of those were refused, and how many others they have to do with. For people the
 * control plane's own requests are left out of the counts and named; with a list of addresses nothing is.
 *
 * @throws StatementError from the case.
 */
export async function top(caseFile: CaseFile, question: Question, own: TopQuestion): Promise<Answer> {
  const {what, claimed = false} = own
  const given: GivenList | undefined = own.list
  const name = what === 'ips' && claimed ? 'claimed-ips' : what
  const ranking = rankings[name]
  const isAddresses = what === 'ips'
  const added = isAddresses ? addressMarks(claimed ? 'claimed_ip' : 'client_ip', given) : ranking.added
  const {forPeople, limit} = question
  const withoutSystem = forPeople && !question.includeSystem && given === undefined
  const noise = withoutSystem ? await readSystemNoise(caseFile, question) : undefined
  const common = {...commonParameters(question), system: noise?.keys ?? null}
  // What stands out may stand beyond the limit: then all rows are read, and the rest is not kept.
  const readsAll = forPeople || given !== undefined
  // Before the rows: another query would end their stream.
  const reach = await readReach(caseFile, question, {what: 'a request', never: 'verbs'})
  const extended = await extendedRows(
    caseFile,
    ranking.query,
    {...common, ...(readsAll ? {limit: null} : limitParameter(question))},
    added,
  )
  const {columns} = extended
  const filters = filtersInForce(question, {
    what,
    claimed: claimed ? true : undefined,
    list: given?.name,
    list_entries: given?.list.size,
  })
  const warnings = [...(given === undefined ? [] : listWarnings(given)), ...windowWarnings(question), ...reach.warnings]
  const answer = {command: 'top', caseFile: caseFile.path, filters, columns}
  if (!readsAll) return {...answer, rows: extended.rows, warnings}

  const tally = await readTally(extended, ranking, limit)
  const listed = tally.listed.map((row) => ranking.subject(row) ?? '')
  const list =
    given === undefined
      ? null
      : listText(
          given,
          tally.subjects,
          tally.listed.map(
            (row, i) =>
              `${listed[i] ?? ''} (line ${textOf(row['list_line']) ?? ''}: ${textOf(row['list_entry']) ?? ''}; ${counted(Number(row['requests']), 'request')})`,
          ),
        )
  const rows = [tally.cells]
  if (!forPeople) return {...answer, rows, warnings: [...(list === null ? [] : [list]), ...warnings]}

  const leftOut =
    noise === undefined
      ? []
      : await caseFile.all<{user_name: string; requests: number}>(queryFile('top-left-out'), common)
  return {
    ...answer,
    rows,
    warnings,
    report: topReport({
      name,
      ranking,
      tally,
      list,
      warnings,
      leftOut: leftOutTexts(
        new Map(leftOut.map((row) => [row.user_name, row.requests])),
        tally.rows - tally.shown.length,
      ),
      facts: [
        ...(isAddresses && !claimed ? await addressFacts(caseFile, question) : []),
        ...(noise?.unusual ?? []),
        searchedText(question),
        ...reach.facts,
      ],
    }),
  }
}
