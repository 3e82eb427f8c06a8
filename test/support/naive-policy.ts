import type {AuditLevel, PolicyRequest, PolicyRule} from '../../src/audit/policy/policy.ts'

/** Every way in which a rule may write the type of a request. */
function waysToWriteType({resource, subresource}: PolicyRequest): string[] {
  return subresource === ''
    ? ['*', resource, `${resource}/*`]
    : ['*', `${resource}/${subresource}`, `${resource}/*`, `*/${subresource}`]
}

/** Every way in which a rule may write the path of a request. */
function waysToWritePath({path}: PolicyRequest): string[] {
  return ['*', path, ...Array.from({length: path.length + 1}, (_, length) => `${path.slice(0, length)}*`)]
}

function share(some: readonly string[], others: readonly string[]): boolean {
  return others.some((other) => some.indexOf(other) >= 0)
}

/** Each condition of a rule as documents about audit policies tell it, one beside the other; all have to hold. */
function conditions(rule: PolicyRule, request: PolicyRequest): Record<string, boolean> {
  const {user, groups, isResource} = request
  const isAboutObjects = rule.namespaces.concat(rule.resources.map(({group}) => group)).length > 0
  return {
    user: rule.users.length === 0 || (user !== null && share(rule.users, [user])),
    group: rule.userGroups.length === 0 || (user !== null && share(rule.userGroups, groups)),
    verb: rule.verbs.length === 0 || share(rule.verbs, [request.verb]),
    'an object is wanted': isResource || !isAboutObjects,
    namespace: rule.namespaces.length === 0 || share(rule.namespaces, [request.namespace]),
    type:
      rule.resources.length === 0 ||
      rule.resources
        .filter(({group}) => group === request.apiGroup)
        .some(
          ({resources, resourceNames}) =>
            resources.length === 0 ||
            (share(resources, waysToWriteType(request)) &&
              (resourceNames.length === 0 || share(resourceNames, [request.name]))),
        ),
    path:
      isAboutObjects ||
      rule.nonResourceURLs.length === 0 ||
      (!isResource && share(rule.nonResourceURLs, waysToWritePath(request))),
  }
}

/** True where a rule takes a request: told from the prose about audit policies alone, without regard to time. */
export function takes(rule: PolicyRule, request: PolicyRequest): boolean {
  return Object.values(conditions(rule, request)).every(Boolean)
}

/** The level that rules give a request. */
export function naiveLevel(rules: readonly PolicyRule[], request: PolicyRequest): AuditLevel {
  return [...rules].reverse().reduce<AuditLevel>((level, rule) => (takes(rule, request) ? rule.level : level), 'None')
}
