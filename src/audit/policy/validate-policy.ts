import {nearestNames} from '../nearest-names.ts'
import {decodePolicy, shown, type Report} from './decode-policy.ts'
import type {FieldSteps} from './field-path.ts'
import {
  auditLevels,
  auditStages,
  type AuditLevel,
  type AuditStage,
  type GroupResources,
  type Policy,
  type PolicyRule,
} from './policy.ts'
import {validateVersion} from './validate-version.ts'
import type {YamlObject, YamlValue} from './yaml-values.ts'

const refused = 'The API server refuses the file.'

function list(value: YamlValue | undefined): readonly YamlValue[] {
  return Array.isArray(value) ? value : []
}

/** Entries of a list of texts as the API server has them: null is the empty text. */
function texts(object: YamlObject, field: string): readonly string[] {
  return list(object[field]).map((item) => (typeof item === 'string' ? item : ''))
}

function reportNulls(object: YamlObject, fields: readonly string[], steps: FieldSteps, report: Report): void {
  for (const field of fields)
    for (const [index, item] of list(object[field]).entries())
      if (item === null)
        report(
          'warning',
          'empty-entry',
          [...steps, field, index],
          `Entry ${index + 1} of ${field} is empty.`,
          field === 'namespaces'
            ? 'The API server takes it for the empty name, which stands for objects of the cluster. Write "" where that is meant, remove it otherwise.'
            : 'The API server takes it for the empty text, which matches nothing. Remove it.',
        )
}

function isLevel(text: string): text is AuditLevel {
  return (auditLevels as readonly string[]).includes(text)
}

function isStage(text: string): text is AuditStage {
  return (auditStages as readonly string[]).includes(text)
}

function meant(text: string, names: readonly string[]): string {
  const [near] = nearestNames(text.replace(/[\s_-]/g, ''), names)
  return near === undefined ? '' : ` Write ${near}${near.toLowerCase() === text.toLowerCase() ? ': case counts' : ''}.`
}

function validateLevel(rule: YamlObject, steps: FieldSteps, report: Report): void {
  const {level} = rule
  if (level === false || (typeof level === 'string' && isLevel(level))) return
  const names = auditLevels.join(', ')
  if (typeof level !== 'string' || level === '')
    report(
      'error',
      'level-missing',
      [...steps, 'level'],
      'The rule has no level.',
      `${refused} Give it one of ${names}.`,
    )
  else {
    const why = isStage(level)
      ? `${refused} ${level} is a stage; levels are ${names}.`
      : `${refused} Levels are ${names}.${meant(level, auditLevels)}`
    report('error', 'level-unknown', [...steps, 'level'], `There is no level ${shown(level)}.`, why)
  }
}

function validateStages(object: YamlObject, steps: FieldSteps, report: Report): void {
  for (const [index, stage] of list(object['omitStages']).entries()) {
    if (stage === false) continue
    const text = typeof stage === 'string' ? stage : ''
    if (isStage(text)) continue
    const names = auditStages.join(', ')
    const why = isLevel(text)
      ? `${refused} ${text} is a level, which says how much is recorded; omitStages names moments of a request: ${names}.`
      : `${refused} Stages are ${names}.${meant(text, auditStages)}`
    report('error', 'stage-unknown', [...steps, 'omitStages', index], `There is no stage ${shown(text)}.`, why)
  }
}

function validatePaths(rule: YamlObject, steps: FieldSteps, report: Report): void {
  const paths = list(rule['nonResourceURLs'])
  for (const [index, item] of paths.entries()) {
    const path = item === null ? '' : item
    if (typeof path !== 'string' || path === '*') continue
    const at = [...steps, 'nonResourceURLs', index]
    if (!path.startsWith('/'))
      report(
        'error',
        'path-start',
        at,
        `The path ${shown(path)} does not begin with a slash.`,
        `${refused} Paths begin with /, or are * alone.`,
      )
    if (path.slice(0, -1).includes('*'))
      report(
        'error',
        'path-wildcard',
        at,
        `The path ${shown(path)} has a * before its end.`,
        `${refused} A * may only be the last character of a path.`,
      )
  }
  const both = ['resources', 'namespaces'].filter((field) => list(rule[field]).length > 0)
  if (paths.length > 0 && both.length > 0)
    report(
      'error',
      'paths-and-resources',
      [...steps, 'nonResourceURLs'],
      `The rule has nonResourceURLs and ${both.join(' and ')}.`,
      `${refused} A request is on a resource or on another path, never on both: make two rules of it.`,
    )
}

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

