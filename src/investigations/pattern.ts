/**
 * A name as typed, where `*` stands for any run of characters and nothing else is special, as the pattern that GLOB in
 * the queries takes.
 */
export function globPattern(text: string): string {
  return text.replaceAll(/[[?\\]/g, (sign) => (sign === '\\' ? '\\\\' : `[${sign}]`))
}

/** True where a name as typed holds a wildcard. */
export function hasWildcard(text: string): boolean {
  return text.includes('*')
}

/** Tells whether a value is meant by a name as typed; NULL never is. */
export function matcherOf(text: string): (value: string | null) => boolean {
  if (!hasWildcard(text)) return (value) => value === text
  const parts = text.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  const pattern = new RegExp(`^${parts.join('.*')}$`, 's')
  return (value) => value !== null && pattern.test(value)
}
