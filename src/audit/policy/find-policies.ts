import {fieldPath, type FieldSteps} from './field-path.ts'
import {auditLevels} from './policy.ts'
import {headField} from './validate-version.ts'
import {longestText, readYamlDocuments, type YamlDocument, type YamlProblem} from './yaml-documents.ts'
import type {YamlObject, YamlValue} from './yaml-values.ts'

/** A policy, or an AuditSink, as it stands somewhere in a file. */
export interface FoundPolicy {
  /** Where in the file; NULL where the file itself is the policy. */
  readonly place: string | null
  readonly value: YamlObject
  readonly isSink: boolean
  /** Line of a field of it, or of the nearest parent. */
  readonly lineOf: (steps: FieldSteps) => number
  readonly duplicates: readonly FieldSteps[]
}

/** A text that looks like a policy and cannot be read. */
export interface UnreadablePolicy {
  readonly place: string | null
  readonly problem: YamlProblem
}

export interface PoliciesFound {
  readonly policies: readonly FoundPolicy[]
  readonly unreadable: readonly UnreadablePolicy[]
  readonly documents: readonly YamlDocument[]
  /** True where there was so much text within texts that some was not looked into. */
  readonly isCut: boolean
}

const levels: ReadonlySet<string> = new Set(auditLevels.map((level) => level.toLowerCase()))

/** Texts within texts (a ConfigMap within a List within a Secret …) that are looked into. */
const deepestText = 4

function isObject(value: YamlValue | undefined): value is YamlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Rules with levels: any within a file of its own, those of audit policies within other objects. */
function hasRules(object: YamlObject, isRoot: boolean): boolean {
  const {rules} = object
  if (!Array.isArray(rules)) return false
  return rules.some((rule) => {
    if (!isObject(rule)) return false
    const {level} = rule
    return isRoot ? level !== undefined : typeof level === 'string' && levels.has(level.toLowerCase())
  })
}

function isSink(object: YamlObject): boolean {
  return (
    headField(object, 'kind') === 'AuditSink' && headField(object, 'apiVersion').startsWith('auditregistration.k8s.io/')
  )
}

/** A policy by its head, or by rules with levels where there is no head. */
function isPolicy(object: YamlObject, isRoot: boolean): boolean {
  const version = headField(object, 'apiVersion')
  const kind = headField(object, 'kind')
  if (/^audit\.k8s\.io\b/.test(version)) return kind === 'Policy' || kind === '' || hasRules(object, isRoot)
  if (isRoot && version === '' && kind === 'Policy') return true
  return (version === '' || version === 'v1') && (kind === '' || kind === 'Policy') && hasRules(object, isRoot)
}

/** What kind and name say about an object: `ConfigMap kube-system/audit`; empty where it has no kind. */
function nameOf(object: YamlObject): string {
  const kind = headField(object, 'kind')
  const {metadata} = object
  const {name, namespace} = isObject(metadata) ? metadata : {name: '', namespace: ''}
  const whole = [namespace, name].filter((part): part is string => typeof part === 'string' && part !== '').join('/')
  return kind === '' ? '' : `${kind}${whole === '' ? '' : ` ${whole}`}`
}

function place(parts: readonly string[]): string | null {
  const given = parts.filter((part) => part !== '')
  return given.length === 0 ? null : given.join(', ')
}

/** Whether a text is worth being read for a policy within it. */
function mayHoldPolicy(text: string): boolean {
  return (
    text.length > 20 &&
    (/audit(?:registration)?\.k8s\.io\//.test(text) || (/\brules\b/.test(text) && /\blevel\b/.test(text)))
  )
}

/** The text of an entry of a Secret's `data`, or the text itself. */
function unpack(text: string, steps: FieldSteps, owner: YamlObject): {text: string; isPacked: boolean} {
  if (headField(owner, 'kind') !== 'Secret' || steps[0] !== 'data' || !/^[A-Za-z0-9+/=\s]+$/.test(text))
    return {text, isPacked: false}
  return {text: Buffer.from(text, 'base64').toString('utf8'), isPacked: true}
}

/**
 * Finds the audit policies of a file: the file itself, its further documents, and those that stand within other objects, as
 * objects (Talos, RKE, a List) or as text (a ConfigMap, a Secret, kOps).
 */
export function findPolicies(file: string): PoliciesFound {
  const policies: FoundPolicy[] = []
  const unreadable: UnreadablePolicy[] = []
  let budget = 2 * longestText
  let isCut = false

  const lookInto = (
    documents: readonly YamlDocument[],
    outer: readonly string[],
    mapLine: (line: number) => number,
    depth: number,
  ) => {
    for (const [index, document] of documents.entries()) {
      const number = documents.length > 1 && index > 0 ? `document ${index + 1}` : ''
      const where = [...outer, number]
      if (document.problem !== null) {
        const {line} = document.problem
        unreadable.push({
          place: place(where),
          problem: {...document.problem, line: line === null ? null : mapLine(line)},
        })
        continue
      }
      const lineOf = (steps: FieldSteps): number => mapLine(document.lineOf(steps))

      const found = (value: YamlObject, steps: FieldSteps, at: string | null): void => {
        policies.push({
          place: at,
          value,
          isSink: isSink(value),
          lineOf: (inner) => lineOf([...steps, ...inner]),
          duplicates: document.duplicates
            .map(({path}) => path)
            .filter((path) => steps.every((step, position) => path[position] === step))
            .map((path) => path.slice(steps.length)),
        })
      }

      const walk = (
        value: YamlValue,
        steps: FieldSteps,
        owner: {object: YamlObject; steps: FieldSteps; names: readonly string[]},
      ): void => {
        const own = steps.slice(owner.steps.length)
        if (typeof value === 'string') {
          const {text, isPacked} = unpack(value, own, owner.object)
          if (depth >= deepestText || !mayHoldPolicy(text)) return
          budget -= text.length
          if (budget < 0) {
            isCut = true
            return
          }
          const {line, isVerbatim} = document.textAt(steps)
          const isExact = isVerbatim && !isPacked
          const inner = readYamlDocuments(text)
          lookInto(inner, [...owner.names, fieldPath(own)], (at) => mapLine(isExact ? line + at - 1 : line), depth + 1)
          return
        }
        if (Array.isArray(value)) {
          for (const [index, item] of value.entries()) walk(item, [...steps, index], owner)
          return
        }
        if (!isObject(value)) return
        const isRoot = steps.length === 0
        if (isPolicy(value, isRoot && depth === 0) || isSink(value)) {
          found(
            value,
            steps,
            isSink(value)
              ? place([...owner.names, nameOf(value)])
              : place(isRoot ? where : [...owner.names, fieldPath(own)]),
          )
          return
        }
        const name = nameOf(value)
        const isItem = headField(owner.object, 'kind').endsWith('List')
        const next =
          name === '' || (!isRoot && !isItem && !Object.hasOwn(value, 'apiVersion'))
            ? owner
            : {object: value, steps, names: [...(isRoot || isItem ? where : [...owner.names, fieldPath(own)]), name]}
        for (const [key, item] of Object.entries(value)) walk(item, [...steps, key], next)
      }
      const {value} = document
      walk(value, [], {object: isObject(value) ? value : (Object.create(null) as YamlObject), steps: [], names: where})
    }
  }
  const documents = readYamlDocuments(file)
  lookInto(documents, [], (line) => line, 0)
  return {policies, unreadable, documents, isCut}
}
