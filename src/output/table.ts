import type {Column, Plain} from './answer.ts'
import {cellText} from './cell-text.ts'
import {isInstant, isNumeric, isTemporal} from './column-kind.ts'
import {shownInstant} from './instants.ts'
import type {ReadonlyBatches} from './row-pieces.ts'
import {cut, displayWidth, visible} from './sanitise.ts'
import {chooseColumns, fitWidths, gapWidth} from './table-widths.ts'
import {paint} from './tone.ts'
import {wrapCell, wrapText} from './wrap-text.ts'

/** How text for a terminal is laid out. */
export interface TerminalOptions {
  /** Columns of the terminal; without it, lines are as long as they need to be. */
  readonly width?: number | undefined
  /** The zone of times; UTC without it. */
  readonly timeZone?: string | undefined
  /** Whether times are written with all their digits also where the width is limited. */
  readonly precise?: boolean | undefined
  /** Whether to use colour; without it, the output holds no escape sequence. */
  readonly colour?: boolean | undefined
  /** Whether charts are drawn in ASCII, for terminals without UTF-8. */
  readonly ascii?: boolean | undefined
}

/**
 * Widths are worked out for so many rows, or so much text, at a time and may only grow after it: memory stays bounded,
 * and an answer of ordinary size looks like one table.
 */
const chunkRows = 10_000
const chunkLength = 16 * 1024 * 1024
/** cli-table3 takes the square of the rows it is given. */
const sliceRows = 50
const leastWidth = 8
/** Text that wraps in less than this is no longer read as text. */
const leastWrapped = 16
/** A column that is not to be cut gets so much at most: the longest name of an object, or address, that is honest. */
const mostKept = 63
/** Lines that a cell of a column that wraps may take. */
const mostLines = 8
/** Where nothing is cut, a cell wider than this moves the rest of its row instead of widening its column on every row. */
const widestColumn = 200
const plainCell = /^[\x20-\x7e]*$/
const standIn = '\ue000'
const gap = ' '.repeat(gapWidth)

const around = {top: '', 'top-left': '', 'top-mid': '', 'top-right': '', left: '', right: ''}
const below = {bottom: '', 'bottom-left': '', 'bottom-mid': '', 'bottom-right': ''}
const between = {middle: gap, mid: '─', 'left-mid': '', 'mid-mid': gap, 'right-mid': ''}
const chars = {...around, ...below, ...between}

/** A value as a cell. Of text far longer than a cell can show only the beginning is looked at. */
function shownText(value: Plain, width: number, instant: InstantOptions | undefined): string {
  if (instant !== undefined && typeof value === 'string') return shownInstant(value, instant)
  if (width === Infinity) return cellText(value)
  const longest = 16 * width
  if (typeof value === 'string' && value.length > longest) return cut(`${visible(value.slice(0, longest))}…`, width)
  return cut(cellText(value), width)
}

/** How instants are written: to the second where space is short, with all their digits where nothing is cut. */
interface InstantOptions {
  readonly timeZone: string | undefined
  readonly precise: boolean
}

async function* textChunks(
  columns: readonly Column[],
  rows: ReadonlyBatches,
  width: number,
  instant: InstantOptions,
): AsyncGenerator<string[][]> {
  const instants = columns.map((column) => (isInstant(column) ? instant : undefined))
  let chunk: string[][] = []
  let length = 0
  for await (const batch of rows) {
    for (const row of batch) {
      const texts = columns.map((column, i) =>
        shownText(row[i] ?? null, column.wrap === true ? width * mostLines : width, instants[i]),
      )
      chunk.push(texts)
      for (const text of texts) length += text.length
      if (chunk.length < chunkRows && length < chunkLength) continue
      yield chunk
      chunk = []
      length = 0
    }
  }
  if (chunk.length > 0) yield chunk
}

