import {builtInOfWord, type ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Answer, Plain} from '../../output/answer.ts'
import {commonParameters, filtersInForce, windowWarnings, type Question} from '../question.ts'
import {readReach} from '../reach/reach.ts'
import {findCandidates, type Candidate, type CandidatePage, type ReadPage, type Terms} from './candidates.ts'
import {withContext} from './context.ts'
import {hitColumns, HitFinder, hitRow, type ContextRecord, type Hit} from './hits.ts'
import {readEvents, readOtherTexts} from './records.ts'
import {searchReport} from './report.ts'
import {distinctTerms} from './terms.ts'
import {TextScanner} from './text-scanner.ts'
import {searchWarnings} from './warnings.ts'

/** What is searched for, and how. */
export interface SearchQuestion {
  readonly terms: readonly string[]
  readonly ignoreCase?: boolean | undefined
  /** Only in fields of this path; `*` stands for any characters. */
  readonly field?: string | undefined
  /** So many requests of the same identity before and after each hit. */
  readonly context?: number | undefined
}

/** Up to so many events, and so much text, an answer without a limit is worked out before its first row is written. */
const mostAtOnce = 5000
const mostCharactersAtOnce = 64_000_000
/** How often terms without a hit are looked for by themselves, beyond the rows that are shown. */
const mostRounds = 8
const roundSize = 200
/** What was found by the time the first row is written. */
interface Found {
  readonly hits: readonly Hit[]
  /** Events that were looked into. */
  readonly searched: number
  readonly total: number
  readonly isComplete: boolean
}

async function hitsAmong(
  caseFile: CaseFile,
  finder: HitFinder,
  candidates: readonly Candidate[],
  enough: number,
): Promise<{readonly hits: Hit[]; readonly searched: number}> {
  const hits: Hit[] = []
  let searched = 0
  for await (const records of readEvents(caseFile, candidates))
    for (const record of records) {
      searched++
      hits.push(...finder.hitsOf(record))
      if (hits.length >= enough) return {hits, searched}
    }
  return {hits, searched}
}

/** Hits up to the limit, page by page: what may hold a term need not. */
async function hitsUpTo(
  caseFile: CaseFile,
  finder: HitFinder,
  readPage: ReadPage,
  first: CandidatePage,
  limit: number,
): Promise<Found> {
  const hits: Hit[] = []
  let searched = 0
  let page = first
  while (page.candidates.length > 0 && hits.length < limit) {
    const part = await hitsAmong(caseFile, finder, page.candidates, limit - hits.length)
    hits.push(...part.hits)
    searched += part.searched
    if (hits.length >= limit || searched >= first.total) break
    page = await readPage(searched, 10 * mostAtOnce)
  }
  return {hits, searched, total: first.total, isComplete: searched >= first.total}
}

/** Which of the terms without a hit so far stand anywhere: each round is asked for those alone that are still without. */
async function termsNotFound(
  caseFile: CaseFile,
  terms: Terms,
  filters: Parameters,
  found: Found,
  field: string | undefined,
): Promise<{readonly absent: readonly string[]; readonly unknown: readonly string[]}> {
  const seen = new Set(found.hits.map(({term}) => term))
  let missing = terms.terms.filter((term) => !seen.has(term))
  if (found.isComplete) return {absent: missing, unknown: []}
  for (let round = 0; round < mostRounds && missing.length > 0; round++) {
    const own = {...terms, terms: missing}
    const {candidates, total} = await (await findCandidates(caseFile, own, filters))(0, roundSize)
    const {hits, searched} = await hitsAmong(caseFile, new HitFinder(own, field), candidates, Infinity)
    for (const {term} of hits) seen.add(term)
    missing = missing.filter((term) => !seen.has(term))
    if (searched >= total) return {absent: missing, unknown: []}
    if (hits.length === 0) break
  }
  return {absent: [], unknown: missing}
}

/** Copies and rejects that hold a term. Of a reject nothing but its text is known. */
async function otherHits(
  caseFile: CaseFile,
  terms: Terms,
  finder: HitFinder,
  filters: Parameters,
): Promise<{readonly copies: readonly Hit[]; readonly rejects: readonly Hit[]}> {
  const scanner = new TextScanner(terms.terms, terms.ignoreCase)
  const copies: Hit[] = []
  const rejects: Hit[] = []
  for await (const record of readOtherTexts(caseFile, filters))
    if (scanner.mayHold(record.raw)) (record.kind === 'reject' ? rejects : copies).push(...finder.hitsOf(record))
  return {copies, rejects}
}

