/** Keys and places (from 0) that lead to a field. */
export type FieldSteps = readonly (string | number)[]

/** A path as Kubernetes writes it: `rules[2].resources[0].group`. */
export function fieldPath(steps: FieldSteps): string {
  return steps.reduce<string>(
    (path, step) => (typeof step === 'number' ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`),
    '',
  )
}

/** The steps of a path that {@link fieldPath} wrote. */
export function fieldSteps(path: string): FieldSteps {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, index]) => (index === undefined ? text : Number(index)))
}

/** Number of the rule that a field belongs to, from 1; NULL where it belongs to none. */
export function ruleOf(steps: FieldSteps): number | null {
  const [first, index] = steps
  return first === 'rules' && typeof index === 'number' ? index + 1 : null
}
