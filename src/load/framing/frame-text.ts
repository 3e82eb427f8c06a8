import {lookAhead} from '../look-ahead.ts'
import {csvDelimiter, frameCsv} from './csv-records.ts'
import {frameRecords, type FrameOptions} from './frame-records.ts'
import type {FrameCounts} from './record-outlet.ts'
import {withLineFeeds, withoutMark} from './text-chunks.ts'

const lookedAt = 1 << 14

/** Cuts the text of a source into records, whatever its layout: a table by its rows, everything else by its lines and JSON values. */
export async function frameText(chunks: AsyncIterable<Buffer>, options: FrameOptions): Promise<FrameCounts> {
  const {head, all} = await lookAhead(withLineFeeds(withoutMark(chunks)), lookedAt)
  const delimiter = csvDelimiter(head)
  return delimiter === null ? frameRecords(all, options) : frameCsv(all, delimiter, options)
}
