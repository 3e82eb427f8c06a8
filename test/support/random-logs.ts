import {join} from 'node:path'
import fc from 'fast-check'
import {auditEvent, logLine, type AuditEvent} from './audit-event.ts'
import {writeInto} from './scratch.ts'

/** One line of a log, and what it is. Lines with the same `key` are copies of each other. */
export interface RandomLine {
  readonly text: string
  readonly kind: 'event' | 'reject' | 'skipped'
  readonly key: string
}

const auditIds = ['a-1', 'a-2', 'a-3', undefined]
const users = [{username: 'alice', groups: ['devs']}, {username: 'bob', uid: 'u-2', extra: {arn: ['arn:aws:x/y']}}, {}]
const calls = [
  {
    verb: 'get',
    requestURI: '/api/v1/namespaces/prod/secrets/db',
    objectRef: {resource: 'secrets', namespace: 'prod', name: 'db', apiVersion: 'v1'},
  },
  {
    verb: 'delete',
    requestURI: '/apis/apps/v1/namespaces/prod/deployments/nginx',
    objectRef: {resource: 'deployments', namespace: 'prod', name: 'nginx', apiGroup: 'apps', apiVersion: 'v1'},
  },
  {
    verb: 'get',
    requestURI: '/api/v1/namespaces/prod/pods/web/exec?command=sh&command=-c&command=id&container=c',
    objectRef: {resource: 'pods', namespace: 'prod', name: 'web', subresource: 'exec', apiVersion: 'v1'},
  },
  {
    verb: 'list',
    requestURI: '/apis/metrics.k8s.io/v1beta1/pods',
    objectRef: {resource: 'pods', apiGroup: 'metrics.k8s.io', apiVersion: 'v1beta1'},
  },
]
const stageOrder = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic']

const instant = (micros: number): string => {
  const at = Date.UTC(2026, 2, 1, 10, 15, 22) * 1000 + micros
  return new Date(Math.floor(at / 1000)).toISOString().replace('Z', `${String(at % 1000).padStart(3, '0')}Z`)
}

interface RandomRequest {
  readonly auditId: number
  readonly user: number
  readonly call: number
  readonly atMicros: number
  readonly style: 'v1' | 'v1beta1' | 'v1alpha1'
  readonly stages: readonly string[]
  readonly code: number
  readonly secondCode: number | null
  readonly lacking: readonly string[]
  readonly body: boolean
  readonly truncated: boolean
  readonly forwarded: boolean
}

const randomRequest: fc.Arbitrary<RandomRequest> = fc.record({
  auditId: fc.nat({max: auditIds.length - 1}),
  user: fc.nat({max: users.length - 1}),
  call: fc.nat({max: calls.length - 1}),
  atMicros: fc.constantFrom(0, 1, 250_000, 999_999, 1_000_000, 2_500_000),
  style: fc.constantFrom('v1', 'v1', 'v1', 'v1beta1', 'v1alpha1'),
  stages: fc.oneof(
    {weight: 3, arbitrary: fc.constant(['ResponseComplete'])},
    {weight: 2, arbitrary: fc.constant(['RequestReceived', 'ResponseComplete'])},
    {weight: 4, arbitrary: fc.subarray(stageOrder, {minLength: 1})},
  ),
  code: fc.constantFrom(200, 403, 404),
  secondCode: fc.option(fc.constantFrom(200, 201, 409), {freq: 6}),
  lacking: fc.oneof(
    {weight: 3, arbitrary: fc.constant([])},
    {
      weight: 1,
      arbitrary: fc.subarray(['userAgent', 'objectRef', 'sourceIPs', 'annotations', 'responseStatus', 'requestObject']),
    },
  ),
  body: fc.boolean(),
  truncated: fc.boolean(),
  forwarded: fc.boolean(),
})

