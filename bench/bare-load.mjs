// What a DuckDB user would type instead of `k8saudit load`: node bench/bare-load.mjs 'GLOB' FILE
import {DuckDBInstance} from '@duckdb/node-api'

const [glob, file] = process.argv.slice(2)
const instance = await DuckDBInstance.create(file)
const connection = await instance.connect()
await connection.run(`CREATE TABLE t AS SELECT * FROM read_json('${glob.replaceAll("'", "''")}')`)
connection.closeSync()
instance.closeSync()
