// Who works on the sample cluster, from where and with what: people, controllers, nodes and those who should not be there.
// Every name, address and key is invented; outside addresses are from the ranges kept for documentation.

const KUBECTL = 'kubectl/v1.32.3 (linux/amd64) kubernetes/32cc146'
const KUBECTL_MAC = 'kubectl/v1.32.3 (darwin/arm64) kubernetes/32cc146'
const OLD_KUBECTL = 'kubectl/v1.28.4 (linux/amd64) kubernetes/bae2c62'
const CONTROLLER_MANAGER = 'kube-controller-manager/v1.32.3 (linux/amd64) kubernetes/32cc146'
const CREDENTIAL = 'authentication.kubernetes.io/credential-id'

const clusterGrant = (binding, role, subject) => () =>
  `RBAC: allowed by ClusterRoleBinding "${binding}" of ClusterRole "${role}" to ${subject}`

const discovery = clusterGrant('system:discovery', 'system:discovery', 'Group "system:authenticated"')

/** A group that holds a role in some namespaces and may make namespaces of its own. */
const teamGrant = (binding, role, group) => (target) => {
  if (target === undefined) return discovery()
  if (target.namespace === undefined) return clusterGrant('namespace-makers', 'namespace-maker', `Group "${group}"`)()
  return `RBAC: allowed by RoleBinding "${binding}/${target.namespace}" of ClusterRole "${role}" to Group "${group}"`
}

const unexplained = () => ''

/**
 * Everybody, each with `user` as the API server authenticates it, `ip`, `agent`, and `grant(target)`: the reason that RBAC gives.
 *
 * @param {ReturnType<import('./random.mjs').seededRandom>} random
 */
