import {isCredentialName, isCredentialVariable, isThere, isWrittenOut, looksLikePassword} from './credential-names.ts'
import {addTo, findInText, type Found} from './credential-texts.ts'
import {commandCredentials} from './command-credentials.ts'
import type {LeakForm} from './leak-forms.ts'

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The values of a Secret; `data` is base64, and the same value may stand in `stringData` or an annotation too. */
function findInSecret(secret: Fields, found: Found<LeakForm>): void {
  const form = secret['type'] === 'bootstrap.kubernetes.io/token' ? 'bootstrap-token' : 'secret'
  for (const [member, isBase64] of [
    ['data', true],
    ['stringData', false],
  ] as const)
    for (const value of Object.values(fieldsOf(secret[member]) ?? {})) {
      if (typeof value !== 'string') continue
      const text = isBase64
        ? Buffer.from(value, 'base64').toString('latin1')
        : Buffer.from(value, 'utf8').toString('latin1')
      if (isThere(value) && isThere(text)) addTo(found, form, text)
    }
}

/** A JSON patch of a Secret. */
function findInSecretPatch(operations: readonly unknown[], found: Found<LeakForm>): void {
  for (const operation of operations) {
    const {path, value} = fieldsOf(operation) ?? {}
    if (typeof path !== 'string') continue
    const [, member, key] = path.split('/')
    if (path === '') findInSecret({...fieldsOf(value)}, found)
    if (member === undefined || !['data', 'stringData'].includes(member)) continue
    findInSecret({[member]: key === undefined ? value : {[key]: value}}, found)
  }
}

