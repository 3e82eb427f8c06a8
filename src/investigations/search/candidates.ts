import type {CaseFile, Parameters} from '../../case/case-file.ts'
import {plainText} from '../../output/answer.ts'
import {queryFile} from '../query-file.ts'
import {encodedPattern, foldedPattern, needlesOf} from './needles.ts'
import {TextScanner} from './text-scanner.ts'

/** What is searched for. */
export interface Terms {
  readonly terms: readonly string[]
  readonly ignoreCase: boolean
}

/** An event that may hold a term. */
export interface Candidate {
  readonly event_id: number
  /** Characters of its text. */
  readonly size: number
}

/** Events that may hold a term, oldest first, and how many there are in all. */
export interface CandidatePage {
  readonly candidates: readonly Candidate[]
  readonly total: number
}

/** Reads a page of the events that may hold a term; `limit` NULL is all that are left. */
export type ReadPage = (skip: number, limit: number | null) => Promise<CandidatePage>

/** Up to so many pieces DuckDB searches faster one by one than all of them are scanned for here. */
const mostPieces = 32
/** Case is ignored by a pattern; of more alternatives than this its automaton may outgrow its memory. */
const mostFolded = 48
/** Longer terms make patterns that RE2 refuses. */
const mostCharacters = 1000

interface PageRow extends Candidate {
  readonly candidates: number
}

function pageReader(caseFile: CaseFile, query: string, parameters: Parameters): ReadPage {
  return async (skip, limit) => {
    const rows = await caseFile.all<PageRow>(queryFile(query), {...parameters, skip, limit})
    return {candidates: rows, total: rows[0]?.candidates ?? 0}
  }
}

/** Ids of all events that may hold a term: of many terms, in one pass over every text. */
async function scannedIds(caseFile: CaseFile, filters: Parameters, scanner: TextScanner): Promise<string[]> {
  const ids: string[] = []
  const {batches} = await caseFile.stream(queryFile('search-texts'), filters)
  for await (const batch of batches)
    for (const [id, raw] of batch) if (typeof raw === 'string' && scanner.mayHold(raw)) ids.push(plainText(id))
  return ids
}

/**
 * Finds the events whose text may hold a term in any form. DuckDB looks for few terms, which takes about as long as to
 * unpack the texts; for many they are scanned in this process.
 */
export async function findCandidates(
  caseFile: CaseFile,
  {terms, ignoreCase}: Terms,
  filters: Parameters,
): Promise<ReadPage> {
  const needles = terms.map((term) => needlesOf(term, ignoreCase))
  const texts = needles.flatMap((each) => each.texts)
  const base64 = needles.flatMap((each) => each.base64)
  const characters = terms.reduce((sum, term) => sum + term.length, 0)
  if (texts.length + base64.length <= (ignoreCase ? mostFolded : mostPieces) && characters <= mostCharacters)
    return pageReader(caseFile, 'search-candidates', {
      ...filters,
      needles: ignoreCase ? [] : [...texts, ...base64],
      folded: ignoreCase ? foldedPattern(texts, base64) : null,
      encoded: encodedPattern(terms, ignoreCase),
    })
  const ids = await scannedIds(caseFile, filters, new TextScanner(terms, ignoreCase))
  return pageReader(caseFile, 'search-order', {ids})
}
