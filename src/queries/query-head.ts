/** A parameter or a column as the head of a query describes it. */
export interface HeadEntry {
  readonly name: string
  readonly text: string
  /** Line of the file, from 1. */
  readonly line: number
}

/** What the comment at the head of a query file says; empty where it says nothing. */
export interface QueryHead {
  readonly title: string
  readonly description: string
  readonly params: readonly HeadEntry[]
  readonly columns: readonly HeadEntry[]
  /** What the query cannot show. */
  readonly limits: string
  /** Why the rows come in no order, in a query that leaves that to who asks; empty in all others. */
  readonly order: string
  /** Line of each key that is there. */
  readonly lines: ReadonlyMap<string, number>
  /** Line after which the statement begins. */
  readonly lastLine: number
}

/** What is wrong with a query file, and where: a line from 1. */
export interface QueryProblem {
  readonly line: number
  readonly problem: string
}

/** The keys of a head, in the order in which they stand. */
export const headKeys = ['title', 'description', 'params', 'columns', 'limits'] as const

/** A key that only a query without ORDER BY has. */
const orderKey = 'order'
const sections = new Set<string>(['params', 'columns'])
const opening = /^\s*\/\*/
const keyLine = /^([A-Za-z_][\w-]*):(?:\s+(\S.*?))?\s*$/
const entryLine = /^("(?:[^"]|"")+"|[^\s:"]+):(?:\s+(\S.*?))?\s*$/

interface Draft {
  readonly name: string
  readonly line: number
  readonly pieces: string[]
}

function draftOf(match: RegExpExecArray, line: number): Draft {
  const name = match[1] ?? ''
  return {
    name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
    line,
    pieces: match[2] === undefined ? [] : [match[2]],
  }
}

/** True where a parameter may be left out and is NULL then: its sentence says `Optional`, or what NULL stands for. */
export function isOptional(entry: HeadEntry): boolean {
  return /\b[Oo]ptional\b|\bNULL\b/.test(entry.text)
}

/**
 * Reads the head of a query file: the comment with which it begins, `key: text` line by line; `params:` and `columns:`
 * hold `name: text` lines, indented; what is indented deeper goes on with the line before. What does not fit is told,
 * with its line, and passed over.
 */
export function parseHead(file: string): {readonly head: QueryHead; readonly problems: readonly QueryProblem[]} {
  const text = file.replace(/^\ufeff/, '')
  const problems: QueryProblem[] = []
  const end = text.indexOf('*/')
  const isThere = opening.test(text) && end !== -1
  if (!isThere)
    problems.push({
      line: 1,
      problem: opening.test(text)
        ? 'The comment at the head does not end: */ is missing.'
        : 'The file does not begin with a head: /* title: … */.',
    })
  const lines = isThere
    ? text
        .slice(0, end)
        .replace(opening, (found) => found.replace('/*', ''))
        .split(/\r?\n/)
    : []
  const keys = new Map<string, Draft>()
  const entries = new Map<string, Draft[]>([...sections].map((name) => [name, []]))
  let key: Draft | undefined
  let entry: Draft | undefined
  let depth = 0
  for (const [i, lineText] of lines.entries()) {
    const line = i + 1
    const content = lineText.trim()
    if (content === '') continue
    const indent = lineText.length - lineText.trimStart().length
    if (indent === 0 || line === 1) {
      const match = keyLine.exec(content)
      entry = undefined
      depth = 0
      if (match === null) {
        problems.push({line, problem: `"${content}" is no "key: text".`})
        key = undefined
        continue
      }
      key = draftOf(match, line)
      if (key.name !== orderKey && !(headKeys as readonly string[]).includes(key.name))
        problems.push({line, problem: `The head knows no "${key.name}": it has ${headKeys.join(', ')}.`})
      else if (keys.has(key.name)) problems.push({line, problem: `"${key.name}" stands here for the second time.`})
      else {
        keys.set(key.name, key)
        if (sections.has(key.name) && key.pieces.length > 0)
          problems.push({line, problem: `"${key.name}:" is followed by lines "  name: text", one for each.`})
      }
    } else if (key === undefined) problems.push({line, problem: `"${content}" belongs to no key.`})
    else if (!sections.has(key.name)) key.pieces.push(content)
    else if (entry !== undefined && indent > depth) entry.pieces.push(content)
    else {
      depth = indent
      const match = entryLine.exec(content)
      if (match === null) problems.push({line, problem: `"${content}" is no "name: text".`})
      else {
        entry = draftOf(match, line)
        const others = entries.get(key.name) ?? []
        if (others.some(({name}) => name === entry?.name))
          problems.push({line, problem: `"${entry.name}" stands under "${key.name}" for the second time.`})
        else others.push(entry)
      }
    }
  }
  const textOf = (name: string): string => keys.get(name)?.pieces.join(' ') ?? ''
  const listOf = (name: string): HeadEntry[] =>
    (entries.get(name) ?? []).map(({name: entryName, pieces, line}) => ({
      name: entryName,
      text: pieces.join(' '),
      line,
    }))
  return {
    head: {
      title: textOf('title'),
      description: textOf('description'),
      params: listOf('params'),
      columns: listOf('columns'),
      limits: textOf('limits'),
      order: textOf(orderKey),
      lines: new Map([...keys].map(([name, {line}]) => [name, line])),
      lastLine: Math.max(lines.length, 1),
    },
    problems,
  }
}
