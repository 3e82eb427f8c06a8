import {actorKind, type ActorKind} from '../../audit/control-plane.ts'
import {evidenceOf, objectKey, type Act} from './act.ts'

/** A row of `queries/who-deleted-signs.sql`. */
export interface SignRow {
  readonly cluster: string | null
  readonly namespace: string | null
  readonly api_group: string | null
  readonly resource: string
  readonly name: string
  readonly sign: 'created' | 'absent' | 'present' | 'written'
  readonly object_uid: string | null
  readonly time: string
  readonly ended_at: string | null
  readonly verb: string
  readonly subresource: string | null
  readonly code: number
  readonly user_name: string | null
  readonly user_agent: string | null
  readonly source_id: number
  readonly line: number | string
  readonly item: number | null
}

/** Something in the log that shows an object there, made, absent, or freed of what held it. */
export interface Sign {
  readonly kind: 'created' | 'absent' | 'present' | 'gone'
  /** When the request was received that shows it. */
  readonly at: string
  readonly endedAt: string | null
  readonly uid: string | null
  readonly userName: string | null
  readonly actor: ActorKind
  /** In words: `get 404`. */
  readonly what: string
  readonly evidence: string
  /** True for an update or patch of the object itself. */
  readonly isWrite?: boolean
  /** Where the sign is a deletion itself. */
  readonly act?: Act | undefined
}

/** What a write to an object shows: that it was there, or that it took the last finalizer off. */
export function signOfWrite(act: Act): Sign | undefined {
  if (act.time === null || act.code === null || act.code < 200 || act.code > 299) return undefined
  const what = `${act.verb}${act.subresource === null ? '' : ` ${act.subresource}`} ${act.code}`
  const base = {
    at: act.time,
    endedAt: act.endedAt,
    uid: act.uid,
    userName: act.userName,
    actor: act.actor,
    what,
    evidence: act.evidence,
  }
  // The namespace controller finalizes a namespace once it is empty, which ends it: the one write that tells without a body.
  const ends = act.ends ?? (act.subresource === 'finalize' && act.actor === 'namespace-controller')
  return ends
    ? {...base, kind: 'gone', what: act.subresource === 'finalize' ? 'finalized' : 'freed of its last finalizer'}
    : {...base, kind: 'present', isWrite: true}
}

/** A sign and the object that it is of, as {@link objectKey} names it. */
export interface ObjectSign {
  readonly key: string
  readonly sign: Sign
}

/** Reads a row. */
export function readSign(row: SignRow, place: (sourceId: number) => string): ObjectSign {
  const sign: Sign = {
    kind: row.sign === 'written' ? 'present' : row.sign,
    at: row.time,
    endedAt: row.ended_at,
    uid: row.object_uid,
    userName: row.user_name,
    actor: actorKind(row.user_name, row.user_agent),
    what: `${row.verb}${row.subresource === null ? '' : ` ${row.subresource}`} ${row.code}`,
    evidence: evidenceOf(row, place),
    isWrite: row.subresource === null && (row.verb === 'patch' || row.verb === 'update') && row.code < 300,
  }
  const {cluster, namespace, resource, name} = row
  return {key: objectKey({cluster, namespace, apiGroup: row.api_group, resource, name}), sign}
}
