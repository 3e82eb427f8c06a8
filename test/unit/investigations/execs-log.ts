import {join} from 'node:path'
import {openCase} from '../../../src/case/case-file.ts'
import {execs, type ExecsAsked} from '../../../src/investigations/execs/execs.ts'
import type {CommonFilters, Question} from '../../../src/investigations/question.ts'
import {readWindow} from '../../../src/investigations/window.ts'
import type {Answer, Plain} from '../../../src/output/answer.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

/** A request as a test writes it down; what is left out is that of an accepted exec of kubectl 1.32. */
export interface TestExec {
  /** Milliseconds since the log began. */
  readonly at: number
  readonly user?: string
  readonly as?: string
  readonly ip?: string
  readonly verb?: string
  readonly namespace?: string
  readonly pod?: string
  readonly subresource?: string
  /** argv; written to the query as kubectl does. */
  readonly argv?: readonly string[]
  /** The rest of the query, or all of it where there is no argv; null for a URI without any. */
  readonly query?: string | null
  readonly code?: number | null
  /** Milliseconds to the end; null where the end is not in the log. */
  readonly took?: number | null
  readonly changes?: AuditEvent
}

const began = Date.UTC(2026, 2, 1, 10)

/** The instant so many milliseconds into the log, as answers write it. */
export function instant(ms: number): string {
  return new Date(began + ms).toISOString().replace('Z', '000Z')
}

let nth = 0

/** The event of a request at ResponseComplete; at ResponseStarted where it has no end, at RequestReceived where it has no code. */
export function execEvent(request: TestExec): AuditEvent {
  const {at, user = 'alice', namespace = 'prod', pod = 'web-0', subresource = 'exec', code = 101, took = 50} = request
  const {argv, query = argv === undefined ? null : 'container=app&stderr=true&stdout=true'} = request
  const encode = (word: string): string => encodeURIComponent(word).replaceAll('%20', '+')
  const parts = [...(argv ?? []).map((word) => `command=${encode(word)}`), ...(query === null ? [] : [query])]
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/${subresource}`
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth++).padStart(12, '0')}`,
    stage: code === null ? 'RequestReceived' : took === null ? 'ResponseStarted' : 'ResponseComplete',
    requestURI: parts.length === 0 ? path : `${path}?${parts.join('&')}`,
    verb: request.verb ?? 'get',
    user: {username: user, groups: ['system:authenticated']},
    ...(request.as === undefined ? {} : {impersonatedUser: {username: request.as}}),
    sourceIPs: [request.ip ?? '10.20.0.21'],
    userAgent: 'kubectl/v1.32.5 (linux/amd64) kubernetes/9894294',
    objectRef: {resource: 'pods', namespace, name: pod, apiVersion: 'v1', subresource},
    responseStatus: code === null ? undefined : {metadata: {}, code},
    requestReceivedTimestamp: instant(at),
    stageTimestamp: instant(at + (took ?? 1)),
    ...request.changes,
  })
}

/** A request through a proxy of the API server, at a path of nodes, pods or services. */
export function proxyEvent(
  resource: 'nodes' | 'pods' | 'services',
  name: string,
  path: string,
  request: TestExec,
): AuditEvent {
  const {namespace = 'prod'} = request
  const base = resource === 'nodes' ? '/api/v1/nodes' : `/api/v1/namespaces/${namespace}/${resource}`
  return execEvent({
    ...request,
    changes: {
      requestURI: `${base}/${name}/proxy${path}`,
      objectRef: {resource, name, apiVersion: 'v1', subresource: 'proxy', ...(resource === 'nodes' ? {} : {namespace})},
      ...request.changes,
    },
  })
}

/** A row of the answer, by column. */
export type Row = Record<string, Plain>

export interface Ask extends CommonFilters, Partial<ExecsAsked> {
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly forPeople?: boolean
  readonly includeSystem?: boolean
}

/** A case that can be asked. */
export interface TestCase {
  readonly ask: (asked?: Ask) => Promise<{answer: Answer; rows: Row[]; report: string}>
}

function blockText(answer: Answer): string {
  return (answer.report ?? [])
    .flatMap((block) => {
      if (block.kind === 'table')
        return [block.columns.map(({name}) => name), ...block.rows].map((row) => row.map(String).join(' | '))
      if (block.kind === 'strips') return block.strips.map(({label}) => label)
      return block.kind === 'list' ? block.items : block.kind === 'code' ? block.lines : [block.text]
    })
    .join('\n')
}

/** A case file that can be asked about execs. */
export function execsOf(path: string): TestCase {
  return {
    async ask(asked = {}) {
      const {since, until, limit = 0, forPeople = false, includeSystem = false, ...rest} = asked
      const {namespace, user, cluster, pod, command, proxy = false} = rest
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
        const answer = await execs(caseFile, question, {pod, command, proxy})
        const rows: Row[] = []
        for await (const batch of answer.rows) {
          for (const row of batch)
            rows.push(Object.fromEntries(answer.columns.map((column, i) => [column.name, row[i] ?? null])))
        }
        return {answer, rows, report: blockText(answer)}
      } finally {
        caseFile.close()
      }
    },
  }
}

/** Loads events, in files of their own, in this order. */
export async function caseOf(...files: readonly (readonly AuditEvent[])[]): Promise<TestCase> {
  const folder = newFolder()
  for (const [i, events] of files.entries()) writeInto(folder, `logs/audit-${i}.log`, logText(events))
  const path = await emptyCaseIn(folder)
  await load(path, [join(folder, 'logs')])
  return execsOf(path)
}