function groupRemedy(group: string): string {
  if (group === '*')
    return 'API groups know no wildcards: leave resources out to take every resource, or give an entry for each group.'
  if (/^(?:core|v1)$/i.test(group)) return 'The core group is written "".'
  const [name = '', version = ''] = group.split('/')
  if (version !== '' && (name === '' || subdomain.test(name)))
    return name === '' ? 'The core group is written "".' : `Groups stand without a version: write ${name}.`
  const lower = group.trim().toLowerCase()
  return subdomain.test(lower)
    ? `Write ${lower}.`
    : 'Groups are lower case names such as apps or rbac.authorization.k8s.io.'
}

function validateResources(rule: YamlObject, steps: FieldSteps, report: Report): void {
  for (const [index, entry] of list(rule['resources']).entries()) {
    const at = [...steps, 'resources', index]
    if (entry === null) {
      report(
        'warning',
        'empty-entry',
        at,
        `Entry ${index + 1} of resources is empty.`,
        'The API server takes it for the whole core API group. Remove it, or write group: "" where that is meant.',
      )
      continue
    }
    if (typeof entry !== 'object') continue
    const {group, resourceNames, resources} = entry as YamlObject
    if (typeof group === 'string' && group !== '' && (group.length > 253 || !subdomain.test(group)))
      report(
        'error',
        'group-name',
        [...at, 'group'],
        `${shown(group)} is no name of an API group.`,
        `${refused} ${groupRemedy(group)}`,
      )
    if (list(resourceNames).length > 0 && resources !== false && list(resources).length === 0)
      report(
        'error',
        'names-without-resources',
        [...at, 'resourceNames'],
        'The entry has resourceNames and no resources.',
        `${refused} Say of which resources the names are: resources: ["secrets"].`,
      )
    reportNulls(entry as YamlObject, ['resources', 'resourceNames'], at, report)
  }
}

function validateRule(rule: YamlObject, steps: FieldSteps, report: Report): void {
  validateLevel(rule, steps, report)
  validatePaths(rule, steps, report)
  validateResources(rule, steps, report)
  validateStages(rule, steps, report)
  reportNulls(rule, ['users', 'userGroups', 'verbs', 'namespaces'], steps, report)
}

function toRule(rule: YamlObject): PolicyRule {
  const omitManagedFields = rule['omitManagedFields']
  return {
    level: rule['level'] as AuditLevel,
    users: texts(rule, 'users'),
    userGroups: texts(rule, 'userGroups'),
    verbs: texts(rule, 'verbs'),
    resources: list(rule['resources']).map((entry): GroupResources => {
      const object = (entry ?? {}) as YamlObject
      const {group} = object
      return {
        group: typeof group === 'string' ? group : '',
        resources: texts(object, 'resources'),
        resourceNames: texts(object, 'resourceNames'),
      }
    }),
    namespaces: texts(rule, 'namespaces'),
    nonResourceURLs: texts(rule, 'nonResourceURLs'),
    omitStages: texts(rule, 'omitStages') as readonly AuditStage[],
    ...(typeof omitManagedFields === 'boolean' ? {omitManagedFields} : {}),
  }
}

/**
 * Tells everything for which the API server would refuse a policy, or ignore a part of it.
 *
 * Returns the policy as the API server takes it; its caller drops it where an error was reported.
 *
 * Source: k8s.io/apiserver `pkg/audit/policy/reader.go` and `pkg/apis/audit/validation`.
 */
export function validatePolicy(value: YamlObject, report: Report): Policy {
  validateVersion(value, report)
  const policy = decodePolicy(value, report)
  validateStages(policy, [], report)
  const {rules} = policy
  if (rules !== false && list(rules).length === 0)
    report(
      'error',
      'no-rules',
      ['rules'],
      'The policy has no rules.',
      `${refused} To record nothing at all, leave --audit-policy-file out; to record everything, write one rule: - level: Metadata`,
      {isMissing: !Object.hasOwn(value, 'rules')},
    )
  const objects = list(rules).map((rule) => (typeof rule === 'object' && !Array.isArray(rule) ? (rule ?? {}) : {}))
  for (const [index, rule] of list(rules).entries())
    if (rule !== false) validateRule(objects[index] ?? {}, ['rules', index], report)
  return {
    rules: objects.map(toRule),
    omitStages: texts(policy, 'omitStages') as readonly AuditStage[],
    omitManagedFields: policy['omitManagedFields'] === true,
  }
}
