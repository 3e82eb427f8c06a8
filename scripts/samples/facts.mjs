import {microTime} from './go-text.mjs'

/** How many of each, by key. */
function countBy(list, keyOf) {
  const counts = {}
  for (const one of list) counts[keyOf(one)] = (counts[keyOf(one)] ?? 0) + 1
  return counts
}

/**
 * What the logs have to show, taken from the requests as they were made and not from the text that was written.
 *
 * @param {import('./api-server.mjs').ApiServer[]} servers
 * @param {object} told What the story knows.
 * @param {(entry: object) => string} placeOf Where an event stands: `path[!/member]:line`.
 */
export function tallyFacts(servers, told, placeOf) {
  const entries = servers.flatMap((server) => server.entries)
  const requests = [...new Set(entries.map(({served}) => served))].sort((a, b) => a.at - b.at)
  const describe = (served) => ({
    time: microTime(served.at),
    user: served.spec.unauthenticated ? null : served.spec.by.user.username,
    clientIp: (served.spec.sourceIps ?? [served.spec.by.ip]).at(-1),
    verb: served.spec.verb,
    code: served.code,
    auditId: served.auditId,
    evidence: placeOf(served.entries.at(-1)),
  })
  const about = ({spec}) => spec.target ?? {}
  const isRead = ({spec}) => ['get', 'list', 'watch'].includes(spec.verb)
  return {
    events: entries.length,
    requests: requests.length,
    eventsByStage: countBy(entries, ({event}) => event.stage),
    eventsByFile: countBy(entries, (entry) => placeOf(entry).replace(/:\d+$/, '')),
    requestsByCode: countBy(requests, ({code}) => String(code)),
    unauthorized: requests.filter(({code}) => code === 401).length,
    guesses: told.guesses,
    lockedOut: told.lockedOut,
    nginxDeletes: told.nginxDeletes.map(({served, outcome, actingAs = null, wanted = null}) => ({
      ...describe(served),
      impersonated: actingAs,
      wanted,
      outcome,
    })),
    collectionDelete: {...describe(told.collectionDelete.served), names: told.collectionDelete.names},
    namespaceDelete: {namespace: 'preview-7', deployment: 'storefront', initiatedBy: 'heidi'},
    execs: requests
      .filter((served) => about(served).subresource === 'exec')
      .map((served) => ({...describe(served), pod: about(served).name, command: served.spec.query.command})),
    secretReads: requests
      .filter((served) => about(served).resource === 'secrets' && (about(served).group ?? '') === '' && isRead(served))
      .map((served) => ({
        ...describe(served),
        namespace: about(served).namespace ?? null,
        name: about(served).name ?? null,
      })),
    sharedAuditId: {
      id: told.sharedAuditId,
      requests: requests.filter(({auditId}) => auditId === told.sharedAuditId).length,
    },
    credentials: told.credentials,
    longWatch: {
      auditId: told.longWatch.auditId,
      evidence: told.longWatch.entries.map(placeOf),
    },
  }
}
