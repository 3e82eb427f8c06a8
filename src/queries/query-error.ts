/** A query that is not there, cannot be read, or was asked with what it does not take. Wrong usage: exit code 2. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  /** What the user can do next, as a sentence; NULL where the message says it. */
  readonly suggestion: string | null

  constructor(message: string, suggestion: string | null = null, cause?: unknown) {
    super(message, {cause})
    this.suggestion = suggestion
  }
}
