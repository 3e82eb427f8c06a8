/** Levels of an audit policy, each recording more than the one before it (audit.k8s.io/v1, `Level`). */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export type AuditLevel = (typeof auditLevels)[number]

/** Stages of a request that can become events (audit.k8s.io/v1, `Stage`), in their order. */
export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type AuditStage = (typeof auditStages)[number]

/** Types of one API group that a rule is about. */
export interface GroupResources {
  /** API group; empty for core. Compared as it is written. */
  readonly group: string
  /** `pods`, `pods/exec`, `pods/*` (pods and all their subresources), `*\/status`, `*`; none stands for the whole group. */
  readonly resources: readonly string[]
  /** Names of objects; none stands for all. Counts only where `resources` names something. */
  readonly resourceNames: readonly string[]
}

/** A rule of an audit policy. A list without entries does not restrict; no list but nonResourceURLs knows wildcards, apart from `resources`. */
export interface PolicyRule {
  readonly level: AuditLevel
  /** Who authenticated; never whom the request acted as. */
  readonly users: readonly string[]
  /** Groups of who authenticated; one of them is enough. */
  readonly userGroups: readonly string[]
  readonly verbs: readonly string[]
  readonly resources: readonly GroupResources[]
  /** Namespaces; the empty name stands for objects of the cluster. */
  readonly namespaces: readonly string[]
  /** Paths that are no resources: `/healthz`, `/healthz*`, `*`. */
  readonly nonResourceURLs: readonly string[]
  /** Stages that are not recorded, beside those that the policy omits. */
  readonly omitStages: readonly AuditStage[]
  /** Overrides the policy's own, where it is given. */
  readonly omitManagedFields?: boolean | undefined
}

/** The conditions of a rule that takes every request and omits no stage: what others are made from. */
export const everyRequest: Omit<PolicyRule, 'level'> = {
  users: [],
  userGroups: [],
  verbs: [],
  resources: [],
  namespaces: [],
  nonResourceURLs: [],
  omitStages: [],
}

/** An audit policy: the first rule that takes a request decides. */
export interface Policy {
  readonly rules: readonly PolicyRule[]
  /** Stages that are not recorded, whatever the rule. */
  readonly omitStages: readonly AuditStage[]
  readonly omitManagedFields: boolean
}

/** What an audit policy looks at of a request, as the API server sees it when the request arrives. */
export interface PolicyRequest {
  /** Who authenticated; NULL where nobody did (401). */
  readonly user: string | null
  readonly groups: readonly string[]
  readonly verb: string
  /** True for requests on resources, false for other paths. */
  readonly isResource: boolean
  /** Empty where there is none, and for core. */
  readonly apiGroup: string
  readonly resource: string
  readonly subresource: string
  /** Empty for objects of the cluster. */
  readonly namespace: string
  /** Name in the path or in `fieldSelector=metadata.name=`; empty for creations, which name the object in their body alone. */
  readonly name: string
  /** Path of the URL, decoded, without its query. Looked at only where the request is on no resource. */
  readonly path: string
}

/** How a policy disposes of a request. */
export interface PolicyDecision {
  /** Place of the rule that takes the request, from 0; NULL where none does, and the level is None. */
  readonly rule: number | null
  readonly level: AuditLevel
  /** Stages that are not recorded: those of the policy and those of the rule. */
  readonly omitStages: readonly AuditStage[]
  readonly omitManagedFields: boolean
}
