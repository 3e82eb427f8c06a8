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

describe('what hides a shell', () => {
  it.each([
    ['sh', '-c', 'clear; (bash || ash || sh)'],
    ['/bin/sh', '-c', 'TERM=xterm; export TERM; [ -x /bin/bash ] && exec /bin/bash || exec /bin/sh'],
    ['su', '-'],
    ['su', '-', 'postgres'],
    ['sudo', '-i'],
    ['sudo', '-u', 'root', 'bash'],
    ['env', '-i', 'bash'],
    ['env', 'A=b', 'bash'],
    ['chroot', '/host'],
    ['chroot', '/host', 'bash'],
    ['nsenter', '-t', '1', '-m', '-u', 'bash'],
    ['nsenter', '--target', '1', '--mount', '--', 'bash', '-l'],
    ['timeout', '60', 'bash'],
    ['script', '-q', '/dev/null', 'bash'],
    ['bash', '-o', 'vi'],
    ['bash', '--rcfile', 'x'],
    ['python3', '-i', 'x.py'],
    ['tmux', 'attach'],
    ['busybox', 'sh'],
  ])('%j %j %j %j', (...argv) =>
    expect(interactiveProgram(argv.filter((word) => typeof word === 'string'))).not.toBeNull(),
  )

  it.each([
    ['sh', '-c', 'ls | grep bash'],
    ['sh', '-c', 'curl http://x | sh'],
    ['sh', '-c', 'bash; ls'],
    ['cat', '/bin/bash'],
    ['bash', 'script.sh'],
    ['python3', 'x.py'],
    ['sudo', 'ls'],
    ['su', '-', 'postgres', '-c', 'psql -c "select 1"'],
    ['chroot', '/host', 'ls'],
    ['timeout', '60', 'curl', 'x'],
    ['nsenter', '-t', '1', 'ps'],
  ])('none in %j %j %j', (...argv) =>
    expect(interactiveProgram(argv.filter((word) => typeof word === 'string'))).toBeNull(),
  )
})

it('is not overwhelmed by a chain without end', () => {
  expect(interactiveProgram([...Array.from({length: 50_000}, () => 'env'), 'sh'])).toBeNull()
})
