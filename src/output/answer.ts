/** A value as every format can carry it: what JSON knows, instants already as RFC 3339 text in UTC with six digits. */
export type Plain = null | boolean | number | string | Plain[] | {[key: string]: Plain}

/** A column of an answer. `type` is DuckDB's own name of the type, such as `TIMESTAMP WITH TIME ZONE` or `VARCHAR[]`. */
export interface Column {
  readonly name: string
  readonly type: string
  /** Never cut in a table: what loses its meaning by it, such as an address. */
  readonly keep?: boolean
  /** Left out of a table before others where the terminal is narrow. */
  readonly spare?: boolean
  /** In a table, text that is longer than the column goes on in the next line instead of being cut. */
  readonly wrap?: boolean
}

/** Rows in batches, each row an array in the order of the columns. */
export type RowBatches = AsyncIterable<readonly Plain[][]> | Iterable<readonly Plain[][]>

/** A line of a {@link StripChart}. Times are in microseconds since 1970. */
export interface Strip {
  readonly label: string
  /** How many events lie between two times; they are spread evenly between them. */
  readonly pieces: readonly {readonly fromUs: number; readonly toUs: number; readonly events: number}[]
  /** What is marked as missing. */
  readonly gaps: readonly {readonly fromUs: number; readonly toUs: number}[]
}

/** How dense events are over time, a line for each of several things, as wide as the terminal. */
export interface StripChart {
  readonly kind: 'strips'
  readonly fromUs: number
  readonly toUs: number
  readonly strips: readonly Strip[]
}

/**
 * A piece of a report for people, in the order in which it is read. Tables and markdown print blocks; the data
 * formats (json, ndjson, csv) never do.
 */
export type ReportBlock =
  | {readonly kind: 'heading'; readonly text: string}
  /** A sentence or a paragraph; `tone` colours it on a terminal, where colour is on. */
  | {readonly kind: 'text'; readonly text: string; readonly tone?: 'verdict' | 'warning' | 'muted'}
  | {readonly kind: 'list'; readonly items: readonly string[]}
  /** Lines that keep their blanks and are not wrapped, such as JSON. */
  | {readonly kind: 'code'; readonly lines: readonly string[]}
  | {readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly Plain[])[]}
  | StripChart

/** How a row is told as an event of a timeline of many sources. */
export interface RowEvent {
  /** The column that holds the event's time. */
  readonly time: string
  /** What that time is the time of: `API request received`. */
  readonly description: string
  /** A row as a whole sentence. */
  readonly message: (row: readonly Plain[]) => string
}

/** What a command answers: the data, and for people the report about it. */
export interface Answer {
  /** The command as typed, without the binary's name: `who-deleted`, `sources`. */
  readonly command: string
  /** Path of the case file that was asked; NULL where the logs were asked directly. */
  readonly caseFile: string | null
  /** The filters in force, by name; absent ones are left out. */
  readonly filters: Readonly<Record<string, Plain>>
  readonly columns: readonly Column[]
  readonly rows: RowBatches
  /** Whole sentences: what the answer rests on that is missing. Part of `-o json`; the caller prints them otherwise. */
  readonly warnings: readonly string[]
  /**
   * The report for `table` and `markdown`. Without it, both print the rows as one table. `wide` always prints the rows
   * with every column, then the blocks that are no table.
   */
  readonly report?: readonly ReportBlock[]
  /**
   * In place of a report where the answer is itself a file for other programs: `table`, `wide` and `markdown` print it,
   * and warnings go to standard error. Everything in it that is not printable is escaped, in its own way.
   */
  readonly document?: string
  /** For the formats of Timesketch, which an answer without it cannot be written in. */
  readonly event?: RowEvent
  /** The zone in which reports tell times; UTC without it. Data are in UTC always. */
  readonly timeZone?: string
}

export const outputFormats = ['table', 'wide', 'json', 'ndjson', 'csv', 'markdown'] as const
/** Formats of commands whose rows are events. */
export const timesketchFormats = ['timesketch', 'timesketch-csv'] as const
export type OutputFormat = (typeof outputFormats)[number] | (typeof timesketchFormats)[number]

/** True for the formats that are reports for people; the others carry the data alone, and all of it. */
export function isReport(format: OutputFormat): boolean {
  return format === 'table' || format === 'wide' || format === 'markdown'
}

/** A value in words, for sentences: text as it is, nothing for NULL, the rest as JSON. */
export function plainText(value: Plain | undefined): string {
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)
}
