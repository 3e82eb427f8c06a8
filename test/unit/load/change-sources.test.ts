import {describe, expect, test} from 'vitest'
import {auditEvent, logText, manyEvents} from '../../support/audit-event.ts'
import {emptyCaseIn, label, load, remove} from '../../support/built-loader.ts'
import {ask, brokenSources, caseAnswers} from '../../support/case-answers.ts'
import {tarOf} from '../../support/archives.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

async function twoFiles() {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const one = writeInto(folder, 'one.log', `${logText(manyEvents(3))}broken\n`)
  const two = writeInto(folder, 'two.log', logText(manyEvents(3, 2)))
  await load(casePath, [one, two])
  return {folder, casePath, one, two}
}

describe('sources are named', () => {
  test('by number, by path, and by path and member', async () => {
    const {folder, casePath, two} = await twoFiles()
    const archive = writeInto(folder, 'a.tar', await tarOf([{name: 'x.log', content: logText(manyEvents(2, 50))}, {name: 'y.log', content: logText(manyEvents(2, 60))}])) // prettier-ignore
    await load(casePath, [archive])
    expect((await remove(casePath, ['1'])).map(({sourceId}) => sourceId)).toEqual([1])
    expect((await remove(casePath, [two])).map(({place}) => place)).toEqual([two])
    expect((await remove(casePath, [`${archive}!/y.log`])).map(({place}) => place)).toEqual([`${archive}!/y.log`])
    expect((await remove(casePath, [archive])).map(({place}) => place)).toEqual([archive, `${archive}!/x.log`])
    expect(await ask(casePath, 'SELECT count(*) AS n FROM sources')).toEqual([{n: 0}])
  })

  test('and where one of them is none, nothing is changed', async () => {
    const {casePath, one} = await twoFiles()
    const before = await caseAnswers(casePath)
    for (const wrong of ['99', 'nowhere.log', '1; DROP TABLE sources', "' OR 1=1 --", '1.5', ''])
      await expect(remove(casePath, [one, wrong])).rejects.toMatchObject({name: 'NoSuchSourceError'})
    expect(await caseAnswers(casePath)).toEqual(before)
    expect(await ask(casePath, "SELECT count(*) AS n FROM loads WHERE action <> 'load'")).toEqual([{n: 0}])
  })
})

test('a source that was taken out leaves its trace: who, when, which bytes', async () => {
  const {casePath, one} = await twoFiles()
  const [source] = await ask<{sha256: string}>(casePath, 'SELECT sha256 FROM sources WHERE source_id = 1')
  await remove(casePath, [one])
  const [run] = await ask(casePath, "SELECT * FROM loads WHERE action = 'remove'")
  expect(run).toMatchObject({outcome: 'complete', new_sources: 1, new_events: 2, os_user: 'tester'})
  expect(run?.['problem']).toBe(`source 1: ${one} (sha256 ${source?.sha256 ?? ''})`)
  expect(await ask(casePath, 'SELECT count(*) AS n FROM rejects')).toEqual([{n: 0}])
  expect(await ask(casePath, 'SELECT source_id, line FROM events ORDER BY time')).toEqual([
    {source_id: 2, line: 1}, // it stood in the other source as well, and stays at that place
    {source_id: 2, line: 2},
    {source_id: 2, line: 3},
  ])
  expect(await brokenSources(casePath)).toEqual([])
})

test('a truncated copy comes back when the whole event is taken out', async () => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const whole = auditEvent({level: 'RequestResponse', responseObject: {kind: 'Secret'}})
  const cut = auditEvent({level: 'RequestResponse', annotations: {'audit.k8s.io/truncated': 'true'}})
  for (const [name, event] of Object.entries({a: cut, b: cut, c: whole, d: whole}))
    await load(casePath, [writeInto(folder, `${name}.log`, logText([event]))])
  const state = async () => ask(casePath, 'SELECT path[-5:] AS file, truncated, response_object FROM requests JOIN sources USING (source_id)') // prettier-ignore
  expect(await state()).toEqual([{file: 'c.log', truncated: false, response_object: {kind: 'Secret'}}])
  await remove(casePath, [`${folder}/c.log`])
  expect(await state()).toEqual([{file: 'd.log', truncated: false, response_object: {kind: 'Secret'}}])
  await remove(casePath, [`${folder}/d.log`])
  expect(await state()).toEqual([{file: 'a.log', truncated: true, response_object: null}])
  await remove(casePath, [`${folder}/a.log`])
  expect(await state()).toEqual([{file: 'b.log', truncated: true, response_object: null}])
  expect(await brokenSources(casePath)).toEqual([])
})

describe('labels', () => {
  test('load --cluster names the cluster of sources, events and requests', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    await load(casePath, [writeInto(folder, 'a.log', logText(manyEvents(2)))], {cluster: 'prod-eu'})
    for (const table of ['sources', 'events', 'requests'])
      expect(await ask(casePath, `SELECT DISTINCT cluster FROM ${table}`)).toEqual([{cluster: 'prod-eu'}])
  })

  test('are changed for the sources that are named and no others, and taken away', async () => {
    const {casePath, one} = await twoFiles()
    await label(casePath, [one], {cluster: 'prod', apiserver: 'cp-1'})
    const state = async () =>
      ask(casePath, 'SELECT DISTINCT s.source_id, s.cluster AS of_source, e.cluster AS of_events, r.cluster AS of_requests, e.apiserver FROM sources AS s JOIN events AS e USING (source_id) JOIN requests AS r USING (source_id) ORDER BY 1') // prettier-ignore
    expect(await state()).toEqual([
      {source_id: 1, of_source: 'prod', of_events: 'prod', of_requests: 'prod', apiserver: 'cp-1'},
      {source_id: 2, of_source: null, of_events: null, of_requests: null, apiserver: null},
    ])
    await label(casePath, ['1'], {cluster: '', apiserver: ''})
    expect(await state()).toEqual([
      {source_id: 1, of_source: null, of_events: null, of_requests: null, apiserver: null},
      {source_id: 2, of_source: null, of_events: null, of_requests: null, apiserver: null},
    ])
    expect(await ask(casePath, "SELECT count(*) AS n FROM loads WHERE action = 'label' AND outcome = 'complete'")).toEqual([{n: 2}]) // prettier-ignore
  })
})
