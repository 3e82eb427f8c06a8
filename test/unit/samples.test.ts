import {readdirSync, readFileSync} from 'node:fs'
import {join, sep} from 'node:path'
import {gunzipSync} from 'node:zlib'
import tar from 'tar-stream'
import {beforeAll, describe, expect, test} from 'vitest'
import {makeSamples, type SampleRequest, type Samples} from '../../scripts/make-samples.mjs'

const folder = join(import.meta.dirname, '../../samples')

/** The parts of an audit event that these tests look at. */
interface AuditEvent {
  readonly auditID: string
  readonly stage: string
  readonly requestURI: string
  readonly verb: string
  readonly user: {readonly username?: string; readonly extra?: Readonly<Record<string, readonly string[]>>}
  readonly impersonatedUser?: {readonly username: string}
  readonly sourceIPs: readonly string[]
  readonly objectRef?: {
    readonly resource: string
    readonly apiGroup?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus?: {readonly code: number; readonly details?: {readonly uid?: string}}
  readonly responseObject?: {readonly items?: readonly {readonly metadata: {readonly name: string}}[]}
  readonly requestReceivedTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
}

async function membersOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const extract = tar.extract()
  extract.end(gunzipSync(archive))
  const members = new Map<string, Buffer>()
  for await (const entry of extract) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    members.set(entry.header.name, Buffer.concat(chunks))
  }
  return members
}

const textOf = (path: string, bytes: Buffer) => (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()

/** The text of every log below samples/, by path, members of archives as `archive!/member`. */
async function logsOnDisk(): Promise<Map<string, string>> {
  const logs = new Map<string, string>()
  const entries = readdirSync(folder, {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile())
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const shown = path.slice(folder.length + 1).replaceAll(sep, '/')
    const bytes = readFileSync(path)
    if (shown.endsWith('.tar.gz'))
      for (const [member, content] of await membersOf(bytes)) logs.set(`${shown}!/${member}`, textOf(member, content))
    else logs.set(shown, textOf(shown, bytes))
  }
  return logs
}

function countBy<T>(list: readonly T[], keyOf: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of list) counts[keyOf(one)] = (counts[keyOf(one)] ?? 0) + 1
  return counts
}

