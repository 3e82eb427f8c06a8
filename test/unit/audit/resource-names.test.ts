import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  builtInGroups,
  builtInOfWord,
  isOfType,
  objectWords,
  parseTarget,
  resolveType,
  resourceOfKind,
  sameObjectGroups,
  subresourcesOf,
  TargetError,
  typeText,
} from '../../../src/audit/resource-names.ts'

const typeOf = (text: string) => {
  const [type] = parseTarget(text).types
  if (type === undefined) throw new Error(`no type in ${text}`)
  return type
}

describe('parseTarget', () => {
  it.each([
    ['deploy', 'deployments', ['apps', 'extensions']],
    ['deployment', 'deployments', ['apps', 'extensions']],
    ['Deployment', 'deployments', ['apps', 'extensions']],
    ['DEPLOYMENTS', 'deployments', ['apps', 'extensions']],
    ['deployments.apps', 'deployments', ['apps']],
    ['deployment.v1.apps', 'deployments', ['apps']],
    ['deployments.v1beta1.extensions', 'deployments', ['extensions']],
    ['ing', 'ingresses', ['networking.k8s.io', 'extensions']],
    ['netpol', 'networkpolicies', ['networking.k8s.io', 'extensions']],
    ['po', 'pods', ['']],
    ['pods.v1.', 'pods', ['']],
    ['pods.v1', 'pods', ['']],
    ['svc', 'services', ['']],
    ['secrets', 'secrets', ['']],
    ['endpoints', 'endpoints', ['']],
    ['ev', 'events', ['', 'events.k8s.io']],
    ['crd', 'customresourcedefinitions', ['apiextensions.k8s.io']],
    ['clusterrolebinding', 'clusterrolebindings', ['rbac.authorization.k8s.io']],
    ['pods.metrics.k8s.io', 'pods', ['metrics.k8s.io']],
    ['secrets.vault.example.com', 'secrets', ['vault.example.com']],
    ['widgets.v1alpha1.example.com', 'widgets', ['example.com']],
    ['widgets', 'widgets', undefined],
  ])('takes %s as %s of %s', (text, resource, groups) => {
    expect(typeOf(text)).toMatchObject({resource, groups})
  })

  it('knows which types are of the cluster, which of a namespace, and which nobody knows', () => {
    expect(typeOf('ns').scope).toBe('cluster')
    expect(typeOf('clusterroles').scope).toBe('cluster')
    expect(typeOf('roles').scope).toBe('namespaced')
    expect(typeOf('widgets').scope).toBe('unknown')
  })

  it('takes the name from behind the slash, or as a word of its own', () => {
    expect(parseTarget('deploy/nginx').name).toBe('nginx')
    expect(parseTarget('deploy', 'nginx').name).toBe('nginx')
    expect(parseTarget('deploy').name).toBeUndefined()
    expect(parseTarget(undefined, 'nginx')).toEqual({types: [], name: 'nginx'})
    expect(parseTarget()).toEqual({types: []})
  })

  it('keeps whatever stands behind the first slash: names in a log are what clients sent', () => {
    fc.assert(
      fc.property(fc.string({minLength: 1}), (name) => {
        expect(parseTarget(`pods/${name}`).name).toBe(name)
      }),
    )
  })

  it('takes lists, and all', () => {
    expect(parseTarget('deploy,svc/nginx').types.map((type) => type.resource)).toEqual(['deployments', 'services'])
    expect(parseTarget('all').types.map((type) => type.resource)).toContain('pods')
  })

  it.each([['deploy/'], ['/nginx'], ['deploy,,svc']])('refuses %s', (text) => {
    expect(() => parseTarget(text)).toThrow(TargetError)
  })

  it('refuses a name given twice', () => {
    expect(() => parseTarget('deploy/nginx', 'nginx')).toThrow('twice')
  })
})

describe('resolveType', () => {
  const logged = [
    {resource: 'widgets', group: 'example.com'},
    {resource: 'policies', group: 'kyverno.io'},
    {resource: 'services', group: 'serving.knative.dev'},
  ]

  it('finds the plural of a custom resource asked for by its singular or kind', () => {
    expect(resolveType(typeOf('Widget'), logged).resource).toBe('widgets')
    expect(resolveType(typeOf('policy'), logged).resource).toBe('policies')
    expect(resolveType(typeOf('svc.serving.knative.dev'), logged).resource).toBe('services')
  })

  it('leaves words alone that the log does not know, and built-in types', () => {
    expect(resolveType(typeOf('gizmo'), logged).resource).toBe('gizmo')
    expect(resolveType(typeOf('svc'), logged)).toMatchObject({resource: 'services', groups: ['']})
  })
})

describe('types in the log', () => {
  it('tells a core Secret from a custom resource of that name', () => {
    expect(isOfType(typeOf('secrets'), 'secrets', '')).toBe(true)
    expect(isOfType(typeOf('secrets'), 'secrets', 'vault.example.com')).toBe(false)
    expect(isOfType(typeOf('widgets'), 'widgets', 'any.example.com')).toBe(true)
  })

  it('takes one object in the groups it has lived in as one', () => {
    expect(sameObjectGroups('deployments', 'extensions')).toEqual(['apps', 'extensions'])
    expect(sameObjectGroups('deployments', 'example.com')).toEqual(['example.com'])
  })

  it('reads core for the empty group, as some exports write it', () => {
    expect(isOfType(typeOf('svc'), 'services', 'core')).toBe(true)
    expect(typeText('services', 'core')).toBe('services')
    expect(sameObjectGroups('namespaces', 'core')).toEqual([''])
    expect(typeOf('pods.core').groups).toEqual([''])
  })

  it('finds the plural of a kind, as owner references name it', () => {
    expect(resourceOfKind('ReplicaSet')).toBe('replicasets')
    expect(resourceOfKind('NetworkPolicy')).toBe('networkpolicies')
    expect(resourceOfKind('Widget')).toBe('widgets')
  })

  it('writes types and objects as people do', () => {
    expect(typeText('deployments', 'apps')).toBe('deployments')
    expect(typeText('secrets', 'vault.example.com')).toBe('secrets.vault.example.com')
    expect(objectWords('deployments', 'apps', 'nginx')).toBe('deployment nginx')
    expect(objectWords('widgets', 'example.com', 'w1')).toBe('widgets.example.com w1')
  })

  it('knows built-in types by any word for them, their groups and subresources', () => {
    expect(builtInOfWord('Deploy')?.resource).toBe('deployments')
    expect(builtInOfWord('tokenreview')).toMatchObject({resource: 'tokenreviews', groups: ['authentication.k8s.io']})
    expect(builtInOfWord('deployments.apps')).toBeUndefined()
    expect([...builtInGroups()]).toEqual(expect.arrayContaining(['', 'apps', 'rbac.authorization.k8s.io']))
    expect(builtInGroups().has('core')).toBe(false)
    expect(subresourcesOf('pods', '')).toContain('ephemeralcontainers')
    expect(subresourcesOf('secrets', '')).toEqual([])
    expect(subresourcesOf('pods', 'metrics.k8s.io')).toBeUndefined()
    expect(subresourcesOf('leases', 'coordination.k8s.io')).toBeUndefined()
  })
})
