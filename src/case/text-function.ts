import {DuckDBDataChunk, DuckDBScalarFunction, VARCHAR, type DuckDBConnection} from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'

/** Text that is made of a text; NULL where there is none. */
export type TextFunction = (text: string) => string | null

/**
 * Makes `name(text)` a function of this connection; it gives an empty text for NULL. It runs in the main thread, a row at
 * a time: to be called under a CASE, for the few rows that nothing else can read. Of the texts, one is held at a time.
 */
export function registerTextFunction(connection: DuckDBConnection, name: string, work: TextFunction): void {
  const scalar = DuckDBScalarFunction.create({
    name,
    parameterTypes: [VARCHAR],
    returnType: VARCHAR,
    mainFunction: () => undefined,
  })
  // The driver's own vectors keep every text of a chunk, going in and coming out.
  bindings.scalar_function_set_function(scalar.scalar_function, (info, input, output) => {
    try {
      const chunk = new DuckDBDataChunk(input)
      const texts = chunk.getColumnVector(0)
      for (let row = 0; row < chunk.rowCount; row++) {
        const text = texts.slice(row, 1).getItem(0) as string | null
        bindings.vector_assign_string_element(output, row, (text === null ? null : work(text)) ?? '')
      }
    } catch (error) {
      bindings.scalar_function_set_error(info, error instanceof Error ? error.message : String(error))
    }
  })
  connection.registerScalarFunction(scalar)
}
