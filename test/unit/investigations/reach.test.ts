import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {denied} from '../../../src/investigations/denied/denied.ts'
import {execs} from '../../../src/investigations/execs/execs.ts'
import {search} from '../../../src/investigations/search/search.ts'
import {secrets} from '../../../src/investigations/secrets/secrets.ts'
import {timeline} from '../../../src/investigations/timeline/timeline.ts'
import {top} from '../../../src/investigations/top/top.ts'
import {whoDeleted} from '../../../src/investigations/who-deleted/who-deleted.ts'
import {askCase, caseOfEvents} from '../../support/ask-case.ts'
import {auditEvent, logText, manyEvents, type AuditEvent} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import type {TestQuestion} from '../../support/question.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

let nth = 0

/** An answered request; the time is of the day and the hour that are given. */
function eventAt(time: string, verb: string, resource: string, changes: AuditEvent = {}): AuditEvent {
  nth++
  const at = `2026-03-${time.replace(' ', 'T')}`
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
    verb,
    requestURI: `/api/v1/namespaces/prod/${resource}/x`,
    objectRef: {resource, namespace: 'prod', name: 'x', apiVersion: 'v1'},
    requestReceivedTimestamp: `${at}:00.000000Z`,
    stageTimestamp: `${at}:00.010000Z`,
    ...changes,
  })
}

async function warningsOf(
  path: string,
  ask: Parameters<typeof askCase>[2],
  question: TestQuestion = {},
): Promise<readonly string[]> {
  return (await askCase(path, question, ask)).answer.warnings
}

const ofDeletions =
  (type: string): Parameters<typeof askCase>[2] =>
  (caseFile, question) =>
    whoDeleted(caseFile, question, {type})
const ofTimeline: Parameters<typeof askCase>[2] = (caseFile, question) => timeline(caseFile, question, {})

describe('a log that holds what was asked', () => {
  it('gets no caveat', async () => {
    const path = caseIn(newFolder())
    await load(path, [join(import.meta.dirname, '../../../samples')])
    for (const ask of [
      ofTimeline,
      (caseFile, question) => top(caseFile, question, {what: 'ips'}),
      (caseFile, question) => denied(caseFile, question, {}),
      (caseFile, question) => execs(caseFile, question, {proxy: false}),
    ] satisfies Parameters<typeof askCase>[2][])
      expect(await warningsOf(path, ask)).toEqual([])
    expect(await warningsOf(path, (caseFile, question) => secrets(caseFile, question, {}))).toEqual([
      'Get, list, watch on secrets were logged without their bodies: which values they gave away cannot be said.',
    ])
  })
})

