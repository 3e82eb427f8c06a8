import {listValue as duckdbList, type DuckDBListValue} from '@duckdb/node-api'

/** A list of texts as a parameter of a statement. */
export function listValue(items: readonly string[]): DuckDBListValue {
  return duckdbList([...items])
}
