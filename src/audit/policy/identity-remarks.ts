import type {Policy} from './policy.ts'
import {quoted, ruleField, type Remark} from './remark.ts'

/** Groups that the API server itself gives (apiserver `pkg/authentication/user`), and those of kubeadm. */
const knownGroups = new Set([
  'kubeadm:cluster-admins',
  'system:authenticated',
  'system:bootstrappers',
  'system:masters',
  'system:monitoring',
  'system:nodes',
  'system:serviceaccounts',
  'system:unauthenticated',
])

const knownUsers = new Set([
  'kubernetes-admin',
  'system:anonymous',
  'system:apiserver',
  'system:kube-apiserver',
  'system:kube-controller-manager',
  'system:kube-proxy',
  'system:kube-scheduler',
])

/** Why a word can't be the name of a user, as a code and a sentence; undefined where it can. */
export function unlikeUser(word: string): readonly [code: string, why: string] | undefined {
  if (word.includes('*'))
    return [
      'no-wildcard-here',
      word.startsWith('system:serviceaccount:')
        ? 'There are no wildcards here. All service accounts are the group `system:serviceaccounts`, those of a namespace `system:serviceaccounts:NAMESPACE`, in `userGroups`.'
        : word.startsWith('system:node:')
          ? 'There are no wildcards here. All nodes are the group `system:nodes`, in `userGroups`.'
          : 'There are no wildcards here: leave `users` out to take everybody, or name a group in `userGroups`.',
    ]
  if (knownGroups.has(word) || word.startsWith('system:serviceaccounts:'))
    return ['group-among-users', 'It is the name of a group: put it into `userGroups`.']
  if (word.startsWith('system:serviceaccount:') && word.split(':').length !== 4)
    return ['user-never-occurs', 'Service accounts authenticate as `system:serviceaccount:NAMESPACE:NAME`.']
  return undefined
}

/** Why a word can't be the name of a group, as a code and a sentence; undefined where it can. */
export function unlikeGroup(word: string): readonly [code: string, why: string] | undefined {
  if (word.includes('*'))
    return [
      'no-wildcard-here',
      'There are no wildcards here: everybody who authenticated is in `system:authenticated`.',
    ]
  if (word.startsWith('system:serviceaccount:') || word.startsWith('system:node:') || knownUsers.has(word))
    return ['user-among-groups', 'It is the name of a user: put it into `users`.']
  return undefined
}

/** Users that are groups, groups that are users, and wildcards that are none. */
export function identityRemarks({rules}: Policy): Remark[] {
  return rules.flatMap((rule, place) =>
    (['users', 'userGroups'] as const).flatMap((field) => {
      const unlike = field === 'users' ? unlikeUser : unlikeGroup
      const isDead = rule[field].length > 0 && rule[field].every((word) => unlike(word) !== undefined)
      return rule[field].flatMap((word, i): Remark[] => {
        const found = unlike(word)
        if (found === undefined) return []
        return [
          {
            severity: 'warning',
            code: found[0],
            rule: place + 1,
            field: ruleField(place, `${field}[${i}]`),
            message: `Nobody authenticates ${field === 'users' ? 'as' : 'with the group'} ${quoted(word)}${isDead ? `: rule ${place + 1} takes nothing` : ''}.`,
            why: found[1],
          },
        ]
      })
    }),
  )
}
