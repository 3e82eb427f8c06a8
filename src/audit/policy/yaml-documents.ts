import {LineCounter, parseAllDocuments, visit} from 'yaml'
import {indentFlows} from './yaml-flow-indent.ts'
import {deepestNesting, findDeepNesting} from './yaml-nesting.ts'
import {findDifference} from './yaml-refusals.ts'
import {
  readYamlValues,
  YamlRefusal,
  type ParsedYaml,
  type YamlPath,
  type YamlPlace,
  type YamlValue,
} from './yaml-values.ts'

/** Why a text is no YAML for an API server. Lines count from 1. */
export interface YamlProblem {
  readonly line: number | null
  /** A sentence, which may hold text of the file. */
  readonly message: string
  /** True where it is a limit of this reader: an API server may read it. */
  readonly isLimit?: boolean
}

/** A document of a YAML or JSON text. Lines are those of the whole text, from 1. */
export interface YamlDocument {
  /** Where it begins. */
  readonly line: number
  readonly value: YamlValue
  /** Why it cannot be read; NULL where it can. The value is NULL then. */
  readonly problem: YamlProblem | null
  /** Keys that their mapping has twice: the last one counts. */
  readonly duplicates: readonly {readonly path: YamlPath; readonly line: number}[]
  /** Line of the key or the item at a path, or of the nearest parent that is there. */
  readonly lineOf: (path: YamlPath) => number
  /** Where the text of a scalar begins, and whether each of its lines is a line of the file (`|`). */
  readonly textAt: (path: YamlPath) => {readonly line: number; readonly isVerbatim: boolean}
}

/** Longest text that is read, in characters: what a ConfigMap holds at most. */
export const longestText = 1024 * 1024

function unreadable(line: number, problem: YamlProblem): YamlDocument {
  return {
    line,
    value: null,
    problem,
    duplicates: [],
    lineOf: () => problem.line ?? line,
    textAt: () => ({line: problem.line ?? line, isVerbatim: false}),
  }
}

/** What the parser's words come to for somebody who wrote a policy. */
const plainWords: readonly (readonly [RegExp, string])[] = [
  [
    /^Alias cannot be an empty string/,
    'A * that stands alone begins an alias in YAML: where a wildcard is meant, write "*" with its quotes',
  ],
  [/^Tabs are not allowed as indentation/, 'There is a tab in the indentation; YAML takes blanks alone there'],
  [
    /^Nested mappings are not allowed in compact mappings/,
    'There are two ": " on one line: text that holds one needs quotes',
  ],
  [/^Missing closing .quote/, 'A quote is opened and never closed'],
]

/** A problem as a sentence: without where it is, which is told beside it. */
function sentence(message: string): string {
  const line = message.split('\n')[0] ?? ''
  const [, told = line.replace(/ at line \d+, column \d+:?$/, '').replace(/[.:]$/, '')] =
    plainWords.find(([pattern]) => pattern.test(line)) ?? []
  return `${told}.`
}

/** Where a problem begins: of a quote that is never closed, where it is opened. */
function problemOffset(
  document: ParsedYaml,
  {message, pos}: {readonly message: string; readonly pos: readonly number[]},
) {
  let opened: number | undefined
  if (/^Missing closing .quote/.test(message))
    visit(document, {
      Scalar: (_, {type, range}) => {
        if (type?.startsWith('QUOTE') === true) opened = range?.[0]
      },
    })
  return opened ?? pos[0] ?? 0
}

