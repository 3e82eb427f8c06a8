import {isCollection, isMap, isScalar, visit, type Node} from 'yaml'
import type {ParsedYaml} from './yaml-values.ts'

/** What go-yaml refuses and YAML 1.2 takes. */
export interface YamlDifference {
  readonly offset: number
  readonly message: string
}

const escape = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[\s\S])/g

/** Offset of an escape that stands for half a character, as `\ud800`; go-yaml joins no pairs. */
function halfCharacter(source: string): number | null {
  for (const {1: short, 2: long, index} of source.matchAll(escape)) {
    const code = Number.parseInt(short ?? long ?? '0', 16)
    if (code >= 0xd800 && code <= 0xdfff) return index
  }
  return null
}

function differenceIn(
  node: Node & {type?: string},
  source: string,
  isInFlow: boolean,
): readonly [number, string] | undefined {
  if (isScalar(node) && node.type === 'QUOTE_DOUBLE') {
    const at = halfCharacter(source)
    if (at !== null)
      return [at, 'There is an escape for half a character (\\ud800 to \\udfff): write the character itself']
  }
  if (isInFlow && isScalar(node) && node.type === 'PLAIN') {
    const at = source.indexOf('?', 1)
    if (at > 0)
      return [at, 'There is a ? in a word without quotes within brackets, where it begins a key: put it in quotes']
  }
  return undefined
}

/** True for a key that goes on, or has its colon, on another line, unless a `?` says that it is one. */
function isBroken(text: string, start: number, end: number): boolean {
  const behind = text.slice(end, end + 200)
  return (
    (/[\r\n]/.test(text.slice(start, end)) ? /^[ \t]*:/.test(behind) : /^[ \t]*[\r\n]\s*:/.test(behind)) &&
    !/\?\s*$/.test(text.slice(Math.max(0, start - 200), start))
  )
}

/** The first thing of a document that go-yaml v2 refuses, where YAML 1.2 takes it; undefined where there is none such. */
export function findDifference(document: ParsedYaml, text: string): YamlDifference | undefined {
  // Most texts hold none of these and need no visit.
  if (!/\?|\\[uU]|[{,][^{},]*[\r\n]/.test(text)) return undefined
  let found: YamlDifference | undefined
  visit(document, {
    Pair: (_, {key}, path) => {
      const map = path.at(-1)
      if (!isMap(map) || map.flow !== true || !isScalar(key)) return undefined
      const [start, end] = key.range ?? [0, 0]
      if (!isBroken(text, start, end)) return undefined
      found = {offset: start, message: 'There is a key within brackets that does not end, with its colon, on its line.'}
      return visit.BREAK
    },
    Node: (_, node, path) => {
      const [start, end] = node.range ?? [0, 0]
      const isInFlow = path.some((parent) => isCollection(parent) && parent.flow === true)
      const difference = differenceIn(node, text.slice(start, end), isInFlow)
      if (difference === undefined) return undefined
      found = {offset: start + difference[0], message: `${difference[1]}.`}
      return visit.BREAK
    },
  })
  return found
}
