import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** A folder that only this user can look into, and that is removed however the process ends, short of SIGKILL. */
export function temporaryFolder(): {readonly path: string; readonly remove: () => void} {
  const path = mkdtempSync(join(tmpdir(), 'k8saudit-logs-'))
  const removeQuietly = (): void => {
    try {
      rmSync(path, {recursive: true, force: true})
    } catch {
      // The end of the process is no place for an error; what is left is private.
    }
  }
  process.on('exit', removeQuietly)
  return {
    path,
    remove: () => {
      removeQuietly()
      process.off('exit', removeQuietly)
    },
  }
}
