import {openCase, type CaseFile} from '../../../src/case/case-file.ts'
import type {Question} from '../../../src/investigations/question.ts'
import {secrets, type SecretsAsked} from '../../../src/investigations/secrets/secrets.ts'
import {readWindow} from '../../../src/investigations/window.ts'
import type {Answer, Plain} from '../../../src/output/answer.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

/** A request on secrets as a test writes it down. */
export interface TestRequest {
  /** Seconds since the log began. */
  readonly at: number
  readonly user?: string | null
  readonly as?: string
  readonly ip?: string
  readonly agent?: string
  readonly verb?: string
  /** `prod/db`, `prod/*` for all of a namespace, `*` for all of the cluster, `*`+`/db` for one name in all of it. */
  readonly on: string
  readonly query?: string
  readonly code?: number | null
  readonly request?: unknown
  readonly response?: unknown
  readonly changes?: AuditEvent
}

const began = Date.UTC(2026, 2, 1, 10)

/** The instant so many seconds into the log, as answers write it. */
export function instant(seconds: number): string {
  return new Date(began + seconds * 1000).toISOString().replace('Z', '000Z')
}

let nth = 0

/** The event of a request, at ResponseComplete. */
export function eventOf(request: TestRequest): AuditEvent {
  const {
    at,
    user = 'alice',
    as,
    ip = '10.0.0.1',
    agent = 'kubectl/v1.32.0',
    verb = 'get',
    on,
    query,
    code = 200,
  } = request
  const [namespace = '', name = '*'] = on === '*' ? ['*'] : on.split('/')
  const place = namespace === '*' ? '/api/v1/secrets' : `/api/v1/namespaces/${namespace}/secrets`
  nth++
  const hasBodies = request.request !== undefined || request.response !== undefined
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
    level: hasBodies ? 'RequestResponse' : 'Metadata',
    requestURI: `${place}${name === '*' || namespace === '*' ? '' : `/${name}`}${query === undefined ? '' : `?${query}`}`,
    verb,
    user: user === null ? {} : {username: user},
    ...(as === undefined ? {} : {impersonatedUser: {username: as}}),
    sourceIPs: [ip],
    userAgent: agent,
    objectRef: {
      resource: 'secrets',
      apiVersion: 'v1',
      ...(namespace === '*' ? {} : {namespace}),
      ...(name === '*' ? {} : {name}),
    },
    responseStatus: code === null ? undefined : {metadata: {}, code},
    requestReceivedTimestamp: instant(at),
    stageTimestamp: instant(at + 0.005),
    ...(request.request === undefined ? {} : {requestObject: request.request}),
    ...(request.response === undefined ? {} : {responseObject: request.response}),
    ...request.changes,
  })
}

export type Row = Record<string, Plain>

/** How a question is put, beside what it is about. */
export interface Put {
  readonly namespace?: string
  readonly user?: string
  readonly cluster?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly forPeople?: boolean
  readonly includeSystem?: boolean
}

/** An answer with its rows taken in. */
export interface Answered {
  readonly answer: Answer
  readonly rows: Row[]
  readonly names: string[]
  readonly report: string
}

/** A question about the secrets of a case, with its answer taken in. */
export async function askCase(caseFile: CaseFile, own: SecretsAsked = {}, put: Put = {}): Promise<Answered> {
  const {namespace, user, cluster, since, until, limit = 0, forPeople = false, includeSystem = false} = put
  const question: Question = {
    filters: {namespace, user, cluster},
    window: await readWindow(caseFile, {since, until, cluster, timeZone: 'UTC'}),
    includeSystem,
    limit,
    forPeople,
    timeZone: 'UTC',
  }
  const answer = await secrets(caseFile, question, own)
  const names = answer.columns.map(({name}) => name)
  const rows: Row[] = []
  for await (const batch of answer.rows)
    for (const row of batch) rows.push(Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])))
  return {answer, rows, names, report: JSON.stringify(answer.report ?? [])}
}

/** Opens the case of a log that holds these events; the caller closes it. */
export async function caseOf(events: readonly AuditEvent[], folder = newFolder()): Promise<CaseFile> {
  const path = await emptyCaseIn(folder)
  await load(path, [writeInto(folder, 'audit.log', logText(events))])
  return openCase(path)
}

/** Asks a log of these requests one question. */
export async function askLog(
  requests: readonly TestRequest[],
  own: SecretsAsked = {},
  put: Put = {},
): Promise<Answered> {
  const caseFile = await caseOf(requests.map(eventOf))
  try {
    return await askCase(caseFile, own, put)
  } finally {
    caseFile.close()
  }
}
