import type {Plain} from '../../output/answer.ts'
import type {Row} from '../answer-rows.ts'

export type Kind = 'exec' | 'attach' | 'port-forward' | 'copy' | 'debug' | 'proxy'
export type Outcome = 'accepted' | 'refused' | 'failed' | 'unanswered'

/** A request as queries/execs.sql tells it; its columns are described there. */
export interface ExecRequest {
  readonly time: string | null
  readonly session: string
  readonly kind: Kind
  readonly user_name: string | null
  readonly effective_user: string | null
  readonly client_ip: string | null
  readonly verb: string | null
  readonly namespace: string | null
  readonly pod: string | null
  readonly container: string | null
  readonly command: readonly string[] | null
  readonly stdin: boolean | null
  readonly tty: boolean | null
  readonly code: number | null
  readonly duration_seconds: number | null
  readonly user_agent: string | null
  readonly audit_id: string | null
  readonly evidence: string
  readonly ended_at: string | null
  readonly open: boolean
  readonly outcome: Outcome
  readonly copy_direction: 'download' | 'upload' | null
  readonly copy_path: string | null
  readonly node: string | null
  readonly service: string | null
  readonly port: string | null
  readonly proxy_path: string | null
  readonly image: string | null
  readonly target_container: string | null
  readonly impersonated_user: string | null
  readonly impersonation_attempt: string | null
  readonly resource: string
  readonly subresource: string | null
  readonly status_message: string | null
  readonly request_in_session: number
  readonly requests_in_session: number
  readonly request_uri: string | null
}

/** A row of queries/execs.sql as what it is. */
export function execRequest(row: Row): ExecRequest {
  return row as unknown as ExecRequest & Record<string, Plain>
}

/** The call of the kubelet that a path behind nodes/proxy, or behind a pod or service that is a kubelet, makes: `exec`, `run`. */
export function kubeletCall({proxy_path: path}: ExecRequest): string | null {
  return path === null ? null : (/^\/+(exec|run|attach|portForward|checkpoint|cri)(?:\/|$)/.exec(path)?.[1] ?? null)
}

/** True where the request hands the caller's input to a program that takes commands from it. */
export function hasInput({stdin, tty}: ExecRequest): boolean {
  return stdin === true || tty === true
}