/** Built-in types that terms name in full, alone or as a part of a path: `Event`, `events`, `/api/v1/namespaces/prod/events`. */
function typesNamed(terms: readonly string[]): ResourceType[] {
  return terms
    .flatMap((term) => (/\s/.test(term) ? [] : term.split(/[/:=?"]/)))
    .flatMap((word) => {
      const type = builtInOfWord(word)
      return type?.resource.startsWith(word.toLowerCase()) === true && word.length > 4 ? [type] : []
    })
}

/**
 * Searches the text of every event, of copies that read differently and of rejects for terms: as they are, escaped as
 * JSON, percent- and form-encoded (twice too) and in base64. A row an event and term; nothing is left out as noise. Every
 * hit is verified in the decoded text.
 *
 * @throws TermError where there is nothing to search for
 */
export async function search(caseFile: CaseFile, question: Question, asked: SearchQuestion): Promise<Answer> {
  const {ignoreCase = false, field, context = 0} = asked
  const terms: Terms = {terms: distinctTerms(asked.terms), ignoreCase}
  const finder = new HitFinder(terms, field)
  const filters = commonParameters(question)
  const {limit} = question
  const hasContext = context > 0
  const readPage = await findCandidates(caseFile, terms, filters)
  const first = await readPage(0, limit === 0 ? null : Math.max(2 * limit, roundSize))
  const size = first.candidates.reduce((sum, candidate) => sum + candidate.size, 0)
  const isSmall = limit > 0 || question.forPeople || (first.total <= mostAtOnce && size <= mostCharactersAtOnce)
  const isStream = !isSmall && !hasContext

  const head = first.candidates.slice(0, isStream ? roundSize : undefined)
  const enough = limit === 0 ? (isSmall || isStream ? Infinity : mostAtOnce) : limit
  const found = await hitsUpTo(caseFile, finder, readPage, {...first, candidates: head}, isStream ? 1 : enough)
  const {absent, unknown} =
    isStream && terms.terms.length === 1
      ? {absent: [], unknown: []}
      : await termsNotFound(caseFile, terms, filters, found, field)
  const {copies, rejects} = await otherHits(caseFile, terms, finder, filters)
  const {namespace, user, cluster} = question.filters
  const isFiltered = [namespace, user, cluster, question.window.since, question.window.until].some(
    (value) => value !== undefined && value !== null,
  )
  const others = [...copies, ...(isFiltered ? [] : rejects)]
  const elsewhere = new Set(others.map(({term}) => term))
  const notFound = absent.filter((term) => !elsewhere.has(term))
  const shown = [...found.hits, ...others].slice(0, limit === 0 ? undefined : limit)
  const beyond = found.total - found.searched

  const reach = await readReach(caseFile, question, {what: 'what was written', never: typesNamed(terms.terms)})
  const warnings = [
    ...searchWarnings({terms: terms.terms, notFound, unknown, copies, rejects, isFiltered}),
    ...(hasContext && enough === mostAtOnce && !found.isComplete
      ? [`With --context, no more than ${mostAtOnce.toLocaleString('en-US')} rows: narrow the search to see the rest.`]
      : []),
    ...windowWarnings(question),
    ...reach.warnings,
  ]

  const columns = hitColumns(hasContext)
  const rowsOf = (all: readonly (Hit | ContextRecord)[]): Plain[][] => all.map((each) => hitRow(each, hasContext))
  const around = hasContext ? await withContext(caseFile, shown, context) : shown
  const rows = async function* (): AsyncGenerator<Plain[][]> {
    if (!isStream) {
      yield rowsOf(around)
      return
    }
    for await (const records of readEvents(caseFile, first.candidates))
      yield rowsOf(records.flatMap((record) => finder.hitsOf(record)))
    yield rowsOf(others)
  }
  return {
    command: 'search',
    caseFile: caseFile.path,
    filters: filtersInForce(question, {
      terms: [...terms.terms],
      ignore_case: ignoreCase ? true : undefined,
      field,
      context: hasContext ? context : undefined,
    }),
    columns,
    rows: rows(),
    warnings,
    ...(!question.forPeople
      ? {}
      : {
          report: searchReport({
            question,
            terms,
            field,
            context,
            rows: around,
            beyond,
            isComplete: found.isComplete,
            warnings,
            reach,
          }),
        }),
  }
}
