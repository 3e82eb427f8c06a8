import fc from 'fast-check'
import {auditEvent, logLine, type AuditEvent} from './audit-event.ts'
import {randomLines} from './random-logs.ts'
import type {WrittenEvent} from './shapes/shape.ts'

/** Texts that an envelope may escape once too often, or once too little, and that look like envelopes themselves. */
const hardText = fc.oneof(
  fc.constantFrom(
    String.raw`C:\new\table "quoted" \/ \\u0041`,
    'a,b;c\td\re\nf',
    '=cmd|"/c calc"!A0',
    '{"kind":"Event","level":"Metadata","auditID":"decoy","verb":"get","stage":"Panic"}',
    '2026-03-01T10:15:22.000000000Z stdout F {"auditID":"decoy"}',
    'é€😀\u2028\u0001',
    '[Truncated...]',
    '""',
    ' ',
  ),
  fc.string({unit: 'grapheme', maxLength: 20}),
)

const decoy: AuditEvent = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  stage: 'Panic',
  auditID: 'decoy',
  verb: 'delete',
  requestURI: '/decoy',
  user: {username: 'decoy'},
}

/** Bodies that hold what envelopes are known by, and whole events that are none. */
const hardBody = fc.oneof(
  hardText.map((text) => ({kind: 'ConfigMap', data: {log: text, message: text, _raw: text, 'a.b/c': text}})),
  fc.constant({kind: 'List', items: [decoy, decoy], records: [{properties: {log: decoy}}], logEvents: [decoy]}),
  fc.constant({kind: 'Secret', log: JSON.stringify(decoy), event: decoy, message: decoy, line: '{}', result: {_raw: '{}'}}),
  fc.constant({_source: decoy, protoPayload: {methodName: 'io.k8s.get'}, body: {stringValue: '{}'}, awslogs: {data: ''}}),
  fc.nat({max: 40_000}).map((size) => ({kind: 'ConfigMap', pad: 'x"'.repeat(size >> 1)})),
  fc.constant([{op: 'replace', path: '/spec/replicas', value: 0}]),
  fc.constant('skipped-too-big-size-object'),
) // prettier-ignore

const change: fc.Arbitrary<AuditEvent> = fc
  .record(
    {userAgent: hardText, responseObject: hardBody, requestObject: hardBody, note: hardText},
    {requiredKeys: []},
  )
  .map(({note, ...fields}) => (note === undefined ? fields : {...fields, annotations: {'authorization.k8s.io/decision': 'allow', 'example.com/note': note}})) // prettier-ignore

/** Events that every envelope can carry, also those that hold only what an answered request tells. */
const answered: fc.Arbitrary<AuditEvent[]> = fc.array(
  fc.record({code: fc.constantFrom(200, 403, 404), more: fc.option(change, {freq: 2})}).map(({code, more}) => ({
    responseStatus: {metadata: {}, code},
    ...more,
  })),
  {minLength: 1, maxLength: 3},
)

const written = (event: AuditEvent): WrittenEvent => {
  const text = logLine(event)
  return {event: JSON.parse(text) as AuditEvent, text}
}

/**
 * Events as {@link randomLines} makes them, some with texts and bodies that test an envelope, and one at least that
 * every envelope can carry.
 */
export const hardEvents: fc.Arbitrary<WrittenEvent[]> = fc
  .tuple(randomLines, fc.array(fc.option(change, {freq: 2}), {minLength: 1, maxLength: 6}), answered)
  .map(([lines, changes, requests]) => [
    ...lines
      .filter(({kind}) => kind === 'event')
      .map(({text}, nth) => written({...(JSON.parse(text) as AuditEvent), ...changes[nth % changes.length]})),
    ...requests.map((changed, nth) => written(auditEvent({auditID: `answered-${nth}`, ...changed}))),
  ])
