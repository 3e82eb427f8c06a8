import {DuckDBTypeId, type DuckDBType, type DuckDBValue} from '@duckdb/node-api'
import {plainText, type Plain} from '../output/answer.ts'

const microsPerSecond = 1_000_000n

function pad(value: bigint | number, width: number): string {
  return value.toString().padStart(width, '0')
}

/**
 * Days since 1970-01-01 as a proleptic Gregorian date; years beyond 9999 or before 0 carry a sign, as ISO 8601 asks.
 * Own arithmetic, because JavaScript dates end at the year 275760 and lose microseconds.
 */
function dateText(daysSinceEpoch: bigint): string {
  const z = daysSinceEpoch + 719_468n
  const era = (z >= 0n ? z : z - 146_096n) / 146_097n
  const dayOfEra = z - era * 146_097n
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n)
  const monthIndex = (5n * dayOfYear + 2n) / 153n
  const day = dayOfYear - (153n * monthIndex + 2n) / 5n + 1n
  const month = monthIndex < 10n ? monthIndex + 3n : monthIndex - 9n
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n)
  const yearText =
    year >= 0n && year <= 9999n ? pad(year, 4) : `${year < 0n ? '-' : '+'}${pad(year < 0n ? -year : year, 6)}`
  return `${yearText}-${pad(month, 2)}-${pad(day, 2)}`
}

/** From 1970 to before here, in the year 2255, JavaScript counts microseconds exactly: many times faster than own arithmetic. */
const lastEasyMicros = 9_000_000_000_000_000n

/** Microseconds since 1970 in UTC as RFC 3339 with six digits: `2026-03-01T10:15:22.123456Z`; with no zone where `zone` is empty. */
export function instantText(micros: bigint, zone: 'Z' | '' = 'Z'): string {
  if (micros === 9_223_372_036_854_775_807n) return 'infinity'
  if (micros === -9_223_372_036_854_775_807n) return '-infinity'
  if (micros >= 0n && micros < lastEasyMicros) {
    const count = Number(micros)
    const rest = count % 1000
    return `${new Date((count - rest) / 1000).toISOString().slice(0, 23)}${String(rest).padStart(3, '0')}${zone}`
  }
  const microsPerDay = 86_400n * microsPerSecond
  const day = micros >= 0n ? micros / microsPerDay : (micros - microsPerDay + 1n) / microsPerDay
  const rest = micros - day * microsPerDay
  const seconds = rest / microsPerSecond
  const clock = `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}`
  return `${dateText(day)}T${clock}.${pad(rest % microsPerSecond, 6)}${zone}`
}

function plainBigint(value: bigint): Plain {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value.toString()
}

/** Strings, so that they are passed over, and whole numbers that may be beyond what JavaScript holds exactly. */
const stringOrLongInteger = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g

const mostDepth = 2000

/** True where JSON is nested deeper than it could be written again: JavaScript goes down into it level by level. */
function isTooDeep(text: string): boolean {
  if (text.length < 2 * mostDepth) return false
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/g)) {
    if (token === '[' || token === '{') {
      if (++depth > mostDepth) return true
    } else if (token === ']' || token === '}') depth--
  }
  return false
}

/** JSON text as data (nested beyond all measure it stays text): whole numbers that JavaScript cannot hold exactly become text, as BIGINT does. */
function plainJson(text: string): Plain {
  if (isTooDeep(text)) return text
  const exact = /\d{16}/.test(text)
    ? text.replaceAll(stringOrLongInteger, (found) =>
        found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `"${found}"`,
      )
    : text
  try {
    return JSON.parse(exact) as Plain
  } catch {
    return text
  }
}

/** Turns values of one type into what JSON can carry; NULL stays what it is. */
export type ToPlain = (value: DuckDBValue) => Plain

/** Types whose values are what JSON can carry already. */
const asTheyAre: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
])

/** What {@link toPlain} does with the values of a type: looked up once for a column, not for each of its values. */
export function plainOf(type: DuckDBType): ToPlain {
  const isText = type.typeId === DuckDBTypeId.VARCHAR && type.alias !== 'JSON'
  if (isText || asTheyAre.has(type.typeId)) return (value) => value as Plain
  return (value) => toPlain(value, type)
}

/**
 * A value of DuckDB as JSON can carry it: instants as RFC 3339 in UTC with six digits, BIGINT as a number while it is a
 * safe integer and a string beyond, lists and structs as lists and objects, JSON columns as what they hold.
 */
export function toPlain(value: DuckDBValue, type: DuckDBType): Plain {
  if (value === null) return null
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP_TZ:
      return instantText((value as {micros: bigint}).micros)
    case DuckDBTypeId.TIMESTAMP:
      return instantText((value as {micros: bigint}).micros, '')
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? plainJson(value as string) : (value as string)
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const inner = (type as unknown as {valueType: DuckDBType}).valueType
      return (value as unknown as {items: DuckDBValue[]}).items.map((item) => toPlain(item, inner))
    }
    case DuckDBTypeId.STRUCT: {
      const {entryNames, entryTypes} = type as unknown as {entryNames: string[]; entryTypes: DuckDBType[]}
      const {entries} = value as unknown as {entries: Record<string, DuckDBValue>}
      return Object.fromEntries(
        entryNames.map((name, i) => [name, toPlain(entries[name] ?? null, entryTypes[i] as DuckDBType)]),
      )
    }
    case DuckDBTypeId.MAP: {
      const {keyType, valueType} = type as unknown as {keyType: DuckDBType; valueType: DuckDBType}
      const {entries} = value as unknown as {entries: {key: DuckDBValue; value: DuckDBValue}[]}
      return Object.fromEntries(
        entries.map((entry) => [plainText(toPlain(entry.key, keyType)), toPlain(entry.value, valueType)]),
      )
    }
    default:
      if (typeof value === 'bigint') return plainBigint(value)
      if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
      if (typeof value === 'boolean' || typeof value === 'string') return value
      return (value as {toString(): string}).toString()
  }
}
