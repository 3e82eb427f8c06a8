import {describe, expect, test} from 'vitest'
import {logPartOf} from '../../../../src/investigations/coverage/series-name.ts'

const hash = '0a1b2c3d4e5f60718293a4b5c6d7e8f9'

describe('the log that a file is a part of', () => {
  test.each([
    ['/l/master-1/audit.log', '/l/master-1/audit.log'],
    ['/l/master-1/audit-2026-11-20T16-36-20.748.log.gz', '/l/master-1/audit.log'],
    ['/l/audit-log-2026-11-20T16-36-20.748.json', '/l/audit-log.json'],
    [
      '/m/audit_logs/kube-apiserver/master-0-audit-2026-11-20T16-36-20.748.log.gz',
      '/m/audit_logs/kube-apiserver/master-0-audit.log',
    ],
    ['/a/y=2026/m=11/d=20/h=16/m=00/PT1H.json', '/a/PT1H.json'],
    ['/s/2026/11/20/05/part-0001.json.gz', '/s/part.json'],
    ['/s/2026/11/20/05/audit-1-2026-11-20-16-36-20-0f0e3d1a-1b2c-4d5e-8f90-aabbccddeeff.gz', '/s/audit'],
    [`/e/kube-apiserver-audit-${hash}/000001.gz`, `/e/kube-apiserver-audit-${hash}`],
    [`/e/kube-apiserver-audit-${hash}.log`, `/e/kube-apiserver-audit-${hash}.log`],
    ['/g/data_access/2026/11/20/16:00:00_16:59:59_S0.json', '/g/data_access/S0.json'],
    ['/x/audit.log.2.gz', '/x/audit.log'],
    ['/x/audit-3.log', '/x/audit.log'],
    ['/x/logs-2026-11-20/audit.log', '/x/logs/audit.log'],
    // What may be a machine's number tells logs apart.
    ['/x/master-1.log', '/x/master-1.log'],
    ['/x/audit-cp2.log', '/x/audit-cp2.log'],
    ['/x/audit-10.0.0.12.log', '/x/audit-10.0.0.12.log'],
    ['/x/1234/audit.log', '/x/1234/audit.log'],
    ['-', '-'],
    ['C:\\logs\\master-1\\audit.log', 'C:/logs/master-1/audit.log'],
  ])('%s', (path, log) => {
    expect(logPartOf(path, null).log).toBe(log)
  })

  test('members of archives', () => {
    const part = logPartOf('/l/cp-2.tar.gz', 'cp-2/audit-2026-11-20T16-36-20.748.log.gz')
    expect(part).toEqual({
      log: '/l/cp-2.tar.gz!/cp-2/audit.log',
      endedUs: Date.UTC(2026, 10, 20, 16, 36, 20, 748) * 1000,
      exactUs: 1000,
      isLive: false,
    })
    expect(logPartOf('/l/2026-11-20.tar.gz', 'audit.log').log).toBe(logPartOf('/l/2026-11-21.tar.gz', 'audit.log').log)
  })

  test('a name that is no time is none', () => {
    expect(logPartOf('/l/audit-2026-13-41T99-99-99.000.log', null).endedUs).toBeNull()
    expect(logPartOf('/l/audit.log', null)).toMatchObject({endedUs: null, isLive: true})
  })
})
