import {shellQuote} from '../../audit/shell-quote.ts'
import type {Plain, ReportBlock} from '../../output/answer.ts'
import {column, counted, instants, leftOutTexts, section, text, texts} from '../report-blocks.ts'
import type {ExecRequest, Kind, Outcome} from './exec-request.ts'
import {interactiveOf, particularsOf} from './note.ts'
import type {Session} from './sessions.ts'
import {targetText, whoText, type Tally} from './tally.ts'

/** Everything that a report about execs is made of. */
export interface ExecReport {
  readonly tally: Tally
  readonly sessions: readonly Session[]
  readonly passedOn: readonly Session[]
  readonly beyondLimit: number
  readonly leftOut: ReadonlyMap<string, number>
  /** An instant for people. */
  readonly timeText: (instant: string | null) => string
  /** Where was searched, in words. */
  readonly searched: string
  readonly facts: readonly string[]
  readonly warnings: readonly string[]
  /** What could be asked instead, where nothing was found. */
  readonly hints: readonly string[]
}

const mostGroups = 20
const mostDetails = 100
/** What of a command a table shows at least on a terminal of ordinary width. */
const shortCommand = 24

const kindWords: Readonly<Record<Kind, readonly [string, string]>> = {
  exec: ['exec', 'execs'],
  attach: ['attach', 'attaches'],
  'port-forward': ['port-forward', 'port-forwards'],
  copy: ['kubectl cp request', 'kubectl cp requests'],
  debug: ['debug container or pod', 'debug containers or pods'],
  proxy: ['call of a kubelet through a proxy', 'calls of kubelets through a proxy'],
}
const outcomeWords: Readonly<Record<Outcome, string>> = {
  accepted: 'accepted',
  refused: 'refused',
  failed: 'failed',
  unanswered: 'without an answer in the log',
}

