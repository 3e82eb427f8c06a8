import fc from 'fast-check'
import {expect, test} from 'vitest'
import {openCase, type CaseFile} from '../../src/case/case-file.ts'
import type {EvidenceNeeds, EventScope} from '../../src/case/evidence-needs.ts'
import type {Plain} from '../../src/output/answer.ts'
import {auditEvent, logText, manyEvents} from '../support/audit-event.ts'
import {emptyCaseIn, load, readLogs} from '../support/built-loader.ts'
import {runs} from '../support/properties.ts'
import {randomLines, textOf} from '../support/random-logs.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const deletions = "SELECT * EXCLUDE (request_id, source_id, line, item, event_ids), len(event_ids) AS n FROM requests WHERE verb = 'delete' ORDER BY ALL" // prettier-ignore
const ofSenders =
  'SELECT user_name, impersonated_user, client_ip, user_agent, api_group, resource, namespace, count(*) AS n FROM calls GROUP BY ALL ORDER BY ALL'
const ofCounts = [
  'SELECT * EXCLUDE (source_id, load_id, loaded_at) FROM sources ORDER BY ALL',
  'SELECT line, reason, raw, superseded FROM rejects ORDER BY ALL',
  'SELECT minute, min(first_at), max(last_at), sum(events)::BIGINT AS events FROM store.activity GROUP BY ALL ORDER BY ALL',
  'SELECT * EXCLUDE (source_id, events), sum(events)::BIGINT AS events FROM store.logged GROUP BY ALL ORDER BY ALL',
]

const scope: EventScope = {
  rules: [{verbs: ['delete']}, {names: ['nobody']}],
  tellsSenders: true,
  reachOf: (sql) => (sql === ofSenders ? 'senders' : sql === deletions || ofCounts.includes(sql) ? 'scope' : 'everything'), // prettier-ignore
}

const answersOf = async (caseFile: CaseFile): Promise<Record<string, Plain>[][]> => {
  const answers = []
  for (const sql of [...ofCounts, deletions, ofSenders]) answers.push(await caseFile.all(sql))
  return answers
}

/** What a question to logs gets: of what is kept, or, where that is not enough, of all. */
async function askLogs(paths: readonly string[], needs: EvidenceNeeds): Promise<{answers: unknown; isScoped: boolean}> {
  const {caseFile, close} = await readLogs(newFolder(), paths, needs)
  try {
    const isScoped = await caseFile.all('FROM loads').then(
      () => false,
      () => true,
    )
    return {answers: await answersOf(caseFile), isScoped}
  } catch (error) {
    if ((error as Error).name !== 'BeyondScopeError') throw error
    return await askLogs(paths, {text: needs.text})
  } finally {
    close()
  }
}

test('logs that are asked directly answer as a case does, whatever they hold', async () => {
  let scoped = 0
  await fc.assert(
    fc.asyncProperty(randomLines, async (lines) => {
      const folder = newFolder()
      const casePath = await emptyCaseIn(folder)
      const log = writeInto(folder, 'audit.log', textOf(lines))
      await load(casePath, [log])
      const caseFile = await openCase(casePath)
      const wanted = await answersOf(caseFile)
      caseFile.close()
      const {answers, isScoped} = await askLogs([log], {text: 'writes', events: scope})
      expect(answers).toEqual(wanted)
      if (isScoped) scoped++
    }),
    runs(10),
  )
  expect(scoped).toBeGreaterThan(3)
})

test('a copy among what is only counted has everything read', async () => {
  const events = manyEvents(20)
  const regular = writeInto(newFolder(), 'audit.log', logText(events))
  const copied = writeInto(newFolder(), 'audit.log', logText([...events, ...events.slice(0, 1)]))
  const needs = {text: 'writes', events: scope} as const
  expect(await askLogs([regular], needs)).toMatchObject({isScoped: true})
  expect(await askLogs([copied], needs)).toMatchObject({isScoped: false})
})

test('text that a question does not read is not kept, and what is no event keeps its own', async () => {
  const log = writeInto(newFolder(), 'audit.log', `${logText([auditEvent(), auditEvent({auditID: 'b', verb: 'delete'})])}not JSON\n`) // prettier-ignore
  const kept = async (text: EvidenceNeeds['text']) => {
    const {caseFile, close} = await readLogs(newFolder(), [log], {text})
    const rows = await caseFile.all('SELECT verb, raw IS NOT NULL AS has_text FROM events ORDER BY verb')
    expect(await caseFile.all('SELECT raw FROM rejects')).toEqual([{raw: 'not JSON'}])
    close()
    return rows.map((row) => row['has_text'])
  }
  expect([await kept('all'), await kept('writes'), await kept('none')]).toEqual([
    [true, true],
    [true, false],
    [false, false],
  ])
})
