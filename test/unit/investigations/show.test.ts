import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {openCase, type CaseFile} from '../../../src/case/case-file.ts'
import {parseShowTarget, show} from '../../../src/investigations/show.ts'
import {auditEvent, logText} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

const ids = ['aaaa1111-0000-4000-8000-000000000001', 'aaaa1111-0000-4000-8000-000000000002', 'b[ad]*1111']

describe('show', () => {
  let caseFile: CaseFile

  beforeAll(async () => {
    const folder = newFolder()
    const events = ids.map((auditID, i) => auditEvent({auditID, requestURI: `/api/v1/namespaces/prod/secrets/s-${i}`}))
    writeInto(folder, 'logs/audit.log', `${logText(events.slice(0, 2))}\n${logText(events.slice(2))}not json\n`)
    writeInto(folder, 'logs/empty.log', '')
    const path = await emptyCaseIn(folder)
    await load(path, [join(folder, 'logs')])
    caseFile = await openCase(path)
    return () => caseFile.close()
  })

  const ask = async (text: string) => {
    const {answer, texts} = await show(caseFile, parseShowTarget(text))
    return {warnings: answer.warnings.join('\n'), texts, filters: answer.filters}
  }

  it('finds an audit ID by its beginning and a wildcard, and takes nothing else for one', async () => {
    expect((await ask(ids[0] as string)).texts).toHaveLength(1)
    expect((await ask('aaaa1111*')).texts).toHaveLength(2)
    expect((await ask('b[ad]*1111')).texts).toHaveLength(1)
    expect((await ask('aaaa1111-0000-4000-8000-00000000000?')).texts).toHaveLength(0)
    expect(() => parseShowTarget('aa*')).toThrow('almost every event')
    expect((await ask('aaaa1111*')).filters).toEqual({audit_id: 'aaaa1111*'})
  })

  it('says what was searched, and which audit IDs are near', async () => {
    const {warnings, texts} = await ask('aaaa1111-0000-4000-8000-000000000009')
    expect(texts).toEqual([])
    expect(warnings).toContain('Nothing found among 3 events of 2 sources.')
    expect(warnings).toContain(`Audit IDs that begin alike: ${ids[0] ?? ''}, ${ids[1] ?? ''}.`)
    expect((await ask('cccc')).warnings).not.toContain('alike')
  })

  it('says how far a file goes, and that no source is called so', async () => {
    expect((await ask('audit.log:4711')).warnings).toMatch(/audit\.log goes to line 5\./)
    expect((await ask('audit.log:3')).warnings).toMatch(/no event stands at line 3: it is blank, or no audit record\./)
    expect((await ask('audit.log:1#7')).warnings).toContain('line 1 holds no item 7')
    expect((await ask('other.log:1')).warnings).toContain('No source is called other.log')
    expect((await ask('audit.log:5')).texts).toEqual(['not json'])
  })
})
