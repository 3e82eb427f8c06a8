import {DuckDBInstance} from '@duckdb/node-api'
import {chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {logText, manyEvents} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import {ask} from '../../support/case-answers.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

let made: Promise<string> | null = null

/** A case of five events that no test changes. */
async function someCase(): Promise<string> {
  made ??= (async () => {
    const folder = newFolder()
    await load(caseIn(folder), [writeInto(folder, 'audit.log', logText(manyEvents(5)))])
    return caseIn(folder)
  })()
  return made
}

/** The columns that the contract promises, in its order. */
const promised = {
  events: 'event_id source_id line item cluster apiserver audit_id stage level time stage_time verb request_uri user_agent user_name user_uid user_groups user_extra impersonated_user impersonated_groups impersonation_attempt effective_user principal pod_name node_name credential_id issued_credential_id source_ips peer_ip client_ip api_group api_version resource subresource namespace name object_uid code status_reason status_message decision decision_reason dry_run command container stdin tty truncated annotations request_object response_object raw response_kind',
  sources: 'source_id load_id path member sha256 size_bytes modified_at compression format cluster apiserver first_event_at last_event_at loaded_at status problem records event_records skipped_records rejects events duplicates salvaged',
  rejects: 'source_id line reason raw superseded',
} // prettier-ignore
const ofRequests = 'request_id stages started_at ended_at duration_ms event_ids forwarded_from'

describe('the schema', () => {
  test('every table, view and column has a comment', async () => {
    const casePath = await someCase()
    const bare = await ask(
      casePath,
      `SELECT schema_name || '.' || table_name AS name FROM duckdb_tables() WHERE coalesce(comment, '') = '' AND NOT temporary
       UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE coalesce(comment, '') = '' AND NOT internal
       UNION ALL SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns() WHERE coalesce(comment, '') = '' AND NOT internal`,
    )
    expect(bare).toEqual([])
    expect((await ask(casePath, 'SELECT count(*) AS n FROM duckdb_columns() WHERE NOT internal'))[0]?.['n']).toBeGreaterThan(200) // prettier-ignore
  })

  test.each(Object.entries(promised))('%s has the columns of the contract', async (table, columns) => {
    const rows = await ask<{column_name: string}>(await someCase(), `DESCRIBE ${table}`)
    expect(rows.map(({column_name}) => column_name)).toEqual(columns.split(' '))
  })

  test('requests has those of events and its own, with their types', async () => {
    const casePath = await someCase()
    const types = async (table: string) =>
      new Map((await ask<{column_name: string; column_type: string}>(casePath, `DESCRIBE ${table}`)).map((row) => [row.column_name, row.column_type])) // prettier-ignore
    const [events, requests] = [await types('events'), await types('requests')]
    const shared = promised.events.split(' ').filter((name) => !['event_id', 'stage', 'stage_time'].includes(name))
    expect([...requests.keys()].sort()).toEqual([...shared, ...ofRequests.split(' ')].sort())
    for (const name of shared) expect([name, requests.get(name)]).toEqual([name, events.get(name)])
    expect(Object.fromEntries(['line', 'item', 'time', 'user_groups', 'user_extra', 'source_ips', 'code', 'dry_run', 'command', 'annotations', 'raw'].map((name) => [name, events.get(name)]))).toEqual({
      line: 'BIGINT', item: 'INTEGER', time: 'TIMESTAMP WITH TIME ZONE', user_groups: 'VARCHAR[]', user_extra: 'JSON', source_ips: 'VARCHAR[]',
      code: 'INTEGER', dry_run: 'BOOLEAN', command: 'VARCHAR[]', annotations: 'JSON', raw: 'VARCHAR',
    }) // prettier-ignore
    const calls = await types('calls')
    for (const [name, type] of calls) expect([name, type]).toEqual([name, name === 'last_stage' ? 'VARCHAR' : requests.get(name)]) // prettier-ignore
    expect([...requests.keys()].filter((name) => !calls.has(name)).sort()).toEqual([
      'event_ids',
      'forwarded_from',
      'stages',
    ])
    expect(Object.fromEntries(ofRequests.split(' ').map((name) => [name, requests.get(name)]))).toEqual({
      request_id: 'BIGINT', stages: 'VARCHAR[]', started_at: 'TIMESTAMP WITH TIME ZONE', ended_at: 'TIMESTAMP WITH TIME ZONE', duration_ms: 'DOUBLE', event_ids: 'BIGINT[]', forwarded_from: 'BIGINT',
    }) // prettier-ignore
  })
})

test('a stock DuckDB opens it read-only, under any name, and sees the same', async () => {
  const casePath = await someCase()
  for (const open of [
    async () => (await DuckDBInstance.create(casePath, {access_mode: 'READ_ONLY'})).connect(),
    async () => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect()
      await connection.run(`ATTACH '${casePath}' AS other_name (READ_ONLY); USE other_name`)
      return connection
    },
  ]) {
    const connection = await open()
    for (const view of ['events', 'requests', 'sources', 'rejects', 'loads'])
      expect(Number((await connection.runAndReadAll(`SELECT count(*) FROM ${view}`)).getRows()[0]?.[0])).toBe({events: 5, requests: 5, sources: 1, rejects: 0, loads: 1}[view]) // prettier-ignore
    expect((await connection.runAndReadAll('SELECT stages, user_groups FROM requests LIMIT 1')).getRowsJson()).toEqual([
      [['ResponseComplete'], ['devs', 'system:authenticated']],
    ])
    await expect(connection.run('DELETE FROM sources')).rejects.toThrow(/read-only/i)
    connection.closeSync()
  }
})

