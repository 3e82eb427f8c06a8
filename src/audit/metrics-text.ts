/** Thrown for what is no dump of an API server's metrics. */
export class MetricsError extends Error {
  override readonly name = 'MetricsError'
}

/** What an API server counted of its own auditing, from its start to the moment of the dump. */
export interface AuditMetrics {
  /** `apiserver_audit_event_total`: events handed to the log, one for each stage. */
  readonly events: number
  /** `apiserver_audit_error_total` by plugin: events that may not have been logged. */
  readonly errors: ReadonlyMap<string, number>
  /** `apiserver_audit_level_total` by level, one for each request: `None` are those that no event was made of. */
  readonly levels: ReadonlyMap<string, number>
  /** `apiserver_audit_requests_rejected_total`: requests refused because they could not be logged; NULL where it is not told. */
  readonly rejected: number | null
  /** `process_start_time_seconds`, in microseconds since 1970; NULL where it is not told. */
  readonly startedUs: number | null
}

interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const nameSign = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const labelSign = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"/y
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

function at(sticky: RegExp, text: string, place: number): RegExpExecArray | null {
  sticky.lastIndex = place
  return sticky.exec(text)
}

/** The labels from behind the opening brace on, and the place behind the closing one; undefined where they are not well formed. */
function labelsFrom(
  line: string,
  from: number,
): {readonly labels: Map<string, string>; readonly end: number} | undefined {
  const labels = new Map<string, string>()
  for (let place = from; ;) {
    while (line[place] === ' ' || line[place] === '\t') place++
    if (line[place] === '}') return {labels, end: place + 1}
    const label = at(labelSign, line, place)
    if (label === null || labels.has(label[1] ?? '')) return undefined
    let value = ''
    place = labelSign.lastIndex
    for (; line[place] !== '"'; place++) {
      if (place >= line.length) return undefined
      if (line[place] !== '\\') value += line.charAt(place)
      else {
        const escaped = {'\\': '\\', '"': '"', n: '\n'}[line[++place] ?? '']
        if (escaped === undefined) return undefined
        value += escaped
      }
    }
    labels.set(label[1] ?? '', value)
    place++
    while (line[place] === ' ' || line[place] === '\t') place++
    if (line[place] === ',') place++
    else if (line[place] !== '}') return undefined
  }
}

/** One line of the text format: name, labels, value, and a timestamp that nobody needs here; undefined where it is none. */
function sampleOf(line: string): Sample | undefined {
  const name = at(nameSign, line, 0)?.[0]
  if (name === undefined) return undefined
  let place = name.length
  while (line[place] === ' ' || line[place] === '\t') place++
  const parsed =
    line[place] === '{' ? labelsFrom(line, place + 1) : {labels: new Map<string, string>(), end: name.length}
  if (parsed === undefined) return undefined
  const [value = '', timestamp, ...rest] = line
    .slice(parsed.end)
    .trim()
    .split(/[ \t]+/)
  if (rest.length > 0 || (timestamp !== undefined && !/^-?\d+$/.test(timestamp))) return undefined
  if (/^[+-]?Inf$/i.test(value) || /^NaN$/i.test(value)) return {name, labels: parsed.labels, value: Number.NaN}
  return number.test(value) ? {name, labels: parsed.labels, value: Number(value)} : undefined
}

const counters = {
  apiserver_audit_event_total: null,
  apiserver_audit_error_total: 'plugin',
  apiserver_audit_level_total: 'level',
  apiserver_audit_requests_rejected_total: null,
} as const

function isCounter(name: string): name is keyof typeof counters {
  return Object.hasOwn(counters, name)
}

/**
 * Reads what an API server counted of its auditing from a dump of its metrics (`kubectl get --raw /metrics`), in the text
 * format of Prometheus. Names: k8s.io/apiserver, pkg/audit/metrics.go.
 *
 * @throws MetricsError with the line, where the text is not well formed, holds no such metric, or is that of several servers
 */
export function parseAuditMetrics(text: string): AuditMetrics {
  const samples = new Map<string, Map<string, number>>()
  let startedUs: number | null = null
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const where = `line ${(i + 1).toLocaleString('en-US')}`
    const sample = sampleOf(line)
    if (sample === undefined)
      throw new MetricsError(`${where} is no metric in the text format of Prometheus: ${line.slice(0, 80)}`)
    const {name, labels, value} = sample
    if (name === 'process_start_time_seconds') {
      if (!(value > 0 && value < 1e11)) throw new MetricsError(`${where}: process_start_time_seconds is no time.`)
      if (startedUs !== null)
        throw new MetricsError(`${where}: process_start_time_seconds stands here again; one dump is of one API server.`)
      startedUs = Math.round(value * 1e6)
    }
    if (!isCounter(name)) continue
    if (!Number.isInteger(value) || value < 0 || value > Number.MAX_SAFE_INTEGER)
      throw new MetricsError(`${where}: ${name} is no count: ${line.slice(-40)}`)
    const label = counters[name]
    const key = label === null ? '' : labels.get(label)
    if (key === undefined) throw new MetricsError(`${where}: ${name} has no label ${label ?? ''}.`)
    const others = [...labels.keys()].filter((each) => each !== label)
    if (others.length > 0)
      throw new MetricsError(
        `${where}: ${name} has the label ${others.join(', ')}, which no API server writes: give the dump of one API server, not what a Prometheus joined.`,
      )
    const values = samples.get(name) ?? new Map<string, number>()
    samples.set(name, values)
    if (values.has(key)) throw new MetricsError(`${where}: ${name} stands here again; one dump is of one API server.`)
    values.set(key, value)
  }
  const events = samples.get('apiserver_audit_event_total')?.get('')
  if (events === undefined)
    throw new MetricsError(
      'it holds no apiserver_audit_event_total: is it the dump of an API server (kubectl get --raw /metrics)?',
    )
  return {
    events,
    errors: samples.get('apiserver_audit_error_total') ?? new Map<string, number>(),
    levels: samples.get('apiserver_audit_level_total') ?? new Map<string, number>(),
    rejected: samples.get('apiserver_audit_requests_rejected_total')?.get('') ?? null,
    startedUs,
  }
}
