import {nearestNames} from '../nearest-names.ts'
import {auditFlags, flagTypeWords, isOfFlagType, wholeNumber} from './apiserver-flags.ts'
import type {ApiserverMount, ApiserverSettings} from './apiserver-settings.ts'
import {severities, type Finding, type Severity} from './finding.ts'
import {quoted} from './remark.ts'

/** What the flags come to: of one that is given twice, the last. */
interface Given {
  readonly text: (name: string) => string
  readonly number: (name: string, otherwise: number) => number
  readonly isTrue: (name: string) => boolean
  readonly has: (name: string) => boolean
  /** True where something else puts the value in. */
  readonly isOpen: (name: string) => boolean
  readonly lineOf: (name: string) => number
}

type Add = (severity: Severity, code: string, flag: string | null, message: string, why: string, line?: number) => void

const refused = 'The API server does not start.'
const megabyte = 1024 * 1024

/** True for a value that something else puts in: `{{ .Values.x }}`, `$(NAME)`, `${NAME}`. It can't be judged. */
const isPlaceholder = (value: string | null): boolean => value !== null && /\{\{|\$[({A-Za-z_]/.test(value)

/** Flags that say where something is: that they are given is enough to know. */
const places = new Set(['audit-policy-file', 'audit-log-path', 'audit-webhook-config-file'])

function givenOf({flags, line}: ApiserverSettings): Given {
  const known = flags.filter(({name, value}) => places.has(name) || !isPlaceholder(value))
  const last = new Map(known.map((flag) => [flag.name, flag]))
  const text = (name: string): string => last.get(name)?.value ?? ''
  return {
    text,
    number: (name, otherwise) => wholeNumber(text(name)) ?? otherwise,
    isTrue: (name) =>
      last.has(name) && (last.get(name)?.value === null || /^(?:1|t|T|true|TRUE|True)$/.test(text(name))),
    has: (name) => last.has(name),
    isOpen: (name) => flags.some((flag) => flag.name === name && isPlaceholder(flag.value)),
    lineOf: (name) => last.get(name)?.line ?? line,
  }
}

/** A size for people: `1.1 GB`. Units of 1024, as the API server counts. */
function sizeText(bytes: number): string {
  const gigabytes = bytes / (1024 * megabyte)
  return gigabytes >= 1 ? `${Number(gigabytes.toPrecision(3))} GB` : `${Number((bytes / megabyte).toPrecision(3))} MB`
}

function daysText(days: number): string {
  if (days < 1) return `${Number((days * 24).toPrecision(2))} hours`
  return days >= 10 ? `${Math.round(days)} days` : `${Number(days.toPrecision(2))} days`
}

/** Flags that no API server takes, values that are none, flags that are given twice. */
function checkFlags({flags}: ApiserverSettings, add: Add): void {
  const seen = new Map<string, string | null>()
  for (const {name, value, line} of flags) {
    const type = auditFlags.get(name)
    if (type === undefined) {
      const [near] = nearestNames(name, auditFlags.keys()).filter(
        (known) =>
          name.startsWith('audit') || (Math.abs(known.length - name.length) < 2 && known.endsWith(name.slice(-8))),
      )
      if (name.startsWith('audit-dynamic-'))
        add(
          'error',
          'flag-removed',
          name,
          `--${name} is no longer there.`,
          `${refused} Dynamic auditing and AuditSinks were removed in Kubernetes 1.19.`,
          line,
        )
      else if (name.startsWith('audit') || near !== undefined)
        add(
          'error',
          'flag-unknown',
          name,
          `kube-apiserver has no flag --${name}.`,
          `${refused}${near === undefined ? '' : ` Perhaps --${near} is meant.`}`,
          line,
        )
      continue
    }
    if (value === null && type !== 'boolean')
      add(
        'error',
        'flag-without-value',
        name,
        `--${name} has no value.`,
        `It takes ${flagTypeWords[type]}: the API server takes the next word for it, or does not start.`,
        line,
      )
    else if (value !== null && !isPlaceholder(value) && !isOfFlagType(type, value))
      add(
        'error',
        'flag-value',
        name,
        `--${name} is ${quoted(value)}, which is not ${flagTypeWords[type]}.`,
        refused,
        line,
      )
    const before = seen.get(name)
    if (before !== undefined && before !== value)
      add(
        'warning',
        'flag-twice',
        name,
        `--${name} is given twice, with different values.`,
        'The last one counts. Make one of them.',
        line,
      )
    seen.set(name, value)
  }
}

/** Values that the API server refuses when it starts (`AuditOptions.Validate`): for a backend that is in use alone. */
function checkValues(given: Given, backend: 'log' | 'webhook', add: Add): void {
  const flag = (name: string): string => `audit-${backend}-${name}`
  const refuse = (name: string, message: string): void => {
    add('error', 'flag-value', flag(name), `--${flag(name)} ${message}`, refused)
  }
  const mode = given.has(flag('mode')) ? given.text(flag('mode')) : backend === 'log' ? 'blocking' : 'batch'
  if (!['batch', 'blocking', 'blocking-strict'].includes(mode))
    refuse('mode', `is ${quoted(mode)}; modes are batch, blocking and blocking-strict.`)
  const version = given.has(flag('version')) ? given.text(flag('version')) : 'audit.k8s.io/v1'
  if (version !== 'audit.k8s.io/v1')
    refuse('version', `is ${quoted(version)}; since Kubernetes 1.24 there is audit.k8s.io/v1 alone.`)
  if (mode === 'batch') {
    for (const name of ['batch-buffer-size', 'batch-max-size'])
      if (given.number(flag(name), 1) <= 0) refuse(name, 'has to be more than 0.')
    const throttle = flag('batch-throttle-enable')
    const isThrottled = given.has(throttle) ? given.isTrue(throttle) : backend === 'webhook'
    // The log has no rate of its own: one has to be given with the throttle.
    const rate = (name: string): number => (given.has(name) ? Number(given.text(name)) : backend === 'log' ? 0 : 1)
    const [bad] = ['batch-throttle-qps', 'batch-throttle-burst'].map(flag).filter((name) => rate(name) <= 0)
    if (isThrottled && bad !== undefined)
      add(
        'error',
        'flag-value',
        given.has(bad) ? bad : throttle,
        `--${bad} has to be given and more than 0 where the throttle is enabled.`,
        refused,
      )
  }
  if (backend === 'webhook') return
  const format = given.has(flag('format')) ? given.text(flag('format')) : 'json'
  if (!['json', 'legacy'].includes(format)) refuse('format', `is ${quoted(format)}; formats are json and legacy.`)
  for (const name of ['maxage', 'maxbackup', 'maxsize'])
    if (given.number(flag(name), 0) < 0) refuse(name, 'may not be negative.')
  const eventSize = given.number(flag('truncate-max-event-size'), 100 * 1024)
  if (eventSize <= 0) refuse('truncate-max-event-size', 'has to be more than 0.')
  if (given.number(flag('truncate-max-batch-size'), 10 * megabyte) < eventSize)
    refuse('truncate-max-batch-size', 'may not be less than the greatest event.')
}

/** The mount that a path of the container is on; the longest. */
function mountOf(mounts: readonly ApiserverMount[], path: string): ApiserverMount | undefined {
  const trimmed = (mount: ApiserverMount): string => mount.path.replace(/\/+$/, '')
  return mounts
    .filter((mount) => path === trimmed(mount) || path.startsWith(`${trimmed(mount)}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0]
}

/** Folders that are gone after the next start of the machine. */
const isShortLived = (path: string): boolean => /^\/(?:tmp|run|var\/run|dev\/shm)(?:\/|$)/.test(path)

function checkPolicyMount(settings: ApiserverSettings, path: string, add: Add): void {
  if (settings.mounts === null || isPlaceholder(path)) return
  const flag = 'audit-policy-file'
  const mount = mountOf(settings.mounts, path)
  if (mount === undefined)
    add(
      'error',
      'policy-not-mounted',
      flag,
      `The policy ${quoted(path)} is on no volume of the container.`,
      `${refused} The file exists on the host alone: mount it, or the folder that it is in.`,
    )
  else if (mount.path.replace(/\/+$/, '') === path && mount.hostType === 'DirectoryOrCreate')
    add(
      'warning',
      'policy-mounted-as-folder',
      flag,
      `The policy ${quoted(path)} is mounted as DirectoryOrCreate.`,
      'Where the file is missing on a host, a folder of that name is made and the API server does not start. `type: File` says what is wrong.',
      mount.line,
    )
}

function checkLogMount(settings: ApiserverSettings, path: string, add: Add): void {
  const flag = 'audit-log-path'
  if (isPlaceholder(path)) return
  if (settings.mounts === null) {
    if (isShortLived(path))
      add(
        'warning',
        'log-short-lived',
        flag,
        `The log ${quoted(path)} is in a folder that does not outlive the machine’s next start.`,
        'Whoever restarts the machine removes the evidence. /var/log stays.',
      )
    return
  }
  const mount = mountOf(settings.mounts, path)
  const hostPath = mount?.hostPath ?? ''
  if (mount === undefined) {
    if (settings.isRootReadOnly)
      add(
        'error',
        'log-not-writable',
        flag,
        `The log ${quoted(path)} is on no volume, and the container’s own files are read-only.`,
        `${refused} Mount a folder of the host for it.`,
      )
    else
      add(
        'warning',
        'log-not-mounted',
        flag,
        `The log ${quoted(path)} is on no volume of the container.`,
        'It is lost with the container: at each restart and each update of the API server. Mount a folder of the host for it.',
      )
  } else if (mount.isReadOnly)
    add(
      'error',
      'log-not-writable',
      flag,
      `The log ${quoted(path)} is on a volume that is read-only.`,
      `${refused} Mount its folder without readOnly.`,
      mount.line,
    )
  else if (mount.path.replace(/\/+$/, '') === path)
    add(
      'warning',
      'log-mounted-as-file',
      flag,
      `The log ${quoted(path)} is mounted as a single file.`,
      'A mounted file can’t be renamed, so it is never rotated: once it reaches --audit-log-maxsize (100 MB where it is not given), nothing more is written. Mount its folder.',
      mount.line,
    )
  else if (mount.kind === 'emptyDir' && !mount.isShared)
    add(
      'warning',
      'log-on-empty-dir',
      flag,
      `The log ${quoted(path)} is on an emptyDir.`,
      'It is lost with the Pod, and no other container of the Pod carries it away. Use a folder of the host or a persistent volume.',
      mount.line,
    )
  else if (isShortLived(hostPath))
    add(
      'warning',
      'log-short-lived',
      flag,
      `The log is in ${quoted(hostPath)} of the host, which does not outlive its next start.`,
      'Whoever restarts the machine removes the evidence. /var/log stays.',
      mount.line,
    )
}

/** How long a log file is kept. */
function checkRetention(given: Given, bytesPerDay: number | null, add: Add): void {
  if (['audit-log-maxage', 'audit-log-maxbackup', 'audit-log-maxsize'].some(given.isOpen)) return
  const age = given.number('audit-log-maxage', 0)
  const backups = given.number('audit-log-maxbackup', 0)
  // Where it is 0, the library that rotates takes 100 (lumberjack).
  const fileBytes = (given.number('audit-log-maxsize', 0) || 100) * megabyte
  if (age < 0 || backups < 0 || fileBytes < 0) return
  const gzip = given.isTrue('audit-log-compress') ? ' (before they are compressed)' : ''
  if (backups > 0) {
    const kept = (backups + 1) * fileBytes
    const size = `${backups + 1} files of ${sizeText(fileBytes)}, ${sizeText(kept)} together${gzip}`
    const days = bytesPerDay === null || bytesPerDay <= 0 ? null : kept / bytesPerDay
    const wanted = age > 0 ? age : 30
    if (days === null)
      add(
        'advice',
        'retention-by-size',
        'audit-log-maxbackup',
        `At most ${size} are kept${age > 0 ? `, however few of the ${age} days of --audit-log-maxage that is` : ''}.`,
        'Whoever makes enough requests pushes the evidence out. Compare it with what the cluster writes in a day, and ship the log elsewhere.',
      )
    else if (days < wanted)
      add(
        days < 7 ? 'warning' : 'advice',
        'retention-by-size',
        'audit-log-maxbackup',
        `At most ${size} are kept: ${daysText(days)} at ${sizeText(bytesPerDay ?? 0)} a day${age > 0 ? `, not the ${age} days of --audit-log-maxage` : ''}.`,
        `What is older is gone, and whoever makes enough requests pushes evidence out. For ${wanted} days --audit-log-maxbackup has to be ${Math.ceil((wanted * (bytesPerDay ?? 0)) / fileBytes)}, or ship the log elsewhere.`,
      )
  }
  if (age > 0 && age < 30)
    add(
      'advice',
      'retention-by-age',
      'audit-log-maxage',
      `Log files are deleted after ${age} ${age === 1 ? 'day' : 'days'}.`,
      'Intrusions are often found later. The CIS benchmark asks for 30 days at least.',
    )
  if (age === 0 && backups === 0)
    add(
      'advice',
      'retention-unlimited',
      given.has('audit-log-maxage') ? 'audit-log-maxage' : 'audit-log-path',
      'Neither --audit-log-maxage nor --audit-log-maxbackup limits what is kept.',
      'Up to Kubernetes 1.35 no log file is ever deleted, and when the disk is full events are lost. From 1.36 on, flags that are not given stand for 366 days and 100 files.',
    )
}

function checkMode(given: Given, backend: 'log' | 'webhook', isAlone: boolean, add: Add): void {
  const flag = (name: string): string => `audit-${backend}-${name}`
  const isWebhook = backend === 'webhook'
  const mode = given.text(flag('mode')) || (isWebhook ? 'batch' : 'blocking')
  const buffer = given.number(flag('batch-buffer-size'), 10_000)
  const at = given.has(flag('mode')) ? flag('mode') : isWebhook ? 'audit-webhook-config-file' : flag('mode')
  if (mode === 'batch' && (!isWebhook || isAlone)) {
    const throttle = flag('batch-throttle-enable')
    const isThrottled = given.has(throttle) ? given.isTrue(throttle) : isWebhook
    const rate =
      (Number(given.text(flag('batch-throttle-qps'))) || 10) * given.number(flag('batch-max-size'), isWebhook ? 400 : 1)
    add(
      'advice',
      isWebhook ? 'webhook-alone' : 'log-may-drop',
      at,
      isWebhook
        ? `Events go to a webhook alone, through a buffer of ${buffer}: what does not fit is dropped.`
        : `The log is written in batches, through a buffer of ${buffer}: what does not fit is dropped, and what is in it is lost with the process.`,
      `${isThrottled ? `No more than ${Number(rate.toPrecision(3))} events a second leave it. ` : ''}${isWebhook ? 'While the receiver is slow or away, evidence is lost without a trace in what arrives. Write a log file besides.' : 'The default mode, blocking, loses nothing but what the disk refuses.'} The API server counts losses in apiserver_audit_error_total.`,
    )
  }
  if (mode === 'blocking-strict')
    add(
      'advice',
      'blocking-strict',
      at,
      `With --${flag('mode')}=blocking-strict a request fails when its event cannot be stored.`,
      'That holds for the stage RequestReceived alone: a policy that omits it takes the effect away. A full disk or a missing receiver then stops the cluster.',
    )
  if (mode === 'blocking' && isWebhook)
    add(
      'advice',
      'webhook-blocking',
      at,
      'Every request waits until the webhook has taken its event.',
      'A slow receiver slows the whole cluster, and an event that it refuses is lost all the same.',
    )
  if (mode !== 'batch') {
    const unused = [
      'batch-buffer-size',
      'batch-max-size',
      'batch-max-wait',
      'batch-throttle-enable',
      'batch-throttle-qps',
      'batch-throttle-burst',
    ]
      .map(flag)
      .filter((name) => given.has(name))
    if (unused[0] !== undefined)
      add(
        'advice',
        'flag-without-effect',
        unused[0],
        `--${unused[0]} has no effect in mode ${mode}.`,
        'It counts in mode batch alone.',
      )
  }
  if (given.isTrue(flag('truncate-enabled'))) {
    const bytes = given.number(flag('truncate-max-event-size'), 100 * 1024)
    add(
      'advice',
      'events-truncated',
      flag('truncate-enabled'),
      `Events of more than ${bytes % 1024 === 0 ? `${bytes / 1024} KB` : `${bytes} bytes`} lose their bodies; those that are still too long are dropped.`,
      `A client can make an event long on purpose.${isWebhook ? '' : ' A log file needs no such limit.'}`,
    )
  }
}

/**
 * What the settings of an API server do to its audit log: errors where it would not start, warnings where there is no
 * log or it does not last, advice where evidence may be lost.
 *
 * @param bytesPerDay what the cluster writes in a day, in bytes; null where it is not known
 */
export function checkSettings(settings: ApiserverSettings, bytesPerDay: number | null): Finding[] {
  const given = givenOf(settings)
  const findings: Finding[] = []
  const add: Add = (severity, code, flag, message, why, line) => {
    if (code === 'flag-value' && findings.some((one) => one.code === code && one.field === `--${flag ?? ''}`)) return
    findings.push({
      severity,
      code,
      rule: null,
      line: line ?? (flag === null ? settings.line : given.lineOf(flag)),
      field: flag === null ? null : `--${flag}`,
      message,
      why,
    })
  }
  checkFlags(settings, add)
  const policy = given.text('audit-policy-file')
  const log = given.text('audit-log-path')
  const webhook = given.text('audit-webhook-config-file')
  if (log !== '') checkValues(given, 'log', add)
  if (webhook !== '') checkValues(given, 'webhook', add)

  if (policy === '')
    add(
      'warning',
      'no-policy-file',
      log !== '' ? 'audit-log-path' : webhook !== '' ? 'audit-webhook-config-file' : null,
      `There is no --audit-policy-file: nothing is recorded${log === '' && webhook === '' ? '' : ', although there is a place for it'}.`,
      settings.form === 'k3s'
        ? 'k3s then keeps no audit log. RKE2 makes a policy of its own (/etc/rancher/rke2/audit-policy.yaml), which records nothing until it is changed.'
        : 'Without a policy an API server records no event, and says nothing about it. A single rule at Metadata is a good beginning.',
    )
  else {
    checkPolicyMount(settings, policy, add)
    if (log === '' && webhook === '')
      add(
        'warning',
        'no-backend',
        'audit-policy-file',
        `There is a policy, but neither --audit-log-path nor --audit-webhook-config-file: ${settings.form === 'k3s' ? 'k3s records nothing' : 'nothing is recorded'}.`,
        settings.form === 'k3s'
          ? 'RKE2 alone has a default: /var/lib/rancher/rke2/server/logs/audit.log.'
          : 'A policy says what is recorded, not where.',
      )
  }
  if (log === '-')
    add(
      'advice',
      'log-to-output',
      'audit-log-path',
      'The log goes to standard output, among the other messages of the API server.',
      settings.mounts === null
        ? 'What collects it may drop lines when there are many (journald does) and decides how long they are kept. A file of its own is safer.'
        : 'The container runtime rotates it: by default five files of 10 MiB are kept, and lines of more than 16 KiB are cut into pieces. A file of its own is safer.',
    )
  else if (log !== '') {
    checkLogMount(settings, log, add)
    checkRetention(given, bytesPerDay, add)
  }
  if (log === '' || log === '-') {
    const unused = ['audit-log-maxage', 'audit-log-maxbackup', 'audit-log-maxsize', 'audit-log-compress'].find((name) =>
      given.has(name),
    )
    if (unused !== undefined)
      add(
        'advice',
        'flag-without-effect',
        unused,
        `--${unused} has no effect without a log file.`,
        'Only --audit-log-path with a path writes one.',
      )
  }
  if (log !== '') {
    if (given.text('audit-log-format') === 'legacy')
      add(
        'warning',
        'legacy-format',
        'audit-log-format',
        'The log is written in the legacy format.',
        'It has neither bodies nor annotations, whatever the policy says; types and names stand in the path alone. json is the default.',
      )
    checkMode(given, 'log', webhook === '', add)
  }
  if (webhook !== '') checkMode(given, 'webhook', log === '', add)
  if (given.has('audit-webhook-batch-initial-backoff'))
    add(
      'advice',
      'flag-deprecated',
      'audit-webhook-batch-initial-backoff',
      '--audit-webhook-batch-initial-backoff is deprecated.',
      'Write --audit-webhook-initial-backoff.',
    )
  return findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}