function times(style: RandomRequest['style'], receivedMicros: number, stageMicros: number): AuditEvent {
  const second = instant(Math.floor(receivedMicros / 1e6) * 1e6).replace(/\.\d+Z/, 'Z')
  if (style === 'v1alpha1')
    return {
      apiVersion: 'audit.k8s.io/v1alpha1',
      metadata: {creationTimestamp: second},
      timestamp: second,
      requestReceivedTimestamp: undefined,
      stageTimestamp: undefined,
    }
  return {
    ...(style === 'v1beta1' ? {apiVersion: 'audit.k8s.io/v1beta1', timestamp: second} : {}),
    requestReceivedTimestamp: instant(receivedMicros),
    stageTimestamp: instant(stageMicros),
  }
}

/** The events of a request, in the order in which its API server would have logged them. */
function eventsOf(request: RandomRequest): AuditEvent[] {
  const call = calls[request.call] as (typeof calls)[number]
  const last = request.stages.at(-1)
  const event = (stage: string, code: number | null, receivedMicros: number, sourceIPs: string[]): AuditEvent => {
    const answered = stage !== 'RequestReceived'
    const whole = auditEvent({
      ...call,
      auditID: auditIds[request.auditId],
      user: users[request.user],
      stage,
      level: request.body ? 'RequestResponse' : 'Metadata',
      sourceIPs,
      responseStatus: answered ? {metadata: {}, code: code ?? request.code} : undefined,
      annotations: answered ? {'authorization.k8s.io/decision': 'allow'} : undefined,
      requestObject: answered && request.body ? {kind: 'DeleteOptions', dryRun: ['All']} : undefined,
      ...times(request.style, receivedMicros, receivedMicros + 1000 * (1 + stageOrder.indexOf(stage))),
    })
    if (stage === last) for (const field of request.lacking) whole[field] = undefined
    return whole
  }
  const codes = request.secondCode === null ? [null] : [null, request.secondCode]
  const own = request.stages.flatMap((stage) =>
    (stage === 'ResponseComplete' ? codes : [null]).map((code) => event(stage, code, request.atMicros, ['10.20.0.5'])),
  )
  if (!request.forwarded || request.style === 'v1alpha1') return own
  // The aggregated server receives it a little later, ends it a little earlier, and sees the first server as its peer.
  const again = event('ResponseComplete', null, request.atMicros + 500, ['10.20.0.5', '10.30.0.1'])
  return [...own, {...again, stageTimestamp: instant(request.atMicros + 1500)}]
}

/** What makes an event a copy of another, as the contract says. */
function copyKey(event: AuditEvent): string {
  const {auditID, stage, timestamp, requestReceivedTimestamp, stageTimestamp, verb, requestURI, user, responseStatus} =
    event as {[field: string]: unknown; user: {username?: string}; responseStatus?: {code: number}}
  return JSON.stringify([
    auditID,
    stage,
    requestReceivedTimestamp ?? timestamp,
    stageTimestamp,
    verb,
    requestURI,
    user.username,
    responseStatus?.code,
  ])
}

const truncatedForm = (event: AuditEvent): AuditEvent => ({
  ...event,
  requestObject: undefined,
  annotations: {...(event['annotations'] as object | undefined), 'audit.k8s.io/truncated': 'true'},
})

const noise: fc.Arbitrary<RandomLine[]> = fc
  .subarray(['not JSON', '{"kind":"Event","auditID":"torn', '[1,2]', '{"auditID":"x"}', 'klog', 'review', 'core'])
  .map((kinds) =>
    kinds.map((kind) => {
      if (kind === 'klog')
        return {kind: 'skipped', key: kind, text: 'I0301 10:15:22.123456       1 server.go:42] "Starting" v="1"'}
      if (kind === 'review')
        return {kind: 'skipped', key: kind, text: '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}'}
      if (kind === 'core')
        return {kind: 'skipped', key: kind, text: '{"kind":"Event","apiVersion":"v1","reason":"Killing"}'}
      return {kind: 'reject', key: kind, text: kind}
    }),
  )

