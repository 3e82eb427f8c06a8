/** Thrown for a filter that means nothing. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
}

const [lowest, highest] = [100, 999]

function rangeOf(word: string): readonly [from: number, to: number] | undefined {
  const [, exact] = /^(\d{3})$/.exec(word) ?? []
  if (exact !== undefined) return [Number(exact), Number(exact)]
  const [, hundreds] = /^([1-9])xx$/.exec(word) ?? []
  if (hundreds !== undefined) return [Number(hundreds) * 100, Number(hundreds) * 100 + 99]
  const [, from, to] = /^(\d{3})-(\d{3})$/.exec(word) ?? []
  if (from !== undefined && to !== undefined && from <= to) return [Number(from), Number(to)]
  const [, sign, bound] = /^([<>]=?)\s*(\d{3})$/.exec(word) ?? []
  if (sign === undefined || bound === undefined) return undefined
  const at = Number(bound)
  if (sign.startsWith('>')) return [sign === '>' ? at + 1 : at, highest]
  return [lowest, sign === '<' ? at - 1 : at]
}

/**
 * Status codes as the queries take them, from `403`, `4xx`, `>=400`, `400-499`; `none` is 0, which stands for requests
 * whose answer is not in the log.
 *
 * @throws FilterError
 */
export function parseCodes(words: readonly string[]): string[] {
  const codes = new Set<number>()
  for (const word of words.map((each) => each.toLowerCase())) {
    if (word === 'none') {
      codes.add(0)
      continue
    }
    const range = rangeOf(word)
    if (range === undefined)
      throw new FilterError(
        `--code ${JSON.stringify(word)} is no status code: give one such as 403, 4xx, 400-499, '>=400' or none.`,
      )
    for (let code = range[0]; code <= range[1]; code++) codes.add(code)
  }
  return [...codes].map(String)
}
