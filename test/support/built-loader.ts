import {copyFileSync, existsSync} from 'node:fs'
import {join} from 'node:path'
import type {EvidenceNeeds} from '../../src/case/evidence-needs.ts'
import type {ChangeOptions, ChangedSource} from '../../src/load/change-sources.ts'
import type {LoadedLogs, LogsOptions} from '../../src/load/load-logs.ts'
import type {LoadOptions, LoadReport} from '../../src/load/load-case.ts'
import type {Custody} from '../../src/load/start-reading.ts'
import {newFolder} from './scratch.ts'

/**
 * The compiled loader, in this process: its reading thread is a worker, and Node cannot start one from TypeScript.
 * `npm test` builds before it runs anything.
 */
const built = async (path: string): Promise<Record<string, unknown>> =>
  (await import(/* @vite-ignore */ new URL(`../../dist/${path}`, import.meta.url).href)) as Record<string, unknown>

const {loadCase} = (await built('load/load-case.js')) as {loadCase: (options: LoadOptions) => Promise<LoadReport>}
const {loadLogs} = (await built('load/load-logs.js')) as {loadLogs: (options: LogsOptions) => Promise<LoadedLogs>}
const changes = (await built('load/change-sources.js')) as {
  removeSources: (options: ChangeOptions) => Promise<ChangedSource[]>
  labelSources: (
    options: ChangeOptions,
    labels: {readonly cluster?: string; readonly apiserver?: string},
  ) => Promise<ChangedSource[]>
}

/** Custody as a test gives it. */
export const testCustody: Custody = {
  toolVersion: '0.0.0-test',
  arguments: ['load'],
  workingDirectory: '/',
  host: 'test-host',
  osUser: 'tester',
}

/** Loads paths into a case with the compiled loader. */
export async function load(
  casePath: string,
  paths: readonly string[],
  options: Partial<LoadOptions> = {},
): Promise<LoadReport> {
  return loadCase({paths, casePath, cluster: null, trustedProxies: [], custody: testCustody, ...options})
}

/** Reads logs for a question with the compiled code; `folder` takes what does not fit into memory. */
export async function readLogs(
  folder: string,
  paths: readonly string[],
  needs: EvidenceNeeds,
  options: Partial<LogsOptions> = {},
): Promise<LoadedLogs> {
  return loadLogs({paths, cluster: null, trustedProxies: [], custody: testCustody, folder, needs, ...options})
}

/** Takes sources out with the compiled code. */
export async function remove(casePath: string, selectors: readonly string[]): Promise<ChangedSource[]> {
  return changes.removeSources({casePath, selectors, custody: testCustody})
}

/** Labels sources with the compiled code. */
export async function label(
  casePath: string,
  selectors: readonly string[],
  labels: {readonly cluster?: string; readonly apiserver?: string},
): Promise<ChangedSource[]> {
  return changes.labelSources({casePath, selectors, custody: testCustody}, labels)
}

/** Path of a case of this folder that is not there yet. */
export function caseIn(folder: string, name = 'case'): string {
  return join(folder, `${name}.duckdb`)
}

const blank = join(newFolder(), 'blank.duckdb')

/** Path of an empty case of this folder: copied, because making one takes longer than a small load. */
export async function emptyCaseIn(folder: string, name = 'case'): Promise<string> {
  if (!existsSync(blank)) await load(blank, [newFolder()])
  copyFileSync(blank, caseIn(folder, name))
  return caseIn(folder, name)
}
