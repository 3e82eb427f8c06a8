import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder} from '../../support/scratch.ts'
import {execsOf} from './execs-log.ts'

describe('the argv that a kubelet received', () => {
  const logs = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident')
  const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(logs)
  if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

  it.runIf(isThere).each(['metadata', 'gce-policy'])('is the one that was decoded: %s', async (name) => {
    const received = readFileSync(join(logs, `kubelet-${name}.ndjson`), 'utf8')
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            kind: string
            cmd?: string[]
            pod: string
            container: string
            tty: boolean
            stdin: boolean
            t: string
          },
      )
      .filter(({kind}) => kind === 'exec')
    const path = await emptyCaseIn(newFolder())
    await load(path, [join(logs, name)])
    const {rows} = await execsOf(path).ask()
    const ran = rows.filter((row) => row['outcome'] === 'accepted' && ['exec', 'copy'].includes(row['kind'] as string))
    expect(ran.length).toBeGreaterThan(9)
    const told = (list: readonly unknown[]) => list.map((entry) => JSON.stringify(entry)).sort()
    expect(
      told(
        ran.map((row) => [
          `${row['namespace'] as string}/${row['pod'] as string}`,
          row['container'],
          row['command'],
          row['stdin'],
          row['tty'],
        ]),
      ),
    ).toEqual(told(received.map(({pod, container, cmd, stdin, tty}) => [pod, container, cmd, stdin, tty])))
  })
})
