import {fieldPath, ruleOf, type FieldSteps} from './field-path.ts'
import type {Finding, Severity} from './finding.ts'
import {policyType, type FieldType, type ObjectType} from './policy-fields.ts'
import {explainUnknownField} from './unknown-field.ts'
import type {YamlObject, YamlValue} from './yaml-values.ts'

/** Notes a finding about a field; its line and rule follow from the field. `isMissing` for what is not in the file at all. */
export type Report = (
  severity: Severity,
  code: string,
  steps: FieldSteps,
  message: string,
  why: string,
  options?: {readonly isMissing?: boolean},
) => void

/** Collects findings about one policy. */
export function collectFindings(lineOf: (steps: FieldSteps) => number): {findings: Finding[]; report: Report} {
  const findings: Finding[] = []
  const report: Report = (severity, code, steps, message, why, {isMissing = false} = {}) => {
    const field = fieldPath(steps)
    findings.push({
      severity,
      code,
      rule: ruleOf(steps),
      line: isMissing && ruleOf(steps) === null ? null : lineOf(steps),
      field: field === '' ? null : field,
      message,
      why,
    })
  }
  return {findings, report}
}

function isObject(value: YamlValue | undefined): value is YamlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value in words, short enough for a sentence. */
export function shown(value: YamlValue): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function kindOf(value: YamlValue): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  if (typeof value === 'boolean') return `a boolean (${value})`
  return typeof value === 'number' ? `a number (${value})` : `text (${shown(value)})`
}

function wanted(type: FieldType): string {
  if (typeof type === 'string')
    return {string: 'text', boolean: 'true or false', integer: 'a whole number', time: 'a time', anything: ''}[type]
  if ('map' in type) return 'an object of texts'
  if ('list' in type) return type.list === 'string' ? 'a list of texts' : 'a list of objects'
  return type.object === 'GroupResources' ? 'an object with group and resources' : 'an object'
}

function remedy(type: FieldType, value: YamlValue, steps: FieldSteps): string {
  const refused = 'The API server refuses the file.'
  if (type === 'string' && typeof value === 'boolean')
    return `${refused} YAML 1.1 takes yes, no, on, off, y, n, true and false without quotes for booleans: put it in quotes.`
  if (type === 'string' && typeof value === 'number') return `${refused} Put it in quotes.`
  if (type === 'string' && Array.isArray(value)) return `${refused} Give one text there.`
  if (typeof type === 'object' && 'list' in type) {
    const name = steps.findLast((step) => typeof step === 'string') ?? ''
    if (type.list === 'string' && typeof value === 'string')
      return `${refused} Write it as a list: ${name}: [${JSON.stringify(value.slice(0, 60))}]`
    return `${refused} Each entry of ${name} begins with a dash.`
  }
  if (typeof type === 'object' && 'object' in type && type.object === 'GroupResources')
    return `${refused} Write resources as a list of objects: - group: "" and below it resources: [${typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : '"pods"'}]`
  if (type === 'boolean' && typeof value === 'string') return `${refused} Write it without quotes.`
  return refused
}

function fits(value: YamlValue, type: FieldType): boolean {
  if (type === 'anything') return true
  if (type === 'string') return typeof value === 'string'
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  if (type === 'time')
    return typeof value === 'string' && /^\d{4}-\d\d-\d\d[T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)
  return 'list' in type ? Array.isArray(value) : isObject(value)
}

/**
 * Takes a value apart as the API server decodes a Policy: what it does not know is told and ignored, what has a wrong type is
 * told and refused. Returns what is left: values of the types that they should have, and `false` where one had another.
 */
export function decodePolicy(value: YamlObject, report: Report): YamlObject {
  const decode = (at: YamlValue, type: FieldType, steps: FieldSteps): YamlValue => {
    if (at === null) return null
    if (!fits(at, type)) {
      const name = steps.length === 0 ? 'The document' : fieldPath(steps)
      report(
        'error',
        'wrong-type',
        steps,
        `${name} is ${kindOf(at)}; it must be ${wanted(type)}.`,
        remedy(type, at, steps),
      )
      return false
    }
    if (typeof type === 'string') return at
    if ('list' in type) return (at as YamlValue[]).map((item, index) => decode(item, type.list, [...steps, index]))
    if ('map' in type) {
      for (const [key, item] of Object.entries(at as YamlObject)) decode(item, type.map, [...steps, key])
      return at
    }
    return decodeObject(at as YamlObject, type, steps)
  }

  const decodeObject = (object: YamlObject, type: ObjectType, steps: FieldSteps): YamlObject => {
    const known = Object.create(null) as YamlObject
    for (const [name, item] of Object.entries(object)) {
      const at = [...steps, name]
      const fieldType = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
      if (fieldType === undefined) {
        const isVersion = steps.length === 0 && /^(?:apiversion|kind)$/i.test(name)
        report(
          'warning',
          'unknown-field',
          at,
          `There is no field ${shown(name)} in ${type.object === 'ObjectMeta' ? 'the metadata' : `a ${type.object}`}.`,
          isVersion
            ? `The API server takes it for ${name.toLowerCase() === 'kind' ? 'kind' : 'apiVersion'} all the same and warns in its log; other tools do not. Mind the case.`
            : explainUnknownField(name, type, object),
        )
        continue
      }
      const decoded = decode(item, fieldType, at)
      if (decoded !== null) known[name] = decoded
    }
    return known
  }
  return decodeObject(value, policyType, [])
}
