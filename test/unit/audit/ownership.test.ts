import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {likelyOwners, ownerNames, ownerTypes} from '../../../src/audit/ownership.ts'

describe('likelyOwners', () => {
  it.each([
    ['pods', 'nginx-6db9895778-pllsk', 'replicasets', 'nginx-6db9895778'],
    ['pods', 'nginx-6db9895778-pllsk', 'deployments', 'nginx'],
    ['pods', 'db-0', 'statefulsets', 'db'],
    ['pods', 'agent-x7k2p', 'daemonsets', 'agent'],
    ['pods', 'backup-28123456-abcde', 'jobs', 'backup-28123456'],
    ['replicasets', 'nginx-6db9895778', 'deployments', 'nginx'],
    ['jobs', 'backup-28123456', 'cronjobs', 'backup'],
    ['controllerrevisions', 'db-7c5449874', 'statefulsets', 'db'],
    ['endpointslices', 'web-x7k2p', 'services', 'web'],
    ['endpoints', 'web', 'services', 'web'],
  ])('%s/%s may be of %s/%s', (resource, name, owner, ownerName) => {
    expect(likelyOwners(resource, name)).toContainEqual({resource: owner, name: ownerName})
  })

  it('names no owner where the name does not fit', () => {
    expect(likelyOwners('pods', 'nginx')).toEqual([])
    expect(likelyOwners('secrets', 'a-b')).toEqual([])
  })

  it('puts the nearest first', () => {
    expect(likelyOwners('pods', 'a-b-6db9895778-pllsk').map((owner) => owner.name)[0]).toBe('a-b-6db9895778')
  })
})

describe('ownerNames', () => {
  it('gives a bounded number of true prefixes, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({unit: fc.constantFrom('a', '-', '0')}), (name) => {
        const names = ownerNames(name)
        expect(names.length).toBeLessThanOrEqual(8)
        for (const prefix of names) expect(name.startsWith(`${prefix}-`)).toBe(true)
      }),
    )
  })
})

describe('ownerTypes', () => {
  it('follows owners to their owners', () => {
    expect(ownerTypes('pods')).toEqual(expect.arrayContaining(['replicasets', 'deployments', 'jobs', 'cronjobs']))
    expect(ownerTypes('configmaps')).toEqual([])
  })
})
