import {severities, type Finding} from './finding.ts'
import type {Policy} from './policy.ts'
import {ruleField, type Remark} from './remark.ts'
import {shadowedRules} from './shadowed-rules.ts'

/**
 * What is legal in an audit policy and wrong (`warning`), and what is unwise (`advice`): the most important first. The
 * policy is one that an API server takes.
 *
 * @param lineOf line of a field, by its path (`rules[2].verbs[0]`); null where it is not known
 */
export function advisePolicy(policy: Policy, lineOf: (field: string) => number | null): Finding[] {
  const remarks: Remark[] = [...shadowedRules(policy)]
  const bySeverity = (a: Remark, b: Remark): number => severities.indexOf(a.severity) - severities.indexOf(b.severity)
  return remarks.toSorted(bySeverity).map((remark) => {
    const place = remark.field ?? (remark.rule === null ? null : ruleField(remark.rule - 1))
    return {...remark, line: place === null ? null : lineOf(place)}
  })
}
