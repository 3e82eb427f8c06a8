import {isCollection, succeeded, type Act} from './act.ts'
import type {Sign} from './sign.ts'
import {nextPlaces, placeOf} from './timeline.ts'

/** A request as it bears on one object. */
export interface Bearing {
  readonly act: Act
  /** True where the request, or the answer to a collection deletion, names the object. */
  readonly named: boolean
  readonly uid: string | null
  readonly hasFinalizers: boolean
}

/** How a request bears on an object of this name; undefined where its logged answer shows that it does not. */
export function bearingOn(act: Act, name: string): Bearing | undefined {
  if (!isCollection(act)) return {act, named: true, uid: act.uid, hasFinalizers: false}
  if (act.name !== null && act.name !== name) return undefined
  if (act.items === null || !succeeded(act)) return {act, named: false, uid: null, hasFinalizers: false}
  const item = act.items.find((entry) => entry.name === name)
  return item && {act, named: true, uid: item.uid, hasFinalizers: item.hasFinalizers}
}

/** True where the control plane finishes what others began: it never makes dry runs. */
export function isControlPlaneAct(act: Act): boolean {
  return act.actor !== 'user'
}

/** True where the request, its body or its query, asks for a dry run. */
export function isDryRun(act: Act): boolean {
  return act.dry === 'yes' || act.dry === 'query'
}

/** True where a request may have removed the object by itself: the end of it cannot then be put down to another one. */
function mayHaveRemoved({act}: Bearing): boolean {
  if (act.actor === 'node' || isDryRun(act)) return false
  return succeeded(act) || act.code === null || act.code >= 500
}

/** What the requests on an object themselves show of it. */
export function signsOfActs(bearings: readonly Bearing[]): Sign[] {
  const signs: Sign[] = []
  for (const bearing of bearings) {
    const sign = signOfAct(bearing)
    if (sign !== undefined) signs.push(sign)
  }
  return signs
}

function signOfAct({act, named, uid}: Bearing): Sign | undefined {
  if (act.time === null || !named) return undefined
  const isThere = succeeded(act)
  const isHeld = act.code === 409 || act.code === 429
  const saysAbsent = act.code === 404 && (act.statusMessage === null || act.statusMessage.includes('" not found'))
  if (!isThere && !isHeld && !saysAbsent) return undefined
  return {
    kind: saysAbsent ? 'absent' : 'present',
    at: act.time,
    endedAt: act.endedAt,
    uid: isThere ? uid : null,
    userName: act.userName,
    actor: act.actor,
    what: `${act.subresource ?? act.verb} ${act.code ?? ''}`.trim(),
    evidence: act.evidence,
    act,
  }
}

const timeOf = ({act}: Bearing): string => act.time ?? ''

/** The requests on one object that may each have ended it, in their order. */
export class Rivals {
  readonly #bearings: readonly Bearing[]
  // Worked out when first asked for: of most objects hardly any of it is.
  #nextRival: readonly number[] | undefined
  #nextOutsider: readonly number[] | undefined
  #nextKubelet: readonly number[] | undefined

  constructor(bearings: readonly Bearing[]) {
    this.#bearings = bearings.every(({act}) => act.time !== null)
      ? bearings
      : bearings.filter(({act}) => act.time !== null)
  }

  get #rivals(): readonly number[] {
    return (this.#nextRival ??= nextPlaces(this.#bearings, mayHaveRemoved))
  }

  #next(next: readonly number[], from: string, except: Act | null): Act | undefined {
    const place = next[placeOf(this.#bearings, timeOf, from)]
    const found = place === undefined ? undefined : this.#bearings[place]
    if (found === undefined || place === undefined || found.act !== except) return found?.act
    return this.#bearings[next[place + 1] ?? this.#bearings.length]?.act
  }

  /** Another request, after this one was answered and before an end, that may have removed the object. */
  between(act: Act, until: string | null): Act | undefined {
    const rival = this.#next(this.#rivals, act.endedAt ?? '', act)
    return until === null || (rival?.time ?? '') < until ? rival : undefined
  }

  /** True where any other request before an instant may have removed the object. */
  hasBefore(act: Act, until: string): boolean {
    const rival = this.#next(this.#rivals, '', act)
    return rival !== undefined && (rival.time ?? '') < until
  }

  /** True where another request than the namespace controller's, up to an instant, may have removed the object. */
  hasOutsider(act: Act, until: string): boolean {
    this.#nextOutsider ??= nextPlaces(
      this.#bearings,
      (bearing) => mayHaveRemoved(bearing) && bearing.act.actor !== 'namespace-controller',
    )
    const rival = this.#next(this.#nextOutsider, act.time ?? '', act)
    return rival !== undefined && (rival.time ?? '') <= until
  }

  /** The kubelet's last word on a pod: its own deletion, answered by what shows the pod gone. */
  kubeletAfter(act: Act): Act | undefined {
    this.#nextKubelet ??= nextPlaces(this.#bearings, ({act}) => act.actor === 'node' && act.form === 'gone')
    return this.#next(this.#nextKubelet, act.time ?? '', act)
  }
}
