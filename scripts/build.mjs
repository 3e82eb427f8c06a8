// Compiles src/ into dist/, copies the SQL that stands beside the code, and writes oclif's manifest.
// Plain Node: it runs before anything but the dependencies is there.
import {execFileSync} from 'node:child_process'
import {cpSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const node = (...args) => execFileSync(process.execPath, args, {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})

rmSync(join(root, 'dist'), {recursive: true, force: true})
node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--incremental', 'false')
cpSync(join(root, 'src'), join(root, 'dist'), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
})
execFileSync(process.execPath, ['node_modules/oclif/bin/run.js', 'manifest'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true'},
})
