import {isCredentialName, isWrittenOut} from './credential-names.ts'
import {findInText, type Found, type TextForm} from './credential-texts.ts'

/** Short options that take a credential, by program: their letter, and whether it may follow without a blank. */
const shortOptions: Readonly<
  Record<
    string,
    readonly {
      readonly letter: string
      readonly glued: boolean
      readonly apart: boolean
      readonly pair: boolean
      /** The option means this only behind such a word. */
      readonly behind?: string
    }[]
  >
> = {
  mysql: [{letter: 'p', glued: true, apart: false, pair: false}],
  mongo: [{letter: 'p', glued: true, apart: true, pair: false}],
  'redis-cli': [{letter: 'a', glued: false, apart: true, pair: false}],
  sshpass: [{letter: 'p', glued: true, apart: true, pair: false}],
  curl: [
    {letter: 'u', glued: true, apart: true, pair: true},
    {letter: 'U', glued: true, apart: true, pair: true},
  ],
  docker: [{letter: 'p', glued: false, apart: true, pair: false, behind: 'login'}],
  ldapsearch: [{letter: 'w', glued: true, apart: true, pair: false}],
  sqlcmd: [{letter: 'P', glued: true, apart: true, pair: false}],
  cqlsh: [{letter: 'p', glued: false, apart: true, pair: false}],
}

/** Programs that take options as another one does. */
const sameAs: Readonly<Record<string, string>> = {
  mysqldump: 'mysql',
  mysqladmin: 'mysql',
  mysqlimport: 'mysql',
  mariadb: 'mysql',
  'mariadb-dump': 'mysql',
  'mariadb-admin': 'mysql',
  mongosh: 'mongo',
  mongodump: 'mongo',
  mongorestore: 'mongo',
  mongoexport: 'mongo',
  mongoimport: 'mongo',
  wget: 'curl',
  az: 'docker',
  helm: 'docker',
  skopeo: 'docker',
  podman: 'docker',
  nerdctl: 'docker',
  ldapadd: 'ldapsearch',
  ldapmodify: 'ldapsearch',
  ldappasswd: 'ldapsearch',
  bcp: 'sqlcmd',
}

/** Words as a shell would take a text apart, nearly: quotes keep blanks together and go, operators stand alone. */
function shellWords(text: string): string[] {
  const words: string[] = []
  const pieces = text.slice(0, 100_000).matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\|;&<>])+|[|;&<>]+|["']/gs)
  for (const [piece] of pieces)
    words.push(
      piece.replaceAll(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'/gs,
        (_, double?: string, single?: string) => double ?? single ?? '',
      ),
    )
  return words
}

const isOperator = (word: string): boolean => /^[|;&<>]+$/.test(word)

/** What a word is asked as: `/usr/bin/mysql` is `mysql`. */
function programOf(word: string): string {
  const name = word.split('/').at(-1) ?? ''
  return sameAs[name] ?? name
}

const marks = new Set([...Object.keys(shortOptions), 'login'])

/** The part behind the colon of `user:password`; undefined where there is none. */
function passwordOf(pair: string): string | undefined {
  const at = pair.indexOf(':')
  return at === -1 || /^[a-z]+:\/\//i.test(pair) ? undefined : pair.slice(at + 1)
}

/** Credentials that stand in a place of a command, not behind an option. */
function findByPlace(words: readonly string[], add: (value: string) => void): void {
  for (const [i, word] of words.entries()) {
    const following = words.slice(i + 1, i + 9)
    const end = following.findIndex(isOperator)
    const own = end === -1 ? following : following.slice(0, end)
    switch (programOf(word)) {
      case 'htpasswd':
        if (own.length > 2 && own.some((each) => /^-[a-zA-Z]*b/.test(each))) add(own.at(-1) ?? '')
        break
      case 'rabbitmqctl': {
        const at = own.findIndex((each) => /^(?:change_password|add_user|authenticate_user)$/.test(each))
        if (at !== -1) add(own[at + 2] ?? '')
        break
      }
      case 'aws':
        if (own[0] === 'configure' && own[1] === 'set' && isCredentialName(own[2] ?? '')) add(own[3] ?? '')
        break
    }
  }
}

