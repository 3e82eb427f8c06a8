import type {Policy, PolicyRule} from './policy.ts'
import {quoted, ruleField, type Remark} from './remark.ts'
import {pathVerbs, resourceVerbs} from './rule-reach.ts'

/** Words that people take for verbs, and what to write instead. */
const misnomers: Readonly<Record<string, string>> = {
  apply: 'kubectl apply sends get, create and patch.',
  approve: 'An approval is `update` or `patch` on certificatesigningrequests/approval.',
  attach: 'Attaching is `get` (kubectl 1.30 and later) or `create` on pods/attach.',
  bind: '`bind` is a right of RBAC; the request is a write of a role binding.',
  connect: 'Sessions are `get` or `create` on pods/exec, pods/attach, pods/portforward and the proxy subresources.',
  edit: 'kubectl edit sends get and patch.',
  escalate: '`escalate` is a right of RBAC; the request is a write of a role.',
  evict: 'An eviction is `create` on pods/eviction.',
  exec: 'An exec is `get` (kubectl 1.30 and later) or `create` (older) on pods/exec.',
  impersonate:
    '`impersonate` is a right of RBAC; a request as someone else keeps its own verb, and rules look at who authenticated.',
  portforward: 'A port-forward is `get` (kubectl 1.31 and later) or `create` on pods/portforward.',
  read: 'Reads are get, list and watch.',
  redirect: 'The API has it no more.',
  replace: 'kubectl replace sends update.',
  scale: 'Scaling is `patch` or `update` on the subresource `scale`.',
  sign: '`sign` is a right of RBAC; the request is `update` on certificatesigningrequests/status.',
  use: '`use` is a right of RBAC and no request.',
  write: 'Writes are create, update, patch, delete and deletecollection.',
  post: 'POST on a resource is `create`.',
  put: 'PUT on a resource is `update`.',
  head: 'HEAD on a resource is `get`.',
  options: 'Requests by OPTIONS on a resource have no verb.',
}

const pathMisnomers: Readonly<Record<string, string>> = {
  list: 'Reading a path is `get`.',
  watch: 'Reading a path is `get`.',
  create: 'POST on a path is `post`.',
  update: 'PUT on a path is `put`.',
  deletecollection: 'DELETE on a path is `delete`.',
}

function knownVerbs(rule: PolicyRule): readonly string[] {
  if (rule.resources.length > 0 || rule.namespaces.length > 0) return resourceVerbs
  return rule.nonResourceURLs.length > 0 ? pathVerbs : [...resourceVerbs, ...pathVerbs]
}

/** Verbs that no request has: rules with them take less than they seem to, or nothing. */
export function verbRemarks({rules}: Policy): Remark[] {
  return rules.flatMap((rule, place) => {
    const known = knownVerbs(rule)
    const isOfPaths = known === pathVerbs
    const isDead = rule.verbs.length > 0 && !rule.verbs.some((verb) => verb === '' || known.includes(verb))
    return rule.verbs.flatMap((verb, i): Remark[] => {
      // OPTIONS on a resource has the empty verb.
      if (verb === '' || known.includes(verb)) return []
      const lower = verb.toLowerCase()
      const hint = verb.includes('*')
        ? 'There are no wildcards here: leave `verbs` out to take all.'
        : known.includes(lower)
          ? `Verbs are lower case: \`${lower}\`.`
          : ((isOfPaths ? pathMisnomers[lower] : misnomers[lower]) ??
            `Verbs are ${known.join(', ')}, as the rule is about ${isOfPaths ? 'paths' : 'resources'}.`)
      return [
        {
          severity: 'warning',
          code: verb.includes('*') ? 'no-wildcard-here' : 'verb-never-occurs',
          rule: place + 1,
          field: ruleField(place, `verbs[${i}]`),
          message: `No request ${isOfPaths ? 'on such a path ' : ''}has the verb ${quoted(verb)}${isDead ? `: rule ${place + 1} takes nothing` : ''}.`,
          why: hint,
        },
      ]
    })
  })
}
