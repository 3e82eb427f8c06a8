/** Groups that an API server gives to a user by the name alone. */
export interface CertainGroups {
  readonly groups: readonly string[]
  /** True where the user has no others. */
  readonly isAll: boolean
}

const authenticated = 'system:authenticated'

/**
 * The groups that a user has for certain, by the name: those of a service account, of a node, of nobody in particular.
 * Whoever authenticated is in `system:authenticated`. (k8s.io/apiserver, `serviceaccount.MakeGroupNames`, `user.AllAuthenticated`;
 * the Node authorizer knows nodes by name and group together.)
 */
export function certainGroups(user: string): CertainGroups {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user) ?? []
  if (namespace !== undefined)
    return {groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticated], isAll: true}
  if (user === 'system:anonymous') return {groups: ['system:unauthenticated'], isAll: true}
  if (/^system:node:./.test(user)) return {groups: ['system:nodes', authenticated], isAll: true}
  return {groups: [authenticated], isAll: false}
}
