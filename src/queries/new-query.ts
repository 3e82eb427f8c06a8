import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {QueryError} from './query-error.ts'

const goodName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** A query to begin with: the common filters over `calls`, oldest first. It lints clean and runs as it is. */
function template(name: string): string {
  const title = name.replaceAll('-', ' ')
  return `/*
title: ${title.charAt(0).toUpperCase()}${title.slice(1)}
description: Requests that the common filters let through, oldest first. Say here what they have in common.
params:
  namespace: Only this namespace; * stands for any characters. Optional.
  user: Only requests of this user, as who authenticated or was acted as; * stands for any characters. Optional.
  cluster: Only this cluster; * stands for any characters. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  limit: At most so many rows. Optional.
columns:
  time: When the API server received the request, UTC.
  user_name: Who authenticated; NULL where nobody did.
  effective_user: Whose rights applied.
  client_ip: Where it came from.
  verb: Verb as recorded.
  namespace: Namespace of the object.
  resource: Type of the object, as its plural.
  subresource: Subresource that was asked.
  name: Name of the object.
  code: HTTP status code of the answer.
  user_agent: The client, as it calls itself.
  audit_id: Audit ID as recorded; clients can choose it.
  evidence: Where the record stands: path[!/member]:line[#item].
limits: Blind where the audit policy recorded nothing. Say here what else it cannot show.
*/
-- A row of calls is a request (docs/schema.md has every column). Each parameter is cast where it is used.
SELECT
  r.time, r.user_name, r.effective_user, r.client_ip, r.verb, r.namespace, r.resource, r.subresource, r.name, r.code, r.user_agent, r.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || r.line || coalesce('#' || r.item, '') AS evidence
FROM calls AS r
JOIN sources AS s USING (source_id)
-- What is asked, first: such as r.resource = 'configmaps' AND r.verb IN ('update', 'patch')
WHERE true
  -- The filters that query run has flags for; take out what does not fit.
  AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
-- A total order: the same rows in the same order, however the log was loaded.
ORDER BY r.time NULLS LAST, r.audit_id, r.request_uri, r.user_name, r.verb, r.code, r.client_ip, r.user_agent, r.request_id
LIMIT $limit::BIGINT
`
}

/**
 * Writes a query to begin with.
 *
 * @returns the path of the new file
 * @throws QueryError where the name is none, or a file of this name is there: it stays as it is
 */
export function newQuery(name: string, folder: string): string {
  if (!goodName.test(name) || name.length > 64)
    throw new QueryError(
      `${name} is no name for a query.`,
      'Take small letters, digits and hyphens, such as config-changes.',
    )
  const path = join(folder, `${name}.sql`)
  try {
    mkdirSync(folder, {recursive: true})
    writeFileSync(path, template(name), {flag: 'wx'})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new QueryError(`${path} is there already, and stays as it is.`, 'Take another name.', error)
    throw new QueryError(
      `${path} cannot be written: ${(error as Error).message}`,
      'Name a folder that can be written to with --query-path.',
      error,
    )
  }
  return path
}
