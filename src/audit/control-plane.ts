/** What kind of identity authenticated, as far as deletions go. */
export type ActorKind = 'user' | 'garbage-collector' | 'namespace-controller' | 'node' | 'controller'

/** Controllers of kube-controller-manager, by the name of their service account in kube-system. */
const controllers = new Set([
  'attachdetach-controller',
  'bootstrap-signer',
  'certificate-controller',
  'clusterrole-aggregation-controller',
  'cloud-node-lifecycle-controller',
  'cronjob-controller',
  'daemon-set-controller',
  'deployment-controller',
  'device-taint-eviction-controller',
  'disruption-controller',
  'endpoint-controller',
  'endpointslice-controller',
  'endpointslicemirroring-controller',
  'ephemeral-volume-controller',
  'expand-controller',
  'generic-garbage-collector',
  'horizontal-pod-autoscaler',
  'job-controller',
  'legacy-service-account-token-cleaner',
  'namespace-controller',
  'node-controller',
  'persistent-volume-binder',
  'pod-garbage-collector',
  'podcertificaterequestcleaner-controller',
  'pv-protection-controller',
  'pvc-protection-controller',
  'replicaset-controller',
  'replication-controller',
  'resource-claim-controller',
  'resourcequota-controller',
  'root-ca-cert-publisher',
  'route-controller',
  'selinux-warning-controller',
  'service-account-controller',
  'service-ca-cert-publisher',
  'service-cidrs-controller',
  'service-controller',
  'statefulset-controller',
  'storage-version-migrator-controller',
  'taint-eviction-controller',
  'token-cleaner',
  'ttl-after-finished-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
])

const components = new Set([
  'system:apiserver',
  'system:cloud-controller-manager',
  'system:kube-apiserver',
  'system:kube-controller-manager',
  'system:kube-proxy',
  'system:kube-scheduler',
  'system:volume-scheduler',
])

const inKubeSystem = 'system:serviceaccount:kube-system:'

/** Clients that no component of the control plane uses: its credentials in their hands are somebody's own doing. */
const handTools = /^(?:kubectl|oc|curl|wget|python|httpie|postman|k9s|lens|helm|kubens|insomnia)\b/i

/** The controller behind a request of kube-controller-manager: its own account, or the end of the user agent where all share one. */
function controllerOf(userName: string, userAgent: string | null): string | undefined {
  if (userName.startsWith(inKubeSystem)) return userName.slice(inKubeSystem.length)
  if (userName !== 'system:kube-controller-manager') return undefined
  const last = userAgent?.split('/').at(-1) ?? ''
  return last.startsWith(inKubeSystem) ? last.slice(inKubeSystem.length) : last
}

/** True for the identity of a node's kubelet. */
export function isNode(userName: string): boolean {
  return userName.startsWith('system:node:')
}

/**
 * Whether a deletion was a person's or workload's own, or one that the control plane carried out for a reason of its
 * own. Only the authenticated name decides, and the user agent where all controllers share one name; one that shows
 * kubectl or curl at work makes the request its bearer's own. Impersonated requests are always `user`.
 */
export function actorKind(userName: string | null, userAgent: string | null, impersonated = false): ActorKind {
  if (userName === null || impersonated || (userAgent !== null && handTools.test(userAgent))) return 'user'
  if (isNode(userName)) return 'node'
  const controller = controllerOf(userName, userAgent)
  if (controller === 'generic-garbage-collector') return 'garbage-collector'
  if (controller === 'namespace-controller') return 'namespace-controller'
  return components.has(userName) || (controller !== undefined && controllers.has(controller)) ? 'controller' : 'user'
}

/**
 * True for requests that reports may leave out: of components of the control plane and of nodes, by who authenticated.
 * Anonymous, impersonated and unauthenticated requests are never among them, nor those sent by hand.
 */
export function isControlPlane(userName: string | null, userAgent: string | null, impersonated = false): boolean {
  return actorKind(userName, userAgent, impersonated) !== 'user'
}
