import type {PolicyInFile} from '../investigations/policy/policy-in-file.ts'
import {loadPolicy} from './policy-file.ts'

/**
 * The policy of a file, as investigations take it; `-` reads standard input.
 *
 * @throws UsageError where there is none that an API server takes.
 */
export async function policyInFile(path: string): Promise<PolicyInFile> {
  const {policy, document, warnings} = await loadPolicy(path)
  return {file: path, policy, ruleLines: document.ruleLines, warnings}
}
