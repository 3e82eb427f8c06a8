import {readFileSync} from 'node:fs'
import {closeDown, CaseFile} from './case-file.ts'

/** A case without evidence, in memory and closed down like any other: what statements are tried against where there is no case. */
export async function openBlankCase(): Promise<CaseFile> {
  const {DuckDBInstance} = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    threads: '1',
  })
  const connection = await instance.connect()
  await connection.run(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'))
  await connection.run(closeDown)
  return new CaseFile(':memory:', instance, connection)
}
