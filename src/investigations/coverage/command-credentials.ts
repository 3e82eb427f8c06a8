import {isCredentialName, isWrittenOut} from './credential-names.ts'
import {findInText, type Found, type TextForm} from './credential-texts.ts'

/** Short options that take a credential, by program: their letter, and whether it may follow without a blank. */
const shortOptions: Readonly<
  Record<
    string,
    readonly {readonly letter: string; readonly glued: boolean; readonly apart: boolean; readonly pair: boolean}[]
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
  docker: [{letter: 'p', glued: false, apart: true, pair: false}],
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

/** The part behind the colon of `user:password`; undefined where there is none. */
function passwordOf(pair: string): string | undefined {
  const at = pair.indexOf(':')
  return at === -1 || /^[a-z]+:\/\//i.test(pair) ? undefined : pair.slice(at + 1)
}

function findInWords(words: readonly string[], add: (value: string) => void): void {
  let programs: string[] = []
  for (const [i, word] of words.entries()) {
    if (isOperator(word)) {
      programs = []
      continue
    }
    const next = words[i + 1]
    const following =
      next === undefined || isOperator(next) || (next.startsWith('-') && next.length > 1) ? undefined : next
    const assigned = /^(--?)?([A-Za-z_][\w.-]{0,100})=(.*)$/s.exec(word)
    if (assigned !== null) {
      const [, dashes, name = '', value = ''] = assigned
      if (dashes !== undefined && /^(?:user|proxy-user)$/.test(name) && programs.includes('curl')) {
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
      if (word.startsWith('--') && /^(?:user|proxy-user)$/.test(option) && programs.includes('curl')) {
        const password = passwordOf(following)
        if (password !== undefined) add(password)
      } else if (isCredentialName(option)) add(following)
    }
    if (option !== undefined && /^pass(?:in|out)?$/.test(option) && following?.startsWith('pass:') === true)
      add(following.slice(5))
    if (/^-[A-Za-z]/.test(word))
      for (const {letter, glued, apart, pair} of programs.flatMap((program) => shortOptions[program] ?? [])) {
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
    else programs.push(programOf(word))
  }
}

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
  findInWords(
    argv.slice(0, 1000).map((argument) => (/[\n|;&]/.test(argument) ? ';' : argument)),
    add,
  )
  for (const argument of argv.slice(0, 1000)) {
    if (/\s/.test(argument)) findInWords(shellWords(argument), add)
    for (const [, first, second] of argument.slice(0, 100_000).matchAll(statements)) add(first ?? second ?? '')
    const told: Found<TextForm> = new Map()
    findInText(argument, told)
    for (const texts of told.values()) for (const value of texts) values.add(value)
  }
  return values
}
