/** Typing errors between two words: letters put in, left out, taken for another, or swapped with the next. */
function errorsBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({length: b.length + 1}, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a.charAt(i - 1) === b.charAt(j - 1)
      const isSwapped = i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** The known word that was probably meant: within a few typing errors, or begun with what was typed; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase().slice(0, 64)
  const [best] = known
    .map((name) => ({name, errors: typed.length > 2 && name.startsWith(typed) ? 1 : errorsBetween(typed, name)}))
    .sort((a, b) => a.errors - b.errors || (a.name < b.name ? -1 : 1))
  return best !== undefined && best.errors <= Math.max(1, Math.floor(typed.length / 3)) ? best.name : undefined
}
