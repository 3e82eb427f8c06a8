/** What a column of a table needs, in terminal columns. */
export interface ColumnNeed {
  /** Width at which nothing is cut. */
  readonly natural: number
  /** Width below which its cells tell nothing. */
  readonly minimum: number
}

/** Blanks between two columns of a table. */
export const gapWidth = 2

/** What a column needs, and whether it is among the first to go. */
export interface ColumnClaim extends ColumnNeed {
  /** Left out before all others where there is no room. */
  readonly spare?: boolean | undefined
}

/**
 * Which columns fit into `width` when all are as narrow as they may be: spare ones go first, then the others, each time
 * the rightmost; at least one stays. Their places, in order.
 */
export function chooseColumns(claims: readonly ColumnClaim[], width: number): number[] {
  let chosen = claims.map((_, i) => i)
  const used = (places: readonly number[]): number =>
    places.reduce((sum, i) => sum + (claims[i]?.minimum ?? 0) + gapWidth, -gapWidth)
  while (chosen.length > 1 && used(chosen) > width) {
    const goes = chosen.findLast((i) => claims[i]?.spare === true) ?? chosen.at(-1)
    chosen = chosen.filter((i) => i !== goes)
  }
  return chosen
}

/**
 * Widths that together fit into `width`: the widest columns give way first, none below its minimum, and narrow ones keep
 * what they need. Where even the minima do not fit, the minima.
 */
export function fitWidths(needs: readonly ColumnNeed[], width: number): number[] {
  const available = width - gapWidth * (needs.length - 1)
  const capped = (cap: number) => needs.map(({natural, minimum}) => Math.max(Math.min(natural, cap), minimum))
  const total = (widths: readonly number[]) => widths.reduce((sum, columns) => sum + columns, 0)
  let low = 0
  let high = needs.reduce((widest, {natural}) => Math.max(widest, natural), 0)
  while (low < high) {
    const cap = Math.ceil((low + high) / 2)
    if (total(capped(cap)) <= available) low = cap
    else high = cap - 1
  }
  const widths = capped(low)
  let spare = available - total(widths)
  return widths.map((columns, i) =>
    spare > 0 && columns < (needs[i]?.natural ?? 0) ? (spare--, columns + 1) : columns,
  )
}
