import {expect, it} from 'vitest'
import {clientTool} from '../../../src/audit/client-tool.ts'

it.each([
  ['kubectl/v1.32.5 (linux/amd64) kubernetes/9894294', 'kubectl 1.32.5'],
  ['curl/7.88.1', 'curl 7.88.1'],
  ['helm', 'helm'],
  ['argocd-application-controller/v0.0.0 (linux/amd64) kubernetes/$Format', 'argocd-application-controller 0.0.0'],
  ['', null],
  [null, null],
])('writes %s as %s', (agent, want) => {
  expect(clientTool(agent)).toBe(want)
})

it('cuts what a client made too long, between characters', () => {
  const tool = clientTool('😀'.repeat(100)) ?? ''
  expect(Array.from(tool)).toHaveLength(60)
  expect(tool.endsWith('…')).toBe(true)
})
