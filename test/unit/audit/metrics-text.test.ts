import {describe, expect, test} from 'vitest'
import {parseAuditMetrics} from '../../../src/audit/metrics-text.ts'

const real = `# HELP apiserver_audit_event_total [ALPHA] Counter of audit events generated and sent to the audit backend.
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 7898
# TYPE apiserver_audit_level_total counter
apiserver_audit_level_total{level="Metadata"} 3949
apiserver_audit_level_total{level="None"} 2
# TYPE apiserver_audit_requests_rejected_total counter
apiserver_audit_requests_rejected_total 0
apiserver_audit_error_total{plugin="lo\\"g\\\\"} 1.5e+01
apiserver_request_duration_seconds_bucket{verb="GET",le="+Inf",path="a b } c"} 12
go_gc_duration_seconds{quantile="0.5"} NaN
process_start_time_seconds 1.79519257533e+09
`

describe('metrics of an API server', () => {
  test('what it counted of its auditing', () => {
    const metrics = parseAuditMetrics(real)
    expect(metrics.events).toBe(7898)
    expect([...metrics.levels]).toEqual([
      ['Metadata', 3949],
      ['None', 2],
    ])
    expect([...metrics.errors]).toEqual([['lo"g\\', 15]])
    expect(metrics.rejected).toBe(0)
    expect(metrics.startedUs).toBe(1_795_192_575_330_000)
    expect(parseAuditMetrics(real.replaceAll('\n', '\r\n')).events).toBe(7898)
  })

  test.each([
    ['nothing', '', 'no apiserver_audit_event_total'],
    ['JSON', '{"a": 1}', 'line 1 is no metric'],
    ['HTML', '<html>', 'line 1 is no metric'],
    ['a value that is none', 'apiserver_audit_event_total x', 'line 1 is no metric'],
    ['a negative count', 'apiserver_audit_event_total -1', 'is no count'],
    ['a broken count', 'apiserver_audit_event_total 1.5', 'is no count'],
    ['NaN', 'apiserver_audit_event_total NaN', 'is no count'],
    ['a count beyond all measure', 'apiserver_audit_event_total 1e300', 'is no count'],
    ['a label twice', 'a{b="1",b="2"} 1', 'is no metric'],
    ['an open label', 'a{b="1 1', 'is no metric'],
    ['two values', 'a 1 2 3', 'is no metric'],
    ['the same twice', 'apiserver_audit_event_total 1\napiserver_audit_event_total 2', 'stands here again'],
    ['what a Prometheus joined', 'apiserver_audit_event_total{instance="a"} 1', 'has the label instance'],
    ['a level without its label', 'apiserver_audit_level_total 1', 'has no label level'],
    ['a start that is no time', 'process_start_time_seconds 0\napiserver_audit_event_total 1', 'is no time'],
  ])('%s is refused, and told why', (_, text, why) => {
    expect(() => parseAuditMetrics(text)).toThrow(why)
  })

  test('long lines take no long time', () => {
    expect(() => parseAuditMetrics(`a{${'b="\\\\",'.repeat(200_000)}`)).toThrow('is no metric')
    expect(() => parseAuditMetrics(`a ${' '.repeat(500_000)}x`)).toThrow('is no metric')
  })
})
