import type {Parameters} from './case-file.ts'

/** Of which events the text is kept: of all, of those that are no reads, or of none. */
export type KeptText = 'all' | 'writes' | 'none'

/** Events that all of what is given is true of. */
export interface EventRule {
  readonly verbs?: readonly string[]
  readonly subresources?: readonly string[]
  readonly resources?: readonly string[]
  readonly names?: readonly string[]
  readonly users?: readonly string[]
}

/** A part of a log that answers a question. */
export interface EventScope {
  /** An event is in it if one of these is true of it. Each has to hold for all stages and copies of a request, or for none. */
  readonly rules: readonly EventRule[]
  /** Whether of the other requests is told who sent them, with what, and on which type in which namespace. */
  readonly tellsSenders: boolean
  /**
   * What a statement with these parameters takes: events of the scope alone (`scope`), beside them who sent the others
   * (`senders`), what the next wider scope holds (`wider`), or more (`everything`).
   */
  readonly reachOf: (sql: string, parameters: Parameters) => 'scope' | 'senders' | 'wider' | 'everything'
}

/** What a question reads of logs that are asked directly: the rest is counted, and not kept. */
export interface EvidenceNeeds {
  /** Of which events it reads the text: groups, annotations, bodies, `raw`. */
  readonly text: KeptText
  /** Which events it reads, where that is known beforehand. */
  readonly events?: EventScope
  /** Which events it may read besides, where the first answers make that necessary. */
  readonly wider?: EventScope
}

/** A question went beyond the part of the logs that it was said to read: they are to be read again. */
export class BeyondScopeError extends Error {
  override readonly name = 'BeyondScopeError'
  /** True where the next wider scope holds what is asked; false where everything has to be read. */
  readonly isWithinWider: boolean

  constructor(isWithinWider: boolean) {
    super('The question goes beyond what was read of the logs.')
    this.isWithinWider = isWithinWider
  }
}

/** What is to be read where {@link BeyondScopeError} was thrown. */
export function widened(needs: EvidenceNeeds, {isWithinWider}: BeyondScopeError): EvidenceNeeds {
  return isWithinWider && needs.wider !== undefined ? {text: needs.text, events: needs.wider} : {text: needs.text}
}
