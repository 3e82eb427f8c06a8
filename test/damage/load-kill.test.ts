import {existsSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {expect, test} from 'vitest'
import {logText, manyEvents, type AuditEvent} from '../support/audit-event.ts'
import {caseIn} from '../support/built-loader.ts'
import {ask, brokenSources, caseDigest} from '../support/case-answers.ts'
import {seed} from '../support/properties.ts'
import {random} from '../support/random.ts'
import {runCli, startCli} from '../support/run-cli.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

/** How many loads are killed; 6 take some twelve seconds. */
const kills = Number(process.env['K8SAUDIT_KILLS'] ?? 6)

const pad = 'x'.repeat(2500)
const body = (nth: number): AuditEvent => ({level: 'RequestResponse', responseObject: {kind: 'ConfigMap', metadata: {uid: `u-${nth}`}, pad}}) // prettier-ignore
const received = (nth: number): AuditEvent => ({
  stage: 'RequestReceived',
  responseStatus: undefined,
  requestObject: nth % 3 === 0 ? {dryRun: ['All']} : undefined, // what the last stage does not tell
})

/** Logs of every kind, each more than a MiB of text: a batch of its own. */
function writeLogs(folder: string): void {
  const texts = [
    logText(manyEvents(400, 0, body)),
    logText(manyEvents(400, 400, body)),
    logText(manyEvents(1500, 0, received)), // the first stages of requests that end in the other files
    `${logText(manyEvents(400, 700, body))}{"auditID":"x", broken\n`, // copies, and a reject
    logText(manyEvents(400, 1100, body)),
  ]
  texts.forEach((text, i) => writeInto(folder, `audit-${i}.log.gz`, text))
  writeInto(folder, 'cut.log.gz', gzipSync(logText(manyEvents(500, 1400, body))).subarray(0, -200))
  writeInto(folder, 'torn.log', logText(manyEvents(500, 1100, body)).slice(0, -2000))
  writeInto(folder, 'README.md', '# Evidence\n')
}

test(`a load that is killed leaves a whole case, and goes on to the same end (${kills} times, seed ${seed})`, {timeout: 60_000 + kills * 10_000}, async () => {
  const logs = join(newFolder(), 'logs')
  writeLogs(logs)
  const folder = newFolder()
  const command = (casePath: string) => ['load', logs, '--case', casePath, '--batch-size', '1']

  const startedAt = performance.now()
  expect((await runCli(command(caseIn(folder, 'whole')))).code).toBe(3)
  const wholeMs = performance.now() - startedAt
  const wanted = await caseDigest(caseIn(folder, 'whole'))
  expect(await brokenSources(caseIn(folder, 'whole'))).toEqual([])
  expect(Number((await ask(caseIn(folder, 'whole'), 'SELECT count(*) AS n FROM store.merged_rows'))[0]?.['n'])).toBeGreaterThan(100) // prettier-ignore

  const next = random(seed)
  const casePath = caseIn(folder, 'killed')
  const stages = new Set<string>()
  for (let killed = 0, inThisCase = 0; killed < kills;) {
    const {child, ended} = startCli(command(casePath))
    child.stdin.end()
    await setTimeout(wholeMs * (0.2 + 0.9 * next()))
    child.kill('SIGKILL')
    const {signal} = await ended
    if (signal === 'SIGKILL') killed++
    inThisCase++

    if (existsSync(casePath)) {
      const [state] = await ask<{sources: number; orphans: number; running: number}>(
        casePath,
        `SELECT (SELECT count(*) FROM sources) AS sources, (SELECT count(*) FROM loads WHERE outcome = 'running') AS running,
          (SELECT count(*) FROM events WHERE source_id NOT IN (SELECT source_id FROM sources)) + (SELECT count(*) FROM requests WHERE source_id NOT IN (SELECT source_id FROM sources))
          + (SELECT count(*) FROM rejects WHERE source_id NOT IN (SELECT source_id FROM sources)) AS orphans`,
      )
      expect(state?.orphans).toBe(0)
      expect(await brokenSources(casePath)).toEqual([])
      // What is there of a source is all of it.
      expect(
        await ask(
          casePath,
          "SELECT path FROM sources WHERE status = 'loaded' AND path LIKE '%.log.gz' AND records < 400",
        ),
      ).toEqual([])
      stages.add(`${state?.sources ?? 0} sources`)
    } else stages.add('no case yet')
    expect(readdirSync(folder).filter((name) => !/^(whole|killed)\.duckdb(\.wal|\.tmp|\.new-[0-9a-f]+(\.wal|\.tmp)?)?$/.test(name))).toEqual([]) // prettier-ignore

    if (signal !== 'SIGKILL' || next() < 0.4 || inThisCase === 4 || killed >= kills) {
      expect((await runCli(command(casePath))).code).toBeOneOf([0, 3])
      expect(await caseDigest(casePath)).toEqual(wanted)
      expect(await brokenSources(casePath)).toEqual([])
      for (const name of readdirSync(folder)) if (name.startsWith('killed')) rmSync(join(folder, name), {recursive: true})
      inThisCase = 0
    }
  }
  // The kills must have met the load at different places.
  expect(stages.size, [...stages].join(', ')).toBeGreaterThan(2)
}) // prettier-ignore
