import type {Column, Plain} from '../../output/answer.ts'
import {column, instants} from '../report-blocks.ts'
import {matcherOf} from '../pattern.ts'
import type {Terms} from './candidates.ts'
import {finderOf, SearchedRecord, type Form, type Place} from './locate.ts'
import type {TextRecord} from './records.ts'
import {TextScanner} from './text-scanner.ts'

/** A term in a record. */
export interface Hit {
  readonly record: TextRecord
  readonly term: string
  /** The first field in which it stands, in the form that is nearest to what was typed. */
  readonly place: Place
  /** Every field in which it stands. */
  readonly fields: readonly string[]
}

const nearest: readonly Form[] = ['plain', 'json', 'url', 'base64']
/** Of more terms than this, those that a text may hold are told by one scan before each is looked for. */
const fewTerms = 8

/** Finds terms in records: each hit is verified in the decoded text, so that none is there by chance. */
export class HitFinder {
  readonly #finders
  readonly #isField: ((path: string | null) => boolean) | undefined
  readonly #scanner: TextScanner | undefined

  /** @param field only in fields of this path; `*` stands for any characters */
  constructor(terms: Terms, field: string | undefined) {
    this.#finders = terms.terms.map((term) => finderOf(term, terms.ignoreCase))
    this.#isField = field === undefined ? undefined : matcherOf(field)
    this.#scanner = terms.terms.length > fewTerms ? new TextScanner(terms.terms, terms.ignoreCase) : undefined
  }

  /** The terms of one record, in the order in which they were given. */
  hitsOf(record: TextRecord): Hit[] {
    const finders =
      this.#scanner === undefined
        ? this.#finders
        : this.#scanner.termsIn(record.raw).flatMap((place) => this.#finders[place] ?? [])
    if (finders.length === 0) return []
    const searched = new SearchedRecord(record.raw, record.eventJson)
    return finders.flatMap((finder) => {
      const places = searched.placesOf(finder).filter(({field}) => this.#isField?.(field) ?? true)
      const place = nearest.flatMap((form) => places.find(({how}) => how === form) ?? [])[0]
      return place === undefined ? [] : [{record, term: finder.term, place, fields: places.map(({field}) => field)}]
    })
  }
}

const shared = [
  'user_name',
  'effective_user',
  'verb',
  'namespace',
  'resource',
  'subresource',
  'name',
  'code',
  'client_ip',
  'stage',
  'audit_id',
  'evidence',
] as const

/** Columns of the data; `hit` only where requests around the hits were asked for. */
export function hitColumns(withContext: boolean): Column[] {
  return [
    instants('time'),
    column('term'),
    column('field'),
    column('how'),
    column('match'),
    ...shared.map((name) => column(name, name === 'code' ? 'INTEGER' : 'VARCHAR')),
    column('fields', 'VARCHAR[]'),
    column('user_agent'),
    column('cluster'),
    column('record'),
    ...(withContext ? [column('hit', 'BOOLEAN')] : []),
  ]
}

/** A hit as a row of the data, or a record around one: that has no term. */
export function hitRow({record, term, place, fields}: Hit | ContextRecord, withContext: boolean): Plain[] {
  const {row} = record
  return [
    row['time'] ?? null,
    term,
    place?.field ?? null,
    place?.how ?? null,
    place?.match ?? null,
    ...shared.map((name) => row[name] ?? null),
    [...fields],
    row['user_agent'] ?? null,
    row['cluster'] ?? null,
    record.kind,
    ...(withContext ? [term !== null] : []),
  ]
}

/** A request near a hit. */
export interface ContextRecord {
  readonly record: TextRecord
  readonly term: null
  readonly place: null
  readonly fields: readonly []
}
