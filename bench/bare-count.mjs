// The least that a question to a case costs: open it and count. node bench/bare-count.mjs CASE
import {DuckDBInstance} from '@duckdb/node-api'

const instance = await DuckDBInstance.create(process.argv[2], {access_mode: 'READ_ONLY'})
const connection = await instance.connect()
const reader = await connection.runAndReadAll('SELECT count(*) FROM events')
console.log(String(reader.getRows()[0][0]))
connection.closeSync()
instance.closeSync()
