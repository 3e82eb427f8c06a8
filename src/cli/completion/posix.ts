import type {Candidates, CompletedCommand} from './model.ts'

/** A word as a POSIX shell reads it back. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function wordsOf(candidates: Candidates): string {
  return typeof candidates === 'string' ? '' : candidates.words.map(quoteWord).join(' ')
}

/** What the function of the script does with candidates: offers words, or leaves the place to files or to nothing. */
function offer(candidates: Candidates): string {
  if (candidates === 'files') return '_k8saudit_files'
  return candidates === 'anything' ? ':' : `_k8saudit_offer ${wordsOf(candidates)}`
}

/** Commands and topics that may follow the words typed so far, by these words. */
function nextWords(commands: readonly CompletedCommand[]): Map<string, string[]> {
  const next = new Map<string, string[]>()
  for (const {words} of commands) {
    const parts = words.split(' ')
    for (const [i, part] of parts.entries()) {
      const before = parts.slice(0, i).join(' ')
      const list = next.get(before) ?? []
      if (!list.includes(part)) list.push(part)
      next.set(before, list)
    }
  }
  return next
}

function commandCase(command: CompletedCommand): string {
  const values = command.flags.flatMap(({names, value}) =>
    value === null ? [] : [`        ${names.join('|')}) ${offer(value)}; return ;;`],
  )
  const flags = command.flags
    .flatMap(({names}) => names)
    .map(quoteWord)
    .join(' ')
  const [last] = command.args.slice(-1)
  const args = command.args.map((candidates, i) => `        ${i}) ${offer(candidates)} ;;`)
  return [
    `    ${quoteWord(command.words)})`,
    '      case $prev in',
    ...values,
    '      esac',
    `      case $cur in -*) _k8saudit_offer ${flags} --help; return ;; esac`,
    '      case $nth in',
    ...args,
    ...(last === undefined ? [] : [`        *) ${offer(last)} ;;`]),
    '      esac ;;',
  ].join('\n')
}

/**
 * What bash and zsh share: a function that looks at the words typed so far (`typed`, an array without the program's name
 * and without the word at the cursor), `prev` and `cur`, and calls `_k8saudit_offer WORD...` or `_k8saudit_files`.
 *
 * Nothing in it comes from a log, and nothing is run to complete a word.
 */
export function sharedFunction(commands: readonly CompletedCommand[]): string {
  const withValue = [
    ...new Set(commands.flatMap(({flags}) => flags.flatMap(({names, value}) => (value === null ? [] : names)))),
  ]
  const next = nextWords(commands)
  const topics = [...next].map(
    ([before, words]) =>
      `    ${before === '' ? "''" : quoteWord(before)}) _k8saudit_offer ${words.map(quoteWord).join(' ')} ;;`,
  )
  const steps = [...next].flatMap(([before, words]) =>
    words.map(
      (word) =>
        `      ${quoteWord(`${before === '' ? '' : `${before} `}${word}`)}) chosen="$chosen\${chosen:+ }$word"; continue ;;`,
    ),
  )
  return `_k8saudit_complete() {
  local chosen='' word='' skip=''
  local -i nth=0
  for word in "\${typed[@]}"; do
    if [ -n "$skip" ]; then skip=''; continue; fi
    case $word in
      ${withValue.map(quoteWord).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    if [ "$nth" -eq 0 ]; then
      case "$chosen\${chosen:+ }$word" in
${steps.map((line) => `  ${line}`).join('\n')}
      esac
    fi
    nth=$((nth + 1))
  done
  if [ "$nth" -eq 0 ]; then
    case $cur in
      -*) ;;
      *)
        case $chosen in
${topics.map((line) => `      ${line}`).join('\n')}
        esac ;;
    esac
  fi
  case $chosen in
${commands.map(commandCase).join('\n')}
  esac
}
`
}
