import {everyRequest, type Policy, type PolicyRule} from '../../src/audit/policy/policy.ts'
import type {PolicyInFile} from '../../src/investigations/policy/policy-in-file.ts'

/** A rule that takes everything, at Metadata, but for what is given. */
export function policyRule(own: Partial<PolicyRule> = {}): PolicyRule {
  return {...everyRequest, level: 'Metadata', ...own}
}

/** Types of the core group, as a rule names them. */
export function coreTypes(...resources: string[]): Pick<PolicyRule, 'resources'> {
  return {resources: [{group: '', resources, resourceNames: []}]}
}

/** A policy as if read from `audit-policy.yaml`, its rules at the lines 10, 20, 30. */
export function policyFile(rules: readonly Partial<PolicyRule>[], own: Partial<Policy> = {}): PolicyInFile {
  return {
    file: 'audit-policy.yaml',
    policy: {rules: rules.map(policyRule), omitStages: [], omitManagedFields: false, ...own},
    ruleLines: rules.map((_, place) => 10 * (place + 1)),
    warnings: [],
  }
}
