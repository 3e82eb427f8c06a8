import {auditLevels, type AuditLevel} from '../../../audit/policy/policy.ts'
import type {CaseFile, Parameters} from '../../../case/case-file.ts'
import {queryFile} from '../../query-file.ts'
import type {RequestKind} from './request-kind.ts'

interface KindRow {
  readonly cluster: string | null
  readonly user_name: string | null
  readonly user_groups: readonly string[]
  readonly verb: string
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly namespace: string | null
  readonly path: string | null
  readonly level: string | null
  readonly requests: number
  readonly events: number
  readonly received: number
  readonly started: number
  readonly whole: number
  readonly completed: number
  readonly succeeded: number
  readonly first_seen: string | null
  readonly last_seen: string | null
  readonly whole_from: string | null
  readonly whole_to: string | null
}

/** Requests of a case by what an audit policy looks at. */
export interface LoggedKinds {
  /** By cluster, as the records name it; null where they name none. */
  readonly byCluster: ReadonlyMap<string | null, readonly RequestKind[]>
  /** Requests whose records carry no level. */
  readonly unlevelled: number
}

/** A path as an API server compares it; as it stands where its escapes are broken. */
function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function kindOf(row: KindRow, level: AuditLevel): RequestKind {
  const isResource = row.resource !== null
  return {
    request: {
      user: row.user_name,
      groups: row.user_groups,
      verb: row.verb,
      isResource,
      apiGroup: row.api_group ?? '',
      resource: row.resource ?? '',
      subresource: row.subresource ?? '',
      namespace: row.namespace ?? '',
      name: '',
      path: isResource ? '' : decodedPath(row.path ?? ''),
    },
    level,
    omitsReceived: null,
    requests: row.requests,
    events: row.events,
    received: row.received,
    started: row.started,
    whole: row.whole,
    completed: row.completed,
    succeeded: row.succeeded,
    firstAt: row.first_seen,
    lastAt: row.last_seen,
    wholeFrom: row.whole_from,
    wholeTo: row.whole_to,
  }
}

function isLevel(text: string | null): text is AuditLevel {
  return text !== null && (auditLevels as readonly string[]).includes(text)
}

/** Reads every kind of request that the case holds, with its level. */
export async function readKinds(caseFile: CaseFile, parameters: Parameters): Promise<LoggedKinds> {
  const byCluster = new Map<string | null, RequestKind[]>()
  let unlevelled = 0
  for (const row of await caseFile.all<KindRow>(queryFile('logged-requests'), parameters)) {
    if (!isLevel(row.level) || row.level === 'None') {
      unlevelled += row.requests
      continue
    }
    const kinds = byCluster.get(row.cluster) ?? []
    kinds.push(kindOf(row, row.level))
    byCluster.set(row.cluster, kinds)
  }
  return {byCluster, unlevelled}
}
