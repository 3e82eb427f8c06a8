/** What a path tells of the log in it. */
export interface NamedByPath {
  /** The API server that wrote the log; NULL where the path does not tell. */
  readonly apiserver: string | null
  /** Why the file is no log at all, whatever its text looks like; NULL where it may be one. */
  readonly notLog: string | null
}

const nothing: NamedByPath = {apiserver: null, notLog: null}

/** Prefix by which the API servers of OpenShift are told apart: each logs calls that kube-apiserver passed on to it again. */
const auditFolders: Readonly<Record<string, string>> = {
  'kube-apiserver': '',
  'openshift-apiserver': 'openshift-apiserver/',
  'oauth-apiserver': 'oauth-apiserver/',
  'oauth-server': 'oauth-server/',
}

/**
 * Reads an API server's name from where a log lies.
 *
 * - CloudWatch export tasks write `…/<log stream, / as ->/000000.gz`; EKS names the stream `kube-apiserver-audit-<32 hex digits>`.
 * - must-gather writes `audit_logs/<server>/<node>-audit-<time>.log.gz` and `audit_logs/<server>/<node>-audit.log.gz`
 *   (openshift/must-gather, collection-scripts/gather_audit_logs), with listings `audit_logs/<server>.audit_logs_listing`.
 *
 * @param path of the file as found, with `/` or `\`
 * @param member path inside the archive, nested ones joined by `!/`; NULL for a plain file
 */
export function namedByPath(path: string, member: string | null): NamedByPath {
  const parts = (member === null ? path : `${path}!/${member}`).replaceAll('\\', '/').split(/!?\/+/)
  const file = parts.at(-1) ?? ''
  if (file.endsWith('.audit_logs_listing')) return {apiserver: null, notLog: 'a list of logs, no log'}
  const folder = parts.at(-2) ?? ''
  if (/^kube-apiserver-audit-[0-9a-f]{8,}$/.test(folder)) return {apiserver: folder, notLog: null}
  const prefix = parts.at(-3) === 'audit_logs' ? auditFolders[folder] : undefined
  const node = /^([a-zA-Z0-9][-a-zA-Z0-9.]*?)-audit(?:-[^/]*)?\.log(?:\.gz)?$/.exec(file)?.[1]
  return prefix === undefined || node === undefined ? nothing : {apiserver: `${prefix}${node}`, notLog: null}
}
