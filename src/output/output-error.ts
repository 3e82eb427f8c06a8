/** An answer that could not be written where it was to go. */
export class OutputError extends Error {
  override readonly name = 'OutputError'
  /** What the user can do next, as a sentence. */
  readonly suggestion: string

  constructor(message: string, suggestion: string, cause?: unknown) {
    super(message, {cause})
    this.suggestion = suggestion
  }
}

/**
 * What the system said about writing to `path`, as what happened and what to do next. Errors that are not the system's
 * come back as they are.
 */
export function explainWriteError(path: string, folder: string, error: unknown): unknown {
  const {code, syscall} = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || code === undefined || syscall === undefined) return error
  switch (code) {
    case 'ENOENT':
      return new OutputError(`There is no folder ${folder}.`, 'Make it first, or name a file in another folder.', error)
    case 'ENOTDIR':
      return new OutputError(`${folder} is no folder.`, 'Name a file in a folder.', error)
    case 'EISDIR':
      return new OutputError(`${path} is a folder.`, 'Name a file in it.', error)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new OutputError(
        `${path} could not be written: no permission.`,
        'Name a file in a folder that you may write to.',
        error,
      )
    case 'ENOSPC':
    case 'EDQUOT':
      return new OutputError(
        `${path} could not be written: the disk is full.`,
        'Make room, or name a file on another disk.',
        error,
      )
    default:
      return new OutputError(`${path} could not be written: ${error.message}.`, 'Name another file.', error)
  }
}
