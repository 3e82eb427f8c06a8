import {describe, expect, test} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {readSystemNoise, type SystemNoise} from '../../../src/investigations/system-noise.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import {questionOf} from '../../support/question.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

const inKubeSystem = 'system:serviceaccount:kube-system:'
const scheduler = 'system:kube-scheduler'
let nth = 0

function requests(
  count: number,
  username: string,
  address: string,
  client: string,
  more: AuditEvent = {},
): AuditEvent[] {
  return Array.from({length: count}, () =>
    auditEvent({
      auditID: `id-${nth++}`,
      user: {username},
      sourceIPs: [address],
      userAgent: `${client}/v1.32.0 (linux/amd64)`,
      ...more,
    }),
  )
}

async function noiseOf(events: readonly AuditEvent[], user?: string): Promise<SystemNoise> {
  const folder = newFolder()
  await load(caseIn(folder), [writeInto(folder, 'audit.log', logText(events))])
  const caseFile = await openCase(caseIn(folder))
  try {
    return await readSystemNoise(caseFile, await questionOf(caseFile, {user}))
  } finally {
    caseFile.close()
  }
}

const caller = (
  user_name: string | null,
  client_ip: string | null,
  client: string,
  impersonated_user: string | null = null,
) => ({
  user_name,
  client_ip,
  user_agent: `${client}/v1.32.0 (linux/amd64)`,
  impersonated_user,
})

const everyday = [
  ...requests(60, scheduler, '10.0.0.2', 'kube-scheduler'),
  ...requests(60, `${inKubeSystem}replicaset-controller`, '10.0.0.2', 'kube-controller-manager'),
  ...requests(40, 'system:node:node-1', '10.0.0.10', 'kubelet'),
  ...requests(10, 'system:kube-proxy', '10.0.0.10', 'kube-proxy'),
  ...requests(10, 'system:kube-proxy', '10.0.0.2', 'kube-proxy'),
]

describe('what reports leave out', () => {
  test('the everyday work of the control plane and of nodes', async () => {
    const noise = await noiseOf(everyday)
    expect(noise.includes(caller(scheduler, '10.0.0.2', 'kube-scheduler'))).toBe(true)
    expect(noise.includes(caller('system:node:node-1', '10.0.0.10', 'kubelet'))).toBe(true)
    expect(noise.includes(caller('system:kube-proxy', '10.0.0.10', 'kube-proxy'))).toBe(true)
    expect(noise.unusual).toEqual([])
  })

  test('nothing of people, of workloads, of the anonymous and of those who were not let in', async () => {
    const users = [
      'alice',
      'system:anonymous',
      'system:admin',
      `${inKubeSystem}tiller`,
      'system:serviceaccount:ci:deployer',
    ]
    const noise = await noiseOf([
      ...everyday,
      ...users.flatMap((user) => requests(50, user, '10.0.0.2', 'kube-scheduler')),
    ])
    for (const user of [...users, null])
      expect([user, noise.includes(caller(user, '10.0.0.2', 'kube-scheduler'))]).toEqual([user, false])
  })

  test('nothing of somebody who acts as the system', async () => {
    const noise = await noiseOf([
      ...everyday,
      ...requests(90, 'mallory', '10.0.0.2', 'kube-scheduler', {impersonatedUser: {username: scheduler}}),
    ])
    expect(noise.includes(caller('mallory', '10.0.0.2', 'kube-scheduler', scheduler))).toBe(false)
    expect(noise.includes(caller(scheduler, '10.0.0.2', 'kube-scheduler', `${inKubeSystem}x`))).toBe(false)
  })

  test.each([
    ['a component from another address', scheduler, '203.0.113.66', 'kube-scheduler'],
    ['a component with another client', scheduler, '10.0.0.2', 'Go-http-client'],
    ['a component with kubectl', scheduler, '10.0.0.2', 'kubectl'],
    ['a component from the address of a node', scheduler, '10.0.0.10', 'kube-scheduler'],
    ['a node from another address', 'system:node:node-1', '203.0.113.66', 'kubelet'],
    [
      'a controller that is seen for the first time, from elsewhere',
      `${inKubeSystem}job-controller`,
      '203.0.113.66',
      'kube-controller-manager',
    ],
  ])('nothing of %s, and says so', async (_, user, address, client) => {
    const noise = await noiseOf([...everyday, ...requests(3, user, address, client)])
    expect(noise.includes(caller(user, address, client))).toBe(false)
    if (client !== 'kubectl')
      expect(noise.unusual.join('\n')).toContain(`${user} from ${address} with ${client}: 3 requests`)
    expect(noise.includes(caller(scheduler, '10.0.0.2', 'kube-scheduler'))).toBe(true)
  })

  test('a component that moved to another machine of the control plane is no news', async () => {
    const noise = await noiseOf([
      ...everyday,
      ...requests(60, `${inKubeSystem}job-controller`, '10.0.0.3', 'kube-controller-manager'),
      ...requests(2, scheduler, '10.0.0.3', 'kube-scheduler'),
    ])
    expect(noise.includes(caller(scheduler, '10.0.0.3', 'kube-scheduler'))).toBe(true)
  })

  test('nothing of somebody who asks more and more from outside', async () => {
    const noise = await noiseOf([
      ...everyday,
      ...requests(200, scheduler, '203.0.113.66', 'kube-scheduler'),
      ...requests(40, 'system:node:node-1', '203.0.113.66', 'kubelet'),
      ...requests(3, 'system:node:node-9', '203.0.113.66', 'kubelet'),
    ])
    for (const user of [scheduler, 'system:node:node-1', 'system:node:node-9'])
      expect([
        user,
        noise.includes(caller(user, '203.0.113.66', user === scheduler ? 'kube-scheduler' : 'kubelet')),
      ]).toEqual([user, false])
    expect(noise.includes(caller(scheduler, '10.0.0.2', 'kube-scheduler'))).toBe(true)
  })

  test('nothing of whom the question names', async () => {
    const asked = await noiseOf(everyday, 'system:kube-*')
    expect(asked.includes(caller(scheduler, '10.0.0.2', 'kube-scheduler'))).toBe(false)
    expect((await noiseOf(everyday, '*')).includes(caller(scheduler, '10.0.0.2', 'kube-scheduler'))).toBe(true)
  })

  test('kubelets that reach a managed control plane from outside are its nodes all the same', async () => {
    const noise = await noiseOf([
      ...everyday,
      ...requests(200, 'system:node:far-1', '198.51.100.7', 'kubelet'),
      ...requests(200, 'system:node:far-2', '198.51.100.8', 'kubelet'),
    ])
    expect(noise.includes(caller('system:node:far-1', '198.51.100.7', 'kubelet'))).toBe(true)
  })

  test('the keys for SQL are what includes says', async () => {
    const noise = await noiseOf(everyday)
    expect([...noise.keys].sort()).toEqual(
      [
        `${inKubeSystem}replicaset-controller|10.0.0.2|kube-controller-manager`,
        `${scheduler}|10.0.0.2|kube-scheduler`,
        'system:kube-proxy|10.0.0.10|kube-proxy',
        'system:kube-proxy|10.0.0.2|kube-proxy',
        'system:node:node-1|10.0.0.10|kubelet',
      ].sort(),
    )
  })
})