export function makeCast(random) {
  const certificate = () => ({[CREDENTIAL]: [`X509SHA256=${random.hex(64)}`]})

  const person = (username, groups, ip, agent, grant) => ({
    user: {username, groups: [...groups, 'system:authenticated'], extra: certificate()},
    ip,
    agent,
    grant,
  })

  /** A workload with a token of its own; `pod` where the token is bound to one. */
  function serviceAccount(namespace, name, {ip, agent, grant, pod}) {
    const extra = {[CREDENTIAL]: [`JTI=${random.uuid()}`]}
    if (pod !== undefined) {
      extra['authentication.kubernetes.io/node-name'] = [pod.node.name]
      extra['authentication.kubernetes.io/node-uid'] = [pod.node.uid]
      extra['authentication.kubernetes.io/pod-name'] = [pod.name]
      extra['authentication.kubernetes.io/pod-uid'] = [random.uuid()]
    }
    return {
      user: {
        username: `system:serviceaccount:${namespace}:${name}`,
        uid: random.uuid(),
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
        extra,
      },
      ip,
      agent,
      grant,
    }
  }

  const nodes = [1, 2, 3].map((number) => {
    const name = `worker-${number}`
    return {
      name,
      uid: random.uuid(),
      leaseUid: random.uuid(),
      kubelet: {
        user: {username: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'], extra: certificate()},
        ip: `10.10.1.2${number}`,
        agent: 'kubelet/v1.32.3 (linux/amd64) kubernetes/32cc146',
        grant: unexplained,
      },
    }
  })

  const component = (username, agent, role) => ({
    user: {username, groups: ['system:authenticated'], extra: certificate()},
    ip: '10.10.0.11',
    agent,
    grant: clusterGrant(role, role, `User "${role}"`),
  })

  const controllers = {}
  /** One of kube-controller-manager's controllers, each with a service account of its own. */
  function controller(name) {
    controllers[name] ??= serviceAccount('kube-system', name, {
      ip: '10.10.0.11',
      agent: `${CONTROLLER_MANAGER}/system:serviceaccount:kube-system:${name}`,
      grant: clusterGrant(
        `system:controller:${name}`,
        `system:controller:${name}`,
        `ServiceAccount "${name}/kube-system"`,
      ),
    })
    return controllers[name]
  }

  const runnerGrant = clusterGrant('ci-runner', 'cluster-admin', 'ServiceAccount "runner/ci"')
  const runner = serviceAccount('ci', 'runner', {
    ip: '10.32.2.17',
    agent: KUBECTL,
    grant: runnerGrant,
    pod: {name: 'runner-7f9c6b5d8-x4k2m', node: nodes[1]},
  })

  const people = {
    dana: person(
      'dana',
      ['platform'],
      '10.10.8.21',
      KUBECTL_MAC,
      clusterGrant('platform-admins', 'cluster-admin', 'Group "platform"'),
    ),
    erin: person('erin', ['developers'], '10.10.8.22', KUBECTL, teamGrant('developers', 'edit', 'developers')),
    heidi: person('heidi', ['developers'], '10.10.8.25', KUBECTL_MAC, teamGrant('developers', 'admin', 'developers')),
    frank: person(
      'frank',
      ['contractors'],
      '192.0.2.44',
      KUBECTL,
      teamGrant('contractors-read', 'view', 'contractors'),
    ),
    // A static token: no certificate, no credential id, a uid of the token file.
    grace: {
      user: {username: 'grace', uid: 'sre-0417', groups: ['sre', 'system:authenticated']},
      ip: '10.10.8.24',
      agent: OLD_KUBECTL,
      grant: clusterGrant('sre-on-duty', 'sre', 'Group "sre"'),
    },
  }

  return {
    ...people,
    people: Object.values(people),
    nodes,
    controller,
    controllerManager: component(
      'system:kube-controller-manager',
      `${CONTROLLER_MANAGER}/shared-informers`,
      'system:kube-controller-manager',
    ),
    tokenIssuer: component(
      'system:kube-controller-manager',
      `${CONTROLLER_MANAGER}/kube-controller-manager`,
      'system:kube-controller-manager',
    ),
    scheduler: component(
      'system:kube-scheduler',
      'kube-scheduler/v1.32.3 (linux/amd64) kubernetes/32cc146/scheduler',
      'system:kube-scheduler',
    ),
    loadBalancer: {
      user: {username: 'system:anonymous', groups: ['system:unauthenticated']},
      ip: '10.10.0.5',
      agent: 'harbour-lb/2.4',
      grant: clusterGrant(
        'system:public-info-viewer',
        'system:public-info-viewer',
        'Group "system:unauthenticated"',
      ),
    },
    argocd: serviceAccount('argocd', 'argocd-application-controller', {
      ip: '10.32.1.9',
      agent: 'argocd-application-controller/v0.0.0 (linux/amd64) kubernetes/$Format',
      grant: clusterGrant(
        'argocd-application-controller',
        'argocd-application-controller',
        'ServiceAccount "argocd-application-controller/argocd"',
      ),
      pod: {name: 'argocd-application-controller-0', node: nodes[0]},
    }),
    coredns: serviceAccount('kube-system', 'coredns', {
      ip: '10.32.3.4',
      agent: 'coredns/v0.0.0 (linux/amd64) kubernetes/$Format',
      grant: clusterGrant('system:coredns', 'system:coredns', 'ServiceAccount "coredns/kube-system"'),
      pod: {name: 'coredns-668d6bf9bc-9wq5v', node: nodes[2]},
    }),
    prometheus: serviceAccount('monitoring', 'prometheus', {
      ip: '10.32.3.20',
      agent: 'Prometheus/3.2.1',
      grant: clusterGrant('prometheus', 'prometheus', 'ServiceAccount "prometheus/monitoring"'),
      pod: {name: 'prometheus-0', node: nodes[2]},
    }),
    payments: serviceAccount('payments', 'gateway', {
      ip: '10.32.3.31',
      agent: 'gateway/v0.0.0 (linux/amd64) kubernetes/$Format',
      grant: (target) =>
        `RBAC: allowed by RoleBinding "gateway/${target.namespace}" of Role "gateway" to ServiceAccount "gateway/payments"`,
      pod: {name: 'gateway-5b8d7c9f44-qz6tn', node: nodes[2]},
    }),
    runner,
    /** The runner's token in somebody else's hands: the same identity, another address and client. */
    thief: {...runner, ip: '198.51.100.203', agent: 'curl/8.5.0'},
    /** The token that the thief issues for later, used from yet another address. */
    backdoor: serviceAccount('ci', 'runner-cache', {
      ip: '203.0.113.77',
      agent: 'python-requests/2.32.3',
      grant: clusterGrant('runner-cache-view', 'cluster-admin', 'ServiceAccount "runner-cache/ci"'),
    }),
    guesser: {user: {}, ip: '203.0.113.9', agent: 'python-requests/2.32.3', grant: unexplained},
    stranger: {
      user: {username: 'system:anonymous', groups: ['system:unauthenticated']},
      ip: '203.0.113.9',
      agent: 'python-requests/2.32.3',
      grant: unexplained,
    },
  }
}

/** The credential that an identity shows with each request, as the API server names it: `JTI=…` or `X509SHA256=…`. */
export const credentialOf = (actor) => actor.user.extra[CREDENTIAL][0]
