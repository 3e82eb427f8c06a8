import {isNode} from '../../audit/control-plane.ts'
import type {Act} from './act.ts'
import {initiatorOf, type Deletion} from './rows.ts'

/** A user name, in quotes where it holds blanks: no name can pass for two. */
function nameText(name: string | null): string {
  if (name === null) return 'unauthenticated'
  return /\s/.test(name) ? JSON.stringify(name) : name
}

/** Who carried something out for somebody else, in short. */
function handText({actor, userName}: Act): string {
  switch (actor) {
    case 'garbage-collector':
      return 'garbage collector'
    case 'namespace-controller':
      return 'namespace controller'
    case 'node':
      return userName !== null && isNode(userName)
        ? `node ${userName.slice('system:node:'.length)}`
        : nameText(userName)
    case 'controller':
      return nameText(userName?.replace('system:serviceaccount:kube-system:', '') ?? null)
    case 'user':
      return nameText(userName)
  }
}

/** Who made a request, as whom, and for whom, in one cell: `carol as bob`, `garbage collector for alice`. */
export function whoCell(deletion: Deletion): string {
  const {act} = deletion
  const initiator = initiatorOf(deletion)
  if (act.actor === 'user') {
    const who =
      act.impersonatedUser === null
        ? nameText(act.userName)
        : `${nameText(act.userName)} as ${nameText(act.impersonatedUser)}`
    return initiator === null || initiator === act.userName ? who : `${who} for ${nameText(initiator)}`
  }
  if (initiator === null) return `${handText(act)}, not traced`
  return initiator === act.userName ? nameText(act.userName) : `${handText(act)} for ${nameText(initiator)}`
}