/**
 * The lines of a random audit log: few audit IDs, users, calls and instants, so that they meet in every way. Lines are
 * distinct; a truncated form of an event has the key of the whole one.
 */
export const randomLines: fc.Arbitrary<RandomLine[]> = fc
  .tuple(fc.array(randomRequest, {minLength: 1, maxLength: 8}), noise)
  .map(([requests, noiseLines]) => {
    const events = new Map<string, {whole: AuditEvent; truncated: boolean}>()
    for (const request of requests) {
      for (const event of eventsOf(request)) {
        const key = copyKey(event)
        if (!events.has(key)) events.set(key, {whole: event, truncated: request.truncated})
      }
    }
    const lines = [...events].flatMap(([key, {whole, truncated}]): RandomLine[] => [
      {kind: 'event', key, text: logLine(whole)},
      ...(truncated ? [{kind: 'event' as const, key, text: logLine(truncatedForm(whole))}] : []),
    ])
    return [...lines, ...noiseLines]
  })

/** Lines as files, and which call of `load` takes which file. */
export interface Spread {
  readonly files: readonly {readonly name: string; readonly lines: readonly RandomLine[]}[]
  /** For each call of `load`: the files that it is given. */
  readonly loads: readonly (readonly number[])[]
}

/** Random lines, spread at random: copies of events into several files, any order, files loaded separately and again. */
export const spreadLines: fc.Arbitrary<{readonly lines: RandomLine[]; readonly spread: Spread}> = randomLines.chain(
  (lines) => {
    const events = lines.filter(({kind}) => kind === 'event')
    const others = lines.filter(({kind}) => kind !== 'event')
    return fc
      .record({
        homes: fc.array(fc.subarray([0, 1, 2, 3], {minLength: 1, maxLength: 3}), {
          minLength: events.length,
          maxLength: events.length,
        }),
        order: fc.array(fc.nat(), {minLength: 40, maxLength: 40}),
        gzipped: fc.array(fc.boolean(), {minLength: 4, maxLength: 4}),
        blanks: fc.boolean(),
        turns: fc.shuffledSubarray([0, 1, 2, 3], {minLength: 4, maxLength: 4}),
        cuts: fc.subarray([1, 2, 3]),
        again: fc.subarray([0, 1, 2, 3]),
      })
      .map(({homes, order, gzipped, blanks, turns, cuts, again}) => {
        const placed = events.flatMap((line, i) => (homes[i] as number[]).map((file) => ({file, line})))
        const someFile = placed[0]?.file ?? 0 // what is no event stands beside one: alone it would be no audit log
        placed.push(...others.map((line) => ({file: someFile, line})))
        const rank = (i: number): number => (order[i % order.length] as number) ^ i
        const shuffled = placed.map((entry, i) => ({...entry, i})).sort((a, b) => rank(a.i) - rank(b.i) || a.i - b.i)
        const files = [0, 1, 2, 3].map((file) => ({
          name: `audit-${file}.log${gzipped[file] === true ? '.gz' : ''}`,
          lines: shuffled.filter((entry) => entry.file === file).map(({line}) => line),
        }))
        if (blanks && files[someFile]) files[someFile].lines.unshift({kind: 'skipped', key: 'blank', text: ''})
        const loads = [0, ...cuts].map((from, i) => turns.slice(from, cuts[i] ?? turns.length))
        return {lines, spread: {files, loads: [...loads, again].filter((load) => load.length > 0)}}
      })
  },
)

/** The text of a file of lines. */
export function textOf(lines: readonly RandomLine[]): string {
  return lines.map(({text}) => `${text}\n`).join('')
}

/** Writes the files of a spread below a folder and returns their paths. */
export function writeSpread(folder: string, spread: Spread): string[] {
  return spread.files.map(({name, lines}) => writeInto(folder, join('logs', name), textOf(lines)))
}
