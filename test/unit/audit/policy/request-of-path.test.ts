import {expect, test} from 'vitest'
import {requestOfPath} from '../../../../src/audit/policy/request-of-path.ts'

/** A request in a line: verb, type as rules write it, namespace, name; or verb and path. */
function told(url: string, verb: string): string | undefined {
  const request = requestOfPath(url, verb)
  if (request === undefined) return undefined
  const {resource, subresource, apiGroup, namespace, name, path} = request
  if (!request.isResource) return `${request.verb} ${path}`
  return `${request.verb} ${resource}${subresource === '' ? '' : `/${subresource}`}.${apiGroup} ns=${namespace} name=${name}`
}

test.each([
  ['/api/v1/namespaces/prod/pods/web', 'GET', 'get pods. ns=prod name=web'],
  ['/api/v1/namespaces/prod/pods', 'GET', 'list pods. ns=prod name='],
  ['/api/v1/namespaces/prod/pods?watch=1', 'get', 'watch pods. ns=prod name='],
  ['/api/v1/namespaces/prod/pods?watch=False', 'get', 'list pods. ns=prod name='],
  ['/api/v1/namespaces/prod/pods', 'DELETE', 'deletecollection pods. ns=prod name='],
  ['/api/v1/namespaces/prod/pods/web/exec?command=sh', 'GET', 'get pods/exec. ns=prod name=web'],
  ['/apis/apps/v1/namespaces/prod/deployments/web/scale', 'patch', 'patch deployments/scale.apps ns=prod name=web'],
  ['/api/v1/namespaces/prod', 'GET', 'get namespaces. ns=prod name=prod'],
  ['/api/v1/namespaces/prod/finalize', 'PUT', 'update namespaces/finalize. ns=prod name=prod'],
  ['/api/v1/namespaces', 'POST', 'create namespaces. ns= name='],
  ['/api/v1/nodes/n1/proxy/exec/prod/web/app', 'POST', 'create nodes/proxy. ns= name=n1'],
  ['/api/v1/watch/namespaces/prod/pods/web', 'GET', 'watch pods. ns=prod name=web'],
  ['/api/v1/proxy/namespaces/prod/services/web/a/b', 'GET', 'proxy services. ns=prod name=web'],
  ['/api/v1/secrets?fieldSelector=metadata.name%3Ddb&limit=500', 'GET', 'list secrets. ns= name=db'],
  ['/api/v1/secrets?fieldSelector=metadata.name%3Ddb', 'list', 'list secrets. ns= name=db'],
  ['/api/v1/watch/secrets?fieldSelector=metadata.name%3Ddb', 'watch', 'watch secrets. ns= name='],
  ['/api/v1/secrets?fieldSelector=metadata.name!%3Ddb', 'GET', 'list secrets. ns= name='],
  ['/api/v1/secrets?fieldSelector=type=x,metadata.name==db', 'GET', 'list secrets. ns= name=db'],
  ['/api/v1/secrets?fieldSelector=metadata.name%3Da%2Fb', 'GET', 'list secrets. ns= name='],
  ['/api/v1/secrets?fieldSelector=metadata.name%3Ddb&limit=many', 'GET', 'list secrets. ns= name='],
  ['/api/v1/secrets?fieldSelector=metadata.name%3Ddb', 'DELETE', 'deletecollection secrets. ns= name='],
  ['/api/v1/namespaces/..%2f..%2fsecrets', 'GET', 'get ... ns=.. name=secrets'],
  ['/api/v1/secrets', 'OPTIONS', ' secrets. ns= name='],
  ['/api/v1/secrets/', 'list', 'list secrets. ns= name='],
  ['https://10.0.0.1:6443/api/v1/secrets', 'GET', 'list secrets. ns= name='],
  ['/healthz/etcd?verbose', 'GET', 'get /healthz/etcd'],
  ['/api/v1', 'GET', 'get /api/v1'],
  ['/apis/apps/v1', 'GET', 'get /apis/apps/v1'],
  ['/', 'PROPFIND', 'propfind /'],
  ['/logs/a%20b%ff', 'GET', 'get /logs/a b\uFFFD'],
  ['/api/v1/watch', 'GET', undefined],
  ['/api/v1/pods%zz', 'GET', undefined],
])('%s by %s', (url, verb, expected) => {
  expect(told(url, verb)).toBe(expected)
})
