import type {Plain} from '../../src/output/answer.ts'
import {emptyCaseIn, load} from './built-loader.ts'
import {ask} from './case-answers.ts'
import {newFolder, writeInto} from './scratch.ts'

/** What became of a text that was loaded as one file. */
export interface Loaded {
  readonly casePath: string
  /** Rows of `events`, by line, with the `format` and `salvaged` of their record. */
  readonly events: readonly Record<string, Plain>[]
  readonly rejects: readonly {readonly line: number; readonly reason: string; readonly raw: string}[]
  readonly source: Readonly<Record<string, Plain>>
}

/** Loads a text as a file of its own into a case of its own. */
export async function loadText(text: string | Uint8Array, name = 'audit.log'): Promise<Loaded> {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  await load(casePath, [writeInto(folder, name, text)])
  const [source] = await ask(casePath, 'SELECT * FROM sources')
  return {
    casePath,
    events: await ask(
      casePath,
      'SELECT e.*, r.format, r.salvaged FROM events AS e JOIN store.event_rows AS r USING (event_id) ORDER BY e.line, e.item',
    ),
    rejects: await ask(casePath, 'SELECT line, reason, raw FROM rejects ORDER BY line'),
    source: source ?? {},
  }
}

/** One event alone, which the text must give. */
export async function loadOne(text: string): Promise<Readonly<Record<string, Plain>>> {
  const {events, rejects} = await loadText(`${text}\n`)
  if (events.length !== 1) throw new Error(`${events.length} events; rejects: ${JSON.stringify(rejects)}`)
  return events[0] as Record<string, Plain>
}
