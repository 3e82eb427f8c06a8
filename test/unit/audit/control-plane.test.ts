import {describe, expect, it} from 'vitest'
import {actorKind, isControlPlane} from '../../../src/audit/control-plane.ts'

const inKubeSystem = 'system:serviceaccount:kube-system:'

describe('actorKind', () => {
  it.each([
    ['alice', 'kubectl/v1.32.0', 'user'],
    [null, 'curl/8.0', 'user'],
    ['system:anonymous', 'curl/8.0', 'user'],
    ['system:admin', null, 'user'],
    ['system:serviceaccount:ci:deployer', null, 'user'],
    [`${inKubeSystem}tiller`, null, 'user'],
    [`${inKubeSystem}generic-garbage-collector`, 'kube-controller-manager/v1.32.0', 'garbage-collector'],
    [`${inKubeSystem}namespace-controller`, null, 'namespace-controller'],
    [`${inKubeSystem}replicaset-controller`, null, 'controller'],
    ['system:kube-scheduler', 'kube-scheduler/v1.32.0', 'controller'],
    ['system:node:node-1', 'kubelet/v1.32.0', 'node'],
    [
      'system:kube-controller-manager',
      'kube-controller-manager/v1.20 (linux) kubernetes/abc/generic-garbage-collector',
      'garbage-collector',
    ],
    [
      'system:kube-controller-manager',
      `kube-controller-manager/v1.20 (linux) kubernetes/abc/${inKubeSystem}namespace-controller`,
      'namespace-controller',
    ],
    ['system:kube-controller-manager', 'kube-controller-manager/v1.20', 'controller'],
  ])('takes %s with %s for %s', (user, agent, kind) => {
    expect(actorKind(user, agent)).toBe(kind)
  })

  it('does not believe a user agent that anybody can send', () => {
    expect(
      actorKind('mallory', `kube-controller-manager/v1.32 kubernetes/abc/${inKubeSystem}generic-garbage-collector`),
    ).toBe('user')
  })

  it('takes the credentials of a component in the hands of kubectl or curl for somebody’s own doing', () => {
    expect(actorKind(`${inKubeSystem}generic-garbage-collector`, 'kubectl/v1.32.0 (linux/amd64)')).toBe('user')
    expect(actorKind('system:node:node-1', 'curl/8.5.0')).toBe('user')
  })

  it('takes who authenticated, not who was acted as', () => {
    expect(actorKind(`${inKubeSystem}generic-garbage-collector`, null, true)).toBe('user')
  })
})

describe('isControlPlane', () => {
  it('never hides anonymous, impersonated or unauthenticated requests', () => {
    expect(isControlPlane('system:anonymous', null)).toBe(false)
    expect(isControlPlane(null, null)).toBe(false)
    expect(isControlPlane('system:node:node-1', 'kubelet/v1.32', true)).toBe(false)
  })

  it('hides components and nodes', () => {
    expect(isControlPlane('system:node:node-1', 'kubelet/v1.32')).toBe(true)
    expect(isControlPlane('system:apiserver', null)).toBe(true)
  })
})
