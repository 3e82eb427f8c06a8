import {everyRequest, type AuditLevel, type Policy, type PolicyRule} from '../../src/audit/policy/policy.ts'

function rule(level: AuditLevel, part: Partial<PolicyRule> = {}): PolicyRule {
  return {...everyRequest, level, ...part}
}

function types(list: Readonly<Record<string, readonly string[]>>): PolicyRule['resources'] {
  return Object.entries(list).map(([group, resources]) => ({group, resources, resourceNames: []}))
}

function policy(...rules: PolicyRule[]): Policy {
  return {rules, omitStages: ['RequestReceived'], omitManagedFields: false}
}

/** The API groups that such policies list. */
const builtInGroups = types({
  '': [],
  'admissionregistration.k8s.io': [],
  'apiextensions.k8s.io': [],
  'apiregistration.k8s.io': [],
  apps: [],
  'authentication.k8s.io': [],
  'authorization.k8s.io': [],
  autoscaling: [],
  batch: [],
  'certificates.k8s.io': [],
  extensions: [],
  'networking.k8s.io': [],
  policy: [],
  'rbac.authorization.k8s.io': [],
  'scheduling.k8s.io': [],
  'storage.k8s.io': [],
})

const reads = ['get', 'list', 'watch']
const writes = ['create', 'update', 'patch', 'delete', 'deletecollection']

/** Policies as people write them, to log requests under and then look whether they can be told from the log. */
export const hiddenPolicies: Readonly<Record<string, Policy>> = {
  'everything at Metadata': policy(rule('Metadata')),
  'everything with bodies but secrets': policy(
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps', 'serviceaccounts/token']})}),
    rule('RequestResponse'),
  ),
  'the example in the documentation': policy(
    rule('RequestResponse', {resources: types({'': ['pods']})}),
    rule('Metadata', {resources: types({'': ['pods/log', 'pods/status']})}),
    rule('None', {
      users: ['system:kube-proxy'],
      verbs: ['watch'],
      resources: types({'': ['endpoints', 'services']}),
    }),
    rule('None', {userGroups: ['system:authenticated'], nonResourceURLs: ['/api*', '/version']}),
    rule('Request', {resources: types({'': ['configmaps']}), namespaces: ['kube-system']}),
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps']})}),
    rule('Request', {resources: types({'': [], extensions: []})}),
    rule('Metadata'),
  ),
  'as on EKS': policy(
    rule('RequestResponse', {
      namespaces: ['kube-system'],
      verbs: ['update', 'patch', 'delete'],
      resources: types({'': ['configmaps']}),
    }),
    rule('None', {users: ['system:kube-proxy'], verbs: ['watch'], resources: types({'': ['endpoints', 'services']})}),
    rule('None', {userGroups: ['system:nodes'], verbs: ['get'], resources: types({'': ['nodes']})}),
    rule('None', {
      users: ['system:kube-controller-manager', 'system:kube-scheduler'],
      verbs: ['get', 'update'],
      namespaces: ['kube-system'],
      resources: types({'': ['endpoints']}),
    }),
    rule('None', {users: ['system:apiserver'], verbs: ['get'], resources: types({'': ['namespaces']})}),
    rule('None', {nonResourceURLs: ['/healthz*', '/version', '/swagger*']}),
    rule('None', {resources: types({'': ['events']})}),
    rule('Request', {
      userGroups: ['system:nodes'],
      verbs: ['update', 'patch'],
      resources: types({'': ['nodes/status', 'pods/status']}),
    }),
    rule('Request', {
      users: ['system:serviceaccount:kube-system:namespace-controller'],
      verbs: ['deletecollection'],
    }),
    rule('Metadata', {
      resources: types({
        '': ['secrets', 'configmaps', 'serviceaccounts/token'],
        'authentication.k8s.io': ['tokenreviews'],
      }),
    }),
    rule('Request', {resources: types({'': ['serviceaccounts/token']})}),
    rule('Request', {
      verbs: reads,
      resources: builtInGroups,
    }),
    rule('RequestResponse', {
      resources: builtInGroups,
    }),
    rule('Metadata'),
  ),
  'profiles by group, as on OpenShift': policy(
    rule('None', {resources: types({'': ['events']})}),
    rule('Metadata', {
      resources: types({
        '': ['secrets', 'serviceaccounts/token'],
        'route.openshift.io': ['routes'],
        'authentication.k8s.io': ['tokenreviews'],
        'oauth.openshift.io': ['oauthclients'],
      }),
    }),
    rule('RequestResponse', {userGroups: ['system:serviceaccounts:ci'], verbs: [...writes]}),
    rule('RequestResponse', {userGroups: ['dev'], verbs: [...writes]}),
    rule('Metadata'),
  ),
  'reads of system users dropped': policy(
    rule('None', {
      users: ['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver'],
      verbs: reads,
    }),
    rule('None', {userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'], verbs: reads}),
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps']})}),
    rule('Request', {verbs: reads}),
    rule('RequestResponse'),
  ),
  'changes alone, with bodies': policy(
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps', 'serviceaccounts/token']})}),
    rule('None', {verbs: reads}),
    rule('RequestResponse'),
  ),
  'bodies of changes alone': policy(
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps', 'serviceaccounts/token']})}),
    rule('RequestResponse', {verbs: [...writes]}),
    rule('Metadata'),
  ),
  'no watches': policy(
    rule('None', {verbs: ['watch']}),
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps']})}),
    rule('Request', {resources: types({'': []})}),
    rule('Metadata'),
  ),
  'no leases, events and paths': policy(
    rule('None', {resources: types({'coordination.k8s.io': ['leases']})}),
    rule('None', {resources: types({'': ['events'], 'events.k8s.io': ['events']})}),
    rule('None', {nonResourceURLs: ['*']}),
    rule('Metadata', {resources: types({'': ['secrets']})}),
    rule('Request', {resources: types({'': [], apps: [], batch: [], 'rbac.authorization.k8s.io': []})}),
    rule('Metadata'),
  ),
  'kube-system dropped': policy(
    rule('None', {namespaces: ['kube-system']}),
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps']})}),
    rule('RequestResponse', {verbs: ['create', 'update', 'patch', 'delete']}),
    rule('Metadata'),
  ),
  'one namespace with bodies': policy(
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps']})}),
    rule('RequestResponse', {namespaces: ['payments']}),
    rule('Metadata'),
  ),
  'people with bodies, the system without': policy(
    rule('None', {userGroups: ['system:nodes']}),
    rule('Metadata', {userGroups: ['system:serviceaccounts']}),
    rule('Metadata', {
      users: ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler'],
    }),
    rule('Metadata', {resources: types({'': ['secrets', 'configmaps']})}),
    rule('RequestResponse'),
  ),
  'what matters for security': policy(
    rule('None', {users: ['system:kube-scheduler'], verbs: ['watch']}),
    rule('RequestResponse', {
      verbs: ['create', 'update', 'patch', 'delete'],
      resources: types({'rbac.authorization.k8s.io': [], 'admissionregistration.k8s.io': []}),
    }),
    rule('Request', {
      resources: types({'': ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/ephemeralcontainers']}),
    }),
    rule('Metadata'),
  ),
}
