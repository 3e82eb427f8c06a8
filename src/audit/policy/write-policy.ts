import {Document, Pair, Scalar, YAMLMap, YAMLSeq} from 'yaml'
import type {Policy, PolicyRule} from './policy.ts'

/** What is said about a policy beside what it holds: each text a line, whatever stands in it. */
export interface PolicyComments {
  readonly head: readonly string[]
  /** By place of the rule. */
  readonly rules: readonly (readonly string[])[]
  readonly foot: readonly string[]
}

/** What ends a line or cannot be seen: in a comment it could begin a line that is none. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
/** What go-yaml, the reader of API servers, refuses even in quotes where it is not escaped (yaml.v2 `is_printable`). */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\p{Cf}\p{Co}]/gu
const longest = 100

function escapedCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function commentOf(lines: readonly string[]): string {
  return lines.map((line) => ` ${line.replace(hidden, escapedCharacter)}`).join('\n')
}

/** Text in quotes: without them YAML 1.1 takes `on` and `no` for booleans and `1_000` for a number. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

function listOf(texts: readonly string[], isPlain = false): YAMLSeq {
  const list = new YAMLSeq()
  list.items = texts.map((text) => (isPlain ? new Scalar(text) : quoted(text)))
  list.flow = JSON.stringify(texts).length <= longest
  return list
}

function mapOf(entries: readonly (readonly [string, unknown])[]): YAMLMap {
  const map = new YAMLMap()
  map.items = entries.map(([key, value]) => new Pair(new Scalar(key), value))
  return map
}

function typesOf(rule: PolicyRule): YAMLSeq {
  const list = new YAMLSeq()
  list.items = rule.resources.map(({group, resources, resourceNames}) =>
    mapOf([
      ['group', quoted(group)],
      ...(resources.length === 0 ? [] : [['resources', listOf(resources)] as const]),
      ...(resourceNames.length === 0 ? [] : [['resourceNames', listOf(resourceNames)] as const]),
    ]),
  )
  return list
}

function ruleMap(rule: PolicyRule, comments: readonly string[]): YAMLMap {
  const named = (['users', 'userGroups', 'verbs', 'namespaces'] as const).filter((field) => rule[field].length > 0)
  const map = mapOf([
    ['level', new Scalar(rule.level)],
    ...named.map((field) => [field, listOf(rule[field])] as const),
    ...(rule.resources.length === 0 ? [] : [['resources', typesOf(rule)] as const]),
    ...(rule.nonResourceURLs.length === 0 ? [] : [['nonResourceURLs', listOf(rule.nonResourceURLs)] as const]),
    ...(rule.omitStages.length === 0 ? [] : [['omitStages', listOf(rule.omitStages, true)] as const]),
    ...(rule.omitManagedFields === undefined
      ? []
      : [['omitManagedFields', new Scalar(rule.omitManagedFields)] as const]),
  ])
  if (comments.length > 0) map.commentBefore = commentOf(comments)
  return map
}

/** Comments alone, a line each, where there is no policy: nothing in them can be taken for something else. */
export function writeComments(lines: readonly string[]): string {
  return lines.map((line) => `#${commentOf([line])}\n`).join('')
}

/**
 * A policy as YAML that an API server loads, with comments. Every name is in double quotes with all that is not printable
 * escaped, and every comment is one line, so that nothing in either can be taken for something else.
 */
export function writePolicy(policy: Policy, comments: PolicyComments = {head: [], rules: [], foot: []}): string {
  const rules = new YAMLSeq()
  rules.items = policy.rules.map((rule, place) => ruleMap(rule, comments.rules[place] ?? []))
  const document = new Document()
  document.contents = mapOf([
    ['apiVersion', new Scalar('audit.k8s.io/v1')],
    ['kind', new Scalar('Policy')],
    ...(policy.omitStages.length === 0 ? [] : [['omitStages', listOf(policy.omitStages, true)] as const]),
    ...(policy.omitManagedFields ? [['omitManagedFields', new Scalar(true)] as const] : []),
    ['rules', rules],
  ])
  if (comments.head.length > 0) document.commentBefore = commentOf(comments.head)
  if (comments.foot.length > 0) document.comment = commentOf(comments.foot)
  const yaml = document.toString({
    lineWidth: 0,
    flowCollectionPadding: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  })
  return yaml.replace(unprintable, escapedCharacter)
}
