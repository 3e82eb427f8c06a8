import * as fc from 'fast-check'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {readApiserverSettings} from '../../../../src/audit/policy/apiserver-settings.ts'
import {checkSettings} from '../../../../src/audit/policy/check-settings.ts'
import {runs} from '../../../support/properties.ts'

const folder = fileURLToPath(new URL('../../../support/manifests/', import.meta.url))
const files = readdirSync(folder).filter((name) => !name.endsWith('.expected.json'))

/** Three gigabytes a day. */
const busy = 3 * 1024 ** 3

function found(text: string, bytesPerDay: number | null = null) {
  return readApiserverSettings(text).flatMap((settings) => checkSettings(settings, bytesPerDay))
}

/** Flags of an API server that is well set up but for these. */
function withFlags(...flags: string[]): string {
  return [
    'kube-apiserver',
    '--audit-policy-file=/etc/audit.yaml',
    '--audit-log-path=/var/log/kube/audit.log',
    ...flags,
  ].join(' ')
}

const codes = (text: string, bytesPerDay: number | null = null): string[] =>
  found(text, bytesPerDay).map(({severity, code, field}) => [severity, code, field].join(' '))

describe('settings of API servers that somebody could write', () => {
  // UPDATE_GOLDENS=1 writes what is expected: read what it wrote.
  it.each(files)('%s', (name) => {
    const got = readApiserverSettings(readFileSync(`${folder}${name}`, 'utf8')).map((settings) => ({
      form: settings.form,
      place: settings.place,
      findings: checkSettings(settings, busy).map(({severity, code, line, field}) => ({severity, code, line, field})),
    }))
    const path = `${folder}${name.replace(/\.[a-z]+$/, '')}.expected.json`
    if (process.env['UPDATE_GOLDENS'] !== undefined) writeFileSync(path, `${JSON.stringify(got, null, 2)}\n`)
    else expect(got).toEqual(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined)
  })
})

describe('checkSettings', () => {
  it('says how long the evidence is kept, where it is known how much there is', () => {
    const text = withFlags('--audit-log-maxage=30', '--audit-log-maxbackup=10', '--audit-log-maxsize=100')
    expect(found(text).map(({message}) => message)).toEqual([
      'At most 11 files of 100 MB, 1.07 GB together are kept, however few of the 30 days of --audit-log-maxage that is.',
    ])
    expect(found(text, 100 * 1024 ** 2).map(({severity, message}) => [severity, message])).toEqual([
      [
        'advice',
        'At most 11 files of 100 MB, 1.07 GB together are kept: 11 days at 100 MB a day, not the 30 days of --audit-log-maxage.',
      ],
    ])
    expect(found(text, busy).map(({severity, message, why}) => [severity, message, why])).toEqual([
      [
        'warning',
        'At most 11 files of 100 MB, 1.07 GB together are kept: 8.6 hours at 3 GB a day, not the 30 days of --audit-log-maxage.',
        'What is older is gone, and whoever makes enough requests pushes evidence out. For 30 days --audit-log-maxbackup has to be 922, or ship the log elsewhere.',
      ],
    ])
    expect(found(text, 1024 ** 2)).toEqual([])
  })

  it('does not call a webhook alone where events go to standard output too', () => {
    const outputs = (path: string) =>
      codes(`kube-apiserver --audit-policy-file=/x ${path} --audit-webhook-config-file=/y`)
    expect(outputs('--audit-log-path=-')).toEqual(['advice log-to-output --audit-log-path'])
    expect(outputs('')).toEqual(['advice webhook-alone --audit-webhook-config-file'])
  })

  it('takes what the API server takes', () => {
    expect(codes(withFlags('--audit-log-maxage=0x1e', '--audit-log-maxbackup=0', '--audit-log-compress=T'))).toEqual([])
    expect(codes(withFlags('--audit_log_maxage', '400', '--audit-log-batch-max-wait=1m30.5s'))).toEqual([
      'advice flag-without-effect --audit-log-batch-max-wait',
    ])
  })

  it.each([
    ['--audit-log-maxage=30d', 'error flag-value --audit-log-maxage'],
    ['--audit-log-maxage=1.5', 'error flag-value --audit-log-maxage'],
    ['--audit-log-maxage=', 'error flag-value --audit-log-maxage'],
    ['--audit-log-maxsize=-1', 'error flag-value --audit-log-maxsize'],
    ['--audit-log-mode=async', 'error flag-value --audit-log-mode'],
    ['--audit-log-format=text', 'error flag-value --audit-log-format'],
    ['--audit-log-version=audit.k8s.io/v1beta1', 'error flag-value --audit-log-version'],
    ['--audit-log-compress=yes', 'error flag-value --audit-log-compress'],
    ['--audit-log-truncate-max-event-size=0', 'error flag-value --audit-log-truncate-max-event-size'],
    ['--audit-log-truncate-max-event-size=20971520', 'error flag-value --audit-log-truncate-max-batch-size'],
    ['--audit-log-mode=batch --audit-log-batch-buffer-size=0', 'error flag-value --audit-log-batch-buffer-size'],
    ['--audit-log-max-backup=3', 'error flag-unknown --audit-log-max-backup'],
    ['--audit-policy=/x', 'error flag-unknown --audit-policy'],
    ['--adit-log-path=/x', 'error flag-unknown --adit-log-path'],
    ['--audit-log-maxage', 'error flag-without-value --audit-log-maxage'],
  ])('an API server with %s does not start', (flags, expected) => {
    expect(
      codes(withFlags('--audit-log-maxage=30', ...flags.split(' '))).filter((code) => code.startsWith('error')),
    ).toEqual([expected])
  })

  it('does not judge what a template puts in', () => {
    const flags = [
      '--audit-log-maxage={{ .Values.age }}',
      '--audit-log-mode=$(MODE)',
      '--audit-log-maxbackup=${BACKUPS}',
    ]
    expect(found(withFlags(...flags.map((flag) => `"${flag}"`))).filter(({severity}) => severity === 'error')).toEqual(
      [],
    )
    expect(
      codes(
        'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - command: [kube-apiserver, --audit-policy-file=$(POLICY), --audit-log-path=$(LOG), --audit-log-maxage=$(AGE)]\n',
      ),
    ).toEqual([])
  })

  it('leaves alone what is about other things, and values of what is not in use', () => {
    expect(
      codes(
        withFlags(
          '--audit-log-maxage=30',
          '--authorization-mode=RBAC',
          '--anonymous-auth=false',
          '--event-ttl=1h',
          '--audit-webhook-mode=x',
        ),
      ),
    ).toEqual([])
  })

  it('never fails, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'kube-apiserver',
            ' ',
            '\n',
            '--audit-log-path',
            '=',
            '"',
            "'",
            '\\',
            '- ',
            'a: ',
            '{',
            '[',
            ']',
            'containers: ',
            '\0',
            '--audit-log-maxage=',
            '9',
          ),
          {maxLength: 30},
        ),
        (pieces) => {
          for (const {message, why} of found(pieces.join(''), 5)) expect(`${message}${why}`).not.toContain('undefined')
        },
      ),
      runs(300),
    )
  })
})
