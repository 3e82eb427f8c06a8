import type {AuditEvent} from '../audit-event.ts'

/** An event as an API server wrote it: a line of JSON, and the same parsed. */
export interface WrittenEvent {
  readonly text: string
  readonly event: AuditEvent
}

/** Where an event stands in what a shape made of it, and which text `events.raw` must hold for it. */
export interface Place {
  /** The 1-based line at which the outermost JSON value around the event starts, or its line where that is the record. */
  readonly recordLine: number
  /** The line at which the innermost object of a list starts that holds the event; `recordLine` where there is no list. */
  readonly itemLine: number
  readonly raw: string
}

/** Events in an envelope. */
export interface Shaped {
  readonly bytes: Buffer
  /** For each event, in the order in which they were given. */
  readonly places: readonly Place[]
  /** Records that the envelope adds and that are known to be no audit events: control messages, klog lines, other categories. */
  readonly skipped: number
  /** Records that it adds and that are text of a person or a program: headings. Skipped or rejected. */
  readonly strays: number
}

/** An envelope in which audit logs arrive. */
export interface Shape {
  readonly name: string
  /** What `sources.format` calls it. */
  readonly format: string
  /** Columns of `events` that the envelope cannot tell; none: it carries the whole event. */
  readonly loses: readonly string[]
  /**
   * What `events.raw` holds. `exact`: the text of the event, byte by byte. `equal`: JSON that is equal to it. `record`:
   * the whole record, because the event has no text of its own.
   */
  readonly raw: 'exact' | 'equal' | 'record'
  /** Name of the file, where the envelope is known by it or says something in it; with folders. */
  readonly fileName: string
  readonly cluster: string | null
  readonly apiserver: string | null
  /** Events that the envelope can carry; the others cannot get into it. */
  readonly accepts: (event: AuditEvent) => boolean
  readonly wrap: (events: readonly WrittenEvent[]) => Shaped
}

/** A shape that carries all events whole, as their own text, unless told otherwise. */
export function shape(
  given: Partial<Shape> & {readonly name: string; readonly format: string; readonly wrap: Shape['wrap']},
): Shape {
  return {
    loses: [],
    raw: 'exact',
    fileName: 'audit.log',
    cluster: null,
    apiserver: null,
    accepts: () => true,
    ...given,
  }
}

/** True where all of the event gets through. */
export const isWhole = (given: Shape): boolean => given.loses.length === 0

/** A text that grows, and knows its line. */
export class ShapeText {
  readonly #pieces: Buffer[] = []
  readonly #places: Place[] = []
  #line = 1
  #skipped = 0
  #strays = 0

  /** The line at which the next text starts. */
  get line(): number {
    return this.#line
  }

  add(text: string): this {
    return this.addBytes(Buffer.from(text))
  }

  addBytes(bytes: Buffer): this {
    this.#pieces.push(bytes)
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) this.#line++
    return this
  }

  /** Notes an event of the record that starts at `recordLine` (here), in a list at `itemLine`. */
  place(raw: string, recordLine = this.#line, itemLine = recordLine): this {
    this.#places.push({recordLine, itemLine, raw})
    return this
  }

  skipped(text: string): this {
    this.#skipped++
    return this.add(text)
  }

  stray(text: string): this {
    this.#strays++
    return this.add(text)
  }

  done(bytes = Buffer.concat(this.#pieces)): Shaped {
    return {bytes, places: this.#places, skipped: this.#skipped, strays: this.#strays}
  }
}

/** A line an event; `raw` is the text that stands for the event, its own unless told otherwise. */
export function lineEach(
  events: readonly WrittenEvent[],
  line: (event: WrittenEvent, nth: number) => string,
  raw: (event: WrittenEvent, nth: number) => string = ({text}) => text,
): Shaped {
  const made = new ShapeText()
  for (const [nth, event] of events.entries()) made.place(raw(event, nth)).add(`${line(event, nth)}\n`)
  return made.done()
}

export interface ListOptions {
  readonly open: string
  readonly close: string
  /** Between elements; every element stands behind a line feed and this many blanks where `pretty` says so. */
  readonly separator?: string
  readonly indent?: number
  readonly raw?: (event: WrittenEvent) => string
}

/** One JSON value with a list of elements, each around an event. */
export function listOf(
  made: ShapeText,
  events: readonly WrittenEvent[],
  element: (event: WrittenEvent, nth: number) => string,
  {open, close, separator = ',', indent, raw = ({text}) => text}: ListOptions,
): ShapeText {
  const recordLine = made.line
  made.add(open)
  for (const [nth, event] of events.entries()) {
    if (nth > 0) made.add(separator)
    if (indent !== undefined) made.add(`\n${' '.repeat(indent)}`)
    made.place(raw(event), recordLine, made.line)
    made.add(
      indent === undefined ? element(event, nth) : element(event, nth).replaceAll('\n', `\n${' '.repeat(indent)}`),
    )
  }
  return made.add(close)
}

/** The event without some of its fields, as text. */
export function without(event: AuditEvent, ...fields: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(Object.entries(event).filter(([field]) => !fields.includes(field))))
}

/** JSON as people print it. */
export const pretty = (value: unknown, indent: number | string = 2): string => JSON.stringify(value, null, indent)

/** The best instant of an event, as RFC 3339 with milliseconds; what an envelope takes for its own time. */
export function timeOf(event: AuditEvent): string {
  const {requestReceivedTimestamp, stageTimestamp, timestamp} = event
  const given = [stageTimestamp, requestReceivedTimestamp, timestamp].find((time) => typeof time === 'string')
  const at = new Date(String(given))
  return Number.isNaN(at.getTime()) ? '2026-03-01T10:15:22.000Z' : at.toISOString()
}

/** The same as milliseconds since 1970. */
export const millisOf = (event: AuditEvent): number => Date.parse(timeOf(event))

/** Events in groups, as batches of a webhook or a delivery stream come. */
export function inBatches(events: readonly WrittenEvent[], size: number): WrittenEvent[][] {
  return Array.from({length: Math.ceil(events.length / size)}, (_, nth) => events.slice(nth * size, (nth + 1) * size))
}

/** A cell of a CSV file, as RFC 4180 has it. */
export const csvCell = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** What a program that runs beside an API server writes. */
export const klogLine = 'I0301 10:15:22.123456       1 server.go:42] "Starting the API server" version="v1.32.0"'