describe('nothing found', () => {
  let path = ''
  beforeAll(async () => {
    path = await caseOfEvents([
      [
        eventAt('01 10:00', 'delete', 'pods'),
        eventAt('01 10:01', 'patch', 'services'),
        eventAt('01 10:02', 'get', 'configmaps'),
        eventAt('01 10:03', 'delete', 'secrets', {stage: 'RequestReceived', responseStatus: undefined}),
      ],
    ])
  })

  it.each([
    ['pods/y', 'It was not deleted in what was logged: deletions of pods were (1 event)'],
    [
      'services/y',
      'It was not deleted in what was logged: no deletion of services was, but other changes of them were (1 event)',
    ],
    ['configmaps/y', 'Whether the log would have shown it is not certain: of configmaps only reads were logged'],
    [
      'secrets/y',
      'Whether the log would have shown it is not certain: of deletions of secrets only the arrival was logged',
    ],
    [
      'events/y',
      'Whether the log would have shown it is not certain: it holds no request on events at all, so nobody made any',
    ],
    ['deploy/y', 'Whether the log would have shown it is not certain: it holds no request on deployments at all'],
    ['nosuchthing/y', 'Neither kubectl nor the log knows a type nosuchthing'],
  ])('%s: %s', async (target, words) => {
    const {answer, rows} = await askCase(path, {}, ofDeletions(target))
    expect(rows).toEqual([])
    expect(answer.warnings[0]).toContain(words)
    const told = await askCase(path, {forPeople: true}, ofDeletions(target))
    expect(told.report).toContain(words)
  })

  it('is no certainty for a type that nobody knows', async () => {
    const warnings = await warningsOf(path, ofDeletions('nosuchthing/y'))
    expect(warnings.join()).not.toMatch(/have shown|deleted in what was logged/)
  })

  it('says of a window, a cluster and other filters no more than was asked', async () => {
    const [inWindow] = await warningsOf(path, ofDeletions('pods/y'), {until: '2026-03-01T10:01:00Z'})
    expect(inWindow).toContain('on the days concerned, deletions of pods were (1 event)')
    const [others] = await warningsOf(path, ofDeletions('pods/x'), {since: '2026-03-01T10:01:00Z'})
    expect(others).toBe('No request to delete it that fits the filters was logged, though others were.')
    const nope = await warningsOf(path, ofDeletions('pods/y'), {cluster: 'nope'})
    expect(nope).toContain('The case holds no events of cluster nope.')
    expect(nope.join()).not.toMatch(/have shown|deleted in what was logged|deletion.? of/)
  })

  it('of core events could not show in a log that never holds what every cluster makes', async () => {
    const busy = await caseOfEvents([
      Array.from({length: 1200}, (_, i) =>
        eventAt(`01 10:${String(i % 10).padStart(2, '0')}`, i % 2 === 0 ? 'create' : 'delete', 'pods'),
      ),
    ])
    expect((await warningsOf(busy, ofDeletions('events/y')))[0]).toMatch(
      /^The log could not have shown it: it holds no request on events at all, though every cluster makes them/,
    )
    expect((await warningsOf(busy, ofDeletions('crd/y')))[0]).toMatch(/^Whether the log would have shown it/)
    const never = /not one create or patch of core events/
    const timelineOf = (resource: string): Promise<readonly string[]> =>
      warningsOf(busy, (caseFile, question) => timeline(caseFile, question, {resource}))
    expect((await timelineOf('events')).join()).toMatch(never)
    expect((await timelineOf('pods')).join()).not.toMatch(never)
    const searchFor = (term: string): Promise<readonly string[]> =>
      warningsOf(busy, (caseFile, question) => search(caseFile, question, {terms: [term]}))
    expect((await searchFor('/api/v1/namespaces/prod/events')).join()).toMatch(never)
    expect((await searchFor('eventually')).join()).not.toMatch(never)
  })

  it('outside of the log is said to be that', async () => {
    const [first, second] = await warningsOf(path, ofDeletions('pods/y'), {since: '2026-04-01'})
    expect(first).toBe('The log could not have shown it: the window lies outside of what it holds.')
    expect(second).toContain('The window lies outside of the log')
  })
})

