/** Type of a field, as the API server decodes it. */
export type FieldType =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'time'
  | 'anything'
  | {readonly list: FieldType}
  | {readonly map: FieldType}
  | ObjectType
export interface ObjectType {
  readonly object: string
  readonly fields: Readonly<Record<string, FieldType>>
}

const strings = {list: 'string'} as const

const groupResources: ObjectType = {
  object: 'GroupResources',
  fields: {group: 'string', resources: strings, resourceNames: strings},
}

const policyRule: ObjectType = {
  object: 'PolicyRule',
  fields: {
    level: 'string',
    users: strings,
    userGroups: strings,
    verbs: strings,
    resources: {list: groupResources},
    namespaces: strings,
    nonResourceURLs: strings,
    omitStages: strings,
    omitManagedFields: 'boolean',
  },
}

const ownerReference: ObjectType = {
  object: 'OwnerReference',
  fields: {
    apiVersion: 'string',
    kind: 'string',
    name: 'string',
    uid: 'string',
    controller: 'boolean',
    blockOwnerDeletion: 'boolean',
  },
}

const managedFields: ObjectType = {
  object: 'ManagedFieldsEntry',
  fields: {
    manager: 'string',
    operation: 'string',
    apiVersion: 'string',
    time: 'time',
    fieldsType: 'string',
    fieldsV1: 'anything',
    subresource: 'string',
  },
}

const objectMeta: ObjectType = {
  object: 'ObjectMeta',
  fields: {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    selfLink: 'string',
    uid: 'string',
    resourceVersion: 'string',
    generation: 'integer',
    creationTimestamp: 'time',
    deletionTimestamp: 'time',
    deletionGracePeriodSeconds: 'integer',
    labels: {map: 'string'},
    annotations: {map: 'string'},
    ownerReferences: {list: ownerReference},
    finalizers: strings,
    managedFields: {list: managedFields},
  },
}

/** Every field of a Policy (k8s.io/apiserver `pkg/apis/audit/v1`, and `ObjectMeta`); any other is ignored with a warning. */
export const policyType: ObjectType = {
  object: 'Policy',
  fields: {
    apiVersion: 'string',
    kind: 'string',
    metadata: objectMeta,
    rules: {list: policyRule},
    omitStages: strings,
    omitManagedFields: 'boolean',
  },
}
