import type {PolicyRule} from '../../../audit/policy/policy.ts'

/** A rule that takes everything, to build others from. */
export const anyRequest: Omit<PolicyRule, 'level'> = {
  users: [],
  userGroups: [],
  verbs: [],
  resources: [],
  namespaces: [],
  nonResourceURLs: [],
  omitStages: [],
}
