/** A type of object as the audit log names it. */
export interface ResourceType {
  /** The plural, lower case: what `objectRef.resource` holds. */
  readonly resource: string
  /** The API groups it may stand under, `''` for core; undefined where any group will do. */
  readonly groups: readonly string[] | undefined
  readonly scope: 'namespaced' | 'cluster' | 'unknown'
  /** False for custom resources and for what nobody knows. */
  readonly builtIn: boolean
  /** Other plurals that the word may have meant, where it is no built-in type. */
  readonly otherPlurals: readonly string[]
}

/** What was asked about. */
export interface Target {
  /** The types that may be meant; none where every type is. */
  readonly types: readonly ResourceType[]
  readonly name?: string
}

/** Thrown for what names no object: a type without a name after the slash, a name given twice. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
}

type Row = readonly [resource: string, kind: string, groups: string, scope: 'n' | 'c', shortNames?: string]

/**
 * The built-in types: plural, kind, groups they have lived in (the current one first, `core` for the empty one), scope,
 * short names. The singular is the kind in lower case. From `kubectl api-resources` of Kubernetes 1.8 to 1.34.
 */
const builtIn: readonly Row[] = [
  ['bindings', 'Binding', 'core', 'n'],
  ['componentstatuses', 'ComponentStatus', 'core', 'c', 'cs'],
  ['configmaps', 'ConfigMap', 'core', 'n', 'cm'],
  ['endpoints', 'Endpoints', 'core', 'n', 'ep'],
  ['events', 'Event', 'core events.k8s.io', 'n', 'ev'],
  ['limitranges', 'LimitRange', 'core', 'n', 'limits'],
  ['namespaces', 'Namespace', 'core', 'c', 'ns'],
  ['nodes', 'Node', 'core', 'c', 'no'],
  ['persistentvolumeclaims', 'PersistentVolumeClaim', 'core', 'n', 'pvc'],
  ['persistentvolumes', 'PersistentVolume', 'core', 'c', 'pv'],
  ['pods', 'Pod', 'core', 'n', 'po'],
  ['podtemplates', 'PodTemplate', 'core', 'n'],
  ['replicationcontrollers', 'ReplicationController', 'core', 'n', 'rc'],
  ['resourcequotas', 'ResourceQuota', 'core', 'n', 'quota'],
  ['secrets', 'Secret', 'core', 'n'],
  ['serviceaccounts', 'ServiceAccount', 'core', 'n', 'sa'],
  ['services', 'Service', 'core', 'n', 'svc'],
  ['mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', 'admissionregistration.k8s.io', 'c'],
  ['validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', 'admissionregistration.k8s.io', 'c'],
  ['validatingadmissionpolicies', 'ValidatingAdmissionPolicy', 'admissionregistration.k8s.io', 'c'],
  ['validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', 'admissionregistration.k8s.io', 'c'],
  ['mutatingadmissionpolicies', 'MutatingAdmissionPolicy', 'admissionregistration.k8s.io', 'c'],
  ['mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', 'admissionregistration.k8s.io', 'c'],
  ['customresourcedefinitions', 'CustomResourceDefinition', 'apiextensions.k8s.io', 'c', 'crd crds'],
  ['apiservices', 'APIService', 'apiregistration.k8s.io', 'c'],
  ['controllerrevisions', 'ControllerRevision', 'apps', 'n'],
  ['daemonsets', 'DaemonSet', 'apps extensions', 'n', 'ds'],
  ['deployments', 'Deployment', 'apps extensions', 'n', 'deploy'],
  ['replicasets', 'ReplicaSet', 'apps extensions', 'n', 'rs'],
  ['statefulsets', 'StatefulSet', 'apps', 'n', 'sts'],
  ['selfsubjectreviews', 'SelfSubjectReview', 'authentication.k8s.io', 'c'],
  ['tokenreviews', 'TokenReview', 'authentication.k8s.io', 'c'],
  ['localsubjectaccessreviews', 'LocalSubjectAccessReview', 'authorization.k8s.io', 'n'],
  ['selfsubjectaccessreviews', 'SelfSubjectAccessReview', 'authorization.k8s.io', 'c'],
  ['selfsubjectrulesreviews', 'SelfSubjectRulesReview', 'authorization.k8s.io', 'c'],
  ['subjectaccessreviews', 'SubjectAccessReview', 'authorization.k8s.io', 'c'],
  ['horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'autoscaling extensions', 'n', 'hpa'],
  ['cronjobs', 'CronJob', 'batch', 'n', 'cj'],
  ['jobs', 'Job', 'batch extensions', 'n'],
  ['certificatesigningrequests', 'CertificateSigningRequest', 'certificates.k8s.io', 'c', 'csr'],
  ['clustertrustbundles', 'ClusterTrustBundle', 'certificates.k8s.io', 'c'],
  ['podcertificaterequests', 'PodCertificateRequest', 'certificates.k8s.io', 'n'],
  ['leases', 'Lease', 'coordination.k8s.io', 'n'],
  ['leasecandidates', 'LeaseCandidate', 'coordination.k8s.io', 'n'],
  ['endpointslices', 'EndpointSlice', 'discovery.k8s.io', 'n'],
  ['flowschemas', 'FlowSchema', 'flowcontrol.apiserver.k8s.io', 'c'],
  ['prioritylevelconfigurations', 'PriorityLevelConfiguration', 'flowcontrol.apiserver.k8s.io', 'c'],
  ['storageversions', 'StorageVersion', 'internal.apiserver.k8s.io', 'c'],
  ['ingressclasses', 'IngressClass', 'networking.k8s.io', 'c'],
  ['ingresses', 'Ingress', 'networking.k8s.io extensions', 'n', 'ing'],
  ['networkpolicies', 'NetworkPolicy', 'networking.k8s.io extensions', 'n', 'netpol'],
  ['ipaddresses', 'IPAddress', 'networking.k8s.io', 'c', 'ip'],
  ['servicecidrs', 'ServiceCIDR', 'networking.k8s.io', 'c'],
  ['runtimeclasses', 'RuntimeClass', 'node.k8s.io', 'c'],
  ['poddisruptionbudgets', 'PodDisruptionBudget', 'policy', 'n', 'pdb'],
  ['podsecuritypolicies', 'PodSecurityPolicy', 'policy extensions', 'c', 'psp'],
  ['clusterrolebindings', 'ClusterRoleBinding', 'rbac.authorization.k8s.io', 'c'],
  ['clusterroles', 'ClusterRole', 'rbac.authorization.k8s.io', 'c'],
  ['rolebindings', 'RoleBinding', 'rbac.authorization.k8s.io', 'n'],
  ['roles', 'Role', 'rbac.authorization.k8s.io', 'n'],
  ['deviceclasses', 'DeviceClass', 'resource.k8s.io', 'c'],
  ['devicetaintrules', 'DeviceTaintRule', 'resource.k8s.io', 'c'],
  ['resourceclaims', 'ResourceClaim', 'resource.k8s.io', 'n'],
  ['resourceclaimtemplates', 'ResourceClaimTemplate', 'resource.k8s.io', 'n'],
  ['resourceslices', 'ResourceSlice', 'resource.k8s.io', 'c'],
  ['priorityclasses', 'PriorityClass', 'scheduling.k8s.io', 'c', 'pc'],
  ['podpresets', 'PodPreset', 'settings.k8s.io', 'n'],
  ['csidrivers', 'CSIDriver', 'storage.k8s.io', 'c'],
  ['csinodes', 'CSINode', 'storage.k8s.io', 'c'],
  ['csistoragecapacities', 'CSIStorageCapacity', 'storage.k8s.io', 'n'],
  ['storageclasses', 'StorageClass', 'storage.k8s.io', 'c', 'sc'],
  ['volumeattachments', 'VolumeAttachment', 'storage.k8s.io', 'c'],
  ['volumeattributesclasses', 'VolumeAttributesClass', 'storage.k8s.io', 'c', 'vac'],
  ['storageversionmigrations', 'StorageVersionMigration', 'storagemigration.k8s.io', 'c'],
]

/** The name of a group: some exports write `core` where the API has the empty name, which no custom resource can bear. */
function groupName(group: string | null): string {
  return group === null || group === 'core' ? '' : group
}

/** What `kubectl get all` stands for. */
const categoryAll =
  'pods replicationcontrollers services daemonsets deployments replicasets statefulsets horizontalpodautoscalers cronjobs jobs'

const groupsByRow = new Map(
  builtIn.map((row) => [row, row[2].split(' ').map((group) => (group === 'core' ? '' : group))]),
)

function groupsOf(row: Row): readonly string[] {
  return groupsByRow.get(row) ?? []
}

const byWord = new Map<string, Row>()
for (const row of builtIn)
  for (const word of [row[0], row[1].toLowerCase(), ...(row[4]?.split(' ') ?? [])]) byWord.set(word, row)

function builtInType(row: Row, groups: readonly string[] = groupsOf(row)): ResourceType {
  return {resource: row[0], groups, scope: row[3] === 'n' ? 'namespaced' : 'cluster', builtIn: true, otherPlurals: []}
}

/** The words by which kubectl knows the built-in types, and the plural that each stands for. */
export function typeWords(): ReadonlyMap<string, string> {
  return new Map([...byWord].map(([word, row]) => [word, row[0]]))
}

/** The API groups that built-in types stand under, `''` for core. */
export function builtInGroups(): ReadonlySet<string> {
  return new Set([...groupsByRow.values()].flat())
}

/** The built-in type that a single word means to kubectl: plural, singular, kind or short name, in any case. */
export function builtInOfWord(word: string): ResourceType | undefined {
  const row = byWord.get(word.toLowerCase())
  return row === undefined ? undefined : builtInType(row)
}

/**
 * Subresources of built-in types (`kubectl get --raw`, Kubernetes 1.8 to 1.34): the core group's are complete, others
 * have what most types have.
 */
const subresources: Readonly<Record<string, string>> = {
  pods: 'attach binding ephemeralcontainers eviction exec log portforward proxy resize status',
  services: 'proxy status',
  nodes: 'proxy status',
  namespaces: 'finalize status',
  serviceaccounts: 'token',
  persistentvolumes: 'status',
  persistentvolumeclaims: 'status',
  replicationcontrollers: 'scale status',
  resourcequotas: 'status',
  deployments: 'rollback scale status',
  replicasets: 'scale status',
  statefulsets: 'scale status',
  daemonsets: 'status',
  certificatesigningrequests: 'approval status',
}

/** Subresources that a built-in type has; undefined where that is not known. Types of core without any have none. */
export function subresourcesOf(resource: string, group: string): readonly string[] | undefined {
  if (!isBuiltIn(resource, group)) return undefined
  return subresources[resource]?.split(' ') ?? (group === '' ? [] : undefined)
}

/** The plurals that an English singular may have, for words that no table knows. */
function pluralsOf(word: string): string[] {
  if (/[^aeiou]y$/.test(word)) return [`${word.slice(0, -1)}ies`]
  return /(?:s|x|z|ch|sh)$/.test(word) ? [`${word}es`] : [`${word}s`]
}

/** One type as kubectl takes it: `deploy`, `deployments.apps`, `deployments.v1.apps`, `Deployment`. */
function parseType(text: string): ResourceType {
  const [head = '', ...rest] = text.toLowerCase().split('.')
  const hasVersion = /^v\d+(?:(?:alpha|beta)\d+)?$/.test(rest[0] ?? '')
  const group = groupName(rest.slice(hasVersion ? 1 : 0).join('.'))
  // `pods.v1.` and `pods.v1` are of the core group or of the word's own; only a bare word is free to be any group.
  const groupGiven = rest.length > (hasVersion ? 1 : 0)
  const row = byWord.get(head)
  if (row !== undefined && !groupGiven) return builtInType(row)
  if (row !== undefined && groupsOf(row).includes(group)) return builtInType(row, [group])
  return {
    resource: head,
    groups: groupGiven ? [group] : undefined,
    scope: 'unknown',
    builtIn: false,
    otherPlurals: [...(row === undefined ? [] : [row[0]]), ...pluralsOf(head)].filter((word) => word !== head),
  }
}

/**
 * What `TYPE/NAME` and `TYPE NAME` mean, as kubectl reads them: short names, singulars, plurals, kinds, `type.group`,
 * `type.version.group`, lists with commas and `all`. A bare built-in type matches the groups it has lived in; a word
 * that is none is taken as the plural of a custom resource of any group. The version is not compared: the object is
 * the same in each.
 *
 * @throws TargetError where the words name no object.
 */
export function parseTarget(type?: string, name?: string): Target {
  const words = type ?? ''
  const slash = words.indexOf('/')
  const typeWords = (slash < 0 ? words : words.slice(0, slash)).trim()
  const nameInType = slash < 0 ? undefined : words.slice(slash + 1)
  if (nameInType !== undefined && name !== undefined)
    throw new TargetError(`The name was given twice: ${JSON.stringify(nameInType)} and ${JSON.stringify(name)}.`)
  if (nameInType === '' || name === '')
    throw new TargetError(`There is no name in ${JSON.stringify(words)}: give TYPE/NAME, or TYPE alone.`)
  if (slash >= 0 && typeWords === '')
    throw new TargetError(`There is no type in ${JSON.stringify(words)}: give TYPE/NAME.`)
  const wanted = nameInType ?? name
  const types = (typeWords === '' ? [] : typeWords.split(',')).flatMap((word) => {
    if (word.trim() === '') throw new TargetError(`There is an empty type in ${JSON.stringify(words)}.`)
    return word.trim().toLowerCase() === 'all' ? categoryAll.split(' ').map(parseType) : [parseType(word.trim())]
  })
  return {types, ...(wanted === undefined ? {} : {name: wanted})}
}

/**
 * The type that a word means in a log which holds these resources: a custom resource that was asked for by its singular
 * or kind becomes the plural that the log knows.
 */
export function resolveType(
  type: ResourceType,
  logged: Iterable<{readonly resource: string; readonly group: string}>,
): ResourceType {
  if (type.builtIn) return type
  const fits = (resource: string): boolean => {
    for (const known of logged)
      if (known.resource === resource && (type.groups?.includes(known.group) ?? true)) return true
    return false
  }
  const plural = fits(type.resource) ? undefined : type.otherPlurals.find(fits)
  return plural === undefined ? type : {...type, resource: plural}
}

/** True where an object of the log is of this type. */
export function isOfType(type: ResourceType, resource: string | null, group: string | null): boolean {
  return resource === type.resource && (type.groups === undefined || type.groups.includes(groupName(group)))
}

/**
 * The groups under which the log may hold one and the same object: a Deployment is the same in apps and in extensions.
 * Empty where the group says all.
 */
export function sameObjectGroups(resource: string, group: string): readonly string[] {
  const row = byWord.get(resource)
  const name = groupName(group)
  return row?.[0] === resource && groupsOf(row).includes(name) ? groupsOf(row) : [name]
}

/** True for a built-in type; a custom resource may bear the same plural in another group. */
export function isBuiltIn(resource: string, group: string): boolean {
  const row = byWord.get(resource)
  return row?.[0] === resource && groupsOf(row).includes(groupName(group))
}

/** Whether objects of a type stand in a namespace; `unknown` for custom resources. */
export function scopeOf(resource: string | null, group: string | null): ResourceType['scope'] {
  const row = resource === null ? undefined : byWord.get(resource)
  if (row === undefined || row[0] !== resource || !groupsOf(row).includes(groupName(group))) return 'unknown'
  return row[3] === 'n' ? 'namespaced' : 'cluster'
}

/** The plural of a kind, as an owner reference names it. */
export function resourceOfKind(kind: string): string {
  const word = kind.toLowerCase()
  const row = byWord.get(word)
  return row?.[1] === kind ? row[0] : (pluralsOf(word)[0] ?? word)
}

/** A type as people write it: `deployments`, `widgets.example.com`. */
export function typeText(resource: string | null, group: string | null): string {
  if (resource === null) return 'no object'
  return groupName(group) === '' || isBuiltIn(resource, groupName(group)) ? resource : `${resource}.${groupName(group)}`
}

/** An object as people say it: `deployment nginx`, `widgets.example.com w1`. */
export function objectWords(resource: string | null, group: string | null, name: string): string {
  const row = resource === null ? undefined : byWord.get(resource)
  const isKnown = row !== undefined && row[0] === resource && groupsOf(row).includes(groupName(group))
  return `${isKnown ? row[1].toLowerCase() : typeText(resource, group)} ${name}`
}