describe('samples', () => {
  let made: Samples
  let logs: Map<string, string>
  let events: {place: string; event: AuditEvent}[]

  beforeAll(async () => {
    made = await makeSamples()
    logs = await logsOnDisk()
    events = [...logs].flatMap(([path, text]) =>
      text
        .trimEnd()
        .split('\n')
        .map((line, index) => ({place: `${path}:${index + 1}`, event: JSON.parse(line) as AuditEvent})),
    )
  })

  const eventAt = ({evidence}: Pick<SampleRequest, 'evidence'>) => {
    const found = events.find(({place}) => place === evidence)
    if (found === undefined) throw new Error(`no event stands at ${evidence}`)
    return found.event
  }
  const isLast = ({event}: {event: AuditEvent}) =>
    event.stage === 'ResponseComplete' || event.responseStatus?.code === 401

  test('are what the generator makes: run `npm run samples` after a change to it', () => {
    expect([...logs.keys()].sort()).toEqual([...made.contents.keys()].sort())
    for (const [path, text] of made.contents) expect(logs.get(path) === text, path).toBe(true)
  })

  test('stay small', () => {
    const size = [...made.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
    expect(size).toBeLessThan(400_000)
  })

  test('hold as many events and requests as were made', () => {
    const {facts} = made
    expect(events.length).toBe(facts.events)
    expect(countBy(events, ({place}) => place.replace(/:\d+$/, ''))).toEqual(facts.eventsByFile)
    expect(countBy(events, ({event}) => event.stage)).toEqual(facts.eventsByStage)
    const requests = new Set(
      events.map(({event}) =>
        [event.auditID, event.requestReceivedTimestamp, event.verb, event.requestURI, event.user.username].join('\n'),
      ),
    )
    expect(requests.size).toBe(facts.requests)
  })

  test('tell each 401 by one event without a user', () => {
    const {facts} = made
    const failed = events.filter(({event}) => event.responseStatus?.code === 401)
    expect(failed.length).toBe(facts.unauthorized)
    for (const {event} of failed) expect([event.stage, event.user]).toEqual(['ResponseStarted', {}])
    const byAddress = countBy(failed, ({event}) => String(event.sourceIPs.at(-1)))
    expect(byAddress).toEqual({
      [facts.guesses.ip]: facts.guesses.count,
      [facts.lockedOut.ip]: facts.lockedOut.count,
    })
  })

  test('show each attempt on deployment nginx where the facts say', () => {
    const shown = events
      .filter(isLast)
      .filter(({event}) => event.verb === 'delete' && event.objectRef?.resource === 'deployments')
      .filter(({event}) => event.objectRef?.namespace === 'prod' && event.objectRef.name === 'nginx')
      .sort((a, b) => (a.event.requestReceivedTimestamp < b.event.requestReceivedTimestamp ? -1 : 1))
    expect(
      shown.map(({place, event}) => ({
        time: event.requestReceivedTimestamp,
        user: event.user.username,
        clientIp: event.sourceIPs.at(-1),
        verb: event.verb,
        code: event.responseStatus?.code,
        auditId: event.auditID,
        evidence: place,
        impersonated: event.impersonatedUser?.username ?? null,
      })),
    ).toEqual(
      made.facts.nginxDeletes.map(({time, user, clientIp, verb, code, auditId, evidence, impersonated}) => ({
        time,
        user,
        clientIp,
        verb,
        code,
        auditId,
        evidence,
        impersonated,
      })),
    )
    const uids = shown.map(({event}) => event.responseStatus?.details?.uid)
    const dryRun = made.facts.nginxDeletes.findIndex(({outcome}) => outcome === 'dry-run')
    const removal = made.facts.nginxDeletes.findIndex(({outcome}) => outcome === 'removed')
    expect(uids[dryRun]).toBe(uids[removal])
    expect(uids[dryRun]).toBeDefined()
  })

  test('name what a collection lost in its body', () => {
    const {collectionDelete} = made.facts
    expect(eventAt(collectionDelete).responseObject?.items?.map((item) => item.metadata.name)).toEqual(
      collectionDelete.names,
    )
  })

  test('carry the argv of each exec in its URI', () => {
    for (const exec of made.facts.execs) {
      const {requestURI} = eventAt(exec)
      expect(new URL(requestURI, 'https://cluster').searchParams.getAll('command')).toEqual(exec.command)
    }
    expect(made.facts.execs.map(({code}) => code).sort()).toEqual([101, 101, 101, 101, 403, 403])
  })

  test('show each read of a core secret', () => {
    const shown = events
      .filter(isLast)
      .filter(({event}) => event.objectRef?.resource === 'secrets' && event.objectRef.apiGroup === undefined)
      .filter(({event}) => ['get', 'list', 'watch'].includes(event.verb))
    const completed = made.facts.secretReads.filter(({evidence}) => isLast({event: eventAt({evidence})}))
    expect(shown.map(({place}) => place).sort()).toEqual(completed.map(({evidence}) => evidence).sort())
  })

  test('share an audit ID between requests, and a watch between files', () => {
    const {sharedAuditId, longWatch} = made.facts
    const sharing = events.filter(({event}) => event.auditID === sharedAuditId.id)
    expect(new Set(sharing.map(({event}) => event.requestURI)).size).toBe(sharedAuditId.requests)
    expect(sharedAuditId.requests).toBe(2)
    const watch = events.filter(({event}) => event.auditID === longWatch.auditId)
    expect(watch.map(({place}) => place)).toEqual(longWatch.evidence)
    expect(new Set(longWatch.evidence.map((place) => place.replace(/:\d+$/, ''))).size).toBe(2)
  })

  test('let a stolen token be followed from its issue to each use', () => {
    for (const {id, issuedBy, usedFrom} of made.facts.credentials) {
      const issues = events
        .filter(isLast)
        .filter(({event}) => event.annotations?.['authentication.kubernetes.io/issued-credential-id'] === id)
      expect(issues.map(({event}) => event.user.username)).toEqual([issuedBy])
      const uses = events.filter(({event}) =>
        event.user.extra?.['authentication.kubernetes.io/credential-id']?.includes(id),
      )
      expect(new Set(uses.map(({event}) => event.sourceIPs.at(-1)))).toEqual(new Set(usedFrom))
    }
  })
})
