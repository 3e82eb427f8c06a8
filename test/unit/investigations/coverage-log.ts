import {join} from 'node:path'
import {coverage} from '../../../src/investigations/coverage/coverage.ts'
import type {GivenMetrics} from '../../../src/investigations/coverage/metrics.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {askCase, type Told} from '../../support/ask-case.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import type {TestQuestion} from '../../support/question.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

/** Midnight of the generated logs, in milliseconds since 1970. */
export const midnight = Date.UTC(2026, 2, 1)

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute

let count = 0

/** A request that ends at an instant, in milliseconds since 1970. */
export function requestAt(atMs: number, changes: AuditEvent = {}): AuditEvent {
  count++
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    requestURI: `/api/v1/namespaces/prod/configmaps/c-${count}`,
    objectRef: {resource: 'configmaps', namespace: 'prod', name: `c-${count}`, apiVersion: 'v1'},
    requestReceivedTimestamp: new Date(atMs - 5).toISOString(),
    stageTimestamp: new Date(atMs).toISOString(),
    ...changes,
  })
}

/** The renewal of a lease, as kubelets and controllers send it every few seconds. */
export function leaseAt(atMs: number): AuditEvent {
  return requestAt(atMs, {
    verb: 'update',
    requestURI: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler',
    objectRef: {resource: 'leases', namespace: 'kube-system', name: 'kube-scheduler', apiGroup: 'coordination.k8s.io'},
  })
}

/** Leases renewed every so many milliseconds. */
export function leases(fromMs: number, toMs: number, everyMs = 10 * second): AuditEvent[] {
  return Array.from({length: Math.floor((toMs - fromMs) / everyMs)}, (_, i) => leaseAt(fromMs + i * everyMs))
}

/** Loads files, by path, and returns the path of the case and the folder that they are in. */
export async function caseOfFiles(
  files: Readonly<Record<string, readonly AuditEvent[] | string>>,
): Promise<{readonly path: string; readonly folder: string}> {
  const folder = newFolder()
  for (const [name, events] of Object.entries(files))
    writeInto(folder, `logs/${name}`, typeof events === 'string' ? events : logText(events))
  const path = await emptyCaseIn(folder)
  await load(path, [join(folder, 'logs')])
  return {path, folder: join(folder, 'logs')}
}

/** Asks what the log of these files can show. */
export async function coverageOf(
  files: Readonly<Record<string, readonly AuditEvent[] | string>>,
  asked: TestQuestion = {},
  metrics: readonly GivenMetrics[] = [],
): Promise<Told> {
  const {path} = await caseOfFiles(files)
  return askCase(path, asked, (caseFile, question) => coverage(caseFile, question, {metrics, isThorough: false}))
}