async function drawLines(
  columns: readonly Column[],
  widths: readonly number[],
  rows: string[][],
  head: string[],
): Promise<string[]> {
  const {default: Table} = await import('cli-table3')
  // cli-table3 counts columns by older rules than ours, and cuts what it deems too wide. So it lays out a stand-in of the
  // right width for each cell that is not plain, and the cell takes its place afterwards.
  const cells: string[] = []
  const laidOut = (row: string[]) =>
    row.map((text, i) => {
      const width = widths[i] ?? 0
      if (plainCell.test(text) && text.length <= width) return text
      cells.push(text)
      return standIn.repeat(Math.min(displayWidth(text), width))
    })
  const colAligns = columns.map((column) => (isNumeric(column) ? ('right' as const) : ('left' as const)))
  const style = {head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true}
  const table = new Table({head: laidOut(head), colWidths: [...widths], colAligns, chars, style})
  table.push(...rows.map(laidOut))
  const lines = table.toString().split('\n')
  let next = 0
  return lines.map((line) => line.trimEnd().replaceAll(/\ue000+/g, () => cells[next++] ?? ''))
}

/**
 * Rows as a table with a header and a rule. Where a width is given the table fits into it: the widest columns are cut
 * first, instants and what is to be kept never, and columns for which there is no room are left out, which a last line
 * then says.
 */
export async function* drawTable(
  columns: readonly Column[],
  rows: ReadonlyBatches,
  {width = Infinity, colour = false, timeZone, precise = width === Infinity}: TerminalOptions = {},
): AsyncGenerator<string> {
  const head = columns.map(({name}) => visible(name))
  const natural = head.map(displayWidth)
  const limit = width === Infinity ? widestColumn : width
  let shown: number[] | undefined
  for await (const chunk of textChunks(columns, rows, width, {timeZone, precise})) {
    for (const row of chunk)
      for (const [i, text] of row.entries()) natural[i] = Math.max(natural[i] ?? 0, displayWidth(text))
    const needs = columns.map((column, i) => {
      const need = Math.max(Math.min(natural[i] ?? 0, limit), 1)
      const least = isTemporal(column)
        ? need
        : Math.min(need, column.keep === true ? mostKept : column.wrap === true ? leastWrapped : leastWidth)
      return {natural: need, minimum: least, spare: column.spare}
    })
    const isFirst = shown === undefined
    shown ??= chooseColumns(needs, width)
    const places = shown
    const widths = fitWidths(
      places.map((i) => needs[i] as (typeof needs)[number]),
      width,
    )
    const fitted = (row: string[]): string[] =>
      places.map((i, nth) => (width === Infinity ? (row[i] ?? '') : cut(row[i] ?? '', widths[nth] ?? 0)))
    const wrapped = (row: string[]): string[][] => {
      if (width === Infinity || !places.some((i) => columns[i]?.wrap === true)) return [fitted(row)]
      const cells = places.map((i, nth) => {
        const cellWidth = widths[nth] ?? 0
        return columns[i]?.wrap === true ? wrapCell(row[i] ?? '', cellWidth, mostLines) : [cut(row[i] ?? '', cellWidth)]
      })
      const height = Math.max(...cells.map((lines) => lines.length))
      return Array.from({length: height}, (_, line) => cells.map((lines) => lines[line] ?? ''))
    }
    const drawn = places.map((i) => columns[i] as Column)
    for (let start = 0; start < chunk.length; start += sliceRows) {
      const withHead = isFirst && start === 0
      const lines = await drawLines(
        drawn,
        widths,
        chunk.slice(start, start + sliceRows).flatMap(wrapped),
        withHead ? fitted(head) : [],
      )
      if (withHead) lines[0] = paint(lines[0] ?? '', 'heading', colour)
      yield `${lines.join('\n')}\n`
    }
  }
  const places = shown
  if (places === undefined) yield 'No rows.\n'
  else if (places.length < columns.length) {
    const without = head.filter((_, i) => !places.includes(i))
    const names =
      without.length > 6 ? `${without.slice(0, 5).join(', ')} and ${without.length - 5} more` : without.join(', ')
    const note = `No room for ${without.length} of ${columns.length} columns (${names}): -o wide shows every column.`
    yield `${wrapText(note, width)}\n`
  }
}
