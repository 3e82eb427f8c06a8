import {parse} from 'yaml'
import type {GroupResources, Policy, PolicyRule} from '../../src/audit/policy/policy.ts'

type Given<Type> = {readonly [Key in keyof Type]?: Type[Key] | undefined}

/** A policy out of YAML that is known to be right; nothing is checked. */
export function policyOfYaml(yaml: string): Policy {
  const {
    rules = [],
    omitStages = [],
    omitManagedFields = false,
  } = parse(yaml, {version: '1.1'}) as Given<Omit<Policy, 'rules'>> & {readonly rules?: readonly Given<PolicyRule>[]}
  return {
    omitStages,
    omitManagedFields,
    rules: rules.map((rule) => ({
      level: rule.level ?? 'None',
      users: rule.users ?? [],
      userGroups: rule.userGroups ?? [],
      verbs: rule.verbs ?? [],
      resources: (rule.resources ?? []).map((entry: Given<GroupResources>) => ({
        group: entry.group ?? '',
        resources: entry.resources ?? [],
        resourceNames: entry.resourceNames ?? [],
      })),
      namespaces: rule.namespaces ?? [],
      nonResourceURLs: rule.nonResourceURLs ?? [],
      omitStages: rule.omitStages ?? [],
      ...(rule.omitManagedFields === undefined ? {} : {omitManagedFields: rule.omitManagedFields}),
    })),
  }
}
