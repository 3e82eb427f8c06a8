import {requestMessage, requestSentence, type TellableRequest} from '../../audit/request-words.ts'
import type {Column, Plain, RowEvent} from '../../output/answer.ts'
import type {AddedColumn, Row} from '../answer-rows.ts'
import {column} from '../report-blocks.ts'
import {Sessions} from './sessions.ts'

function textOf(value: Plain | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function wordsOf(value: Plain | undefined): readonly string[] | null {
  return Array.isArray(value) ? value.map((word) => textOf(word) ?? '') : null
}

/** A row of the queries as the sentences take it. */
export function requestOf(row: Row): TellableRequest {
  return {
    verb: textOf(row['verb']),
    apiGroup: textOf(row['api_group']),
    resource: textOf(row['resource']),
    subresource: textOf(row['subresource']),
    namespace: textOf(row['namespace']),
    name: textOf(row['name']),
    requestUri: textOf(row['request_uri']),
    command: wordsOf(row['command']),
    container: textOf(row['container']),
    code: typeof row['code'] === 'number' ? row['code'] : null,
    impersonatedUser: textOf(row['impersonated_user']),
    impersonationAttempt: textOf(row['impersonation_attempt']),
    statusReason: textOf(row['status_reason']),
    statusMessage: textOf(row['status_message']),
    decision: textOf(row['decision']),
    dryRun: typeof row['dry_run'] === 'boolean' ? row['dry_run'] : null,
    isDiscovery: row['is_various'] === true,
  }
}

/** What happened, in words; its place is before the audit ID. */
export const summaryColumn: AddedColumn = {
  column: column('summary'),
  before: 'audit_id',
  value: (row) => requestSentence(requestOf(row)),
}

/** The number of the session, for rows in the order of their times. */
export function sessionColumn(): AddedColumn {
  const sessions = new Sessions()
  return {
    column: column('session', 'INTEGER'),
    value: (row) =>
      sessions.numberOf(
        {
          cluster: textOf(row['cluster']),
          userName: textOf(row['user_name']),
          clientIp: textOf(row['client_ip']),
        },
        textOf(row['time']),
      ),
  }
}

/** How a row is told as an event among those of other sources. */
export function rowEvent(columns: readonly Column[]): RowEvent {
  const place = (name: string): number => columns.findIndex((each) => each.name === name)
  const [user, impersonated, summary] = [place('user_name'), place('impersonated_user'), place('summary')]
  return {
    time: 'time',
    description: 'API request received',
    message: (row) => requestMessage(textOf(row[user]), textOf(row[impersonated]), textOf(row[summary]) ?? ''),
  }
}
