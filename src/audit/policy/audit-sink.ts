import {shown, type Report} from './decode-policy.ts'
import type {FieldSteps} from './field-path.ts'
import {auditLevels, auditStages, type AuditLevel, type Policy, everyRequest} from './policy.ts'
import type {YamlObject, YamlValue} from './yaml-values.ts'

function isObject(value: YamlValue | undefined): value is YamlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where in an AuditSink a field of the policy stands that {@link readAuditSink} makes of it. */
export function sinkSteps(steps: FieldSteps): FieldSteps {
  if (steps[0] === 'omitStages') return ['spec', 'policy', 'stages']
  if (steps[0] === 'rules') return ['spec', 'policy', ...steps.slice(2, 3)]
  return steps
}

/**
 * What an AuditSink (auditregistration.k8s.io/v1alpha1) sends, as a policy of one rule; NULL where it would have been refused.
 *
 * Source: k8s.io/apiserver 1.18, `pkg/audit/policy/dynamic.go`: `stages` are those that are sent, all others are omitted.
 */
export function readAuditSink(sink: YamlObject, report: Report): Policy | null {
  report(
    'warning',
    'audit-sink-removed',
    [],
    'This is an AuditSink, which Kubernetes 1.19 removed.',
    'API servers from 1.19 on do not know it and record nothing by it. Write a policy file for --audit-policy-file, and a webhook for --audit-webhook-config-file.',
  )
  const {spec} = sink
  const policy = isObject(spec) ? spec['policy'] : undefined
  const {level = null, stages = null} = isObject(policy) ? policy : {}
  if (!(auditLevels as readonly YamlValue[]).includes(level)) {
    report(
      'error',
      level === null ? 'level-missing' : 'level-unknown',
      ['spec', 'policy', 'level'],
      level === null ? 'The AuditSink has no level.' : `There is no level ${shown(level)}.`,
      `The API server refuses the object. Levels are ${auditLevels.join(', ')}.`,
    )
    return null
  }
  const sent: readonly YamlValue[] = Array.isArray(stages) ? stages : []
  const unknown = sent.findIndex((stage) => !(auditStages as readonly YamlValue[]).includes(stage))
  if (unknown !== -1) {
    report(
      'error',
      'stage-unknown',
      ['spec', 'policy', 'stages', unknown],
      `There is no stage ${shown(sent[unknown] ?? null)}.`,
      `The API server refuses the object. Stages are ${auditStages.join(', ')}.`,
    )
    return null
  }
  return {
    rules: [{...everyRequest, level: level as AuditLevel}],
    omitStages: auditStages.filter((stage) => !sent.includes(stage)),
    omitManagedFields: false,
  }
}