/** Text that is read as JSON. */
const beginsAsJson = /^[\t-\r \u0085\u00a0]*\{/

function plainDocument(document: ParsedYaml, lines: LineCounter, text: string): YamlDocument {
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const first = lineAt(document.contents?.range?.[0] ?? document.range?.[0] ?? 0)
  // go-yaml begins a comment wherever a token may begin: `]# all`.
  const errors = document.errors.filter(({message}) => !message.startsWith('Comments must be separated'))
  const error = errors[0] ?? document.warnings.find(({code}) => code === 'BAD_DIRECTIVE')
  if (error !== undefined)
    return unreadable(first, {line: lineAt(problemOffset(document, error)), message: sentence(error.message)})
  const {version = '', explicit} = document.directives?.yaml ?? {}
  if (explicit === true && version !== '1.1')
    return unreadable(first, {
      line: first,
      message: `The document says that it is YAML ${version}; Kubernetes reads YAML 1.1 alone.`,
    })
  const difference = beginsAsJson.test(text) ? undefined : findDifference(document, text)
  if (difference !== undefined) return unreadable(first, {line: lineAt(difference.offset), message: difference.message})
  try {
    const {value, places, duplicates, rootPlace} = readYamlValues(document, lines)
    const placeAt = (path: YamlPath): YamlPlace => {
      let place = rootPlace
      let at: YamlValue = value
      for (const step of path) {
        const next: YamlPlace | undefined =
          typeof at === 'object' && at !== null ? places.get(at)?.get(step) : undefined
        if (next === undefined) break
        place = next
        at = (at as Record<string | number, YamlValue>)[step] ?? null
      }
      return place
    }
    return {
      line: first,
      value,
      problem: null,
      duplicates,
      lineOf: (path) => placeAt(path).line,
      textAt: (path) => {
        const {textLine, isVerbatim} = placeAt(path)
        return {line: textLine, isVerbatim}
      },
    }
  } catch (error) {
    if (error instanceof YamlRefusal)
      return unreadable(first, {line: lineAt(error.offset), message: `${error.message}.`, isLimit: error.isLimit})
    throw error
  }
}

/** A character that go-yaml refuses wherever it stands; escapes in quotes are no such characters. */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/

/** Where JSON ends to be JSON, by what the parser says of it: the offset, or the text around it. */
function jsonOffset(message: string, text: string): number | null {
  const position = /position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return Number(position)
  const around = /, (?:\.\.\.)?"([\s\S]*?)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1] ?? ''
  const at = text.indexOf(around)
  return around === '' || at !== text.lastIndexOf(around) ? null : at + Math.floor(around.length / 2)
}

function findProblem(text: string, lineAt: (offset: number) => number): YamlProblem | null {
  if (text.length > longestText)
    return {
      line: null,
      message: `It is longer than ${longestText / 1024 / 1024} MiB, and no audit policy is.`,
      isLimit: true,
    }
  const hidden = unprintable.exec(text)
  if (hidden !== null) {
    const code = hidden[0].charCodeAt(0)
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    const message =
      code === 0xffff
        ? 'There are bytes that are no UTF-8 text.'
        : `There is a control character (${name}), which YAML does not allow.`
    return {line: lineAt(hidden.index), message}
  }
  const deep = findDeepNesting(text)
  if (deep !== null)
    return {line: lineAt(deep), message: `It is nested more than ${deepestNesting} deep.`, isLimit: true}
  if (!beginsAsJson.test(text)) return null
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    const offset = jsonOffset((error as Error).message, text)
    const message =
      'It begins with { and so is read as JSON alone, which it is not: strings need double quotes, nothing may follow the last }.'
    return {line: offset === null ? null : lineAt(offset), message}
  }
}

/** Longest text of which lines are moved to be read. */
const longestMoved = 64 * 1024

function parseDocuments(text: string): readonly YamlDocument[] {
  const lineCounter = new LineCounter()
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
  })
  if ('empty' in parsed) return [{...unreadable(1, {line: null, message: ''}), problem: null}]
  return parsed.map((document) => plainDocument(document, lineCounter, text))
}

/**
 * Reads all documents of a YAML or JSON text as the API server would (YAML 1.1 by go-yaml v2; text that begins with `{` is
 * JSON; U+FFFF stands for bytes that were no text). Never throws for what the text is: a document that cannot be read says why. An empty text is one empty document.
 *
 * Source: sigs.k8s.io/yaml and k8s.io/apimachinery `serializer/json` and `serializer/recognizer`.
 */
export function readYamlDocuments(text: string): readonly YamlDocument[] {
  const lineAt = (offset: number): number => text.slice(0, offset).split(/\r\n|\r|\n/).length
  try {
    const problem = findProblem(text, lineAt)
    if (problem !== null) return [unreadable(1, problem)]
    // A lone carriage return ends a line for go-yaml.
    const lines = text.replace(/\r(?!\n)/g, '\n')
    const documents = parseDocuments(lines)
    if (documents[0]?.problem == null || text.length > longestMoved) return documents
    const moved = indentFlows(lines)
    const again = moved === null ? [] : parseDocuments(moved)
    return again[0]?.problem === null ? again : documents
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return [unreadable(1, {line: null, message: 'It is nested too deep to be read.', isLimit: true})]
  }
}
