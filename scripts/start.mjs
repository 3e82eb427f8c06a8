// Makes the clone ready, loads the samples into a case where that is still to be done, and asks it one question.
// Plain Node, like setup.mjs, which it runs first.
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const caseFile = '.setup/samples.duckdb'
const stamp = join(root, '.setup/samples')

/** Runs node in the project's root and ends with its exit code where it fails. Returns what it said, where that is piped. */
function node(args, stdio) {
  const {status, error, stderr} = spawnSync(process.execPath, args, {cwd: root, stdio, encoding: 'utf8'})
  if (error) console.error(error.message)
  if (status !== 0 && stderr) console.error(stderr.trimEnd())
  if (status !== 0) process.exit(status ?? 1)
  return stderr
}

/** What the case depends on: the samples, and the build that loads them. */
function digest() {
  const hash = createHash('sha256').update(readFileSync(join(root, '.setup/built')))
  const entries = readdirSync(join(root, 'samples'), {withFileTypes: true, recursive: true})
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of paths.sort()) hash.update(path.slice(root.length)).update(readFileSync(path))
  return hash.digest('hex')
}

const echo = (args) => console.error(`$ node ${args.join(' ')}`)

node(['scripts/setup.mjs'], ['ignore', 2, 2])

const now = digest()
const isLoaded = existsSync(join(root, caseFile)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now
if (!isLoaded) {
  for (const end of ['', '.wal']) rmSync(join(root, caseFile) + end, {force: true})
  const load = ['bin/run.js', 'load', 'samples', '--case', caseFile]
  echo(load)
  // Its hint would name a command that a clone does not have.
  console.error(
    node(load, ['ignore', 2, 'pipe'])
      .replace(/^Next: .*\n?/m, '')
      .trimEnd(),
  )
  writeFileSync(stamp, now)
}
const ask = ['bin/run.js', 'who-deleted', 'deploy/nginx', '-n', 'prod', '--case', caseFile]
echo(ask)
node(ask, ['ignore', 'inherit', 'inherit'])
console.error(`\nIn this clone, k8saudit is node bin/run.js. Next: node bin/run.js summary --case ${caseFile}`)
