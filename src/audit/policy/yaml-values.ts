import {isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type parseAllDocuments} from 'yaml'
import {deepestNesting} from './yaml-nesting.ts'
import {resolvePlain, resolveTagged, type YamlScalar} from './yaml-scalar.ts'

export type ParsedYaml = ReturnType<typeof parseAllDocuments>[number]

export type YamlValue = YamlScalar | YamlValue[] | YamlObject
/** Has no prototype: every key is one of the file. */
export interface YamlObject {
  [key: string]: YamlValue
}

/** Keys and places (from 0) that lead from the root of a document to a value. */
export type YamlPath = readonly (string | number)[]

/** Where a value stands: lines of the whole text, from 1. */
export interface YamlPlace {
  readonly line: number
  /** Where its own text begins. */
  readonly textLine: number
  readonly isVerbatim: boolean
}

/** Why a document has no plain value, and where. */
export class YamlRefusal extends Error {
  readonly offset: number
  /** True where it is a limit of this reader. */
  readonly isLimit: boolean
  constructor(message: string, offset: number, isLimit = false) {
    super(message)
    this.offset = offset
    this.isLimit = isLimit
  }
}

/** As go-yaml bounds it (`allowedAliasRatio`): what share of all values may come from aliases. */
function allowedAliasShare(values: number): number {
  if (values <= 400_000) return 0.99
  return values >= 4_000_000 ? 0.1 : 0.99 - (0.89 * (values - 400_000)) / 3_600_000
}

/**
 * Turns one parsed document into plain values, as go-yaml v2 decodes them for Kubernetes: aliases are bounded as it bounds
 * them, `<<` is merged in the order in which it is written, the last of equal keys counts.
 *
 * @throws YamlRefusal where go-yaml, or the step to JSON after it, refuses the document.
 */
