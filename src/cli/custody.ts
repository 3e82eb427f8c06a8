import {hostname, userInfo} from 'node:os'
import type {Custody} from '../load/start-reading.ts'

/** Who gives this command, where and how: for the row in `loads`. */
export function currentCustody(toolVersion: string): Custody {
  return {
    toolVersion,
    arguments: process.argv.slice(2),
    workingDirectory: process.cwd(),
    host: hostname(),
    osUser: loginName(),
  }
}

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}` // no entry in the user database, as in some containers
  }
}