function durationText({duration_seconds: seconds, open, outcome}: ExecRequest): string | null {
  if (outcome === 'refused' || outcome === 'failed') return null
  if (seconds === null) return open ? 'open' : null
  if (seconds < 10) return `${seconds.toFixed(seconds < 0.0995 ? 3 : 1)}s`
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`
}

/** What was run or asked for, in a line. */
function commandText(request: ExecRequest): string | null {
  const {kind, command, image, copy_direction: direction, copy_path: path, proxy_path: asked} = request
  if (kind === 'copy' && path !== null && command?.[0] !== 'test')
    return `${direction === 'download' ? 'from' : 'to'} ${path}`
  const line = command === null || command.length === 0 ? null : shellQuote(command)
  if (kind === 'debug') return [image, line].filter((part) => part !== null).join(': ') || '(not logged)'
  if (line !== null) return line
  return kind === 'exec' ? '(not logged)' : asked
}

function kindText(request: ExecRequest): string {
  const {kind, outcome, code} = request
  if (outcome === 'accepted') return interactiveOf(request) === null ? kind : `${kind}, shell`
  return outcome === 'unanswered' ? `${kind}, no answer` : `${kind}, ${outcome} ${code ?? ''}`
}

const addresses = {...column('client_ip'), keep: true, spare: true}

function sessionTable(sessions: readonly Session[]): ReportBlock[] {
  if (sessions.length === 0) return []
  const columns = [
    instants('time'),
    {...column('user'), wrap: true},
    addresses,
    {...column('what'), keep: true},
    {...column('pod'), wrap: true},
    {...column('lasted'), spare: true},
    {...column('command'), wrap: true},
  ]
  const rows = sessions.map(({requests, last}): Plain[] => [
    requests[0]?.time ?? null,
    whoText(last),
    last.client_ip,
    kindText(last),
    targetText(last),
    durationText(last),
    commandText(last),
  ])
  return [
    {kind: 'heading', text: 'Sessions'},
    {kind: 'table', columns, rows},
  ]
}

function passedOnTable(sessions: readonly Session[]): ReportBlock[] {
  if (sessions.length === 0) return []
  return [
    {kind: 'heading', text: 'Requests passed on through a proxy'},
    {
      kind: 'table',
      columns: [
        instants('time'),
        {...column('user'), keep: true},
        addresses,
        {...column('to'), keep: true},
        column('port'),
        column('verb'),
        column('code', 'INTEGER'),
        column('path'),
      ],
      rows: sessions.map(({last}): Plain[] => [
        last.time,
        whoText(last),
        last.client_ip,
        targetText(last),
        last.port,
        last.verb,
        last.code,
        last.proxy_path,
      ]),
    },
    text(
      "The verb is the method that was passed on: a delete deletes nothing in Kubernetes. The code may be the other side's own.",
      'muted',
    ),
  ]
}

function groupTable(tally: Tally): ReportBlock[] {
  const {groups} = tally
  if (groups.length < 2 || tally.sessions < 3 * groups.length) return []
  return [
    {kind: 'heading', text: 'By whom'},
    {
      kind: 'table',
      columns: [
        {...column('user'), keep: true},
        addresses,
        {...column('client'), spare: true},
        column('sessions', 'BIGINT'),
        column('accepted', 'BIGINT'),
        column('shells', 'BIGINT'),
        column('pods', 'BIGINT'),
        instants('first'),
        instants('last'),
      ],
      rows: groups
        .slice(0, mostGroups)
        .map(({who, address, client, sessions, accepted, interactive, pods, first, last}): Plain[] => [
          who,
          address,
          client,
          sessions,
          accepted,
          interactive,
          pods.size,
          first,
          last,
        ]),
    },
    ...(groups.length > mostGroups ? [text(`${groups.length - mostGroups} more.`, 'muted')] : []),
  ]
}

/** Commands that a table cuts, whole, and what else there is to say about a session, with its evidence. */
function details(sessions: readonly Session[], timeText: (instant: string | null) => string): ReportBlock[] {
  const told = sessions.flatMap(({last}): string[] => {
    const command = last.command === null || last.command.length === 0 ? null : shellQuote(last.command)
    const notes = [
      ...particularsOf(last),
      ...(last.outcome === 'failed' && last.status_message !== null ? [`answer: ${last.status_message}`] : []),
    ]
    if ((command === null || command.length <= shortCommand) && notes.length === 0) return []
    const where = `${targetText(last)}${last.container === null ? '' : ` (${last.container})`}`
    return [
      `${timeText(last.time)} ${whoText(last)}, ${where}: ${[command ?? last.kind, ...notes].join('; ')} [${last.evidence}]`,
    ]
  })
  return [
    ...section('Commands in full, and what to know of them', told.slice(0, mostDetails)),
    ...(told.length > mostDetails ? [text(`${told.length - mostDetails} more; -o wide shows all.`, 'muted')] : []),
  ]
}

function tallyText<Key extends string>(
  counts: ReadonlyMap<Key, number>,
  words: (key: Key, count: number) => string,
): string {
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([key, n]) => words(key, n))
    .join(', ')
}

function verdictText({sessions, passedOn, kinds, outcomes, pods, users, interactive}: Tally): string {
  const proxied = passedOn === 0 ? '' : `${counted(passedOn, 'request')} passed on through a proxy`
  if (sessions === 0)
    return proxied === ''
      ? 'No exec, attach, port-forward, kubectl cp or debug container was found.'
      : `No exec, attach, port-forward, kubectl cp or debug container was found, but ${proxied}.`
  const what = tallyText(kinds, (kind, n) => counted(n, ...kindWords[kind]))
  const came = tallyText(outcomes, (outcome, n) => `${n.toLocaleString('en-US')} ${outcomeWords[outcome]}`)
  const shells = interactive === 0 ? '' : ` ${counted(interactive, 'interactive shell')} among them.`
  return `${counted(sessions, 'session')} by ${counted(users.size, 'identity', 'identities')} in ${counted(pods.size, 'pod')} (${what}): ${came}.${shells}${proxied === '' ? '' : ` And ${proxied}.`}`
}

function caveats({
  sessions,
  interactive,
  open,
  retries,
  outcomes,
  kinds,
  debugsWithoutBody,
  withoutCommand,
}: Tally): string[] {
  const accepted = outcomes.get('accepted') ?? 0
  return [
    ...(interactive === 0
      ? []
      : [
          `What was typed into ${interactive === 1 ? 'the interactive shell' : 'the interactive shells'} is not in any audit log.`,
        ]),
    ...(withoutCommand === 0
      ? []
      : [
          `The command of ${counted(withoutCommand, 'exec')} was not logged: this log leaves out the query of requests.`,
        ]),
    ...(debugsWithoutBody === 0
      ? []
      : [
          `${counted(debugsWithoutBody, 'debug container or pod', 'debug containers or pods')} logged without a body: image and command are not in the log.`,
        ]),
    ...(open === 0
      ? []
      : [
          `${counted(open, 'accepted session')} without an end in the log: still open when it ends, or the end was logged elsewhere.`,
        ]),
    ...(accepted === 0 || (kinds.size === 1 && kinds.has('debug'))
      ? []
      : [
          'Accepted means that the API server handed the connection over; exit codes, output and what was sent are in no audit log.',
        ]),
    ...(retries === 0 || sessions === 0
      ? []
      : [
          `${counted(retries, 'request')} of kubectl's second try (WebSocket, then SPDY) ${retries === 1 ? 'is' : 'are'} shown with the first; -o wide shows each.`,
        ]),
  ]
}

/** The report about execs: what there was, by whom, each session once, and what the log cannot show. */
export function execReport(parts: ExecReport): ReportBlock[] {
  const {tally, sessions, passedOn, beyondLimit, leftOut, searched, facts, warnings, hints, timeText} = parts
  return [
    text(verdictText(tally), 'verdict'),
    ...texts(warnings, 'warning'),
    ...texts(hints),
    ...groupTable(tally),
    ...sessionTable(sessions),
    ...details(sessions, timeText),
    ...passedOnTable(passedOn),
    ...texts(leftOutTexts(leftOut, beyondLimit), 'muted'),
    ...section('What the log can show', [searched, ...caveats(tally), ...facts]),
  ]
}
