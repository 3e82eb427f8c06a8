import {Args, Flags} from '@oclif/core'
import {BaseCommand, caseFlag} from '../cli/base-command.ts'
import {outputFlags, type OutputChoice} from '../cli/output-flags.ts'
import {currentCustody} from '../cli/custody.ts'
import {exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/explain-error.ts'
import {interruptSignal} from '../cli/interrupt.ts'
import {loadSummary} from '../cli/load-summary.ts'
import {progressLine} from '../cli/progress.ts'
import {privateFolder} from '../files/private-folder.ts'
import type {ReadOptions} from '../load/start-reading.ts'

/** A size as DuckDB takes it. */
function memorySize(text: string): string {
  if (/^\s*\d+(?:\.\d+)?\s*[KMGT]i?B\s*$/i.test(text)) return text
  throw new UsageError(
    `--memory ${JSON.stringify(text)} is no size.`,
    'Give a number with a unit: 500MB, 2GB or 1GiB (KB, MB, GB, TB, KiB, MiB, GiB, TiB).',
  )
}

/** How much of each text `--explain` reads. */
const beginningBytes = 4 * 2 ** 20

interface LoadFlags extends OutputChoice {
  readonly cluster?: string | undefined
  readonly 'trusted-proxy'?: string[] | undefined
  readonly memory: string
  readonly 'max-line': number
  readonly 'max-ratio': number
  readonly 'max-unpacked': number
  readonly 'max-members': number
  readonly 'max-depth': number
  readonly 'max-spool': number
}

/** What is read, and within which limits. */
function readOptions(paths: readonly string[], flags: LoadFlags, version: string): ReadOptions {
  return {
    paths,
    cluster: flags.cluster ?? null,
    trustedProxies: flags['trusted-proxy'] ?? [],
    custody: currentCustody(version),
    memoryLimit: memorySize(flags.memory),
    maxLineBytes: flags['max-line'] * 2 ** 20,
    limits: {
      maxRatio: flags['max-ratio'],
      maxUnpackedBytes: flags['max-unpacked'] * 2 ** 20,
      maxMembers: flags['max-members'],
      maxDepth: flags['max-depth'],
      maxSpoolBytes: flags['max-spool'] * 2 ** 20,
    },
  }
}

export default class Load extends BaseCommand {
  static override summary = 'Load audit logs into a case.'

  static override description = `Reads files, folders (with all below them), patterns, archives within archives, and standard input (-): logs of API servers,
exports from EKS, AKS, GKE and others, recognised by what they hold (docs/formats.md). What is no audit log is skipped and
named. Every record becomes an event or a reject with its reason; copies of an event are counted once. Loading the same
files again adds nothing, so the same command goes on after an interruption.

Exit codes: 0 all is in · 3 done, but some evidence was damaged or rejected · 4 the case is in use · 130 interrupted.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> samples',
    '<%= config.bin %> <%= command.id %> ./audit-logs evidence.tar.gz --cluster prod-eu',
    "<%= config.bin %> <%= command.id %> 'audit-logs/audit-2026-03-01T10*' --case 4711.duckdb",
    'gzip -dc audit-logs/*.gz | <%= config.bin %> <%= command.id %> -',
    '<%= config.bin %> <%= command.id %> --explain samples',
  ]

  static override strict = false

  static override args = {
    path: Args.string({
      ignoreStdin: true,
      description: 'Files, folders, patterns, or - for standard input.',
      required: true,
    }),
  }

  static override flags = {
    ...caseFlag,
    explain: Flags.boolean({
      summary: 'Say what it would make of each input, and why, without loading.',
      description: 'Reads the beginning of each file and of each member of an archive. Writes no case.',
    }),
    ...outputFlags,
    cluster: Flags.string({summary: 'Name of the cluster that these logs come from.', helpValue: 'NAME'}),
    'trusted-proxy': Flags.string({
      summary: 'Address or CIDR block of a load balancer of ours; can be given several times.',
      description:
        'The client is then the rightmost of sourceIPs that is none of them, instead of the connecting peer.',
      helpValue: 'CIDR',
      multiple: true,
      multipleNonGreedy: true,
    }),
    memory: Flags.string({
      summary: 'Memory that DuckDB may use while it loads.',
      helpValue: 'SIZE',
      default: '500MB',
    }),
    'max-line': Flags.integer({
      summary: 'Longest line taken as one record, in MiB; a longer one is rejected.',
      helpValue: 'MIB',
      default: 16,
      min: 1,
      max: 1024,
    }),
    'max-ratio': Flags.integer({
      summary:
        'Bytes that a file may unpack for each of its own, beyond the first 64 MiB; what goes beyond is not read.',
      helpValue: 'N',
      default: 300,
      min: 1,
    }),
    'max-unpacked': Flags.integer({
      summary: 'What a file may unpack in all, in MiB.',
      helpValue: 'MIB',
      default: 1_048_576,
      min: 1,
    }),
    'max-members': Flags.integer({
      summary: 'Members that are read of an archive and of those inside it.',
      helpValue: 'N',
      default: 100_000,
      min: 1,
    }),
    'max-depth': Flags.integer({
      summary: 'Archives and compressions that are read within each other.',
      helpValue: 'N',
      default: 8,
      min: 1,
      max: 64,
    }),
    'max-spool': Flags.integer({
      summary: 'What zip files inside other archives may take on disk while they are read, in MiB.',
      helpValue: 'MIB',
      default: 4096,
      min: 0,
    }),
    'batch-size': Flags.integer({
      summary: 'Log that is read before it is committed, in MiB, decompressed; a batch ends with a file.',
      description: 'Smaller batches lose less to an interruption; larger ones take less time in all.',
      helpValue: 'MIB',
      default: 1024,
      min: 1,
    }),
  }

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(Load)
    if (flags.explain) {
      await this.#explain(argv as string[], flags)
      return
    }
    if (flags.output !== 'table')
      throw new UsageError('--output goes with --explain.', 'Without it load writes nothing but the case.')
    for (const name of ['save', 'raw-csv'] as const)
      if (flags[name] !== undefined && flags[name] !== false)
        throw new UsageError(`--${name} goes with --explain.`, 'Without it load writes nothing but the case.')
    const {loadCase} = await import('../load/load-case.ts')
    const {signal, release} = interruptSignal()
    const progress = progressLine()
    const startedAt = performance.now()
    try {
      const report = await loadCase({
        ...readOptions(argv as string[], flags, this.config.version),
        casePath: flags.case,
        batchBytes: flags['batch-size'] * 2 ** 20,
        onProgress: progress.show,
        signal,
      })
      progress.clear()
      this.note(loadSummary(report, flags.case, (performance.now() - startedAt) / 1000).join('\n'))
      if (report.outcome === 'interrupted') process.exitCode = exitCodes.interrupted
      else if (report.outcome === 'damaged') process.exitCode = exitCodes.damaged
    } finally {
      progress.clear()
      release()
    }
  }

  /** A look at the inputs, told from a case that is gone afterwards. */
  async #explain(paths: string[], flags: LoadFlags): Promise<void> {
    const [{loadLogs}, {explainInputs}, {printAnswer}] = await Promise.all([
      import('../load/load-logs.ts'),
      import('../investigations/explain-inputs.ts'),
      import('../cli/print-answer.ts'),
    ])
    const folder = privateFolder()
    const {signal, release} = interruptSignal()
    const progress = progressLine()
    try {
      const logs = await loadLogs({
        ...readOptions(paths, flags, this.config.version),
        beginningBytes,
        onProgress: progress.show,
        signal,
        folder: folder.path,
        needs: {text: 'all'},
      })
      try {
        progress.clear()
        await printAnswer(await explainInputs(logs.caseFile, beginningBytes), flags)
      } finally {
        logs.close()
      }
    } finally {
      progress.clear()
      folder.remove()
      release()
    }
  }
}
