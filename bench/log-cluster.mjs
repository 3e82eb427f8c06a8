import {deploymentBody} from '../scripts/samples/bodies.mjs'
import {nodeStatus, podBody, podStatus, splitAtVersion, versionMark} from './log-bodies.mjs'

const namespaces = [
  'prod',
  'staging',
  'payments',
  'checkout',
  'search',
  'reports',
  'ci',
  'monitoring',
  'ingress',
  'data',
]
const agents = [
  'argocd-application-controller/v0.0.0 (linux/amd64) kubernetes/$Format',
  'kustomize-controller/v0.0.0 (linux/amd64) kubernetes/$Format',
  'cert-manager-certificates-issuing/v1.17.1 (linux/amd64) cert-manager/3d4d1a1',
  'Prometheus/3.2.1',
  'operator/v0.0.0 (linux/arm64) kubernetes/$Format',
  'Go-http-client/2.0',
  'OpenAPI-Generator/31.0.0/python',
]

/**
 * The cluster that the big logs are about: 120 nodes, 400 workloads with tokens of their own, 300 Deployments with some
 * 2,000 pods. What an event needs of each is serialised here once, so that an event is a matter of joining texts.
 *
 * @param {ReturnType<import('../scripts/samples/random.mjs').seededRandom>} random
 */
export function makeLogCluster(random) {
  const actor = (user, ip, agent, reason) => ({
    name: user.username,
    user: JSON.stringify(user),
    from: `"sourceIPs":["${ip}"],"userAgent":${JSON.stringify(agent)}`,
    allowed: `{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":${JSON.stringify(reason)}}`,
  })
  const credential = (id) => ({'authentication.kubernetes.io/credential-id': [id]})
  const certificate = () => credential(`X509SHA256=${random.hex(64)}`)
  const clusterGrant = (role, subject) =>
    `RBAC: allowed by ClusterRoleBinding "${role}" of ClusterRole "${role}" to ${subject}`

  const nodes = Array.from({length: 120}, (_, number) => {
    const ip = `10.20.${number >> 5}.${(number * 7) % 250}`
    const name = `ip-${ip.replaceAll('.', '-')}.internal`
    const groups = ['system:nodes', 'system:authenticated']
    return {
      name,
      ip,
      uid: random.uuid(),
      leaseUid: random.uuid(),
      statusPatch: JSON.stringify(nodeStatus(random, name)),
      actor: actor(
        {username: `system:node:${name}`, groups, extra: certificate()},
        ip,
        'kubelet/v1.32.3 (linux/amd64) kubernetes/32cc146',
        '',
      ),
    }
  })

  function serviceAccount(namespace, name, ip, agent, grant, bound) {
    const extra = {
      ...credential(`JTI=${random.uuid()}`),
      ...(bound && {
        'authentication.kubernetes.io/node-name': [bound.node.name],
        'authentication.kubernetes.io/node-uid': [bound.node.uid],
        'authentication.kubernetes.io/pod-name': [bound.pod],
        'authentication.kubernetes.io/pod-uid': [random.uuid()],
      }),
    }
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    const username = `system:serviceaccount:${namespace}:${name}`
    return actor({username, uid: random.uuid(), groups, extra}, ip, agent, grant)
  }

  const workloads = Array.from({length: 400}, (_, number) => {
    const namespace = namespaces[number % namespaces.length]
    const name = `svc-${random.hex(5)}`
    const node = random.pick(nodes)
    const ip = `10.244.${random.below(250)}.${random.between(2, 250)}`
    const grant = `RBAC: allowed by RoleBinding "${name}/${namespace}" of Role "${name}" to ServiceAccount "${name}/${namespace}"`
    return {
      namespace,
      name,
      actor: serviceAccount(namespace, name, ip, random.pick(agents), grant, {
        node,
        pod: `${name}-${random.hex(9)}-${random.nameTail()}`,
      }),
    }
  })

  const controllerManager = 'kube-controller-manager/v1.32.3 (linux/amd64) kubernetes/32cc146'
  const controller = (name) =>
    serviceAccount(
      'kube-system',
      name,
      '10.20.9.11',
      `${controllerManager}/system:serviceaccount:kube-system:${name}`,
      clusterGrant(`system:controller:${name}`, `ServiceAccount "${name}/kube-system"`),
    )
  const component = (name, agent) =>
    actor(
      {username: `system:${name}`, groups: ['system:authenticated'], extra: certificate()},
      '10.20.9.11',
      agent,
      clusterGrant(`system:${name}`, `User "system:${name}"`),
    )

  const deployments = Array.from({length: 300}, (_, number) => {
    const namespace = namespaces[number % namespaces.length]
    const name = number === 0 ? 'nginx' : `app-${random.hex(5)}`
    const hash = random.hex(10)
    const body = {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      ...deploymentBody({
        namespace,
        name,
        uid: random.uuid(),
        resourceVersion: versionMark,
        createdAt: Date.UTC(2026, 0, 1 + random.below(50)) * 1000,
        replicas: 7,
        image: `registry.example/${name}@sha256:${random.hex(64)}`,
        labels: {'app.kubernetes.io/name': name, 'app.kubernetes.io/version': random.hex(7)},
      }),
    }
    return {
      namespace,
      name,
      uid: body.metadata.uid,
      replicaSet: `${name}-${hash}`,
      replicaSetUid: random.uuid(),
      image: body.spec.template.spec.containers[0].image,
      body: splitAtVersion(body),
    }
  })

  const people = [
    'dana',
    'erin',
    'frank',
    'grace',
    'heidi',
    'ivan',
    'judy',
    'mike',
    'niaj',
    'olivia',
    'peggy',
    'rupert',
  ]
  const cluster = {
    random,
    namespaces,
    nodes,
    workloads,
    deployments,
    pods: [],
    people: people.map((username, number) =>
      actor(
        {username, groups: ['developers', 'system:authenticated'], extra: certificate()},
        `10.30.0.${number + 10}`,
        `kubectl/v1.32.3 (${number % 2 === 0 ? 'darwin/arm64' : 'linux/amd64'}) kubernetes/32cc146`,
        clusterGrant('developers', 'Group "developers"'),
      ),
    ),
    deploymentController: controller('deployment-controller'),
    replicaSetController: controller('replicaset-controller'),
    garbageCollector: controller('generic-garbage-collector'),
    endpointSliceController: controller('endpointslice-controller'),
    controllerManager: component('kube-controller-manager', `${controllerManager}/leader-election`),
    informer: component('kube-controller-manager', `${controllerManager}/shared-informers`),
    scheduler: component('kube-scheduler', 'kube-scheduler/v1.32.3 (linux/amd64) kubernetes/32cc146/scheduler'),
    anonymous: actor(
      {username: 'system:anonymous', groups: ['system:unauthenticated']},
      '10.20.9.5',
      'kube-probe/1.32',
      clusterGrant('system:public-info-viewer', 'Group "system:unauthenticated"'),
    ),
    makePod,
  }
  for (let number = 0; number < 2000; number++) cluster.pods.push(makePod(random.pick(deployments)))
  return cluster

  function makePod(deployment) {
    const node = random.pick(nodes)
    const {namespace, replicaSet} = deployment
    const name = `${replicaSet}-${random.nameTail()}`
    const uid = random.uuid()
    const status = podStatus(random, node, deployment)
    return {
      namespace,
      name,
      uid,
      node,
      statusPatch: JSON.stringify({metadata: {uid}, status}),
      body: splitAtVersion(podBody(random, {namespace, name, uid, deployment, node, status})),
    }
  }
}
