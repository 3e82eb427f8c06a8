/** A case file that cannot be used: missing, held by another process, no case, or of another version. Exit code 4. */
export class CaseError extends Error {
  override readonly name = 'CaseError'
  /** What the user can do next, as a sentence. */
  readonly suggestion: string

  constructor(message: string, suggestion: string, cause?: unknown) {
    super(message, {cause})
    this.suggestion = suggestion
  }
}

/** A statement that DuckDB refused. The message is DuckDB's own, caret included. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
}
