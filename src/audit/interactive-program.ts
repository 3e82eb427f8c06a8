interface ProgramKind {
  readonly name: RegExp
  /** An argument that gives the program something to do, so that it does not ask. */
  readonly oneShot: RegExp
  /** Whether words that are no option are a script. */
  readonly takesScript: boolean
  /** Options that take the next word. */
  readonly valued?: RegExp
  /** An option that makes it ask, whatever else it is given. */
  readonly asks?: RegExp
}

const kinds: readonly ProgramKind[] = [
  {
    name: /^(?:a|ba|c|da|fi|k|mk|pdk|r|tc|z)?sh$/,
    oneShot: /^(?:-[a-z]*c[a-z]*|--command(?:=.*)?)$/,
    takesScript: true,
    valued: /^(?:[-+][oO]|--(?:rcfile|init-file))$/,
  },
  {name: /^(?:pwsh|powershell)$/i, oneShot: /^[-/](?:c|command|f|file|e|ec|enc\w*)$/i, takesScript: true},
  {name: /^cmd$/i, oneShot: /^\/[ck]/i, takesScript: false},
  {
    name: /^(?:i?python|pypy|node|nodejs|ruby|irb|lua|php|jshell|erl|iex|ghci|R)[\d.]*$/,
    oneShot: /^(?:-[a-zA-Z]*[cmerp]|--(?:eval|print|run|execute)(?:=.*)?)$/,
    takesScript: true,
    asks: /^(?:-i|--interactive)$/,
  },
  {name: /^screen$/, oneShot: /^-(?:ls|list|wipe|X|Q)$/, takesScript: false},
  {
    name: /^(?:mysql|mariadb|psql|sqlite3|mongo|mongosh|cqlsh|sqlplus|clickhouse-client)$/,
    oneShot: /^(?:-[cefq]|-e.+|--(?:command|execute|eval|file|query)(?:=.*)?)$/,
    takesScript: false,
  },
  {name: /^redis-cli$/, oneShot: /^--(?:eval|scan|pipe)$/, takesScript: true},
]

/** Programs that start each other, at most: whoever writes a longer chain means harm. */
const mostNested = 50

/** What only sets another program going. */
interface Wrapper {
  /** Options that take the next word. */
  readonly valued?: RegExp
  /** Words of its own before the program. */
  readonly operands?: number
  /** Whether it starts a shell where no program is named: always, or with this option. */
  readonly shell?: true | RegExp
}

const wrappers: Readonly<Record<string, Wrapper>> = {
  busybox: {},
  chroot: {operands: 1, shell: true},
  env: {valued: /^(?:-u|-C|--unset|--chdir)$/},
  exec: {valued: /^-a$/},
  nice: {valued: /^(?:-n|--adjustment)$/},
  nohup: {},
  nsenter: {valued: /^(?:-[tSG]|--target|--setuid|--setgid)$/, shell: true},
  script: {operands: 1, shell: true},
  setsid: {},
  su: {valued: /^(?:-[gGsw]|--(?:group|supp-group|shell|whitelist-environment))$/, operands: 1, shell: true},
  sudo: {
    valued: /^(?:-[CDghpRrTtUu]|--(?:user|group|host|prompt|chdir))$/,
    shell: /^(?:-[a-zA-Z]*[is]|--login|--shell)$/,
  },
  timeout: {valued: /^(?:-[ks]|--(?:kill-after|signal))$/, operands: 1},
  unshare: {shell: true},
  winpty: {},
}

function baseName(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? '').replace(/\.exe$/i, '')
}

/** The words of an argv that are no option, with those options; options that take the next word have taken it. */
function parsed(
  words: readonly string[],
  valued: RegExp | undefined,
  most = Infinity,
): {options: string[]; rest: string[]} {
  const options: string[] = []
  let operands = 0
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') {
      at++
      break
    }
    if (/^[-+]./.test(word) || (word === '-' && operands === 0)) {
      options.push(word)
      if (valued?.test(word) === true) at++
    } else if (operands < most && most !== Infinity) operands++
    else break
  }
  return {options, rest: words.slice(at)}
}

/** What the last command of a line for a shell starts, where nothing is piped into it. */
function lastOfLine(line: string, depth: number): string | null {
  const last = line
    .split(/;|&&|\|\||\n/)
    .map((part) => part.trim())
    .findLast((part) => part.replaceAll(/[(){}]/g, '').trim() !== '')
  if (last === undefined || last.includes('|')) return null
  const words = last.replaceAll(/^[({\s]+|[)}\s]+$/g, '').split(/\s+/)
  return interactiveProgram(
    words.map((word) => word.replaceAll(/^["']|["']$/g, '')),
    depth,
  )
}

/**
 * The shell, interpreter or database client that an argv starts without telling it what to do: it takes commands from
 * who sits in front of it, and those are in no audit log. Null for any other.
 */
export function interactiveProgram(argv: readonly string[], depth = 0): string | null {
  if (depth > mostNested) return null
  const words = argv.slice(argv.findIndex((word) => !/^\w+=/.test(word)))
  const [path = '', ...given] = words
  const name = baseName(path)
  const wrapper = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined
  if (wrapper !== undefined) {
    const {options, rest} = parsed(given, wrapper.valued, wrapper.operands ?? 0)
    if (name === 'su' && options.concat(rest).some((word) => /^(?:-c|--command(?:=.*)?)$/.test(word))) return null
    const program = rest.filter((word, i) => i > 0 || !/^\w+=/.test(word))
    if (program.length > 0) return interactiveProgram(program, depth + 1)
    const startsShell =
      wrapper.shell === true ||
      wrapper.shell?.test(options.join(' ')) === true ||
      options.some((option) => wrapper.shell instanceof RegExp && wrapper.shell.test(option))
    return startsShell ? `${name}, a shell` : null
  }
  if (name === 'tmux')
    return given.length === 0 || /^(?:a|at|attach|attach-session|new|new-session)$/.test(given[0] ?? '') ? name : null
  const kind = kinds.find((entry) => entry.name.test(name))
  if (kind === undefined) return null
  const {options, rest} = parsed(given, kind.valued)
  const every = [...options, ...rest]
  if (kind.asks !== undefined && every.some((word) => kind.asks?.test(word) === true)) return name
  const shot = every.findIndex((option) => kind.oneShot.test(option))
  if (shot >= 0) {
    const isShell = kinds[0] === kind
    return isShell && rest.length > 0 ? lastOfLine(rest[0] ?? '', depth + 1) : null
  }
  return kind.takesScript && rest.length > 0 ? null : name
}
