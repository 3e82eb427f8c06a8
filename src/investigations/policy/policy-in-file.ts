import type {Policy} from '../../audit/policy/policy.ts'

/** A policy that an API server takes, and where it stands. */
export interface PolicyInFile {
  /** As it was given: a path, or `-`. */
  readonly file: string
  readonly policy: Policy
  /** Line of each rule, from 1. */
  readonly ruleLines: readonly number[]
  /** Whole sentences: what an API server ignores of the file. */
  readonly warnings: readonly string[]
}
