import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process'
import {fileURLToPath} from 'node:url'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** How a run of the built command ended. */
export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly cwd?: string
  /** Standard input; without it there is none. */
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** A program and its arguments to run the command under. */
  readonly under?: readonly string[]
}

/** A run that is under way. */
export interface RunningCli {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<CliResult>
}

/** Vitest says that this is a test, which makes oclif look for sources and warn its developers; users have none of it. */
export const asInstalled = {NODE_ENV: 'production'}

/** Starts the built `k8saudit`; its standard input stays open until the caller ends it. */
export function startCli(args: readonly string[], {cwd, env, under = []}: Omit<CliOptions, 'input'> = {}): RunningCli {
  const [command, ...rest] = [...under, process.execPath, program, ...args] as [string, ...string[]]
  const child = spawn(command, rest, {
    env: {...process.env, ...asInstalled, ...env},
    ...(cwd === undefined ? {} : {cwd}),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined) // the command may have ended before it read everything
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({code, signal, stdout, stderr}))
  })
  return {child, ended}
}

/** Runs the built `k8saudit` as a user does, to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const {child, ended} = startCli(args, options)
  child.stdin.end(options.input)
  return ended
}
