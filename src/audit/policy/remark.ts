import type {Finding} from './finding.ts'

/** A finding about a policy before its line is looked up. */
export type Remark = Omit<Finding, 'line'>

/** Path of a rule of a policy, or of one of its fields, as Kubernetes writes it; `place` counts from 0. */
export function ruleField(place: number, field = ''): string {
  return field === '' ? `rules[${place}]` : `rules[${place}].${field}`
}

/** Words as people list them: `a, b and c`; beyond `most`, how many more there are. */
export function listed(words: readonly string[], most = 6): string {
  const shown = words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} more`] : [...words]
  const last = shown.pop() ?? 'nothing'
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`
}

/** Rules by their numbers, from 1: `rule 2`, `rules 2, 3 and 5`. `places` count from 0. */
export function rulesText(places: readonly number[]): string {
  return `${places.length === 1 ? 'rule' : 'rules'} ${listed(
    places.map((place) => String(place + 1)),
    12,
  )}`
}

/** A name of the policy in a sentence. */
export function quoted(word: string): string {
  return JSON.stringify(word)
}
