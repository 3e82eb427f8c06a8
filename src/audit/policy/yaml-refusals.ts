import {isCollection, isScalar, visit, type Node} from 'yaml'
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

/** The first thing of a document that go-yaml v2 refuses, where YAML 1.2 takes it; undefined where there is none such. */
export function findDifference(document: ParsedYaml, text: string): YamlDifference | undefined {
  if (!/\?|\\[uU]/.test(text)) return undefined
  let found: YamlDifference | undefined
  visit(document, {
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
