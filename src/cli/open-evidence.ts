import type {CaseFile} from '../case/case-file.ts'
import type {LoadedLogs} from '../load/load-logs.ts'
import {BeyondScopeError, widened, type EvidenceNeeds} from '../case/evidence-needs.ts'
import {privateFolder} from '../files/private-folder.ts'
import {currentCustody} from './custody.ts'
import {interruptSignal} from './interrupt.ts'
import {inputNotes} from './load-summary.ts'
import {progressLine} from './progress.ts'

/** What a question is put to, until it is closed. */
export interface Evidence {
  /** What the reading of logs came to that the answer has to say; sentences. */
  readonly warnings: readonly string[]
  /**
   * Puts a question. Ends early where the user interrupts it. Where the question needs more of the logs than was said,
   * they are read again and it is put once more: by then it must not have printed anything.
   */
  readonly ask: <Result>(question: (caseFile: CaseFile) => Promise<Result>) => Promise<Result>
  readonly close: () => void
}

/** Where the evidence is: a case, or logs that are asked directly. */
export interface EvidenceChoice {
  readonly case: string
  readonly logs?: readonly string[] | undefined
  readonly 'trusted-proxy'?: readonly string[] | undefined
}

/**
 * Opens what a question is put to: the case, or the logs named, read into a case that is gone afterwards.
 *
 * @param needs What the question reads of the events; the rest of logs is not kept.
 * @throws CaseError where there is no case, or it cannot be read; MissingPathError where a log is not there.
 */
export async function openEvidence(
  choice: EvidenceChoice,
  {toolVersion, needs}: {readonly toolVersion: string; readonly needs: EvidenceNeeds},
): Promise<Evidence> {
  if (choice.logs !== undefined) return openLogs(choice.logs, choice['trusted-proxy'] ?? [], toolVersion, needs)
  const {openCase} = await import('../case/case-file.ts')
  const caseFile = await openCase(choice.case)
  return {
    warnings: [],
    ask: (question) => question(caseFile),
    close: () => caseFile.close(),
  }
}

async function openLogs(
  paths: readonly string[],
  trustedProxies: readonly string[],
  toolVersion: string,
  needs: EvidenceNeeds,
): Promise<Evidence> {
  const {loadLogs} = await import('../load/load-logs.ts')
  const folder = privateFolder()
  const {signal, release} = interruptSignal()
  const read = async (wanted: EvidenceNeeds): Promise<LoadedLogs> => {
    const progress = progressLine()
    try {
      return await loadLogs({
        paths,
        cluster: null,
        trustedProxies,
        custody: currentCustody(toolVersion),
        onProgress: progress.show,
        signal,
        folder: folder.path,
        needs: wanted,
      })
    } finally {
      progress.clear()
    }
  }
  let logs: LoadedLogs | null = null
  const close = (): void => {
    logs?.close()
    folder.remove()
    release()
  }
  const put = async <Result>(question: (caseFile: CaseFile) => Promise<Result>, loaded: LoadedLogs): Promise<Result> =>
    untilAborted(
      signal,
      () => question(loaded.caseFile),
      () => loaded.caseFile.interrupt(),
    )
  try {
    logs = await read(needs)
    const {report} = logs
    for (const note of inputNotes(report)) process.stderr.write(`${note}\n`)
    // Events that are only counted are no new ones: the time they span tells of them.
    const isEmpty = report.newEvents === 0 && report.duplicates === 0 && report.firstEventAt === null
    return {
      warnings: isEmpty ? ['Nothing that was given holds an audit event.'] : [],
      ask: async (question) => {
        for (let wanted = needs; ;) {
          try {
            logs ??= await read(wanted)
            return await put(question, logs)
          } catch (error) {
            if (!(error instanceof BeyondScopeError)) throw error
            wanted = widened(wanted, error)
            logs?.close()
            logs = null
          }
        }
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

const patienceMs = 2000

/** The work, or an AbortError as soon as the signal says so and the work has stopped (or does not stop). */
async function untilAborted<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
  stop: () => void,
): Promise<Result> {
  signal.throwIfAborted()
  const working = work()
  let waiting: NodeJS.Timeout | undefined
  const aborted = new Promise<never>((_, reject) => {
    const end = (): void => reject(signal.reason as Error)
    signal.addEventListener(
      'abort',
      () => {
        stop()
        working.then(end, end)
        waiting = setTimeout(end, patienceMs)
      },
      {once: true},
    )
  })
  try {
    return await Promise.race([working, aborted])
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : error
  } finally {
    clearTimeout(waiting)
  }
}
