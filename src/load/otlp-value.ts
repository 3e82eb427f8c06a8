/** A value as OTLP writes it (opentelemetry-proto, common/v1/common.proto, as JSON): one member tells its type. */
interface AnyValue {
  readonly stringValue?: unknown
  readonly boolValue?: unknown
  readonly intValue?: unknown
  readonly doubleValue?: unknown
  readonly bytesValue?: unknown
  readonly arrayValue?: {readonly values?: readonly AnyValue[]}
  readonly kvlistValue?: {readonly values?: readonly {readonly key?: unknown; readonly value?: AnyValue}[]}
}

function jsonOf(value: AnyValue | null | undefined): string {
  if (value === null || value === undefined) return 'null'
  const {intValue, kvlistValue, arrayValue} = value
  if (kvlistValue !== undefined) {
    const members = (kvlistValue.values ?? []).map((one) => `${JSON.stringify(String(one.key))}:${jsonOf(one.value)}`)
    return `{${members.join(',')}}`
  }
  if (arrayValue !== undefined) return `[${(arrayValue.values ?? []).map(jsonOf).join(',')}]`
  // 64 bits, as text: more than a number of JavaScript holds.
  if (typeof intValue === 'string' && /^-?(?:0|[1-9][0-9]*)$/.test(intValue)) return intValue
  const plain = value.stringValue ?? value.boolValue ?? intValue ?? value.doubleValue ?? value.bytesValue ?? null
  return JSON.stringify(plain)
}

/** The JSON that a value of OTLP stands for; NULL where the text is none. */
export function otlpJson(text: string): string | null {
  try {
    return jsonOf(JSON.parse(text) as AnyValue)
  } catch {
    return null
  }
}
