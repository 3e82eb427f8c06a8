import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {CaseFile} from '../case/case-file.ts'
import type {KeptText} from '../load/needs.ts'
import {currentCustody} from './custody.ts'
import {interruptSignal} from './interrupt.ts'
import {inputNotes} from './load-summary.ts'
import {progressLine} from './progress.ts'

/** What a question is put to, until it is closed. */
export interface Evidence {
  readonly caseFile: CaseFile
  /** What the reading of logs came to that the answer has to say; sentences. */
  readonly warnings: readonly string[]
  /** Does the asking; ends early where the user interrupts it. */
  readonly during: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly close: () => Promise<void>
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
 * @param text Of which events the question reads the text; other text of logs is not kept.
 * @throws CaseError where there is no case, or it cannot be read; MissingPathError where a log is not there.
 */
export async function openEvidence(
  choice: EvidenceChoice,
  {toolVersion, text}: {readonly toolVersion: string; readonly text: KeptText},
): Promise<Evidence> {
  if (choice.logs !== undefined) return openLogs(choice.logs, choice['trusted-proxy'] ?? [], toolVersion, text)
  const {openCase} = await import('../case/case-file.ts')
  const caseFile = await openCase(choice.case)
  return {
    caseFile,
    warnings: [],
    during: (work) => work(),
    close: () => {
      caseFile.close()
      return Promise.resolve()
    },
  }
}

/** A folder that only this user can look into, and that is removed however the process ends, short of SIGKILL. */
function temporaryFolder(): {readonly path: string; readonly remove: () => void} {
  const path = mkdtempSync(join(tmpdir(), 'k8saudit-logs-'))
  const removeQuietly = (): void => {
    try {
      rmSync(path, {recursive: true, force: true})
    } catch {
      // The end of the process is no place for an error; what is left is private.
    }
  }
  process.on('exit', removeQuietly)
  return {
    path,
    remove: () => {
      removeQuietly()
      process.off('exit', removeQuietly)
    },
  }
}

async function openLogs(
  paths: readonly string[],
  trustedProxies: readonly string[],
  toolVersion: string,
  text: KeptText,
): Promise<Evidence> {
  const {loadLogs} = await import('../load/load-logs.ts')
  const folder = temporaryFolder()
  const {signal, release} = interruptSignal(folder.remove)
  const progress = progressLine()
  try {
    const {caseFile, report} = await loadLogs({
      paths,
      cluster: null,
      trustedProxies,
      custody: currentCustody(toolVersion),
      onProgress: progress.show,
      signal,
      folder: folder.path,
      text,
    })
    progress.clear()
    for (const note of inputNotes(report)) process.stderr.write(`${note}\n`)
    return {
      caseFile,
      warnings:
        report.newEvents === 0 && report.duplicates === 0 ? ['Nothing that was given holds an audit event.'] : [],
      during: (work) => untilAborted(signal, work, () => caseFile.interrupt()),
      close: () => {
        caseFile.close()
        folder.remove()
        release()
        return Promise.resolve()
      },
    }
  } catch (error) {
    folder.remove()
    release()
    throw error
  } finally {
    progress.clear()
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
