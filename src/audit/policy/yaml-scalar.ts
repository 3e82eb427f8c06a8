/** A scalar as it comes out of YAML: what JSON knows. */
export type YamlScalar = null | boolean | number | string

const words: ReadonlyMap<string, YamlScalar> = new Map<string, YamlScalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
])

const number = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const otherBase = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)$/

/**
 * What a plain scalar stands for, as Kubernetes takes it (go-yaml v2: YAML 1.1 without sexagesimal numbers; dates stay text):
 * `no` is false, `0x10` is 16.
 */
export function resolvePlain(text: string): YamlScalar {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!/^[-+.0-9]/.test(text)) return text
  const digits = text.replaceAll('_', '')
  const [, sign, magnitude] = otherBase.exec(digits) ?? []
  if (magnitude !== undefined) {
    const value = Number(/^0[0-7]/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude)
    return sign === '-' ? -value : value
  }
  return number.test(digits) ? Number(digits) : text
}

/** A scalar with an explicit tag; undefined where the tag cannot be that of this text. */
export function resolveTagged(tag: string, text: string): YamlScalar | undefined {
  switch (tag.replace('tag:yaml.org,2002:', '!!')) {
    case '!!binary':
      return /^[A-Za-z0-9+/=\s]*$/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : undefined
    case '!!bool':
      return ofType(resolvePlain(text), 'boolean')
    case '!!int':
    case '!!float':
      return ofType(resolvePlain(text), 'number')
    case '!!null':
      return resolvePlain(text) === null ? null : undefined
    default:
      return text
  }
}

function ofType(value: YamlScalar, type: 'boolean' | 'number'): YamlScalar | undefined {
  return typeof value === type ? value : undefined
}
