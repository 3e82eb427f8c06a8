import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {loadPolicy} from '../../src/cli/policy-file.ts'

const folder = fileURLToPath(new URL('../support/policies/', import.meta.url))

describe('the policy that a command asks about', () => {
  it('is the file itself', async () => {
    const {policy, document, warnings} = await loadPolicy(`${folder}layered.yaml`)
    expect(policy.rules.map(({level}) => level)).toEqual(['Metadata', 'None', 'None', 'RequestResponse', 'Metadata'])
    expect(policy.rules[3]).toMatchObject({
      omitManagedFields: false,
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
    })
    expect(document.ruleLines).toEqual([9, 16, 22, 25, 28])
    expect(document.lineOf('rules[1].resources[0].resources[0]')).toBe(21)
    expect(document.lineOf('rules[1].namespaces')).toBe(16)
    expect(warnings).toEqual([])
  })

  it('is its first document, and comes with what the API server ignores', async () => {
    const {policy, warnings} = await loadPolicy(`${folder}two-documents.yaml`)
    expect(policy.rules).toHaveLength(1)
    expect(warnings).toEqual([])
    expect((await loadPolicy(`${folder}windows.yaml`)).warnings[0]).toContain(
      'line 6: There is no field "verb" in a PolicyRule.',
    )
  })

  it('may stand in another object, where it is the only one that can be taken', async () => {
    expect((await loadPolicy(`${folder}config-map.yaml`)).document.place).toBe(
      'ConfigMap kube-system/audit, data.staging.yaml',
    )
    expect((await loadPolicy(`${folder}audit-sink.yaml`)).policy.omitStages).toEqual(['RequestReceived', 'Panic'])
  })

  it('is refused as the API server refuses it, with the next step', async () => {
    await expect(loadPolicy(`${folder}level-missing.yaml`)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('line 4: The rule has no level.') as string,
      suggestion: expect.stringContaining('k8saudit policy check ') as string,
    })
    await expect(loadPolicy(`${folder}kyverno.yaml`)).rejects.toThrow('no audit policy')
  })
})
