/** The kinds of refusal: which of the API server's gates a request did not pass. */
export const refusalKinds = [
  'unauthenticated',
  'authorization',
  'impersonation',
  'escalation',
  'admission',
  'unknown',
] as const
/** One of {@link refusalKinds}. */
export type RefusalKind = (typeof refusalKinds)[number]

/** Messages of the API server's admission plugins and of the checks behind authorization, each with who says so. */
const signs: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/is attempting to grant RBAC permissions not currently held/, () => 'RBAC escalation check'],
  [/violates PodSecurity "/, () => 'PodSecurity'],
  [/admission webhook "([^"]+)" denied the request/, ([, name = '']) => `webhook ${name}`],
  [/ValidatingAdmissionPolicy '([^']+)'/, ([, name = '']) => `ValidatingAdmissionPolicy ${name}`],
  [/exceeded quota: |failed quota: /, () => 'ResourceQuota'],
  [/(?:maximum|minimum) \S+ (?:usage|capacity) per |max limit\/request ratio/i, () => 'LimitRanger'],
  [/because it is being terminated|this namespace may not be deleted/, () => 'NamespaceLifecycle'],
  [/signer with system:masters group is not allowed/, () => 'CertificateSubjectRestriction'],
  [/user not permitted to approve requests with signerName/, () => 'CertificateApproval'],
  [/user not permitted to sign requests with signerName/, () => 'CertificateSigning'],
  [/unable to validate against any security context constraint/, () => 'SecurityContextConstraint'],
  [/unable to validate against any pod security policy/, () => 'PodSecurityPolicy'],
  [/cannot set blockOwnerDeletion/, () => 'OwnerReferencesPermissionEnforcement'],
  [/one or more images rejected by webhook backend/, () => 'ImagePolicyWebhook'],
  [/no PriorityClass with name /, () => 'Priority'],
  [/error looking up service account /, () => 'ServiceAccount'],
  [/Use of external IPs is denied/, () => 'DenyServiceExternalIPs'],
  [
    / is forbidden: (?:node "[^"]+"|unknown node for user) |can only be (?:created|updated) by the node/i,
    () => 'NodeRestriction',
  ],
]

/**
 * The admission plugin, webhook or policy, or the check behind authorization, that refused a request, as far as its
 * message tells; NULL where it does not. From the messages in kubernetes/kubernetes, plugin/pkg/admission and
 * staging/src/k8s.io/{apiserver,pod-security-admission}; OpenShift's own.
 */
export function refusedBy(message: string | null): string | null {
  if (message === null) return null
  // What follows the words is the server's; names before them are the client's, and quoted.
  const said = message.replace(/^\S+ (?:"(?:[^"\\]|\\.)*" )?(?=is forbidden: )/, ' ')
  for (const [pattern, name] of signs) {
    const match = pattern.exec(said)
    if (match !== null) return name(match)
  }
  return null
}
