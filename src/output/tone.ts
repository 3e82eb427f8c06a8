const codes = {heading: [1, 22], verdict: [1, 22], warning: [33, 39], muted: [2, 22]} as const

/** What a piece of a report is, for those who see colour. */
export type Tone = keyof typeof codes

/** Text in the colour of its tone; as it is where colour is off. */
export function paint(text: string, tone: Tone | undefined, colour: boolean): string {
  if (!colour || tone === undefined || text === '') return text
  const [on, off] = codes[tone]
  return `\x1b[${on}m${text}\x1b[${off}m`
}
