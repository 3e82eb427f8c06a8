/**
 * A signal that is aborted by Ctrl-C (SIGINT) or SIGTERM; the second one ends the process at once, which the case
 * survives. Call `release` when the work is done.
 */
export function interruptSignal(): {readonly signal: AbortSignal; readonly release: () => void} {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.kill(process.pid, 'SIGKILL')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
