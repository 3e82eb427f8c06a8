// How the API server, a Go program, writes what other languages write differently.

const escapedInGo = {'&': '\\u0026', '<': '\\u003c', '>': '\\u003e', '\u2028': '\\u2028', '\u2029': '\\u2029'}

/** JSON as Go's encoder writes it: `&`, `<`, `>` and the two Unicode line ends are escaped. */
export function goJson(value) {
  return JSON.stringify(value).replace(/[&<>\u2028\u2029]/g, (character) => escapedInGo[character])
}

/** A query string as Go's `url.Values` writes it: names sorted, a space as `+`, values of one name in their order. */
export function goQuery(parameters) {
  return Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) => [values].flat().map((value) => `${queryEscape(name)}=${queryEscape(String(value))}`))
    .join('&')
}

function queryEscape(text) {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

/** An instant in microseconds since 1970 as Kubernetes' MicroTime: `2026-03-01T10:15:22.123456Z`. */
export function microTime(us) {
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`
}

/** An instant in microseconds since 1970 as Kubernetes' Time, in whole seconds: `2026-03-01T10:15:22Z`. */
export function wholeSeconds(us) {
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, 19)}Z`
}
