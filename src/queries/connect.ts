import type {CaseFile, Parameters} from '../case/case-file.ts'
import {bindParameters, type Asked} from './bind-parameters.ts'
import type {Query} from './find-queries.ts'

/** Under which name the shell knows the case. */
const alias = 'incident'

/** What a terminal would act on, or not show. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
/** The same, as far as DuckDB's literals have an escape for it. */
// eslint-disable-next-line no-control-regex
const control = /[\x01-\x1f\x7f]/

/** Text with some of its characters, and backslashes, byte by byte as `\xNN`. */
function asBytes(text: string, isEscaped: RegExp, quote: string): string {
  return Array.from(text, (character) => {
    if (character === "'") return quote
    if (character !== '\\' && !isEscaped.test(character)) return character
    return Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  }).join('')
}

/** A text as a literal of DuckDB's SQL, on one line; control characters of ASCII are escaped. */
export function sqlText(text: string): string {
  return control.test(text) ? `E'${asBytes(text, control, "''")}'` : `'${text.replaceAll("'", "''")}'`
}

/** A word of a POSIX shell; in what bash, zsh and later shells take where a terminal would act on it. */
export function shellWord(text: string): string {
  if (hidden.test(text)) return `$'${asBytes(text, hidden, String.raw`\'`)}'`
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`

function sqlValue(value: Parameters[string] | undefined): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'string') return sqlText(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `[${value.map(sqlText).join(', ')}]`
}

/** The command line that opens a case in DuckDB's own shell: read-only, times in UTC. */
export function shellCommand(casePath: string): string {
  return `duckdb -readonly ${shellWord(casePath)} -cmd "SET TimeZone = 'UTC'"`
}

/** The file as it stands, made a prepared statement, and its execution with the given values. */
function preparedText(query: Query, values: Parameters): string[] {
  const given = Object.entries(values).map(([name, value]) => `${sqlName(name)} := ${sqlValue(value)}`)
  return [
    `PREPARE ${sqlName(query.name)} AS`,
    query.text.replace(/^\ufeff/, '').replace(/\s*;?\s*$/, ''),
    ';',
    `EXECUTE ${sqlName(query.name)}${given.length === 0 ? '' : `(${given.join(', ')})`};`,
  ]
}

/**
 * The lines of SQL that make DuckDB's own shell see the case as it is seen here, with comments that say how to use them;
 * with a query, what prepares and asks it.
 *
 * @throws as {@link bindParameters}
 */
export async function connectText(
  caseFile: CaseFile,
  casePath: string,
  query: Query | null,
  asked: Asked,
): Promise<string> {
  const [row] = await caseFile.all<{version: string}>('SELECT version() AS version')
  const version = (row?.version ?? '').replace(/^v/, '')
  const open = [`ATTACH ${sqlText(casePath)} AS ${alias} (READ_ONLY);`, `USE ${alias};`, "SET TimeZone = 'UTC';"]
  if (query !== null)
    return [...open, ...preparedText(query, (await bindParameters(caseFile, query, asked)).values), ''].join('\n')
  return [
    `-- Opens the case in DuckDB's own shell (${version} or later): read-only, the same tables and views, times in UTC.`,
    '-- On the command line:',
    `--   ${shellCommand(casePath)}`,
    '-- Or let the shell read the lines below:',
    '--   k8saudit connect > open.sql; duckdb -init open.sql        (in a shell that runs: .read open.sql)',
    '-- A query file runs there unchanged, as a prepared statement; every parameter gets a value, or NULL:',
    '--   PREPARE q AS <text of the file>;',
    `--   EXECUTE q("user" := 'bob', "limit" := NULL);`,
    '-- k8saudit connect QUERY --param name=value writes this for one:',
    '--   k8saudit connect sources | duckdb',
    ...open,
    '',
  ].join('\n')
}
