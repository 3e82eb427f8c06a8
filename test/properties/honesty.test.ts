import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {openCase} from '../../src/case/case-file.ts'
import {whoDeleted} from '../../src/investigations/who-deleted/who-deleted.ts'
import {plainText, type Plain} from '../../src/output/answer.ts'
import {load} from '../support/built-loader.ts'
import {questionOf} from '../support/question.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'
import {lose, lossOf, readFolder, type LogFile, type Loss} from '../support/stripped-logs.ts'

type Outcomes = ReadonlyMap<string, {readonly outcome: string; readonly note: string}>

interface Question {
  readonly type?: string
  readonly name?: string
  readonly namespace?: string
}

async function ask(
  log: readonly LogFile[],
  questions: readonly Question[],
): Promise<{outcomes: Outcomes; silent: string[]}> {
  const folder = newFolder()
  for (const {name, lines} of log) writeInto(folder, `logs/${name}`, lines.map((line) => `${line}\n`).join(''))
  writeInto(folder, 'logs/none.log', '')
  await load(join(folder, 'case.duckdb'), [join(folder, 'logs')])
  const caseFile = await openCase(join(folder, 'case.duckdb'))
  const outcomes = new Map<string, {outcome: string; note: string}>()
  const silent: string[] = []
  try {
    for (const question of questions) {
      const {namespace, ...target} = question
      const answer = await whoDeleted(caseFile, await questionOf(caseFile, {namespace, includeSystem: true}), target)
      const at = (name: string) => answer.columns.findIndex((column) => column.name === name)
      let rows = 0
      for await (const batch of answer.rows) {
        for (const row of batch as readonly Plain[][]) {
          rows++
          const cell = (name: string): string => plainText(row[at(name)])
          const key = [
            JSON.stringify(question),
            cell('time'),
            cell('audit_id'),
            cell('verb'),
            cell('resource'),
            cell('namespace'),
            cell('name'),
          ].join(' ')
          outcomes.set(key, {outcome: cell('outcome'), note: cell('note')})
        }
      }
      if (rows === 0 && answer.warnings.length === 0) silent.push(JSON.stringify(question))
    }
  } finally {
    caseFile.close()
  }
  return {outcomes, silent}
}

/**
 * What an outcome may turn into where the log holds less. `terminating` is what is left of a removal whose end is no
 * longer shown. A dry run is told from a removal by its body, or by the same object being deleted again; without both, the
 * record is that of a removal to the last byte, and counts as one that may have been a dry run: its note has to say so.
 */
function isHonest(full: string, less: {readonly outcome: string; readonly note: string}, loss: Loss): boolean {
  if (less.outcome === full || less.outcome === 'unproven') return true
  if (full === 'removed' && less.outcome === 'terminating') return true
  return (
    full === 'dry-run' &&
    (less.outcome === 'removed' || less.outcome === 'terminating') &&
    loss.bodies &&
    /dry run/.test(less.note)
  )
}

async function checkLog(log: readonly LogFile[], questions: readonly Question[], times: number): Promise<void> {
  const {outcomes: full} = await ask(log, questions)
  expect(full.size).toBeGreaterThan(10)
  await fc.assert(
    fc.asyncProperty(lossOf, async (loss) => {
      const {outcomes, silent} = await ask(lose(log, loss), questions)
      const dishonest = [...outcomes].flatMap(([key, less]) => {
        const before = full.get(key)
        return before === undefined || isHonest(before.outcome, less, loss)
          ? []
          : [`${key}: ${before.outcome} became ${less.outcome} (${less.note})`]
      })
      expect(dishonest).toEqual([])
      expect(silent).toEqual([])
    }),
    runs(times),
  )
}

describe('where the log holds less, an outcome becomes less certain, never another certainty', () => {
  it('in the samples', async () => {
    const samples = fileURLToPath(new URL('../../samples/control-plane-1', import.meta.url))
    await checkLog(
      readFolder(samples),
      [{type: 'deploy', name: 'nginx', namespace: 'prod'}, {type: 'deploy', name: 'gone', namespace: 'prod'}, {}],
      6,
    )
  })

  const real = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident', 'gce-policy')
  const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(real)
  if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')
  it.runIf(isThere)('in a real log with bodies', async () => {
    await checkLog(
      readFolder(real),
      [
        {type: 'deploy', name: 'nginx', namespace: 'prod'},
        {type: 'secret', name: 'staging-creds', namespace: 'staging'},
        {namespace: 'prod'},
      ],
      5,
    )
  })
})
