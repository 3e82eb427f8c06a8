/** Stands in a body where its resourceVersion belongs. */
export const versionMark = '@version@'

/**
 * The JSON of a body in two parts, to be joined by a resourceVersion: one body stands in many events.
 *
 * @returns {[string, string]}
 */
export function splitAtVersion(body) {
  const [before, after] = JSON.stringify(body).split(versionMark)
  return [before, after]
}

const started = '2026-02-27T04:12:55Z'

/** Status of a running pod. */
export function podStatus(random, node, {image}) {
  const podIP = `10.244.${random.below(250)}.${random.between(2, 250)}`
  const containers = ['app', 'proxy'].map((name) => ({
    name,
    state: {running: {startedAt: started}},
    lastState: {},
    ready: true,
    restartCount: random.below(4),
    image: name === 'app' ? image : 'registry.example/proxy:2.4.1',
    imageID: name === 'app' ? image : `registry.example/proxy@sha256:${random.hex(64)}`,
    containerID: `containerd://${random.hex(64)}`,
    started: true,
  }))
  return {
    phase: 'Running',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
      (type) => ({
        type,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: started,
      }),
    ),
    hostIP: node.ip,
    hostIPs: [{ip: node.ip}],
    podIP,
    podIPs: [{ip: podIP}],
    startTime: started,
    containerStatuses: containers,
  }
}

/**
 * A whole pod, as a policy with `omitManagedFields` logs it. With managedFields, whose keys hold uids, a reader that infers a
 * schema takes twice as long: comparisons would flatter the project.
 */
export function podBody(random, {namespace, name, uid, deployment, node, status}) {
  const {replicaSet, replicaSetUid, image} = deployment
  const volume = `kube-api-access-${random.nameTail()}`
  const mount = {name: volume, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount'}
  const container = (containerName, containerImage, more) => ({
    name: containerName,
    image: containerImage,
    ...more,
    resources: {limits: {cpu: '1', memory: '512Mi'}, requests: {cpu: '100m', memory: `${random.between(64, 512)}Mi`}},
    volumeMounts: [mount],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  })
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      generateName: `${replicaSet}-`,
      namespace,
      uid,
      resourceVersion: versionMark,
      creationTimestamp: started,
      labels: {'app.kubernetes.io/name': deployment.name, 'pod-template-hash': replicaSet.split('-').at(-1)},
      ownerReferences: [
        {apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, uid: replicaSetUid, controller: true},
      ],
    },
    spec: {
      volumes: [
        {name: volume, projected: {sources: [{serviceAccountToken: {expirationSeconds: 3607, path: 'token'}}]}},
      ],
      containers: [
        container('app', image, {
          ports: [{containerPort: 8080, protocol: 'TCP'}],
          env: [
            {name: 'RELEASE', value: random.hex(12)},
            {name: 'QUERY', value: `region=eu&shard=${random.below(64)}`},
          ],
        }),
        container('proxy', 'registry.example/proxy:2.4.1'),
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: deployment.name,
      nodeName: node.name,
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    },
    status,
  }
}

/** What a kubelet patches into its node's status. */
export function nodeStatus(random, name) {
  const beat = '2026-03-01T00:04:11Z'
  return {
    status: {
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        lastHeartbeatTime: beat,
        lastTransitionTime: started,
        reason: type === 'Ready' ? 'KubeletReady' : `KubeletHasNo${type}`,
        message: type === 'Ready' ? 'kubelet is posting ready status' : `kubelet has no ${type}`,
      })),
      addresses: [{type: 'Hostname', address: name}],
      images: Array.from({length: 4}, () => ({
        names: [`registry.example/app-${random.hex(5)}@sha256:${random.hex(64)}`],
        sizeBytes: random.between(10_000_000, 900_000_000),
      })),
    },
  }
}
