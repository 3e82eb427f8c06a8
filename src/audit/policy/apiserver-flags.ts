/** What a flag of kube-apiserver takes. */
export type FlagType = 'text' | 'whole' | 'number' | 'boolean' | 'duration'

const batch: readonly (readonly [string, FlagType])[] = [
  ['mode', 'text'],
  ['batch-buffer-size', 'whole'],
  ['batch-max-size', 'whole'],
  ['batch-max-wait', 'duration'],
  ['batch-throttle-enable', 'boolean'],
  ['batch-throttle-qps', 'number'],
  ['batch-throttle-burst', 'whole'],
  ['truncate-enabled', 'boolean'],
  ['truncate-max-batch-size', 'whole'],
  ['truncate-max-event-size', 'whole'],
]

/** Every flag about auditing (apiserver `pkg/server/options/audit.go`, Kubernetes 1.32). */
export const auditFlags: ReadonlyMap<string, FlagType> = new Map<string, FlagType>([
  ['audit-policy-file', 'text'],
  ['audit-log-path', 'text'],
  ['audit-log-maxage', 'whole'],
  ['audit-log-maxbackup', 'whole'],
  ['audit-log-maxsize', 'whole'],
  ['audit-log-format', 'text'],
  ['audit-log-version', 'text'],
  ['audit-log-compress', 'boolean'],
  ['audit-webhook-config-file', 'text'],
  ['audit-webhook-initial-backoff', 'duration'],
  ['audit-webhook-batch-initial-backoff', 'duration'],
  ['audit-webhook-version', 'text'],
  ...(['log', 'webhook'] as const).flatMap((backend) =>
    batch.map(([name, type]): [string, FlagType] => [`audit-${backend}-${name}`, type]),
  ),
])

/** What each type is, for people. */
export const flagTypeWords: Readonly<Record<FlagType, string>> = {
  text: 'text',
  whole: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  duration: 'a duration such as 30s',
}

/** A whole number as Go reads it (`strconv.ParseInt` with base 0); undefined where it is none. */
export function wholeNumber(text: string): number | undefined {
  const match = /^([+-]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(text)
  if (match === null) return undefined
  const [, sign = '', digits = ''] = match
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return Number.isSafeInteger(value) ? (sign === '-' ? -value : value) : undefined
}

/** True where Go reads a text as this type. */
export function isOfFlagType(type: FlagType, text: string): boolean {
  switch (type) {
    case 'text':
      return true
    case 'whole':
      return wholeNumber(text) !== undefined
    case 'number':
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)
    case 'boolean':
      return /^(?:1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(text)
    case 'duration':
      return /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)
  }
}
