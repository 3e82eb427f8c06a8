import type {CaseFile} from '../case/case-file.ts'
import {CaseWriter} from '../case/case-writer.ts'
import {findInputs, type FoundInputs} from './find-inputs.ts'
import {loadInto, type LoadReport, type ReadOptions} from './load-case.ts'
import type {KeptText} from './needs.ts'
import {addressMatcher} from './trusted-proxies.ts'

export interface LogsOptions extends ReadOptions {
  /** A private folder for what does not fit into memory; whoever made it removes it, after the case is closed. */
  readonly folder: string
  /** Of which events the question reads the text. */
  readonly text: KeptText
}

/** Logs that can be asked, until the case is closed. */
export interface LoadedLogs {
  readonly caseFile: CaseFile
  readonly report: LoadReport
}

const memoryLimit = '1GB'

/** Inputs of more bytes than this, as found, are not held in memory, where rows are not compressed. */
const inMemoryBytes = 2 ** 29

/**
 * Reads logs into a case that lasts only for a question.
 *
 * @throws MissingPathError, CidrError; the reason of `signal` once it is aborted
 */
export async function loadLogs(options: LogsOptions): Promise<LoadedLogs> {
  addressMatcher(options.trustedProxies)
  const found = await findInputs(options.paths)
  if (options.text === 'all') return readInto(found, options, 'all')
  // Standard input cannot be read a second time.
  if (found.inputs.some(({path}) => path === '-')) return readInto(found, options, 'all')
  const logs = await readInto(found, options, options.text)
  if (!(await dependsOnText(logs.caseFile))) return logs
  logs.caseFile.close()
  return readInto(found, options, 'all')
}

async function readInto(found: FoundInputs, options: LogsOptions, text: KeptText): Promise<LoadedLogs> {
  const bytes = found.inputs.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
  const writer = await CaseWriter.openTemporary(options.folder, {
    toolVersion: options.custody.toolVersion,
    memoryLimit: options.memoryLimit ?? memoryLimit,
    onDisk: text === 'all' || bytes > inMemoryBytes,
  })
  try {
    const report = await loadInto(writer, found, options, text)
    options.signal?.throwIfAborted()
    return {caseFile: await writer.intoQuestions(), report}
  } catch (error) {
    writer.close()
    throw error
  }
}

/** True where a torn last line may stand whole in another source: that is told by its text. */
async function dependsOnText(caseFile: CaseFile): Promise<boolean> {
  const [row] = await caseFile.all<{torn: boolean; sources: number}>(
    "SELECT EXISTS (FROM rejects WHERE reason = 'torn last line') AS torn, (SELECT count(*) FROM sources WHERE events > 0) AS sources",
  )
  return row?.torn === true && row.sources > 1
}
