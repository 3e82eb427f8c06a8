import {describe, expect, it} from 'vitest'
import {interactiveProgram} from '../../../src/audit/interactive-program.ts'

describe('a program that takes commands from who sits in front of it', () => {
  it.each<[string, string | null]>([
    ['bash', 'bash'],
    ['/bin/sh -l', 'sh'],
    ['/usr/bin/zsh -i', 'zsh'],
    ['ash', 'ash'],
    ['sh -s', 'sh'],
    ['busybox sh', 'sh'],
    ['env TERM=xterm /bin/bash', 'bash'],
    ['python3', 'python3'],
    ['/usr/local/bin/python3.12 -i', 'python3.12'],
    ['psql -U app -d shop', 'psql'],
    ['mysql -uroot -psecret', 'mysql'],
    ['redis-cli', 'redis-cli'],
    ['pwsh', 'pwsh'],
    ['C:\\Windows\\System32\\cmd.exe', 'cmd'],
    ['sh -c id', null],
    ['bash -lc id', null],
    ['bash /opt/run.sh', null],
    ['python3 -c pass', null],
    ['python3 -m http.server', null],
    ['psql -c select', null],
    ['mysql -eselect', null],
    ['redis-cli get x', null],
    ['pwsh -Command ls', null],
    ['cmd /c dir', null],
    ['cat /etc/passwd', null],
    ['shred', null],
    ['env', null],
    ['', null],
  ])('%s', (words, program) => {
    expect(interactiveProgram(words === '' ? [] : words.split(' '))).toBe(program)
  })
})
