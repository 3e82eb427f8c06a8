import {counted} from '../report-blocks.ts'
import type {Sum} from './read-secrets.ts'

/** `a`, `a and b`, `a, b and 3 more`; `of` is how many there are, where `words` are only the first of them. */
export function listed(words: readonly string[], most: number, of = words.length): string {
  const shown = of > most + 1 ? words.slice(0, most) : words
  const ends = shown.length < of ? [...shown, `${(of - shown.length).toLocaleString('en-US')} more`] : shown
  return ends.length < 2 ? ends.join('') : `${ends.slice(0, -1).join(', ')} and ${ends.at(-1) ?? ''}`
}

/** The sum of one number over sums. */
export function total(sums: readonly Sum[], of: (sum: Sum) => number): number {
  return sums.reduce((all, sum) => all + of(sum), 0)
}

/** Who acted, for sentences: `carol (acting as bob)`. */
export function whoText({user_name: user, impersonated_user: impersonated}: Sum): string {
  const who = user ?? 'nobody who authenticated'
  return impersonated === null ? who : `${who} (acting as ${impersonated})`
}

/** The different identities behind sums, in the order of the sums. */
export function whoTexts(sums: readonly Sum[]): string[] {
  return [...new Set(sums.map(whoText))]
}

/** True where something was got, or changed: not only refused or failed. */
export function cameThrough({reads, lists, watches, changes, tokens_issued: tokens}: Sum): boolean {
  return reads + lists + watches + changes + tokens > 0
}

/** How often secrets were read, listed and watched. */
export function readings({reads, lists, watches}: Sum): number {
  return reads + lists + watches
}

/** True where an answer held values, or could have. */
export function gotValues({gave_values: values, could_have: could}: Sum): boolean {
  return values + could > 0
}

/** A namespace, or all of them. */
function scopeText(namespace: string): string {
  return namespace === '*' ? 'the cluster' : namespace
}

/** What a caller came by: the widest first. */
export function gotText(sum: Sum): string {
  const {whole_cluster: cluster, whole_namespaces: namespaces, by_selector: selected, named, secrets} = sum
  const parts = [
    ...(cluster > 0 ? ['all of the cluster'] : []),
    ...(namespaces.length > 0 ? [`all of ${listed(namespaces, 3)}`] : []),
    ...(selected.length > 0 ? [`by a selector in ${listed(selected.map(scopeText), 3)}`] : []),
    ...(secrets === 0 ? [] : [listed(named, 2, secrets)]),
  ]
  return parts.join('; ')
}

/** What its answers held, in short. */
export function gaveText({gave_values: values, could_have: could, names_only: names}: Sum): string {
  return [
    ...(values > 0 ? ['values'] : []),
    ...(could > 0 ? ['could have'] : []),
    ...(names > 0 ? ['names'] : []),
  ].join(', ')
}

/** `12 reads of one secret, 3 lists and 1 watch`; nothing where all are none. */
export function readingsText(sums: readonly Sum[]): string {
  const parts = [
    [total(sums, ({reads}) => reads), 'read by name', 'reads by name'],
    [total(sums, ({lists}) => lists), 'list', 'lists'],
    [total(sums, ({watches}) => watches), 'watch', 'watches'],
  ] as const
  return listed(
    parts.flatMap(([count, one, many]) => (count === 0 ? [] : [counted(count, one, many)])),
    3,
  )
}

/**
 * True for a service account that did nothing outside of its own namespace, as itself: most of what a cluster reads all
 * day. Where a stolen token was used so, too, its address tells.
 */
export function stayedAtHome({user_name: user, impersonated_user: impersonated, ...sum}: Sum): boolean {
  const home = /^system:serviceaccount:([^:]+):/.exec(user ?? '')?.[1]
  if (home === undefined || impersonated !== null || sum.whole_cluster > 0 || sum.namespaces > 1) return false
  const scopes = [...sum.whole_namespaces, ...sum.by_selector, ...sum.named.map((name) => name.split('/')[0])]
  return scopes.every((scope) => scope === home)
}
