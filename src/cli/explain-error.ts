import {exitCodes} from './exit-codes.ts'

/** An error as the user meets it: what happened, what to do next, and the exit code. */
export interface ExplainedError {
  readonly message: string
  readonly suggestion: string | null
  readonly exitCode: number
}

/** Wrong usage that oclif's parser cannot see. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly suggestion: string | null

  constructor(message: string, suggestion: string | null = null) {
    super(message)
    this.suggestion = suggestion
  }
}

const usageErrors = new Set([
  'UsageError',
  'MissingPathError',
  'CidrError',
  'FilterError',
  'TargetError',
  'TermError',
  'InstantError',
  'NoSuchSourceError',
  'UnknownServerError',
  'QueryError',
])

/** Recognised by name, so that no room has to be imported (and started up) only to name its errors. */
export function explainError(error: unknown): ExplainedError {
  const {
    name = 'Error',
    message = String(error),
    suggestion = null,
    code,
  } = (error ?? {}) as {name?: string; message?: string; suggestion?: string | null; code?: string}
  if (name === 'CaseError') return {message, suggestion, exitCode: exitCodes.noCase}
  if (name === 'AbortError')
    return {message: 'Interrupted: nothing was written.', suggestion: null, exitCode: exitCodes.interrupted}
  if (usageErrors.has(name)) return {message, suggestion, exitCode: exitCodes.usage}
  if (/No space left on device|ENOSPC|could not write|IO Error.*[Ww]rite/.test(message) || code === 'ENOSPC') {
    return {
      message: `The disk is full, or cannot be written to: ${firstLine(message)}`,
      suggestion: 'Make room and give the same command again: what was committed stays.',
      exitCode: exitCodes.failed,
    }
  }
  if (/Out of Memory/i.test(message))
    return {
      message: firstLine(message),
      suggestion: 'Give more with --memory, such as --memory 2GB.',
      exitCode: exitCodes.failed,
    }
  return {message, suggestion, exitCode: exitCodes.failed}
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
