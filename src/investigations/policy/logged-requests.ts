import {TargetError} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {globPattern, hasWildcard} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import type {ExplainedRequest} from './explain.ts'
import {requestOfRecord, type RecordedRequest} from './policy-group.ts'

interface EventRow extends RecordedRequest {
  readonly request_id: number
  readonly evidence: string
  readonly audit_id: string
  readonly time: string | null
  readonly stage: string | null
  readonly level: string | null
  readonly impersonated_user: string | null
}

const most = 50

function explained(events: readonly [EventRow, ...EventRow[]]): ExplainedRequest {
  const [first] = events
  // The stage that knows most of what was asked: a cut record may know less.
  const event = events.find(({salvaged}) => !salvaged) ?? first
  // The path as it came is what the API server looked at; objectRef of a creation names what came in the body.
  const byObject = requestOfRecord(withoutBodyName(event), true)
  const byPath = event.request_uri === null ? byObject : requestOfRecord({...event, resource: null}, true)
  const {request, unknown} = byPath.unknown.includes('target') ? byObject : byPath
  const acted = events.find(({impersonated_user: other}) => other !== null)?.impersonated_user
  return {
    request,
    unknown,
    mayHaveGroups: false, // what is recorded are all of them
    notes: [
      ...(request.user === null && unknown.length === 0
        ? ['Nobody authenticated (401): no rule with users or userGroups takes the request.']
        : []),
      ...(acted === undefined || acted === null
        ? []
        : [`It acted as ${JSON.stringify(acted)}: rules look at who authenticated, not at that.`]),
      ...(unknown.includes('groups') && request.user !== null
        ? ['The record tells no groups of the user: those that the name makes certain were taken.']
        : []),
    ],
    alternatives: [],
    logged: {
      auditId: event.audit_id,
      time: event.time,
      evidence: events.map(({evidence}) => evidence),
      events: events.map(({stage, level}) => ({stage, level})),
    },
  }
}

function withoutBodyName(event: EventRow): EventRow {
  return event.verb === 'create' && event.subresource === null ? {...event, name: null} : event
}

/**
 * The requests that were logged under an audit ID, which clients choose: there may be several. `*` stands for any characters.
 *
 * @throws TargetError where there is none, or so many that the ID means nothing.
 */
export async function loggedRequests(caseFile: CaseFile, auditId: string): Promise<readonly ExplainedRequest[]> {
  if (hasWildcard(auditId) && auditId.replaceAll('*', '').length < 4)
    throw new TargetError(
      `${JSON.stringify(auditId)} means almost every event: give at least 4 characters of the audit ID.`,
    )
  const events = await caseFile.all<EventRow>(queryFile('policy-requests'), {audit_id: globPattern(auditId)})
  const requests = new Map<number, [EventRow, ...EventRow[]]>()
  for (const event of events) {
    const others = requests.get(event.request_id)
    if (others === undefined) requests.set(event.request_id, [event])
    else others.push(event)
  }
  if (requests.size === 0)
    throw new TargetError(
      `No event has the audit ID ${JSON.stringify(auditId)}. It is given whole, or its beginning with a * behind it.`,
    )
  if (requests.size > most)
    throw new TargetError(
      `${JSON.stringify(auditId)} means ${requests.size.toLocaleString('en-US')} requests: give more of the audit ID.`,
    )
  return [...requests.values()].map(explained)
}