const settingLine =
  /^[ \t]{0,40}["']?([A-Za-z_][\w.-]{0,80})["']?[ \t]{0,10}[:=][ \t]{0,10}["']?([^\s"',}#]{1,500})(?=(["']?[ \t]{1,10}[A-Za-z])?)/gm

/** `token: the token of …`: words, not a value. */
const isProse = (text: string, more: string | undefined): boolean =>
  more !== undefined && !/^["']/.test(more) && /^[a-z]+$/i.test(text)

/** Settings of a document in JSON. */
function findInSettings(document: unknown, found: Found<LeakForm>): void {
  const open: unknown[] = [document]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const [name, value] of Object.entries((next ?? {}) as Fields)) {
      if (typeof value === 'object' && value !== null) open.push(value)
      if (typeof value === 'string' && isCredentialName(name) && isThere(value) && isWrittenOut(value))
        addTo(found, 'configuration', value)
    }
}

/** A JSON patch of a ConfigMap. */
function findInConfigurationPatch(operations: readonly unknown[], found: Found<LeakForm>): void {
  for (const operation of operations) {
    const {path, value} = fieldsOf(operation) ?? {}
    if (typeof path !== 'string') continue
    const [, member, key = ''] = path.split('/')
    if (path === '') findInConfiguration({...fieldsOf(fieldsOf(value)?.['data'])}, found)
    else if (member === 'data')
      findInConfiguration(
        path === '/data' ? {...fieldsOf(value)} : {[key.replaceAll('~1', '/').replaceAll('~0', '~')]: value},
        found,
      )
  }
}

/** Values of variables that a JSON patch sets by their place: other operations may tell the name, or nothing does. */
function findInVariablePatch(operations: readonly unknown[], found: Found<LeakForm>): void {
  const texts = new Map<string, string>()
  for (const operation of operations) {
    const {path, value, op} = fieldsOf(operation) ?? {}
    if (typeof path === 'string' && typeof value === 'string' && (op !== 'test' || path.endsWith('/name')))
      texts.set(path, value)
  }
  for (const [path, value] of texts) {
    if (!/\/env\/\d+\/value$/.test(path)) continue
    const name = texts.get(path.replace(/value$/, 'name'))
    if (name === undefined ? looksLikePassword(value) : isCredentialVariable(name, value))
      addTo(found, 'environment', value)
  }
}

/** Kubeconfigs, and lines such as `db.password=…`, in what a ConfigMap holds. */
function findInConfiguration(data: Fields, found: Found<LeakForm>): void {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== 'string') continue
    const isFile = /\.(?:conf|config|cfg|cnf|ini|ya?ml|json|properties|env|txt|xml|toml|sh|md)$/i.test(key)
    if (!isFile && !value.includes('\n') && isCredentialName(key) && isWrittenOut(value))
      addTo(found, 'configuration', value)
    const isKubeconfig = /\bclusters["']?\s*:/.test(value) && /\busers["']?\s*:/.test(value)
    if (isKubeconfig && /\b(?:client-key-data|token|password)["']?\s*:\s*["']?[^\s"',}]{4}/.test(value))
      addTo(found, 'kubeconfig', value)
    else if (/^\s*[[{]/.test(value) && typeof parsed(value) === 'object') findInSettings(parsed(value), found)
    else
      for (const [, name = '', text = '', more] of value.slice(0, 1_000_000).matchAll(settingLine))
        if (isCredentialName(name) && isWrittenOut(text) && !/^[[{|>(&*]/.test(text) && !isProse(text, more))
          addTo(found, 'configuration', text)
  }
}

/** Fields of a custom resource that are credentials by their name beyond doubt. */
const credentialField =
  /^(?:.*[_.-])?(?:\w*[Pp]assword|PASSWORD|passwd|[cC]lient_?[sS]ecret|[aA]pi_?[kK]ey|[aA]ccess_?[tT]oken|[aA]uth_?[tT]oken|[bB]earer_?[tT]oken|[sS]ecret_?[aA]ccess_?[kK]ey)$/

const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

/** Goes through a document without recursion: no depth is too deep. */
function walk(
  document: unknown,
  found: Found<LeakForm>,
  {isPatch, isCustom}: {readonly isPatch: boolean; readonly isCustom: boolean},
): void {
  const open: {readonly value: unknown; readonly key: string}[] = [{value: document, key: ''}]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const {value, key} = next
    if (typeof value === 'string') {
      if (key === 'kubectl.kubernetes.io/last-applied-configuration') open.push({value: parsed(value), key: ''})
      else findInText(value, found)
      if (isCustom && credentialField.test(key) && !key.includes('/') && isWrittenOut(value))
        addTo(found, 'field', value)
      continue
    }
    if (Array.isArray(value)) {
      if (key === 'env')
        for (const entry of value) {
          const {name, value: literal} = fieldsOf(entry) ?? {}
          if (typeof name === 'string' && typeof literal === 'string' && isCredentialVariable(name, literal))
            addTo(found, 'environment', literal)
        }
      if (key === 'args' || key === 'command') {
        for (const each of commandCredentials(stringsOf(value))) addTo(found, 'arguments', each)
        continue
      }
      for (const entry of value) open.push({value: entry, key})
      continue
    }
    const fields = fieldsOf(value)
    if (fields === undefined) continue
    if (fields['kind'] === 'Secret' && fields['apiVersion'] === 'v1') {
      findInSecret(fields, found)
      open.push({value: fields['metadata'], key: 'metadata'})
      continue
    }
    if (fields['kind'] === 'ConfigMap') findInConfiguration({...fieldsOf(fields['data'])}, found)
    // One operation of a JSON patch: `{"op":"add","path":"/spec/…/env/-","value":{…}}`.
    if (isPatch && typeof fields['path'] === 'string' && 'op' in fields) {
      const place =
        fields['path']
          .split('/')
          .filter((part) => part !== '-' && !/^\d+$/.test(part))
          .at(-1) ?? ''
      open.push({
        value: fieldsOf(fields['value']) !== undefined && place === 'env' ? [fields['value']] : fields['value'],
        key: place,
      })
      continue
    }
    for (const [name, inner] of Object.entries(fields))
      if (name !== 'managedFields' && name !== 'f:data') open.push({value: inner, key: name})
  }
}

/** Of which type the object of an event is, for bodies that do not say it themselves: patches, items of lists. */
export interface BodyType {
  readonly apiGroup: string | null
  readonly resource: string | null
  readonly subresource: string | null
}

const literal = (value: unknown): value is string => typeof value === 'string' && isThere(value)

/**
 * The credentials that a body holds, by form, each value once however often it stands there. Redacted and empty values,
 * and references to what stands elsewhere, are none.
 */
export function findInBody(body: unknown, {apiGroup, resource, subresource}: BodyType, found: Found<LeakForm>): void {
  const fields = fieldsOf(body)
  const isCore = apiGroup === '' || apiGroup === null
  const isSecret = isCore && resource === 'secrets'
  const isCustom = apiGroup?.includes('.') === true && !apiGroup.endsWith('.k8s.io')
  if (resource === 'tokenreviews') {
    const token = fieldsOf(fields?.['spec'])?.['token']
    if (literal(token)) addTo(found, 'reviewed-token', token)
    return
  }
  if (resource === 'serviceaccounts' && subresource === 'token') {
    const token = fieldsOf(fields?.['status'])?.['token']
    if (literal(token)) addTo(found, 'issued-token', token)
    return
  }
  if (Array.isArray(body)) {
    if (isSecret) findInSecretPatch(body, found)
    else {
      if (isCore && resource === 'configmaps') findInConfigurationPatch(body, found)
      findInVariablePatch(body, found)
      walk(body, found, {isPatch: true, isCustom})
    }
    return
  }
  if (fields === undefined) return
  const items = Array.isArray(fields['items']) ? (fields['items'] as unknown[]) : []
  const {kind} = fields
  if (kind === 'SecretList' || (isSecret && (kind === undefined || kind === 'Secret'))) {
    for (const each of [fields, ...items].map(fieldsOf)) {
      if (each === undefined) continue
      findInSecret(each, found)
      walk({metadata: each['metadata']}, found, {isPatch: false, isCustom: false})
    }
    return
  }
  if (isCore && resource === 'configmaps')
    for (const each of [fields, ...items]) findInConfiguration({...fieldsOf(fieldsOf(each)?.['data'])}, found)
  walk(body, found, {isPatch: false, isCustom})
}
