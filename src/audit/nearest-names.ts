/** Typing errors between two words: a letter more, less or another, or two neighbours the wrong way round. */
function typingErrors(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({length: b.length + 1}, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/**
 * The names that somebody may have meant who typed a word that is none of them: those that a third of its letters turns
 * into it at most, and those that it begins; nearest first, at most three.
 */
export function nearestNames(word: string, names: Iterable<string>): string[] {
  const typed = word.toLowerCase().slice(0, 64)
  const most = Math.max(1, Math.floor(typed.length / 3))
  const found: {readonly name: string; readonly errors: number}[] = []
  for (const name of new Set(names)) {
    const isBegun = typed.length >= 3 && name.toLowerCase().startsWith(typed)
    const errors = isBegun ? 1 : typingErrors(typed, name.toLowerCase().slice(0, 64))
    if (errors <= most) found.push({name, errors})
  }
  return found
    .sort((a, b) => a.errors - b.errors || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({name}) => name)
}

/** `; did you mean prod or prod-eu?`, or a full stop where nothing is near. */
export function didYouMean(names: readonly string[]): string {
  const last = names.at(-1)
  if (last === undefined) return '.'
  return `; did you mean ${names.length === 1 ? last : `${names.slice(0, -1).join(', ')} or ${last}`}?`
}
