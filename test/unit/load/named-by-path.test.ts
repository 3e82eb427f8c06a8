import {describe, expect, it} from 'vitest'
import {namedByPath} from '../../../src/load/named-by-path.ts'

describe('what a path tells of a log', () => {
  const stream = 'kube-apiserver-audit-96624a2fbc193d5ccd64f9f1ddbebbe3'
  it.each([
    ['an export of CloudWatch', `/e/exports/5f/${stream}/000000.gz`, null, stream],
    ['an export of CloudWatch in an archive', '/e/export.tar', `exports/${stream}/000001.gz`, stream],
    ['another stream of an export', '/e/authenticator-96624a2fbc193d5ccd64f9f1ddbebbe3/000000.gz', null, null],
    ['must-gather', '/m/quay-io/audit_logs/kube-apiserver/master-0.example.com-audit-2024-03-01T10-15-22.123.log.gz', null, 'master-0.example.com'],
    ['the log that is being written, in must-gather', '/m/audit_logs/kube-apiserver/master-0-audit.log.gz', null, 'master-0'],
    ['a node that is called audit', '/m/audit_logs/kube-apiserver/audit-1-audit.log', null, 'audit-1'],
    ['must-gather in an archive', '/m/must-gather.tar.gz', 'must-gather/audit_logs/openshift-apiserver/master-1-audit.log.gz', 'openshift-apiserver/master-1'],
    ['an archive in an archive', '/m/all.zip', 'must-gather.tar.gz!/audit_logs/oauth-apiserver/master-1-audit-2024-03-01T10-15-22.123.log.gz', 'oauth-apiserver/master-1'],
    ['Windows', 'C:\\m\\audit_logs\\kube-apiserver\\master-2-audit.log.gz', null, 'master-2'],
    ['a server that is none', '/m/audit_logs/etcd/master-0-audit.log.gz', null, null],
    ['a folder of the same name elsewhere', '/var/log/kube-apiserver/audit.log', null, null],
    ['a name without a node', '/m/audit_logs/kube-apiserver/audit.log', null, null],
    ['standard input', '-', null, null],
  ])('%s', (_, path, member, apiserver) => {
    expect(namedByPath(path, member)).toEqual({apiserver, notLog: null})
  }) // prettier-ignore

  it('knows the lists of logs that must-gather writes', () => {
    expect(namedByPath('/m/audit_logs/kube-apiserver.audit_logs_listing', null)).toEqual({apiserver: null, notLog: 'a list of logs, no log'})
  }) // prettier-ignore

  it('takes no time over a hostile name', () => {
    const started = performance.now()
    namedByPath(`/m/audit_logs/kube-apiserver/${'a-audit'.repeat(20_000)}`, null)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