describe('what is missing', () => {
  it('is told where the window reaches beyond the log', async () => {
    const path = await caseOfEvents([[eventAt('01 10:00', 'get', 'pods'), eventAt('01 12:00', 'get', 'pods')]])
    expect(await warningsOf(path, ofTimeline, {since: '2026-03-01T09:00:00Z', until: '2026-03-01T13:00:00Z'})).toEqual([
      'The log begins at 2026-03-01 10:00:00Z, later than the window: a request before that does not show.',
      'The log ends at 2026-03-01 12:00:00Z, earlier than the window: a request after that does not show.',
    ])
    expect(await warningsOf(path, ofTimeline, {since: '2026-03-01T11:00:00Z'})).toEqual([])
  })

  it('is told where days have other levels, of the type that was asked about', async () => {
    const path = await caseOfEvents([
      [
        eventAt('01 10:00', 'delete', 'pods', {level: 'RequestResponse', requestObject: {kind: 'DeleteOptions'}}),
        eventAt('02 10:00', 'delete', 'pods'),
        eventAt('02 10:01', 'delete', 'services'),
      ],
    ])
    const words =
      'Not the same was logged of deletions of pods every day: on 2026-03-01 at RequestResponse, on 2026-03-02 at Metadata.'
    expect(await warningsOf(path, ofDeletions('pods'))).toContain(words)
    expect(await warningsOf(path, ofDeletions('services'))).not.toContain(words)
    expect(await warningsOf(path, ofDeletions('pods'), {since: '2026-03-02'})).not.toContain(words)
  })

  it('is told of stages, and only where there is anything to miss', async () => {
    const received = await caseOfEvents([
      [eventAt('01 10:00', 'get', 'pods', {stage: 'RequestReceived', responseStatus: undefined})],
    ])
    expect((await warningsOf(received, ofTimeline)).join()).toContain(
      'No event of stage ResponseComplete is in the log',
    )
    const watched = await caseOfEvents([[eventAt('01 10:00', 'watch', 'pods')]])
    expect((await warningsOf(watched, ofTimeline)).join()).toContain('No event of stage ResponseStarted is in the log')
    const plain = await caseOfEvents([[eventAt('01 10:00', 'get', 'pods')]])
    expect(await warningsOf(plain, ofTimeline)).toEqual([])
  })

  it('is told of rotated files within the window', async () => {
    const folder = newFolder()
    // A request every second, and a file every ten minutes, named by the moment at which the next one begins.
    const fileOf = (i: number): [string, AuditEvent[]] => {
      const events = manyEvents(600, 0, (second) => {
        const at = Date.UTC(2026, 2, 1, 10) + (i * 600 + second) * 1000
        const time = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
        return {
          auditID: `0000000${i}-0000-4000-8000-${String(second).padStart(12, '0')}`,
          requestReceivedTimestamp: time(at),
          stageTimestamp: time(at),
        }
      })
      const end = new Date(Date.UTC(2026, 2, 1, 10) + (i + 1) * 600_000 + 3)
        .toISOString()
        .slice(0, -1)
        .replaceAll(':', '-')
      return [`audit-${end}.log`, events]
    }
    for (const i of [0, 1, 3, 4]) writeInto(folder, `logs/${fileOf(i)[0]}`, logText(fileOf(i)[1]))
    const path = caseIn(folder)
    await load(path, [join(folder, 'logs')])
    const ofFiles = (warnings: readonly string[]): string[] =>
      warnings.filter((warning) => warning.includes('rotated file'))
    const missing = ofFiles(await warningsOf(path, ofTimeline))
    expect(missing).toHaveLength(1)
    // A log of nothing but gets is short of much else.
    expect((await warningsOf(path, ofTimeline)).join()).toContain('Never logged: not one request with verb list')
    expect(missing[0]).toMatch(
      /^A rotated file of .* is missing: nothing is in the log between 2026-03-01 10:20:00Z and 2026-03-01 10:30:00Z/,
    )
    expect(ofFiles(await warningsOf(path, ofTimeline, {since: '2026-03-01T10:35:00Z'}))).toEqual([])
    expect(ofFiles(await warningsOf(path, ofDeletions('configmaps/y')))).toHaveLength(1)
  })

  it('is told of sources that name no cluster, where one is asked about', async () => {
    const folder = newFolder()
    writeInto(folder, 'a/audit.log', logText([eventAt('01 10:00', 'get', 'pods')]))
    writeInto(folder, 'b/audit.log', logText([eventAt('01 10:01', 'get', 'pods')]))
    const path = caseIn(folder)
    await load(path, [join(folder, 'a')], {cluster: 'blue'})
    await load(path, [join(folder, 'b')])
    expect(await warningsOf(path, ofTimeline, {cluster: 'blue'})).toEqual([
      '1 source names no cluster: a request in it is not in an answer about cluster blue. k8saudit sources label names it.',
    ])
    expect(await warningsOf(path, ofTimeline)).toEqual([])
  })
})
