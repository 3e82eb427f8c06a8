import type {Candidates, CompletedCommand} from './model.ts'

/** A word as fish reads it back. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function offered(candidates: Candidates | null): string {
  if (candidates === null) return ''
  if (candidates === 'files') return ' -r -F'
  return candidates === 'anything' ? ' -x' : ` -x -a ${quoted(candidates.words.join(' '))}`
}

/** A script that fish sources, or loads from its folder of completions. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = [
    '# k8saudit completion for fish. Put into ~/.config/fish/config.fish:  k8saudit completion fish | source',
    'function __k8saudit_words',
    '  set -l words',
    '  for word in (commandline -opc)[2..-1]',
    "    string match -q -- '-*' $word; or set -a words $word",
    '  end',
    '  echo "$words"',
    'end',
    'function __k8saudit_at',
    '  string match -q -- $argv[1] (__k8saudit_words); or string match -q -- "$argv[1] *" (__k8saudit_words)',
    'end',
    'function __k8saudit_next',
    '  test (__k8saudit_words) = "$argv[1]"',
    'end',
    'complete -c k8saudit -f',
  ]
  for (const {words, summary, flags, args} of commands) {
    const parts = words.split(' ')
    const before = parts.slice(0, -1).join(' ')
    const description = summary === '' ? '' : ` -d ${quoted(summary)}`
    lines.push(
      `complete -c k8saudit -n ${quoted(`__k8saudit_next ${quoted(before)}`)} -a ${quoted(parts.at(-1) ?? '')}${description}`,
    )
    if (parts.length > 1)
      lines.push(`complete -c k8saudit -n ${quoted("__k8saudit_next ''")} -a ${quoted(parts[0] ?? '')}`)
    const here = ` -n ${quoted(`__k8saudit_at ${quoted(words)}`)}`
    for (const {names, summary: about, value} of flags) {
      const [long = '', short] = names
      lines.push(
        `complete -c k8saudit${here} -l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}${offered(value)} -d ${quoted(about)}`,
      )
    }
    for (const candidates of new Set(args)) {
      if (candidates === 'files') lines.push(`complete -c k8saudit${here} -F`)
      else if (candidates !== 'anything')
        lines.push(`complete -c k8saudit${here} -a ${quoted(candidates.words.join(' '))}`)
    }
  }
  return `${lines.join('\n')}\n`
}