function findInWords(words: readonly string[], add: (value: string) => void): void {
  findByPlace(words, add)
  // Only what options are known of: however many words there are, these are few.
  const programs = new Set<string>()
  for (const [i, word] of words.entries()) {
    if (isOperator(word)) {
      programs.clear()
      continue
    }
    const next = words[i + 1]
    const following =
      next === undefined || isOperator(next) || (next.startsWith('-') && next.length > 1) ? undefined : next
    const assigned = /^(--?)?([A-Za-z_][\w.-]{0,100})=(.*)$/s.exec(word)
    if (assigned !== null) {
      const [, dashes, name = '', value = ''] = assigned
      if (dashes !== undefined && /^(?:user|proxy-user)$/.test(name) && programs.has('curl')) {
        const password = passwordOf(value)
        if (password !== undefined) add(password)
      } else if (isCredentialName(name.replace(/^D/, ''))) add(value)
      else {
        // `--set=auth.password=…`, `--from-literal=token=…`
        const [, inner = '', innerValue = ''] = /^([A-Za-z_][\w.-]{0,100})=(.*)$/s.exec(value) ?? []
        if (isCredentialName(inner)) add(innerValue)
      }
      continue
    }
    const option = /^--?([A-Za-z][\w.-]{1,100})$/.exec(word)?.[1]
    if (option !== undefined && following !== undefined) {
      if (word.startsWith('--') && /^(?:user|proxy-user)$/.test(option) && programs.has('curl')) {
        const password = passwordOf(following)
        if (password !== undefined) add(password)
      } else if (isCredentialName(option)) add(following)
    }
    if (option !== undefined && /^pass(?:in|out)?$/.test(option) && following?.startsWith('pass:') === true)
      add(following.slice(5))
    if (/^-[A-Za-z]/.test(word))
      for (const {letter, glued, apart, pair, behind} of [...programs].flatMap(
        (program) => shortOptions[program] ?? [],
      )) {
        if (behind !== undefined && !programs.has(behind)) continue
        const value =
          word === `-${letter}`
            ? apart
              ? following
              : undefined
            : glued && word.startsWith(`-${letter}`)
              ? word.slice(2)
              : undefined
        const password = value === undefined ? undefined : pair ? passwordOf(value) : value
        if (password !== undefined) add(password)
      }
    else if (marks.has(programOf(word))) programs.add(programOf(word))
  }
}

/** Characters of a command that are taken apart as a shell would, all in all. */
const mostTakenApart = 200_000

/** SQL that sets a password, and lines for `chpasswd`. */
const statements =
  /\b(?:identified\s{1,5}by|(?:encrypted\s{1,5})?password)\s{1,5}(?:=\s{0,5})?'([^']{1,500})'|\becho\s{1,5}(?:-\w\s{1,5})?["']?[\w.-]{1,60}:([^\s"'|]{1,500})["']?\s{0,5}\|\s{0,5}(?:sudo\s{1,5})?chpasswd/gi

/**
 * The credentials of a command line: options such as `--password=…`, `-p…` of the programs that take one so,
 * `curl -u user:…`, variables such as `PGPASSWORD=…`, headers, URLs, tokens. A text with blanks, as `sh -c` takes it,
 * is taken apart as a shell would.
 */
export function commandCredentials(argv: readonly string[]): Set<string> {
  const values = new Set<string>()
  const add = (value: string): void => {
    if (isWrittenOut(value)) values.add(value)
  }
  const words = argv.slice(0, 1000)
  /** What a shell is given to run, which is no word itself: behind `-c`, or a text with blanks where a program stands. */
  const isScript = (argument: string, i: number): boolean =>
    /\s/.test(argument) && (i === 0 || /^-[a-z]*c$/.test(words[i - 1] ?? ''))
  const isWhole = (argument: string): boolean =>
    isCredentialName(/^(?:--?)?([A-Za-z_][\w.-]{0,100})=/.exec(argument)?.[1]?.replace(/^D/, '') ?? '')
  const isWord = (argument: string, i: number): boolean =>
    !isScript(argument, i) && (isWhole(argument) || !/[\n|;&]/.test(argument))
  findInWords(
    words.map((argument, i) => (isWord(argument, i) ? argument : ';')),
    add,
  )
  let left = mostTakenApart
  for (const [i, argument] of words.entries()) {
    if (left > 0 && /\s/.test(argument) && (isScript(argument, i) || !isWhole(argument))) {
      findInWords(shellWords(argument.slice(0, left)), add)
      left -= argument.length
    }
    for (const [, first, second] of argument.slice(0, 100_000).matchAll(statements)) add(first ?? second ?? '')
    const told: Found<TextForm> = new Map()
    findInText(argument, told)
    for (const texts of told.values()) for (const value of texts) values.add(value)
  }
  return values
}
