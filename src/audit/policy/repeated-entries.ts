import type {Policy} from './policy.ts'
import {listed, quoted, ruleField, rulesText, type Remark} from './remark.ts'

function repeatedWords(words: readonly string[]): string[] {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const word of words) (seen.has(word) ? repeated : seen).add(word)
  return [...repeated]
}

/** What a policy says twice: it does no harm, and hides what was meant. */
export function repeatedEntries({rules, omitStages}: Policy): Remark[] {
  const remarks = rules.flatMap((rule, place) => {
    const lists: [field: string, words: readonly string[]][] = [
      ...(['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs', 'omitStages'] as const).map(
        (field): [string, readonly string[]] => [field, rule[field]],
      ),
      ...rule.resources.flatMap(({resources, resourceNames}, i): [string, readonly string[]][] => [
        [`resources[${i}].resources`, resources],
        [`resources[${i}].resourceNames`, resourceNames],
      ]),
    ]
    return lists.flatMap(([field, words]): Remark[] => {
      // Long lists are compared only where a set shows that something stands there twice.
      if (new Set(words).size === words.length) return []
      return [
        {
          severity: 'advice',
          code: 'entry-repeated',
          rule: place + 1,
          field: ruleField(place, field),
          message: `Rule ${place + 1} names ${listed(repeatedWords(words).map(quoted))} twice.`,
          why: 'It changes nothing; perhaps another name was meant.',
        },
      ]
    })
  })
  const again = rules.flatMap(({omitStages: own}, place) =>
    own.length > 0 && own.every((stage) => omitStages.includes(stage)) ? [place] : [],
  )
  if (again.length > 0)
    remarks.push({
      severity: 'advice',
      code: 'omit-stages-repeated',
      rule: (again[0] ?? 0) + 1,
      field: ruleField(again[0] ?? 0, 'omitStages'),
      message: `${again.length === 1 ? 'Rule' : 'Rules'} ${rulesText(again).replace(/^rules? /, '')} ${again.length === 1 ? 'omits' : 'omit'} stages that the policy omits for all rules.`,
      why: 'It changes nothing: stages that the policy omits are omitted whatever the rule says.',
    })
  return remarks
}
