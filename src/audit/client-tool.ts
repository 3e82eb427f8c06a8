/**
 * The client that a user agent names, as people say it: `kubectl 1.32.5`. Clients choose what they send, so this is
 * their own claim. Null where none was recorded.
 */
export function clientTool(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === '') return null
  const [product = ''] = userAgent.split(' ')
  const [name = '', version = ''] = product.split('/')
  const text = /^v?\d/.test(version) && name !== '' ? `${name} ${version.replace(/^v/, '')}` : userAgent
  const characters = Array.from(text)
  return characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : text
}
