import {typeText} from '../../audit/resource-names.ts'
import {counted} from '../report-blocks.ts'
import type {LeakForm} from './leak-forms.ts'

interface Words {
  /** What is counted, one and many. */
  readonly one: string
  readonly many: string
  /** What follows from it. */
  readonly consequence: string
}

const known = 'Whoever can read this log, or a copy of it, knows'
const atMetadata = 'Level Metadata keeps bodies out of the log'

const words: Readonly<Record<LeakForm, Words>> = {
  secret: {
    one: 'value of a Secret',
    many: 'values of Secrets',
    consequence: `${known} these values: change them. Log Secrets at Metadata.`,
  },
  'bootstrap-token': {
    one: 'value of a bootstrap token',
    many: 'values of bootstrap tokens',
    consequence: `${known} it, and can join nodes while it is valid: delete it. Log Secrets at Metadata.`,
  },
  'issued-token': {
    one: 'service-account token, as it was issued',
    many: 'service-account tokens, as they were issued',
    consequence: `${known} it, and can act as the service account until the token expires. Log serviceaccounts/token at Metadata.`,
  },
  'reviewed-token': {
    one: 'token that was presented for review',
    many: 'tokens that were presented for review',
    consequence: `${known} it, and can act as its owner while it is valid. Log tokenreviews at Metadata.`,
  },
  'private-key': {
    one: 'private key',
    many: 'private keys',
    consequence: `${known} it: replace it, with the certificates that rest on it. ${atMetadata}.`,
  },
  kubeconfig: {
    one: 'kubeconfig with credentials',
    many: 'kubeconfigs with credentials',
    consequence: `${known} these credentials: replace them. Keep them in a Secret, and log ConfigMaps at Metadata.`,
  },
  configuration: {
    one: 'setting that is called like a credential',
    many: 'settings that are called like credentials',
    consequence: `${known} the value: change it if it is one. Keep it in a Secret, and log ConfigMaps at Metadata.`,
  },
  environment: {
    one: 'environment variable that is called like a credential, with its value',
    many: 'environment variables that are called like credentials, with their values',
    consequence: `${known} the value: change it if it is a credential. Take it from a Secret (valueFrom.secretKeyRef); ${atMetadata.toLowerCase()}.`,
  },
  arguments: {
    one: 'credential among the arguments of a container',
    many: 'credentials among the arguments of containers',
    consequence: `${known} it: change it. Take it from a Secret (valueFrom.secretKeyRef, a mounted file); ${atMetadata.toLowerCase()}.`,
  },
  field: {
    one: 'field that is called like a credential, with its value',
    many: 'fields that are called like credentials, with their values',
    consequence: `${known} the value: change it if it is a credential. ${atMetadata}.`,
  },
  token: {
    one: 'token of a well-known form',
    many: 'tokens of well-known forms',
    consequence: `${known} it: revoke it. ${atMetadata}.`,
  },
  'url-password': {
    one: 'password in a URL or connection string',
    many: 'passwords in URLs or connection strings',
    consequence: `${known} it: change it. ${atMetadata}.`,
  },
  authorization: {
    one: 'Authorization header, or bearer token',
    many: 'Authorization headers, or bearer tokens',
    consequence: `${known} it: revoke it. ${atMetadata}.`,
  },
  command: {
    one: 'credential on the command line of an exec',
    many: 'credentials on the command line of an exec',
    consequence: `${known} it: change it. A command stands in the URI, which every level but None records: pass credentials through files, standard input or the environment of the container.`,
  },
  'request-uri': {
    one: 'credential among the parameters of the URI',
    many: 'credentials among the parameters of the URI',
    consequence: `${known} it: revoke it. The URI is recorded at every level but None: send credentials in a header.`,
  },
}

/** What a leak is of, as far as its row says it. */
export interface LeakPlace {
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly namespace: string | null
  readonly name: string | null
}

function placeText({api_group: group, resource, subresource, namespace, name}: LeakPlace): string {
  if (resource === null) return 'on no object'
  const object = [typeText(resource, group), name, subresource].filter((part) => part !== null).join('/')
  return `on ${object}${namespace === null || resource === 'namespaces' ? '' : ` in ${namespace}`}`
}

/** What leaked, in a sentence; the value itself is in no sentence, nor how long it is. */
export function leakStatement(form: LeakForm, verb: string | null, place: LeakPlace, count: number): string {
  const {one, many} = words[form]
  const request = verb === null || verb === '' ? 'request' : verb
  const article = /^[aeiou]/i.test(request) ? 'an' : 'a'
  return `The record of ${article} ${request} ${placeText(place)} holds ${counted(count, one, many)}.`
}

/** What follows from a leak. */
export function leakConsequence(form: LeakForm): string {
  return words[form].consequence
}