export function readYamlValues(document: ParsedYaml, lines: LineCounter) {
  const places = new Map<object, Map<string | number, YamlPlace>>()
  const duplicates: {path: YamlPath; line: number}[] = []
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node>()
  const open = new Set<Node>()
  let values = 0
  let fromAliases = 0
  let aliasDepth = 0
  let aliasAt = 0

  const offsetOf = (node: Node | null, fallback: number): number => node?.range?.[0] ?? fallback
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const placeOf = (key: Node | null, value: Node | null, fallback: number): YamlPlace => {
    const offset = offsetOf(value, fallback)
    const isBlock = isScalar(value) && (value.type === 'BLOCK_LITERAL' || value.type === 'BLOCK_FOLDED')
    return {
      line: lineAt(offsetOf(key, offset)),
      textLine: lineAt(offset) + (isBlock ? 1 : 0),
      isVerbatim: isBlock && value.type === 'BLOCK_LITERAL',
    }
  }

  const scalar = (node: Node & {source?: string; type?: string; tag?: string; value: unknown}): YamlScalar => {
    const text = node.source ?? (typeof node.value === 'string' ? node.value : '')
    const tag = node.tag
    const value =
      tag !== undefined && !/^(?:!|!!str|tag:yaml\.org,2002:str)$/.test(tag)
        ? resolveTagged(tag, text)
        : tag === undefined && (node.type === 'PLAIN' || node.type === undefined)
          ? resolvePlain(text)
          : text
    if (value === undefined)
      throw new YamlRefusal(`${JSON.stringify(text)} is not what its tag ${String(tag)} says`, offsetOf(node, 0))
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new YamlRefusal(`${text} has no counterpart in JSON, which Kubernetes turns YAML into`, offsetOf(node, 0))
    return value
  }

  const keyText = (key: unknown, offset: number): string => {
    const node = isAlias(key) ? (targets.get(key) ?? anchors.get(key.source)) : key
    const value = isScalar(node) ? scalar(node as Parameters<typeof scalar>[0]) : null
    if (value === null)
      throw new YamlRefusal(
        'A key of a mapping is empty, null or no text; JSON, which Kubernetes turns YAML into, has none such',
        offset,
      )
    return String(value)
  }

  const take = (node: Node, path: YamlPath): YamlValue => {
    values++
    if (aliasDepth > 0) fromAliases++
    if (fromAliases > 100 && values > 1000 && fromAliases / values > allowedAliasShare(values))
      throw new YamlRefusal('Its aliases repeat so much that the document would grow beyond all measure', aliasAt)
    if (path.length > deepestNesting)
      throw new YamlRefusal(`It is nested more than ${deepestNesting} deep`, offsetOf(node, 0), true)
    if (isAlias(node)) {
      const target = targets.get(node) ?? anchors.get(node.source)
      if (target === undefined)
        throw new YamlRefusal(`The alias *${node.source} names no anchor before it`, offsetOf(node, 0))
      if (open.has(target)) throw new YamlRefusal(`The anchor &${node.source} holds itself`, offsetOf(node, 0))
      targets.set(node, target)
      if (aliasDepth === 0) aliasAt = offsetOf(node, 0)
      aliasDepth++
      const value = take(target, path)
      aliasDepth--
      return value
    }
    if ('anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node)
    open.add(node)
    const value = isMap(node)
      ? takeMap(node, path)
      : isSeq(node)
        ? takeSeq(node, path)
        : scalar(node as Parameters<typeof scalar>[0])
    open.delete(node)
    return value
  }

  const takeSeq = (node: Node & {items: unknown[]}, path: YamlPath): YamlValue[] => {
    const list: YamlValue[] = []
    const own = new Map<string | number, YamlPlace>()
    places.set(list, own)
    for (const [index, item] of node.items.entries()) {
      own.set(index, placeOf(null, item as Node | null, offsetOf(node, 0)))
      list.push(item === null ? null : take(item as Node, [...path, index]))
    }
    return list
  }

  /** What `<<` takes over, in the order in which it counts. */
  const merge = (value: Node | null, path: YamlPath, offset: number): YamlObject[] => {
    const target = isAlias(value) ? (targets.get(value) ?? anchors.get(value.source)) : value
    if (isSeq(target)) return (target.items as Node[]).toReversed().flatMap((item) => merge(item, path, offset))
    if (value === null || !isMap(target)) throw new YamlRefusal('<< takes over mappings, and this is none', offset)
    return [take(value, path) as YamlObject]
  }

  const takeMap = (node: Node & {items: {key: unknown; value: unknown}[]}, path: YamlPath): YamlObject => {
    const object = Object.create(null) as YamlObject
    const own = new Map<string | number, YamlPlace>()
    places.set(object, own)
    const written = new Set<string>()
    for (const {key, value} of node.items) {
      const keyNode = key as Node | null
      const offset = offsetOf(keyNode, offsetOf(node, 0))
      if (isScalar(keyNode) && keyNode.source === '<<' && keyNode.type === 'PLAIN') {
        for (const merged of merge(value as Node | null, path, offset))
          for (const name of Object.keys(merged)) {
            object[name] = merged[name] ?? null
            own.set(name, places.get(merged)?.get(name) ?? placeOf(keyNode, null, offset))
          }
        continue
      }
      if (keyNode !== null && 'anchor' in keyNode && typeof keyNode.anchor === 'string')
        anchors.set(keyNode.anchor, keyNode)
      const name = keyText(keyNode, offset)
      const place = placeOf(keyNode, value as Node | null, offset)
      if (written.has(name)) duplicates.push({path: [...path, name], line: place.line})
      written.add(name)
      own.set(name, place)
      object[name] = value === null ? null : take(value as Node, [...path, name])
    }
    return object
  }

  const root = document.contents
  const value = root === null ? null : take(root, [])
  return {value, places, duplicates, rootPlace: placeOf(null, root, document.range?.[0] ?? 0)}
}
