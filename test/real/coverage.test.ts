import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {openCase} from '../../src/case/case-file.ts'
import {gapsIn, type Gap} from '../../src/investigations/coverage/gaps.ts'
import {missingFiles, type MissingFile} from '../../src/investigations/coverage/missing-files.ts'
import {readNeverLogged} from '../../src/investigations/coverage/never-logged.ts'
import {readSeries, type Logs} from '../../src/investigations/coverage/read-series.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {questionOf} from '../support/question.ts'
import {newFolder} from '../support/scratch.ts'

const logs = process.env['K8SAUDIT_TEST_LOGS']
const incident = join(logs ?? '', 'incident')
const samples = join(import.meta.dirname, '../../samples')

/** What is read of the logs, and the keys of what they never show. */
async function readLogs(paths: readonly string[]): Promise<{readonly logs: Logs; readonly never: string[]}> {
  const path = caseIn(newFolder())
  await load(path, paths)
  const caseFile = await openCase(path)
  try {
    const question = await questionOf(caseFile)
    const never = await readNeverLogged(caseFile, question)
    return {logs: await readSeries(caseFile, question), never: never.map(({key}) => key)}
  } finally {
    caseFile.close()
  }
}

function namedUs(name: string): number {
  const [, day = '', h = '', m = '', s = ''] = /-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-([\d.]+)\.log/.exec(name) ?? []
  return Date.parse(`${day}T${h}:${m}:${s}Z`) * 1000
}

/** Without one of the files at a time, as if it had not been collected; the statistics are those of the whole set. */
function without({series, files}: Logs, source: number): Logs {
  return {
    files: new Map([...files].filter(([each]) => each !== source)),
    series: series.map((one) => ({...one, pieces: one.pieces.filter((piece) => piece.source !== source)})),
  }
}

describe.skipIf(logs === undefined)('logs of a real API server', () => {
  test.each(['metadata', 'gce-policy'])(
    '%s: of the whole set nothing is missing; each rotated file is missed, to the second',
    async (policy) => {
      const folder = join(incident, policy)
      const {logs: whole} = await readLogs([folder])
      expect(whole.series).toHaveLength(1)
      expect(gapsIn(whole)).toEqual([])
      expect(missingFiles(whole)).toEqual([])

      const names = readdirSync(folder).sort()
      const rotated = names.filter((name) => name !== 'audit.log')
      for (const [i, name] of rotated.entries()) {
        const taken = [...whole.files.values()].find(({place}) => place.endsWith(`/${name}`))
        const found = gapsIn(without(whole, taken?.source ?? -1))
        if (i === 0) {
          expect(found, name).toEqual([])
          continue
        }
        expect(
          found.map(({reason}: Gap) => reason),
          name,
        ).toEqual(['missing-file'])
        const [gap] = found
        expect(Math.abs((gap?.fromUs ?? 0) - namedUs(rotated[i - 1] ?? '')), name).toBeLessThan(1e6)
        expect(Math.abs((gap?.toUs ?? 0) - namedUs(name)), name).toBeLessThan(1e6)
      }
      const live = [...whole.files.values()].find(({isLive}) => isLive)
      expect(
        missingFiles(without(whole, live?.source ?? -1)).map(({fromUs, toUs}: MissingFile) => [fromUs, toUs]),
      ).toEqual([[namedUs(rotated.at(-1) ?? ''), null]])
    },
  )

  test('a policy that drops core events is told from what is never logged', async () => {
    const {never} = await readLogs([join(incident, 'gce-policy')])
    expect(never).toEqual(['core-events'])
    expect((await readLogs([join(incident, 'metadata')])).never).toEqual([])
  })
})

test('the samples, two API servers, are whole', async () => {
  const {logs: whole, never} = await readLogs([samples])
  expect(whole.series).toHaveLength(2)
  expect(gapsIn(whole)).toEqual([])
  expect(missingFiles(whole)).toEqual([])
  expect(never).toEqual([])
})
