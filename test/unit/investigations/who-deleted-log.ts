import {join} from 'node:path'
import {openCase} from '../../../src/case/case-file.ts'
import {whoDeleted, type WhoDeletedTarget} from '../../../src/investigations/who-deleted/who-deleted.ts'
import type {Answer, Plain} from '../../../src/output/answer.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {questionOf, type TestQuestion} from '../../support/question.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

/** A request as a test writes it down; what is left out is that of an ordinary one at Metadata. */
export interface TestRequest {
  /** Milliseconds since the log began. */
  readonly at: number
  readonly user?: string
  readonly verb?: string
  /** `deployments.apps/nginx`, `pods/x/eviction`, `secrets` for a collection. */
  readonly on: string
  readonly namespace?: string | null
  readonly code?: number | null
  /** Uid in the Status that a removal is answered with. */
  readonly statusUid?: string
  readonly query?: string
  readonly message?: string
  readonly request?: unknown
  readonly response?: unknown
  readonly level?: string
  readonly agent?: string
  readonly changes?: AuditEvent
}

const began = Date.UTC(2026, 2, 1, 10)

/** The instant so many milliseconds into the log, as answers write it. */
export function instant(ms: number): string {
  return new Date(began + ms).toISOString().replace('Z', '000Z')
}

export const collector = 'system:serviceaccount:kube-system:generic-garbage-collector'
export const namespaceController = 'system:serviceaccount:kube-system:namespace-controller'
export const node = 'system:node:node-1'

const agents: Readonly<Record<string, string>> = {
  [collector]:
    'kube-controller-manager/v1.32.0 (linux/amd64) kubernetes/abc/system:serviceaccount:kube-system:generic-garbage-collector',
  [namespaceController]:
    'kube-controller-manager/v1.32.0 (linux/amd64) kubernetes/abc/system:serviceaccount:kube-system:namespace-controller',
  [node]: 'kubelet/v1.32.0 (linux/amd64) kubernetes/abc',
}

let nth = 0

/** The event of a request, at ResponseComplete, or at RequestReceived where it has no code. */
export function eventOf(request: TestRequest): AuditEvent {
  const {at, user = 'alice', verb = 'delete', on, namespace = 'prod', code = 200, statusUid, query, message} = request
  const [type = '', name, subresource] = on.split('/')
  const [resource = '', ...group] = type.split('.')
  const bodies = request.request !== undefined || request.response !== undefined
  const status =
    code === null
      ? {}
      : {
          responseStatus: {
            metadata: {},
            ...(statusUid === undefined ? {} : {status: 'Success', details: {name, kind: resource, uid: statusUid}}),
            ...(code >= 400
              ? {
                  status: 'Failure',
                  reason: code === 404 ? 'NotFound' : code === 409 ? 'Conflict' : 'Forbidden',
                  message: message ?? (code === 404 ? `${type} "${name ?? ''}" not found` : 'no'),
                }
              : {}),
            code,
          },
        }
  const path = `/apis/${group.join('.')}/v1/${namespace === null ? '' : `namespaces/${namespace}/`}${[resource, name, subresource].filter((part) => part !== undefined).join('/')}`
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth++).padStart(12, '0')}`,
    level: request.level ?? (bodies ? 'RequestResponse' : 'Metadata'),
    stage: code === null ? 'RequestReceived' : 'ResponseComplete',
    requestURI: query === undefined ? path : `${path}?${query}`,
    verb,
    user: {username: user, groups: ['system:authenticated']},
    userAgent: request.agent ?? agents[user] ?? 'kubectl/v1.32.0 (linux/amd64) kubernetes/0000000',
    objectRef: {
      resource,
      ...(namespace === null ? {} : {namespace}),
      ...(name === undefined ? {} : {name}),
      ...(group.length === 0 ? {} : {apiGroup: group.join('.')}),
      apiVersion: 'v1',
      ...(subresource === undefined ? {} : {subresource}),
    },
    responseStatus: undefined,
    requestReceivedTimestamp: instant(at),
    stageTimestamp: instant(at + 2),
    ...status,
    ...(request.request === undefined ? {} : {requestObject: request.request}),
    ...(request.response === undefined ? {} : {responseObject: request.response}),
    ...request.changes,
  })
}

/** DeleteOptions as kubectl sends them. */
export function deleteOptions(more: Record<string, unknown> = {}): unknown {
  return {kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', propagationPolicy: 'Background', ...more}
}

/** A row of the answer, by column. */
export type Row = Record<string, Plain>

/** A case of these requests that can be asked. */
export interface TestCase {
  ask(target: WhoDeletedTarget, filters?: TestQuestion, forPeople?: boolean): Promise<{answer: Answer; rows: Row[]}>
}

/** Loads requests, in files of their own, in this order. */
export async function caseOf(...files: readonly (readonly TestRequest[])[]): Promise<TestCase> {
  const folder = newFolder()
  for (const [i, requests] of files.entries()) writeInto(folder, `logs/audit-${i}.log`, logText(requests.map(eventOf)))
  const path = await emptyCaseIn(folder)
  await load(path, [join(folder, 'logs')])
  return {
    async ask(target, filters = {}, forPeople = false) {
      const caseFile = await openCase(path)
      try {
        const answer = await whoDeleted(caseFile, await questionOf(caseFile, {...filters, forPeople}), target)
        const rows: Row[] = []
        for await (const batch of answer.rows) {
          for (const row of batch)
            rows.push(Object.fromEntries(answer.columns.map((column, i) => [column.name, row[i] ?? null])))
        }
        return {answer, rows}
      } finally {
        caseFile.close()
      }
    },
  }
}
