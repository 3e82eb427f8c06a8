import {openCase} from '../../../src/case/case-file.ts'
import {timeline} from '../../../src/investigations/timeline/timeline.ts'
import type {TimelineFilters} from '../../../src/investigations/timeline/filters.ts'
import type {Question} from '../../../src/investigations/question.ts'
import {readWindow} from '../../../src/investigations/window.ts'
import type {Answer, Plain} from '../../../src/output/answer.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

type Row = Record<string, Plain>

/** What is asked, flags and filters alike. */
export interface Asked extends TimelineFilters {
  readonly namespace?: string
  readonly user?: string
  readonly cluster?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly forPeople?: boolean
  readonly includeSystem?: boolean
  readonly fold?: boolean
}

/** An answer, read to its end. */
export interface Asking {
  readonly answer: Answer
  readonly rows: readonly Row[]
  readonly summaries: readonly Plain[]
  readonly report: string
}

let nth = 0

/** An event so many seconds after ten o'clock; each has an audit ID of its own. */
export function at(seconds: number, changes: AuditEvent = {}): AuditEvent {
  const time = new Date(Date.UTC(2026, 2, 1, 10) + seconds * 1000).toISOString().replace('Z', '000Z')
  const auditID = `id-${String(nth++).padStart(6, '0')}`
  return auditEvent({auditID, requestReceivedTimestamp: time, stageTimestamp: time, ...changes})
}

/** Who authenticated. */
export function as(username: string): AuditEvent {
  return {user: {username, groups: []}}
}

/** What a request is on. */
export function on(resource: string, name: string | undefined, apiGroup?: string, namespace = 'prod'): AuditEvent {
  return {
    objectRef: {
      resource,
      namespace,
      apiVersion: 'v1',
      ...(name === undefined ? {} : {name}),
      ...(apiGroup === undefined ? {} : {apiGroup}),
    },
    requestURI: `/${apiGroup ?? 'api'}/v1/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`,
  }
}

/** How it was answered. */
export function answered(code: number, message?: string): AuditEvent {
  return {responseStatus: {metadata: {}, code, ...(message === undefined ? {} : {message, status: 'Failure'})}}
}

/** A case that holds these logs. */
export async function caseWith(...logs: readonly (readonly AuditEvent[])[]): Promise<string> {
  const folder = newFolder()
  const path = await emptyCaseIn(folder)
  await load(
    path,
    logs.map((log, i) => writeInto(folder, `audit-${i}.log`, logText(log))),
  )
  return path
}

/** Asks a case for a timeline. */
export async function ask(path: string, asked: Asked = {}): Promise<Asking> {
  const {namespace, user, cluster, since, until, limit = 0, forPeople = false, includeSystem = false} = asked
  const caseFile = await openCase(path)
  try {
    const question: Question = {
      filters: {namespace, user, cluster},
      window: await readWindow(caseFile, {since, until, cluster, timeZone: 'UTC'}),
      includeSystem,
      limit,
      forPeople,
      timeZone: 'UTC',
    }
    const answer = await timeline(caseFile, question, asked, {fold: asked.fold ?? true})
    const rows: Row[] = []
    for await (const batch of answer.rows)
      for (const row of batch) rows.push(Object.fromEntries(answer.columns.map(({name}, i) => [name, row[i] ?? null])))
    return {answer, rows, summaries: rows.map((row) => row['summary'] ?? null), report: JSON.stringify(answer.report)}
  } finally {
    caseFile.close()
  }
}

/** A report for people. */
export const people = {forPeople: true, limit: 100} as const