describe('a case opened for questions', () => {
  test('is closed down: no files, no extensions, no change of settings, UTC', async () => {
    const casePath = await someCase()
    for (const statement of [
      "SELECT * FROM read_csv('/etc/passwd')",
      "COPY (SELECT 1) TO '/tmp/k8saudit-must-not-be-written'",
      "ATTACH '/tmp/k8saudit-must-not-be-written'",
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET enable_external_access = true',
      "SET TimeZone = 'Asia/Tokyo'",
      'DELETE FROM sources',
      'CREATE TABLE main.x (y INTEGER)',
    ])
      await expect(ask(casePath, statement), statement).rejects.toMatchObject({name: 'StatementError'})
    expect(existsSync('/tmp/k8saudit-must-not-be-written')).toBe(false)
    expect(await ask(casePath, "SELECT current_setting('TimeZone') AS zone")).toEqual([{zone: 'UTC'}])
  })

  test('takes parameters of every kind, and tells which one is missing', async () => {
    const caseFile = await openCase(await someCase())
    try {
      expect(
        await caseFile.all('SELECT $text AS text, $yes AS yes, $list::VARCHAR[] AS list, $none::VARCHAR[] AS none, $nothing::VARCHAR AS nothing', {
          text: "'; DROP TABLE sources --", yes: true, list: ['a', "b'"], none: [], nothing: null, unused: 'x',
        }),
      ).toEqual([{text: "'; DROP TABLE sources --", yes: true, list: ['a', "b'"], none: [], nothing: null}]) // prettier-ignore
      await expect(caseFile.all('SELECT $since')).rejects.toThrow(/asks for \$since/)
      await expect(caseFile.all('SELECT nonsense')).rejects.toMatchObject({name: 'StatementError'})
    } finally {
      caseFile.close()
    }
  })

  test.each([
    ['that is not there', null, /There is no case file/],
    ['that is text', 'kind: Event\n'.repeat(100), /is no case file/],
    ['that is empty', '', /case/],
  ])('%s is refused', async (_what, content, message) => {
    const path = caseIn(newFolder())
    if (content !== null) writeFileSync(path, content)
    await expect(openCase(path)).rejects.toMatchObject({name: 'CaseError', message: expect.stringMatching(message) as string}) // prettier-ignore
    if (content !== null) expect(readFileSync(path, 'utf8')).toBe(content)
    else expect(existsSync(path)).toBe(false)
  })

  test('that is another DuckDB file, or of another version, is refused', async () => {
    const path = caseIn(newFolder())
    const other = await DuckDBInstance.create(path)
    const connection = await other.connect()
    await connection.run('CREATE TABLE t (x INTEGER)')
    connection.closeSync()
    other.closeSync()
    await expect(openCase(path)).rejects.toMatchObject({name: 'CaseError', message: expect.stringMatching(/no case/) as string}) // prettier-ignore

    const later = caseIn(newFolder())
    copyFileSync(await someCase(), later)
    const writable = await DuckDBInstance.create(later)
    const change = await writable.connect()
    await change.run('UPDATE store.state SET schema_version = 99')
    change.closeSync()
    writable.closeSync()
    await expect(openCase(later)).rejects.toMatchObject({name: 'CaseError', message: expect.stringMatching(/schema version 99/) as string}) // prettier-ignore
  })
})

describe('a case opened for loading', () => {
  test('is made whole, readable by its owner alone', async () => {
    const casePath = await someCase()
    expect(statSync(casePath).mode & 0o777).toBe(0o600)
    expect(existsSync(`${casePath}.wal`)).toBe(false)
  })

  test('leaves what is no case as it is', async () => {
    const folder = newFolder()
    const log = writeInto(folder, 'audit.log', logText(manyEvents(1)))
    const text = writeInto(folder, 'notes.duckdb', 'my notes\n')
    chmodSync(text, 0o644)
    await expect(load(text, [log])).rejects.toMatchObject({name: 'CaseError'})
    expect(readFileSync(text, 'utf8')).toBe('my notes\n')
    const other = writeInto(folder, 'other.duckdb', '')
    await expect(load(other, [log])).rejects.toMatchObject({name: 'CaseError'})
    expect(readFileSync(other, 'utf8')).toBe('')
    await expect(load(folder, [log])).rejects.toMatchObject({name: 'CaseError'})
    await expect(load(`${folder}/no/such/folder/case.duckdb`, [log])).rejects.toMatchObject({name: 'CaseError'})
    await expect(load(`${log}/case.duckdb`, [log])).rejects.toMatchObject({name: 'CaseError'})
    expect(existsSync(`${text}.wal`)).toBe(false)
  })
})
