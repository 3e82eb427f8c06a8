import {blindSpots} from './blind-spots.ts'
import {bodyRemarks} from './body-remarks.ts'
import {severities, type Finding} from './finding.ts'
import {identityRemarks} from './identity-remarks.ts'
import {pathRemarks} from './path-remarks.ts'
import {auditStages, type Policy} from './policy.ts'
import {ruleField, type Remark} from './remark.ts'
import {repeatedEntries} from './repeated-entries.ts'
import {groundOf, mostComparisons} from './rule-reach.ts'
import {shadowedRules} from './shadowed-rules.ts'
import {stageRemarks} from './stage-remarks.ts'
import {typeRemarks} from './type-remarks.ts'
import {verbRemarks} from './verb-remarks.ts'

/** A policy that records nothing needs no further advice. */
function nothingRecorded({rules, omitStages}: Policy): Remark[] {
  const isSilent = rules.every(
    (rule) =>
      rule.level === 'None' || auditStages.every((stage) => [...omitStages, ...rule.omitStages].includes(stage)),
  )
  if (!isSilent) return []
  return [
    {
      severity: 'warning',
      code: 'nothing-recorded',
      rule: null,
      field: rules.every(({level}) => level === 'None') ? 'rules' : 'omitStages',
      message: 'This policy records nothing: every rule is at None or omits every stage.',
      why: 'An API server with it keeps no evidence at all. A single rule at Metadata is a good beginning.',
    },
  ]
}

/** What matters less than the rest comes last. */
const minor = new Set(['request-received-kept', 'rule-redundant', 'entry-repeated', 'omit-stages-repeated'])

/**
 * What is legal in an audit policy and wrong (`warning`), and what is unwise (`advice`): the most important first. The
 * policy is one that an API server takes.
 *
 * @param lineOf line of a field, by its path (`rules[2].verbs[0]`); null where it is not known
 * @param policies how many policies are checked together: they share the work that one may make
 */
export function advisePolicy(policy: Policy, lineOf: (field: string) => number | null, policies = 1): Finding[] {
  // Of many policies in one file, each is small.
  const share = Math.max(0.1, 1 / policies)
  const ground = groundOf(policy, mostComparisons * share)
  const {remarks: shadows, hiddenBy} = shadowedRules(policy, ground)
  const silent = nothingRecorded(policy)
  // What is tried out must not be what a rule happens to name.
  const fresh = ground.fresh ?? 'someone'
  const remarks: Remark[] = [
    ...silent,
    ...typeRemarks(policy),
    ...verbRemarks(policy),
    ...identityRemarks(policy),
    ...pathRemarks(policy),
    ...shadows,
    ...(silent.length > 0
      ? []
      : [
          ...blindSpots(policy, fresh, hiddenBy, share),
          ...stageRemarks(policy, fresh),
          ...bodyRemarks(policy, fresh, {...ground, comparisonsLeft: mostComparisons * share}),
        ]),
    ...repeatedEntries(policy),
  ]
  const weight = ({severity, code}: Remark): number => severities.indexOf(severity) + (minor.has(code) ? 0.5 : 0)
  return remarks
    .toSorted((a, b) => weight(a) - weight(b))
    .map((remark) => {
      const place = remark.field ?? (remark.rule === null ? null : ruleField(remark.rule - 1))
      return {...remark, line: place === null ? null : lineOf(place)}
    })
}
