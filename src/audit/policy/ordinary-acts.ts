import {scopeOf} from '../resource-names.ts'
import type {PolicyRequest} from './policy.ts'

/** Requests of one kind that an investigation asks about. */
export interface Act {
  /** In kebab-case: begins the code of a finding. */
  readonly kind: string
  /** What they are, as a list names them. */
  readonly words: string
  /** What is not known without them. */
  readonly why: string
  readonly types: readonly (readonly [group: string, type: string])[]
  readonly verbs: readonly string[]
}

const rbac = 'rbac.authorization.k8s.io'
const admission = 'admissionregistration.k8s.io'

/** What ordinary requests investigations ask about, the most important first. */
export const ordinaryActs: readonly Act[] = [
  {
    kind: 'exec',
    words: 'exec, attach and port-forward',
    why: 'Nobody can tell who had a shell in which pod.',
    types: [
      ['', 'pods/exec'],
      ['', 'pods/attach'],
      ['', 'pods/portforward'],
    ],
    verbs: ['get', 'create'],
  },
  {
    kind: 'proxy',
    words: 'the proxies to pods, services and nodes',
    why: 'Commands run through the kubelet (nodes/proxy) leave no trace.',
    types: [
      ['', 'nodes/proxy'],
      ['', 'pods/proxy'],
      ['', 'services/proxy'],
    ],
    verbs: ['get', 'create'],
  },
  {
    kind: 'debug',
    words: 'debugging containers',
    why: 'kubectl debug puts a container of its choice into a running pod.',
    types: [['', 'pods/ephemeralcontainers']],
    verbs: ['update', 'patch'],
  },
  {
    kind: 'secret-reads',
    words: 'reading of Secrets',
    why: 'Nobody can tell which Secrets were read by whom.',
    types: [['', 'secrets']],
    verbs: ['get', 'list', 'watch'],
  },
  {
    kind: 'token-requests',
    words: 'issuing of tokens',
    why: 'A token made for a service account can no longer be followed to where it was used.',
    types: [['', 'serviceaccounts/token']],
    verbs: ['create'],
  },
  {
    kind: 'rbac-writes',
    words: 'changes of roles and bindings',
    why: 'Nobody can tell who gave whom which rights.',
    types: [
      [rbac, 'clusterrolebindings'],
      [rbac, 'clusterroles'],
      [rbac, 'rolebindings'],
      [rbac, 'roles'],
    ],
    verbs: ['create', 'update', 'patch', 'delete'],
  },
  {
    kind: 'control-writes',
    words: 'changes of webhooks, certificates and service accounts',
    why: 'Webhooks, signed certificates and service accounts are what intruders stay by.',
    types: [
      [admission, 'mutatingwebhookconfigurations'],
      [admission, 'validatingwebhookconfigurations'],
      ['certificates.k8s.io', 'certificatesigningrequests'],
      ['certificates.k8s.io', 'certificatesigningrequests/approval'],
      ['', 'serviceaccounts'],
    ],
    verbs: ['create', 'update', 'patch'],
  },
  {
    kind: 'deletions',
    words: 'deletions',
    why: 'Nobody can tell who deleted what.',
    types: [
      ['apps', 'deployments'],
      ['apps', 'statefulsets'],
      ['apps', 'daemonsets'],
      ['', 'pods'],
      ['', 'services'],
      ['', 'persistentvolumeclaims'],
      ['', 'namespaces'],
      ['batch', 'jobs'],
    ],
    verbs: ['delete', 'deletecollection'],
  },
  {
    kind: 'workload-writes',
    words: 'changes of workloads',
    why: 'Nobody can tell who ran or changed what.',
    types: [
      ['', 'pods'],
      ['apps', 'deployments'],
      ['apps', 'daemonsets'],
      ['apps', 'statefulsets'],
      ['batch', 'cronjobs'],
      ['batch', 'jobs'],
    ],
    verbs: ['create', 'update', 'patch'],
  },
  {
    kind: 'secret-writes',
    words: 'changes of Secrets and ConfigMaps',
    why: 'Nobody can tell who changed credentials and settings.',
    types: [
      ['', 'secrets'],
      ['', 'configmaps'],
    ],
    verbs: ['create', 'update', 'patch', 'delete'],
  },
  {
    kind: 'event-deletions',
    words: 'deletions of Events',
    why: 'Intruders delete Events to hide what they did.',
    types: [['', 'events']],
    verbs: ['delete', 'deletecollection'],
  },
]

/** Who asks, and where. */
export interface Setting {
  readonly user: string | null
  readonly groups: readonly string[]
  readonly namespace: string
}

/** A namespace is made, listed and watched from outside; every other request on it stands in it. */
const fromOutside = new Set(['create', 'list', 'watch'])

/** A request as a policy sees it. Types of the cluster stand in no namespace, whatever the setting, but for namespaces themselves. */
export function requestOn(group: string, type: string, verb: string, setting: Setting): PolicyRequest {
  const [resource = '', subresource = ''] = type.split('/')
  const isNamespace = group === '' && resource === 'namespaces' && !fromOutside.has(verb)
  return {
    user: setting.user,
    groups: setting.groups,
    verb,
    isResource: true,
    apiGroup: group,
    resource,
    subresource,
    namespace: scopeOf(resource, group) === 'cluster' && !isNamespace ? '' : setting.namespace,
    name: '',
    path: '',
  }
}
