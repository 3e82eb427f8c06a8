import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, rmdirSync} from 'node:fs'
import {hostname, tmpdir} from 'node:os'
import {basename, dirname, join} from 'node:path'

/**
 * Temporary files have one place: `k8saudit-UID` in the system's folder for them, which the user alone can look into, with a
 * folder in it for each use, `REALM-PID-RANDOM`. A realm is what process numbers are told apart in: a host, and on Linux a
 * container of it. What a killed process left behind is removed when the place is next used in its realm; from other realms
 * (which may share the place) after a week.
 */
export interface PrivateFolder {
  readonly path: string
  /** Removes it with all in it; quietly, as there is nobody to tell. */
  readonly remove: () => void
}

const weekMs = 7 * 86_400_000
const ours = new Set<string>()

const userId = (): number | undefined => process.getuid?.()
const placeName = (): string => `k8saudit-${userId() ?? 'user'}`

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

const realm = (): string => createHash('sha256').update(`${hostname()}\0${pidNamespace()}`).digest('hex').slice(0, 12)

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** True for a folder, no link to one, that belongs to this user. */
function isOwnFolder(path: string): boolean {
  try {
    const stats = lstatSync(path)
    return stats.isDirectory() && (userId() === undefined || stats.uid === userId())
  } catch {
    return false
  }
}

/** The place, made where it is not there; a fresh one where someone else has taken its name. */
function ensurePlace(): string {
  const usual = join(tmpdir(), placeName())
  try {
    mkdirSync(usual, {mode: 0o700})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (!isOwnFolder(usual)) return mkdtempSync(join(tmpdir(), `${placeName()}-`))
  chmodSync(usual, 0o700)
  return usual
}

const removeQuietly = (path: string): void => {
  try {
    rmSync(path, {recursive: true, force: true})
    // The place itself goes with the last that was in it.
    rmdirSync(dirname(path))
  } catch {
    // Others are at work there, or it is gone; what is left is private.
  }
}

const entriesOf = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isLeftover(path: string, ownRealm: string): boolean {
  const [, itsRealm, pid] = /^([0-9a-f]{12})-(\d+)-[0-9a-f]{12}$/.exec(basename(path)) ?? []
  if (itsRealm === undefined || !isOwnFolder(path)) return false
  if (itsRealm === ownRealm) return !isRunning(Number(pid))
  return Date.now() - lstatSync(path).mtimeMs > weekMs
}

/** Removes what processes that were killed have left behind. */
function removeLeftovers(): void {
  const ownRealm = realm()
  for (const name of entriesOf(tmpdir())) {
    const place = join(tmpdir(), name)
    if ((name !== placeName() && !name.startsWith(`${placeName()}-`)) || !isOwnFolder(place)) continue
    for (const entry of entriesOf(place)) {
      const path = join(place, entry)
      try {
        if (isLeftover(path, ownRealm)) removeQuietly(path)
      } catch {
        // Gone by now.
      }
    }
  }
}

/** Removes all that this process has; for its sudden end. */
export function removePrivateFolders(): void {
  for (const path of ours) removeQuietly(path)
  ours.clear()
}

/** A new folder for temporary files, mode 0700. It goes with `remove`, at the latest with the process. */
export function privateFolder(): PrivateFolder {
  removeLeftovers()
  const name = `${realm()}-${process.pid}-${randomBytes(6).toString('hex')}`
  const make = (): string => {
    for (let tries = 0; ; tries++) {
      const path = join(ensurePlace(), name)
      try {
        mkdirSync(path, {mode: 0o700})
        return path
      } catch (error) {
        // Another process was done and took the empty place away.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 9) throw error
      }
    }
  }
  const path = make()
  if (ours.size === 0) process.once('exit', removePrivateFolders)
  ours.add(path)
  return {
    path,
    remove: () => {
      removeQuietly(path)
      ours.delete(path)
      if (ours.size === 0) process.off('exit', removePrivateFolders)
    },
  }
}
