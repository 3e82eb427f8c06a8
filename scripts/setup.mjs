// Makes a clone ready: installs the locked dependencies and builds, each only when something it depends on has changed.
// Plain Node, no dependency: on a fresh machine nothing else is there yet.
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamps = join(root, '.setup')

function filesBelow(path) {
  return readdirSync(join(root, path), {withFileTypes: true, recursive: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function digest(paths) {
  const hash = createHash('sha256').update(process.version).update(process.platform)
  for (const path of paths) hash.update(path.slice(root.length)).update(readFileSync(path))
  return hash.digest('hex')
}

function step(name, inputs, result, act) {
  const stamp = join(stamps, name)
  const now = digest(inputs)
  if (existsSync(result) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return
  rmSync(stamp, {force: true})
  act()
  mkdirSync(stamps, {recursive: true})
  writeFileSync(stamp, now)
}

function run(command, args, options = {}) {
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: ['ignore', 2, 2], ...options})
  if (error) console.error(`${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`k8saudit needs Node 20.19 or later; this is ${process.versions.node}. See https://nodejs.org`)
  process.exit(1)
}

const lock = [join(root, 'package.json'), join(root, 'package-lock.json')]
step('installed', lock, join(root, 'node_modules/.package-lock.json'), () => {
  console.error('Installing the dependencies …')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {shell: process.platform === 'win32'})
})
step(
  'built',
  [...lock, join(root, 'tsconfig.json'), join(root, 'scripts/build.mjs'), ...filesBelow('src')],
  join(root, 'dist/commands'),
  () => {
    console.error('Building …')
    run(process.execPath, ['scripts/build.mjs'])
  },
)
