import {wholeSeconds} from './go-text.mjs'

/** A Deployment as the API server returns it, without managedFields. */
export function deploymentBody({namespace, name, uid, resourceVersion, createdAt, replicas, image, labels}) {
  const created = wholeSeconds(createdAt)
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      generation: 1,
      creationTimestamp: created,
      labels,
      annotations: {'deployment.kubernetes.io/revision': '1'},
    },
    spec: {
      replicas,
      selector: {matchLabels: {app: name}},
      template: {
        metadata: {creationTimestamp: null, labels: {...labels, app: name}},
        spec: {
          containers: [
            {
              name: 'report',
              image,
              args: ['--format=html', '--title=Sales & returns <weekly>'],
              resources: {limits: {memory: '256Mi'}, requests: {cpu: '50m', memory: '128Mi'}},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              imagePullPolicy: 'IfNotPresent',
            },
          ],
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          dnsPolicy: 'ClusterFirst',
          securityContext: {},
          schedulerName: 'default-scheduler',
        },
      },
      strategy: {type: 'RollingUpdate', rollingUpdate: {maxUnavailable: '25%', maxSurge: '25%'}},
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastUpdateTime: created,
          lastTransitionTime: created,
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
      ],
    },
  }
}
