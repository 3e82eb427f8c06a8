/** The folder that all paths share, with its last separator; empty where there is none. */
export function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths
  let end = first.length
  for (const path of others) while (!path.startsWith(first.slice(0, end))) end--
  return first.slice(0, Math.max(first.lastIndexOf('/', end - 1), first.lastIndexOf('\\', end - 1)) + 1)
}

/** How a report writes where something stands: the folder that all sources share is said once. */
export interface ShortPlaces {
  /** The folder, with its last separator; empty where there is none worth leaving out. */
  readonly folder: string
  /** A sentence that says so; none where nothing is left out. */
  readonly said: readonly string[]
  /** Text with the folder left out before each place that stands at its beginning or in parentheses. */
  readonly shorten: (text: string) => string
}

/** The places of a report, from the paths of all sources. */
export function shortPlaces(paths: readonly string[]): ShortPlaces {
  const folder = commonFolder(paths)
  if (folder.length < 2) return {folder: '', said: [], shorten: (text) => text}
  const inParentheses = `(${folder}`
  return {
    folder,
    said: [`Paths are below ${folder}`],
    shorten: (text) => (text.startsWith(folder) ? text.slice(folder.length) : text).replaceAll(inParentheses, '('),
  }
}
