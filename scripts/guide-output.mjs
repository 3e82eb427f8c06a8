// Runs the commands of a guide on the samples and puts what they print below them.
import {spawnSync} from 'node:child_process'
import {cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'

const root = join(import.meta.dirname, '..')
const shownFolder = '/cases/4711'

/**
 * The text of a guide with the output of its commands made anew: in each block of kind `console`, what stands between a
 * line `$ COMMAND` and the next is replaced by what the command prints, both streams. Commands run in one folder, in
 * their order, in which samples/ lies as the reader has it.
 */
export function renderGuide(text) {
  const work = realpathSync(mkdtempSync(join(tmpdir(), 'k8saudit-guide-')))
  try {
    const programs = join(work, 'bin')
    const folder = join(work, 'case')
    cpSync(join(root, 'samples'), join(folder, 'samples'), {recursive: true})
    cpSync(join(root, 'scripts/guide'), folder, {recursive: true})
    const program = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/run.js')}" "$@"\n`
    cpSync(join(root, 'bin'), programs, {recursive: true})
    writeFileSync(join(programs, 'k8saudit'), program, {mode: 0o755})
    const run = (command) => {
      const {stdout} = spawnSync('bash', ['-c', `{ ${command}\n} 2>&1`], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          PATH: `${programs}${delimiter}${process.env.PATH}`,
          COLUMNS: '110',
          NO_COLOR: '1',
          TZ: 'UTC',
          K8SAUDIT_CASE: '',
        },
      })
      // How long a load took is no fact about the evidence.
      return stdout
        .replaceAll(folder, shownFolder)
        .replaceAll(/, in \d+:\d\d\.$/gm, '.')
        .replaceAll(/[ \t]+$/gm, '')
        .trimEnd()
    }
    return text.replaceAll(/^```console\n([\s\S]*?)^```$/gm, (_, block) => {
      const commands = block.split('\n').filter((line) => line.startsWith('$ '))
      return `\`\`\`console\n${commands.map((line) => `${line}\n${run(line.slice(2))}`.trimEnd()).join('\n')}\n\`\`\``
    })
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}
