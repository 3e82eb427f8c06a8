import {beforeAll, describe, expect, test} from 'vitest'
import type {Plain} from '../../../src/output/answer.ts'
import {auditEvent, logLine, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {ask} from '../../support/case-answers.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

interface Case {
  readonly what: string
  readonly event: AuditEvent
  /** Columns of `events` that this event must have. */
  readonly columns: Readonly<Record<string, Plain>>
}

const pod = {resource: 'pods', namespace: 'prod', name: 'web', apiVersion: 'v1'}
const podPath = '/api/v1/namespaces/prod/pods/web'
const deletion = {
  verb: 'delete',
  requestURI: '/apis/apps/v1/namespaces/prod/deployments/nginx',
  objectRef: {resource: 'deployments', namespace: 'prod', name: 'nginx', apiGroup: 'apps', apiVersion: 'v1'},
  annotations: {'authorization.k8s.io/decision': 'allow'},
}
const exec = (query: string, changes: AuditEvent = {}): AuditEvent => ({
  requestURI: `${podPath}/exec?${query}`,
  objectRef: {...pod, subresource: 'exec'},
  responseStatus: {metadata: {}, code: 101},
  ...changes,
})
const extra = (facts: Record<string, string[]>): AuditEvent => ({user: {username: 'u', extra: facts}})
const refused = (message: string, changes: AuditEvent = {}): AuditEvent => ({
  responseStatus: {metadata: {}, status: 'Failure', reason: 'Forbidden', message, code: 403},
  annotations: undefined,
  ...changes,
})
const cannot = (resource: string, name: string, group = '', scope = 'at the cluster scope'): string =>
  `${resource.split('/')[0] ?? ''}${group === '' ? '' : `.${group}`} "${name}" is forbidden: User "bob" cannot impersonate resource "${resource}" in API group "${group}" ${scope}`

const cases: readonly Case[] = [
  {
    what: 'a plain v1 event',
    event: auditEvent(),
    columns: {
      item: null, cluster: null, apiserver: null, audit_id: '6f9f3b5e-0000-4000-8000-000000000001', stage: 'ResponseComplete', level: 'Metadata',
      time: '2026-03-01T10:15:22.123456Z', stage_time: '2026-03-01T10:15:22.133456Z', verb: 'get', request_uri: '/api/v1/namespaces/prod/secrets/db',
      user_agent: 'kubectl/v1.32.0 (linux/amd64) kubernetes/0000000', user_name: 'alice', user_uid: 'u-1', user_groups: ['devs', 'system:authenticated'], user_extra: null,
      impersonated_user: null, impersonated_groups: null, impersonation_attempt: null, effective_user: 'alice', principal: 'alice', pod_name: null, node_name: null,
      credential_id: null, issued_credential_id: null, source_ips: ['10.20.0.5'], peer_ip: '10.20.0.5', client_ip: '10.20.0.5',
      api_group: '', api_version: 'v1', resource: 'secrets', subresource: null, namespace: 'prod', name: 'db', object_uid: null,
      code: 200, status_reason: null, status_message: null, decision: 'allow', decision_reason: '', dry_run: false,
      command: null, container: null, stdin: null, tty: null, truncated: false,
      annotations: {'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': ''}, request_object: null, response_object: null,
    },
  },
  // Who
  {what: 'a failed login', event: {user: {}, stage: 'ResponseStarted', responseStatus: {code: 401}}, columns: {user_name: null, effective_user: null, principal: null, code: 401, stage: 'ResponseStarted'}},
  {what: 'an empty user name', event: {user: {username: ''}}, columns: {user_name: null, effective_user: null}},
  {
    what: 'impersonation',
    event: {user: {username: 'carol'}, impersonatedUser: {username: 'bob', groups: ['ops', 'system:authenticated'], extra: {x: ['1']}}},
    columns: {user_name: 'carol', impersonated_user: 'bob', impersonated_groups: ['ops', 'system:authenticated'], effective_user: 'bob', principal: 'carol', user_extra: null},
  },
  {what: 'refused impersonation of a user', event: refused(cannot('users', 'alice')), columns: {impersonation_attempt: 'alice', impersonated_user: null, effective_user: 'alice', decision: null, status_reason: 'Forbidden', status_message: cannot('users', 'alice')}},
  {what: 'refused impersonation of a group', event: refused(cannot('groups', 'system:masters')), columns: {impersonation_attempt: 'groups/system:masters'}},
  {what: 'refused impersonation of a service account', event: refused(cannot('serviceaccounts', 'deployer', '', 'in the namespace "ci"')), columns: {impersonation_attempt: 'system:serviceaccount:ci:deployer'}},
  {what: 'refused impersonation of a UID', event: refused(cannot('uids', '42', 'authentication.k8s.io')), columns: {impersonation_attempt: 'uids/42'}},
  {what: 'refused impersonation of an extra', event: refused(cannot('userextras/scopes', 'view', 'authentication.k8s.io')), columns: {impersonation_attempt: 'userextras/view'}},
  {
    what: 'refused impersonation that only the body tells',
    event: refused('', {responseStatus: {code: 403}, responseObject: {kind: 'Status', message: cannot('users', 'root')}}),
    columns: {impersonation_attempt: 'root', status_message: null, response_object: {kind: 'Status', message: cannot('users', 'root')}},
  },
  {what: 'an ordinary refusal', event: refused('secrets "db" is forbidden: User "bob" cannot get resource "secrets" in API group "" in the namespace "prod"'), columns: {impersonation_attempt: null, code: 403}},
  {what: 'a refusal by the authorizer is no refused impersonation', event: refused(cannot('users', 'alice'), {annotations: {'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': 'no rule'}}), columns: {impersonation_attempt: null, decision: 'forbid', decision_reason: 'no rule'}},
  {what: 'EKS with a role session in the arn', event: extra({arn: ['arn:aws:sts::1:assumed-role/Admin/jane'], sessionName: ['jane']}), columns: {user_name: 'u', principal: 'arn:aws:sts::1:assumed-role/Admin/jane', effective_user: 'u', user_extra: {arn: ['arn:aws:sts::1:assumed-role/Admin/jane'], sessionName: ['jane']}}},
  {what: 'EKS with a role and a session', event: extra({arn: ['arn:aws:iam::1:role/Admin'], sessionName: ['jane']}), columns: {principal: 'arn:aws:iam::1:role/Admin/jane'}},
  {what: 'EKS with an arn alone', event: extra({arn: ['arn:aws:iam::1:user/joe']}), columns: {principal: 'arn:aws:iam::1:user/joe'}},
  {what: 'OpenShift login', event: {annotations: {'authentication.openshift.io/username': 'jane'}, user: {username: 'system:anonymous'}}, columns: {principal: 'jane', user_name: 'system:anonymous'}},
  {
    what: 'a bound service-account token',
    event: extra({'authentication.kubernetes.io/pod-name': ['web-1'], 'authentication.kubernetes.io/node-name': ['node-1'], 'authentication.kubernetes.io/credential-id': ['JTI=1']}),
    columns: {pod_name: 'web-1', node_name: 'node-1', credential_id: 'JTI=1', issued_credential_id: null},
  },
  {what: 'a token that was issued', event: {annotations: {'authentication.kubernetes.io/issued-credential-id': 'JTI=2'}}, columns: {issued_credential_id: 'JTI=2', decision: null}},
  // From where
  {what: 'forwarded addresses', event: {sourceIPs: ['8.8.8.8', '10.20.0.5', '198.51.100.23']}, columns: {source_ips: ['8.8.8.8', '10.20.0.5', '198.51.100.23'], peer_ip: '198.51.100.23', client_ip: '198.51.100.23'}},
  {what: 'no addresses', event: {sourceIPs: undefined}, columns: {source_ips: null, peer_ip: null, client_ip: null}},
  {what: 'hostile text in the user agent', event: {userAgent: '<b>"\\\t\u001b[31m\u202eé😀'}, columns: {user_agent: '<b>"\\\t\u001b[31m\u202eé😀'}},
  // What
  {what: 'no object', event: {requestURI: '/healthz', objectRef: undefined}, columns: {api_group: null, api_version: null, resource: null, subresource: null, namespace: null, name: null}},
  {what: 'a group', event: {objectRef: {resource: 'secrets', apiGroup: 'vault.example.com', apiVersion: 'v1'}}, columns: {api_group: 'vault.example.com', resource: 'secrets', api_version: 'v1'}},
  {what: 'v1alpha1: group and version together', event: {apiVersion: 'audit.k8s.io/v1alpha1', objectRef: {resource: 'deployments', apiVersion: 'extensions/v1beta1'}}, columns: {api_group: 'extensions', api_version: 'v1beta1'}},
  {what: 'an encoded path', event: {objectRef: {resource: '..', namespace: '..', name: 'secrets'}}, columns: {resource: '..', namespace: '..', name: 'secrets'}},
  {what: 'an unusual method', event: {verb: ''}, columns: {verb: ''}},
  {
    what: 'a generated name',
    event: {verb: 'create', level: 'RequestResponse', objectRef: {resource: 'pods', namespace: 'prod', apiVersion: 'v1'}, responseStatus: {code: 201}, responseObject: {kind: 'Pod', metadata: {name: 'web-x7', uid: 'u-pod'}}},
    columns: {name: 'web-x7', object_uid: 'u-pod', response_kind: 'Pod'},
  },
  {what: 'the name in a refusal of a create is not the object', event: {verb: 'create', objectRef: {resource: 'pods'}, responseStatus: {code: 422}, responseObject: {kind: 'Status', metadata: {name: 'x'}}}, columns: {name: null}},
  {what: 'uid: the reference before all', event: {objectRef: {...pod, uid: 'ref'}, responseStatus: {code: 200, details: {uid: 'status'}}, responseObject: {kind: 'Pod', metadata: {uid: 'body'}}}, columns: {object_uid: 'ref'}},
  {what: 'uid: the status before a body', event: {responseStatus: {code: 200, details: {uid: 'status'}}, responseObject: {kind: 'Pod', metadata: {uid: 'body'}}}, columns: {object_uid: 'status'}},
  {what: 'uid: a Status as body', event: {responseStatus: {code: 200}, responseObject: {kind: 'Status', metadata: {}, details: {uid: 'in-details'}}}, columns: {object_uid: 'in-details'}},
  {what: 'uid: the answer before the request', event: {responseStatus: {code: 200}, responseObject: {kind: 'Pod', metadata: {uid: 'answer'}}, requestObject: {metadata: {uid: 'asked'}}}, columns: {object_uid: 'answer'}},
  {what: 'uid: the request', event: {requestObject: {metadata: {uid: 'asked'}}}, columns: {object_uid: 'asked', request_object: {metadata: {uid: 'asked'}}}},
  {what: 'uid: a precondition that held', event: {...deletion, responseStatus: {code: 200}, requestObject: {preconditions: {uid: 'pre'}}}, columns: {object_uid: 'pre'}},
  {what: 'uid: a precondition that did not hold', event: {...deletion, responseStatus: {code: 409}, requestObject: {preconditions: {uid: 'pre'}}}, columns: {object_uid: null, code: 409}},
  // What came of it
  {what: 'an answer with its reason', event: {responseStatus: {status: 'Failure', reason: 'NotFound', message: 'pods "x" not found', code: 404}}, columns: {code: 404, status_reason: 'NotFound', status_message: 'pods "x" not found'}},
  {what: 'no answer', event: {stage: 'RequestReceived', responseStatus: undefined}, columns: {code: null, stage: 'RequestReceived'}},
  {what: 'a truncated event', event: {annotations: {'audit.k8s.io/truncated': 'true'}, level: 'RequestResponse'}, columns: {truncated: true, level: 'RequestResponse'}},
  // Dry runs
  {what: 'dry run in the query', event: {verb: 'create', requestURI: '/api/v1/namespaces/prod/pods?dryRun=All&fieldManager=x'}, columns: {dry_run: true}},
  {what: 'dry run in the query of a delete', event: {...deletion, requestURI: `${deletion.requestURI}?dryRun=All`}, columns: {dry_run: true}},
  {what: 'an empty dryRun', event: {verb: 'patch', requestURI: '/api/v1/namespaces/prod/pods/x?dryRun='}, columns: {dry_run: false}},
  {what: 'another parameter that ends in dryRun', event: {verb: 'patch', requestURI: '/api/v1/namespaces/prod/pods/x?xdryRun=All'}, columns: {dry_run: false}},
  {what: 'a delete at Metadata', event: deletion, columns: {dry_run: null}},
  {what: 'a delete whose body says so', event: {...deletion, level: 'RequestResponse', requestObject: {kind: 'DeleteOptions', dryRun: ['All']}}, columns: {dry_run: true}},
  {what: 'a delete whose body does not', event: {...deletion, level: 'Request', requestObject: {kind: 'DeleteOptions', propagationPolicy: 'Background'}}, columns: {dry_run: false}},
  {what: 'a delete logged with bodies that had none', event: {...deletion, level: 'RequestResponse'}, columns: {dry_run: false}},
  {what: 'a delete logged with bodies, not answered yet', event: {...deletion, level: 'RequestResponse', stage: 'RequestReceived', responseStatus: undefined}, columns: {dry_run: null}},
  {what: 'a delete whose body was cut away', event: {...deletion, level: 'RequestResponse', annotations: {'audit.k8s.io/truncated': 'true'}}, columns: {dry_run: null}},
  {what: 'a collection at Metadata', event: {...deletion, verb: 'deletecollection'}, columns: {dry_run: null}},
  {what: 'an eviction at Metadata', event: {verb: 'create', objectRef: {...pod, subresource: 'eviction'}, requestURI: `${podPath}/eviction`}, columns: {dry_run: null}},
  {what: 'an eviction whose body says so', event: {verb: 'create', objectRef: {...pod, subresource: 'eviction'}, requestURI: `${podPath}/eviction`, requestObject: {kind: 'Eviction', deleteOptions: {dryRun: ['All']}}}, columns: {dry_run: true}},
  {what: 'a create at Metadata', event: {verb: 'create'}, columns: {dry_run: false}},
  // Commands
  {what: 'exec as kubectl writes it', event: exec('command=sh&command=-c&command=echo+%22a+b%22%0Aid&container=c&stdin=true&stdout=true&tty=true'), columns: {command: ['sh', '-c', 'echo "a b"\nid'], container: 'c', stdin: true, tty: true, code: 101, subresource: 'exec'}},
  {what: 'exec as others write it', event: exec('stdout=true&command=/bin/ls&command=a%20b/c&container=my-c'), columns: {command: ['/bin/ls', 'a b/c'], container: 'my-c', stdin: false, tty: false}},
  {what: 'argv with empty and blank arguments', event: exec('command=a&command=&command=b+&command=%2B&command'), columns: {command: ['a', '', 'b ', '+', ''], container: null}},
  {what: 'argv in UTF-8', event: exec('command=%C3%A9%F0%9F%98%80&command=%00'), columns: {command: ['é😀', '\0']}},
  {what: 'argv with escapes that are none', event: exec('command=%zz&command=100%&command=%ff'), columns: {command: ['%zz', '100%', '%ff']}},
  {what: 'argv that holds what looks like parameters', event: exec('command=a%26container%3Devil&command=x=y&container=true-c'), columns: {command: ['a&container=evil', 'x=y'], container: 'true-c'}},
  {what: 'argv with a bare semicolon, and a parameter without a name', event: exec('command=a;b&=x&&command=c'), columns: {command: ['a;b', 'c']}},
  {what: 'argv where one argument is no UTF-8', event: exec('command=na%C3%AFve%ff&command=%C3%A9+b'), columns: {command: ['na%C3%AFve%ff', 'é b']}},
  {what: 'argv with trailing blanks, line feeds and tabs', event: exec('command=+a++&command=b%0A%0A&command=%09'), columns: {command: [' a  ', 'b\n\n', '\t']}},
  {what: 'argv that repeats itself, spread over the query', event: exec('command=a&tty=true&command=a&container=c&command=b&container=d'), columns: {command: ['a', 'a', 'b'], container: 'c', tty: true, stdin: false}},
  {what: 'parameters whose names differ in case', event: exec('Command=x&COMMAND=y&command=z&TTY=true&Container=c'), columns: {command: ['z'], tty: false, container: null}},
  {what: 'a question mark within the query', event: exec('command=a?b&command=what?'), columns: {command: ['a?b', 'what?']}},
  {what: 'flags with the values that the API server takes for true', event: exec('command=sh&stdin&tty=yes'), columns: {stdin: true, tty: true}},
  {what: 'flags that are false', event: exec('command=sh&stdin=FALSE&tty=0'), columns: {stdin: false, tty: false}},
  {what: 'the first of two flags counts', event: exec('command=sh&stdin=false&stdin=true&input=1'), columns: {stdin: false}},
  {what: 'exec of which the query was not logged', event: {requestURI: `${podPath}/exec`, objectRef: {...pod, subresource: 'exec'}}, columns: {command: null, container: null, stdin: false}},
  {what: 'an encoded name of a parameter', event: exec('%63ommand=id'), columns: {command: ['id']}},
  {what: 'exec refused', event: exec('command=id', {verb: 'create', responseStatus: {code: 403}}), columns: {command: ['id'], verb: 'create', code: 403}},
  {what: 'exec without a query', event: exec(''), columns: {command: [], stdin: false}},
  {what: 'attach', event: {requestURI: `${podPath}/attach?container=c&stdin=true&tty=true`, objectRef: {...pod, subresource: 'attach'}}, columns: {command: null, container: 'c', stdin: true, tty: true}},
  {what: 'exec through the kubelet', event: {requestURI: '/api/v1/nodes/node-1/proxy/exec/prod/web/app?command=cat&command=%2Fetc%2Fshadow&input=1&output=1&tty=1', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy', apiVersion: 'v1'}}, columns: {command: ['cat', '/etc/shadow'], container: 'app', stdin: true, tty: true, resource: 'nodes', name: 'node-1'}},
  {what: 'run through the kubelet', event: {requestURI: '/api/v1/nodes/node-1/proxy/run/prod/web/app?cmd=ls+-la+/', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy'}}, columns: {command: ['ls', '-la', '/'], container: 'app'}},
  {what: 'attach through the kubelet', event: {requestURI: '/api/v1/nodes/node-1/proxy/attach/prod/web/app?input=1', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy'}}, columns: {command: null, container: 'app', stdin: true}},
  {what: 'exec through a pod that is a kubelet', event: {requestURI: '/api/v1/namespaces/kube-system/pods/https:agent:10250/proxy/exec/prod/web/app?command=id', objectRef: {resource: 'pods', namespace: 'kube-system', name: 'https:agent:10250', subresource: 'proxy'}}, columns: {command: ['id'], container: 'app'}},
  {what: 'exec through the kubelet, with the uid of the pod', event: {requestURI: '/api/v1/nodes/node-1/proxy/exec/prod/web/8f1c/app?command=id&input=true', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy'}}, columns: {command: ['id'], container: 'app', stdin: false}},
  {what: 'exec through the kubelet, in an encoded path', event: {requestURI: '/api/v1/nodes/node-1/proxy//%65xec%2Fprod/web/app/?command=id', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy'}}, columns: {command: ['id'], container: 'app'}},
  {what: 'a path that only holds what looks like an exec', event: {requestURI: '/api/v1/nodes/node-1/proxy/logs/proxy/exec/prod/web/app?command=id', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy'}}, columns: {command: null, container: null, stdin: null}},
  {what: 'a namespace called proxy', event: {requestURI: '/api/v1/namespaces/proxy/pods/run:80/proxy/x/y/z?command=id', objectRef: {resource: 'pods', namespace: 'proxy', name: 'run:80', subresource: 'proxy'}}, columns: {command: null, container: null}},
  {what: 'exec through a service that is a kubelet', event: {requestURI: '/api/v1/namespaces/kube-system/services/https:kubelet:10250/proxy/exec/prod/web/app?command=id', objectRef: {resource: 'services', namespace: 'kube-system', name: 'https:kubelet:10250', subresource: 'proxy'}}, columns: {command: ['id'], container: 'app'}},
  {what: 'another call through a proxy', event: {requestURI: '/api/v1/nodes/node-1/proxy/metrics?command=id', objectRef: {resource: 'nodes', name: 'node-1', subresource: 'proxy'}}, columns: {command: null, container: null, stdin: null, tty: null}},
  {what: 'a delete through a service', event: {verb: 'delete', requestURI: '/api/v1/namespaces/prod/services/http:api:80/proxy/x', objectRef: {resource: 'services', namespace: 'prod', name: 'http:api:80', subresource: 'proxy'}}, columns: {command: null, resource: 'services', subresource: 'proxy', verb: 'delete'}},
  {what: 'a custom resource whose subresource is called exec', event: {requestURI: '/apis/x.io/v1/things/a/exec?command=id', objectRef: {resource: 'things', name: 'a', apiGroup: 'x.io', subresource: 'exec'}}, columns: {command: null}},
  // Times
  {what: 'v1alpha1 times', event: {requestReceivedTimestamp: undefined, stageTimestamp: undefined, metadata: {creationTimestamp: '2017-09-11T19:55:06Z'}, timestamp: '2017-09-11T19:55:05Z'}, columns: {time: '2017-09-11T19:55:05.000000Z', stage_time: null}},
  {what: 'only the creation time', event: {requestReceivedTimestamp: undefined, stageTimestamp: undefined, metadata: {creationTimestamp: '2017-09-11T19:55:06Z'}}, columns: {time: '2017-09-11T19:55:06.000000Z'}},
  {what: 'v1beta1 times', event: {timestamp: '2026-03-01T10:15:22Z', metadata: {creationTimestamp: '2026-03-01T10:15:23Z'}}, columns: {time: '2026-03-01T10:15:22.123456Z', stage_time: '2026-03-01T10:15:22.133456Z'}},
  {what: 'only the time of the stage', event: {requestReceivedTimestamp: undefined}, columns: {time: '2026-03-01T10:15:22.133456Z', stage_time: '2026-03-01T10:15:22.133456Z'}},
  {what: 'no time at all', event: {requestReceivedTimestamp: null, stageTimestamp: null}, columns: {time: null, stage_time: null}},
  {what: 'nanoseconds', event: {requestReceivedTimestamp: '2026-03-01T10:15:22.123456789Z'}, columns: {time: '2026-03-01T10:15:22.123456Z'}},
  {what: 'another zone', event: {requestReceivedTimestamp: '2026-03-01T12:15:22.5+02:00'}, columns: {time: '2026-03-01T10:15:22.500000Z'}},
  {what: 'the word infinity', event: {requestReceivedTimestamp: 'infinity', stageTimestamp: '-infinity'}, columns: {time: null, stage_time: null}},
  {what: 'times that are none', event: {requestReceivedTimestamp: 'yesterday', stageTimestamp: {}}, columns: {time: null, stage_time: null}},
  // Odd types: the record stays an event, and what can be told is told
  {what: 'a user that is text', event: {user: 'x'}, columns: {user_name: 'x', verb: 'get'}},
  {what: 'a code that is text', event: {responseStatus: {code: '403'}}, columns: {code: 403}},
  {what: 'a code beyond all bounds', event: {responseStatus: {code: 99_999_999_999}}, columns: {code: null}},
  {what: 'a status that is text', event: {responseStatus: 'Forbidden'}, columns: {code: null, user_name: 'alice'}},
  {what: 'addresses that are text', event: {sourceIPs: '1.2.3.4'}, columns: {source_ips: ['1.2.3.4'], user_name: 'alice'}},
  {what: 'groups that are text', event: {user: {username: 'a', groups: 'devs'}}, columns: {user_name: 'a', user_groups: null}},
  {what: 'extra that is a list', event: {user: {username: 'a', extra: [1]}}, columns: {user_name: 'a', user_extra: [1], principal: 'a'}},
  {what: 'an object that is text', event: {objectRef: 'x'}, columns: {resource: null, api_group: null, user_name: 'alice'}},
  {what: 'annotations that are a list', event: {annotations: []}, columns: {annotations: [], decision: null}},
  {what: 'a body that is a JSON patch', event: {verb: 'patch', requestObject: [{op: 'add', path: '/x', value: 1}]}, columns: {request_object: [{op: 'add', path: '/x', value: 1}], user_name: 'alice'}},
  {what: 'no kind and no apiVersion', event: {kind: undefined, apiVersion: undefined}, columns: {user_name: 'alice'}},
  {what: 'a level alone, with a URI and a verb', event: {kind: undefined, apiVersion: undefined, stage: undefined, auditID: undefined, user: undefined}, columns: {stage: null, level: 'Metadata', audit_id: null, user_name: null}},
  {what: 'numbers beyond JavaScript in a body', event: {responseObject: {big: '\u0001big'}}, columns: {user_name: 'alice'}},
] // prettier-ignore

let rows: Map<number, Record<string, Plain>>
let lines: string[]

beforeAll(async () => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  lines = cases.map(({event}, i) =>
    logLine(i === 0 ? event : {...auditEvent(), auditID: `case-${i}`, ...event}).replace(
      '"\\u0001big"',
      '9007199254740993',
    ),
  )
  const report = await load(casePath, [writeInto(folder, 'audit.log', `${lines.join('\n')}\n`)])
  expect(report).toMatchObject({outcome: 'complete', newEvents: cases.length, duplicates: 0})
  rows = new Map((await ask(casePath, 'SELECT * FROM events')).map((row) => [row['line'] as number, row]))
})

describe('what an event says in its columns', () => {
  test.each(cases.map((entry, i) => ({...entry, line: i + 1})))('$what', ({columns, line}) => {
    const row = rows.get(line) as Record<string, Plain>
    expect(Object.fromEntries(Object.keys(columns).map((column) => [column, row[column]]))).toEqual(columns)
    expect(row['raw']).toBe(lines[line - 1]) // with the escapes of Go's JSON, and all digits
  })
})

test('every column of events is looked at', () => {
  const told = new Set(cases.flatMap(({columns}) => Object.keys(columns)))
  const all = Object.keys(rows.get(1) as object)
  expect(all.filter((column) => !told.has(column)).sort()).toEqual(['event_id', 'line', 'raw', 'source_id'])
})
