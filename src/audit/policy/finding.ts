/**
 * How bad a finding is: an API server refuses the file (`error`); it takes it, and does something else than its author
 * meant (`warning`); it does what is written, and evidence could be better (`advice`).
 */
export const severities = ['error', 'warning', 'advice'] as const
export type Severity = (typeof severities)[number]

/** What a check of an audit policy, or of the API server's settings around it, found. */
export interface Finding {
  readonly severity: Severity
  /** Which check it was, in kebab-case: stable, for machines. */
  readonly code: string
  /** Rule of the policy, from 1; NULL where the finding is about the whole. */
  readonly rule: number | null
  /** Line of the file, from 1; NULL where it is about something that is missing. */
  readonly line: number | null
  /** Path of the field as Kubernetes writes it: `rules[2].omitStages[0]`; NULL where there is none. */
  readonly field: string | null
  /** What is so: a sentence. */
  readonly message: string
  /** Why it matters and what to do: a sentence or two. */
  readonly why: string
}
