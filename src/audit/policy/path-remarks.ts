import type {Policy} from './policy.ts'
import {quoted, ruleField, type Remark} from './remark.ts'

/** Why a path is not what it seems; undefined where it may be. */
function unlikePath(entry: string): readonly [code: string, message: string, why: string] | undefined {
  const path = entry.replace(/\*+$/, '')
  if (entry.includes('?'))
    return [
      'path-with-query',
      `The path ${quoted(entry)} holds a query and is never requested.`,
      'Paths are compared without what follows the question mark: leave it out.',
    ]
  if (/^\/api\/[^/]+\/./.test(path) || /^\/apis\/[^/]+\/[^/]+\/./.test(path))
    return [
      'path-of-resource',
      `Requests below ${quoted(entry)} are requests on resources, which nonResourceURLs never take.`,
      'Name them in `resources` and `namespaces`. Discovery alone is no resource: `/api*`, `/apis*`.',
    ]
  if (entry.length > 1 && entry.endsWith('/'))
    return [
      'path-ends-in-slash',
      `The path ${quoted(entry)} takes itself alone: neither ${quoted(entry.slice(0, -1))} nor what is below it.`,
      `Write ${quoted(entry.slice(0, -1))}, or ${quoted(`${entry}*`)} for what is below.`,
    ]
  return undefined
}

/** Entries of nonResourceURLs that no request fits, or fewer than meant. */
export function pathRemarks({rules}: Policy): Remark[] {
  return rules.flatMap((rule, place) =>
    rule.nonResourceURLs.flatMap((entry, i): Remark[] => {
      const found = unlikePath(entry)
      if (found === undefined) return []
      const [code, message, why] = found
      return [
        {
          severity: 'warning',
          code,
          rule: place + 1,
          field: ruleField(place, `nonResourceURLs[${i}]`),
          message,
          why,
        },
      ]
    }),
  )
}
