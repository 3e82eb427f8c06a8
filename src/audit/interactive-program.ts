interface ProgramKind {
  readonly name: RegExp
  /** An argument that gives the program something to do, so that it does not ask. */
  readonly oneShot: RegExp
  /** Whether words that are no option are a script. */
  readonly takesScript: boolean
}

const kinds: readonly ProgramKind[] = [
  {
    name: /^(?:a|ba|c|da|fi|k|mk|pdk|r|tc|z)?sh$/,
    oneShot: /^(?:-[a-z]*c[a-z]*|--command(?:=.*)?)$/,
    takesScript: true,
  },
  {name: /^(?:pwsh|powershell)$/i, oneShot: /^[-/](?:c|command|f|file|e|ec|enc\w*)$/i, takesScript: true},
  {name: /^cmd$/i, oneShot: /^\/[ck]/i, takesScript: false},
  {
    name: /^(?:i?python|pypy|node|nodejs|ruby|irb|lua|php|jshell|erl|iex|ghci|R)[\d.]*$/,
    oneShot: /^(?:-[a-zA-Z]*[cmerp]|--(?:eval|print|run|execute)(?:=.*)?)$/,
    takesScript: true,
  },
  {
    name: /^(?:mysql|mariadb|psql|sqlite3|mongo|mongosh|cqlsh|sqlplus|clickhouse-client)$/,
    oneShot: /^(?:-[cefq]|-e.+|--(?:command|execute|eval|file|query)(?:=.*)?)$/,
    takesScript: false,
  },
  {name: /^redis-cli$/, oneShot: /^--(?:eval|scan|pipe)$/, takesScript: true},
]

/** What only sets another program going. */
const wrappers = new Set(['busybox', 'env', 'exec', 'nice', 'nohup', 'setsid', 'sudo', 'winpty'])

function baseName(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? '').replace(/\.exe$/i, '')
}

/**
 * The shell, interpreter or database client that an argv starts without telling it what to do: it takes commands from
 * who sits in front of it, and those are in no audit log. Null for any other.
 */
export function interactiveProgram(argv: readonly string[]): string | null {
  const start = argv.findIndex((word) => !wrappers.has(baseName(word)) && !/^\w+=/.test(word))
  const [path = '', ...options] = argv.slice(start === -1 ? argv.length : start)
  const name = baseName(path)
  const kind = kinds.find((entry) => entry.name.test(name))
  if (kind === undefined) return null
  if (options.some((option) => kind.oneShot.test(option))) return null
  return kind.takesScript && options.some((option) => !/^[-+]/.test(option)) ? null : name
}
