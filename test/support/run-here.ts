import {fileURLToPath} from 'node:url'
import {Config, Errors, run} from '@oclif/core'
import {vi} from 'vitest'
import {asInstalled, type CliOptions, type CliResult} from './run-cli.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Commands share the streams, the environment and the working directory of this process: one at a time. */
let last: Promise<unknown> = Promise.resolve()

/** Keeps what is written to a stream, until it is restored. */
function keepOutput(stream: NodeJS.WriteStream) {
  let text = ''
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk, encoding?: unknown, written?: unknown) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const callback = typeof encoding === 'function' ? encoding : written
    if (typeof callback === 'function') process.nextTick(callback)
    return true
  })
  return {kept: () => text, restore: () => spy.mockRestore()}
}

/** Sets variables of the environment; returns what puts them back. */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  }
}

async function exitCodeOf(args: readonly string[], config: Config): Promise<number> {
  process.exitCode = 0
  try {
    await run([...args], config)
    return process.exitCode
  } catch (error) {
    if (error instanceof Errors.ExitError) return error.oclif.exit ?? 1
    throw error
  }
}

type HereOptions = Omit<CliOptions, 'input' | 'under'>

async function runAlone(args: readonly string[], {cwd, env}: HereOptions): Promise<CliResult> {
  const config = await Config.load(root) // anew each time: the help writes into it
  const {argv, exitCode} = process
  const folder = process.cwd()
  const resetEnvironment = setEnvironment({...asInstalled, ...env})
  if (cwd !== undefined) process.chdir(cwd)
  process.argv = [process.execPath, 'k8saudit', ...args]
  const [stdout, stderr] = [keepOutput(process.stdout), keepOutput(process.stderr)]
  try {
    const code = await exitCodeOf(args, config)
    return {code, signal: null, stdout: stdout.kept(), stderr: stderr.kept()}
  } finally {
    stdout.restore()
    stderr.restore()
    process.argv = argv
    process.exitCode = exitCode
    process.chdir(folder)
    resetEnvironment()
  }
}

/**
 * Runs the built command within this process, which saves the start of another: for tests of what a command answers. What is
 * about the process (signals, standard input, pipes, two at once) needs `runCli`. Calls wait for each other.
 *
 * @throws what the command lets through: a user would see a stack trace.
 */
export async function runHere(args: readonly string[], options: HereOptions = {}): Promise<CliResult> {
  const result = last.then(() => runAlone(args, options))
  last = result.catch(() => undefined)
  return result
}
