import {removePrivateFolders} from '../files/private-folder.ts'

/**
 * A signal that is aborted by Ctrl-C (SIGINT) or SIGTERM; the second one ends the process at once, which the case
 * survives. Call `release` when the work is done.
 */
export function interruptSignal(): {
  readonly signal: AbortSignal
  readonly release: () => void
} {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const onSignal = () => {
    if (controller.signal.aborted) {
      removePrivateFolders()
      process.kill(process.pid, 'SIGKILL')
    }
    controller.abort()
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
