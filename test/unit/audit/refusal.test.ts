import {expect, it} from 'vitest'
import {refusedBy} from '../../../src/audit/refusal.ts'

it.each([
  [
    'pods "x" is forbidden: violates PodSecurity "baseline:latest": privileged (container "pwn" must not set …)',
    'PodSecurity',
  ],
  [
    'certificatesigningrequests.certificates.k8s.io "csr-m" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    'CertificateSubjectRestriction',
  ],
  ['admission webhook "validate.kyverno.svc-fail" denied the request: no', 'webhook validate.kyverno.svc-fail'],
  ['pods "x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=3, limited: pods=3', 'ResourceQuota'],
  [
    'configmaps "kube-root-ca.crt" is forbidden: unable to create new content in namespace staging because it is being terminated',
    'NamespaceLifecycle',
  ],
  [
    'clusterroles.rbac.authorization.k8s.io "x" is forbidden: user "bob" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"]}',
    'RBAC escalation check',
  ],
  [
    "deployments.apps \"x\" is forbidden: ValidatingAdmissionPolicy 'replicas-limit' with binding 'b' denied request: no",
    'ValidatingAdmissionPolicy replicas-limit',
  ],
  ['nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"', 'NodeRestriction'],
  ['pods "x" is forbidden: something else', null],
  // A name is the client's: it does not speak for the server.
  ['pods "violates PodSecurity \\"baseline\\"" is forbidden: something else', null],
  ['pods "a is forbidden: exceeded quota: b" is forbidden: something else', null],
  [null, null],
])('%s', (message, plugin) => {
  expect(refusedBy(message)).toBe(plugin)
})
