import {fieldPath} from './field-path.ts'
import {headField} from './validate-version.ts'
import {readYamlDocuments, type YamlDocument} from './yaml-documents.ts'
import type {YamlObject, YamlPath, YamlValue} from './yaml-values.ts'

/** A flag of kube-apiserver as somebody gave it. */
export interface ApiserverFlag {
  /** Without its dashes; `_` as `-`, as the API server takes it. */
  readonly name: string
  /** NULL where there is none: `--audit-log-compress`, or the end of the line. */
  readonly value: string | null
  /** Line of the file, from 1. */
  readonly line: number
}

/** A file or folder that the API server's container sees from outside. */
export interface ApiserverMount {
  readonly path: string
  readonly isReadOnly: boolean
  /** `emptyDir`, `hostPath`, `configMap` …; NULL where the file does not tell. */
  readonly kind: string | null
  /** `File`, `DirectoryOrCreate` … of a hostPath; empty where it is not given. */
  readonly hostType: string
  readonly hostPath: string | null
  /** True where another container of the Pod has the volume too: it may carry the log away. */
  readonly isShared: boolean
  readonly line: number
}

/** How an API server is started, as far as a file tells. */
export interface ApiserverSettings {
  readonly form: 'pod' | 'kubeadm' | 'k3s' | 'command-line'
  /** Which object it is, for people. */
  readonly place: string
  readonly line: number
  readonly flags: readonly ApiserverFlag[]
  /** NULL where it runs on the host, or the file does not tell. */
  readonly mounts: readonly ApiserverMount[] | null
  readonly isRootReadOnly: boolean
}

interface Word {
  readonly text: string
  readonly line: number
}

/** Flags that take no word after them. */
const isBoolean = (name: string): boolean => /^audit-.*-(?:enable|enabled|compress)$/.test(name)

function flagName(text: string): string {
  return text.replaceAll('_', '-')
}

/** Flags of a command line, as pflag takes them. */
function flagsOf(words: readonly Word[]): ApiserverFlag[] {
  const flags: ApiserverFlag[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    const parts = word === undefined ? null : /^--([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(word.text)
    if (word === undefined || parts === null) continue
    const name = flagName(parts[1] ?? '')
    const next = words[i + 1]
    if (parts[2] !== undefined) flags.push({name, value: parts[2], line: word.line})
    else if (isBoolean(name) || next === undefined || next.text.startsWith('--'))
      flags.push({name, value: null, line: word.line})
    else {
      flags.push({name, value: next.text, line: word.line})
      i++
    }
  }
  return flags
}

/** Words of a text as a shell, systemd or a list of processes writes them; quotes are taken away. */
function wordsOf(text: string, firstLine: number): Word[] {
  const words: Word[] = []
  let line = firstLine
  const pattern = /\n|(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\\[^\n]|[^\s"'\\\0]|["'])+/g
  for (const [piece] of text.replaceAll(/\r\n?/g, '\n').matchAll(pattern)) {
    if (piece === '\n') line++
    else
      words.push({
        line,
        text: piece.replaceAll(
          /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
          (_, double?: string, single?: string, plain?: string) =>
            double === undefined ? (single ?? plain ?? '') : double.replaceAll(/\\(.)/g, '$1'),
        ),
      })
  }
  return words
}

/** Words of a text in which whole lists of flags may stand in quotes (`KUBE_API_ARGS="--a=b --c=d"`, `sh -c '…'`). */
function deepWordsOf(text: string, firstLine: number): Word[] {
  return wordsOf(text, firstLine).flatMap((word) => {
    const inner = /(?:^|[\s=])--[A-Za-z][\w-]*/.exec(word.text)
    return inner !== null && /\s/.test(word.text) && !/^--[\w-]+=/.test(word.text)
      ? wordsOf(word.text.replace(/^[A-Za-z_]\w*=/, ''), word.line)
      : /^[A-Za-z_]\w*=--/.test(word.text)
        ? [{...word, text: word.text.replace(/^\w+=/, '')}]
        : [word]
  })
}

function isObject(value: YamlValue | undefined): value is YamlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectsOf(value: YamlValue | undefined): (readonly [place: number, object: YamlObject])[] {
  return Array.isArray(value) ? value.flatMap((item, i) => (isObject(item) ? [[i, item] as const] : [])) : []
}

function textOf(value: YamlValue | undefined): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
}

function nameOf(object: YamlObject): string {
  const {metadata} = object
  const name = isObject(metadata)
    ? [metadata['namespace'], metadata['name']].map(textOf).filter((word) => word !== '')
    : []
  return [headField(object, 'kind'), name.join('/')].filter((word) => word !== '').join(' ')
}

/** Words of a container's command: an entry that holds a whole script is taken apart. */
function commandOf(container: YamlObject, path: YamlPath, document: YamlDocument): Word[] {
  return (['command', 'args'] as const).flatMap((key) => {
    const list = container[key]
    if (!Array.isArray(list)) return []
    return list.flatMap((item, i): Word[] => {
      const text = textOf(item)
      const at = [...path, key, i]
      if (!/\s/.test(text.trim()) || /^--[\w-]+=[^\n]*$/.test(text.trim()))
        return [{text: text.trim(), line: document.lineOf(at)}]
      const {line, isVerbatim} = document.textAt(at)
      const words = deepWordsOf(text, line)
      return isVerbatim ? words : words.map((word) => ({...word, line}))
    })
  })
}

function isApiserver(container: YamlObject, words: readonly Word[]): boolean {
  return (
    words.some(
      ({text}) => /(?:^|\/)(?:kube-apiserver|apiserver)$/.test(text) || text.startsWith('--audit-policy-file'),
    ) ||
    (/^(?:kube-)?apiserver$/.test(textOf(container['name'])) && words.some(({text}) => text.startsWith('--')))
  )
}

function mountsOf(container: YamlObject, spec: YamlObject, path: YamlPath, document: YamlDocument): ApiserverMount[] {
  const volumes = new Map(objectsOf(spec['volumes']).map(([, volume]) => [textOf(volume['name']), volume]))
  const others = objectsOf(spec['containers']).filter(([, other]) => other !== container)
  return objectsOf(container['volumeMounts']).map(([i, mount]) => {
    const name = textOf(mount['name'])
    const volume = volumes.get(name)
    const kind = volume === undefined ? null : (Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir')
    const host = volume?.['hostPath']
    return {
      path: textOf(mount['mountPath']),
      isReadOnly:
        mount['readOnly'] === true ||
        (kind !== null && ['configMap', 'secret', 'projected', 'downwardAPI'].includes(kind)),
      kind,
      hostType: isObject(host) ? textOf(host['type']) : '',
      hostPath: isObject(host) ? textOf(host['path']) : null,
      isShared: others.some(([, other]) =>
        objectsOf(other['volumeMounts']).some(([, theirs]) => textOf(theirs['name']) === name),
      ),
      line: document.lineOf([...path, 'volumeMounts', i]),
    }
  })
}

/** API servers among the containers of a Pod, or of a template of one. */
function ofPodSpec(spec: YamlObject, path: YamlPath, place: string, document: YamlDocument): ApiserverSettings[] {
  return objectsOf(spec['containers']).flatMap(([i, container]): ApiserverSettings[] => {
    const at = [...path, 'containers', i]
    const words = commandOf(container, at, document)
    if (!isApiserver(container, words)) return []
    const context = container['securityContext']
    return [
      {
        form: 'pod',
        place,
        line: document.lineOf(at),
        flags: flagsOf(words),
        mounts: mountsOf(container, spec, at, document),
        isRootReadOnly: isObject(context) && context['readOnlyRootFilesystem'] === true,
      },
    ]
  })
}

/** What kubeadm mounts of itself (kubeadm `phases/controlplane/volumes.go`). */
const kubeadmMounts = [
  '/etc/kubernetes/pki',
  '/etc/ssl/certs',
  '/etc/ca-certificates',
  '/etc/pki',
  '/usr/share/ca-certificates',
  '/usr/local/share/ca-certificates',
]

/** `extraArgs`: a mapping up to v1beta3, a list of names and values from v1beta4 on. */
function ofKubeadm(object: YamlObject, path: YamlPath, document: YamlDocument): ApiserverSettings[] {
  const server = object['apiServer']
  const settings = isObject(server) ? server : (Object.create(null) as YamlObject)
  const {extraArgs, extraVolumes} = settings
  const at = (...steps: YamlPath): number => document.lineOf([...path, 'apiServer', ...steps])
  const flags = isObject(extraArgs)
    ? Object.entries(extraArgs).map(([name, value]) => ({
        name: flagName(name),
        value: textOf(value),
        line: at('extraArgs', name),
      }))
    : objectsOf(extraArgs).map(([i, arg]) => ({
        name: flagName(textOf(arg['name'])),
        value: textOf(arg['value']),
        line: at('extraArgs', i),
      }))
  const mounts = objectsOf(extraVolumes).map(([i, volume]) => ({
    path: textOf(volume['mountPath']),
    isReadOnly: volume['readOnly'] === true,
    kind: 'hostPath',
    hostType: textOf(volume['pathType']),
    hostPath: textOf(volume['hostPath']),
    isShared: false,
    line: at('extraVolumes', i),
  }))
  const own = kubeadmMounts.map((path) => ({
    path,
    isReadOnly: true,
    kind: 'hostPath',
    hostType: 'DirectoryOrCreate',
    hostPath: path,
    isShared: false,
    line: document.line,
  }))
  return [
    {
      form: 'kubeadm',
      place: 'ClusterConfiguration of kubeadm',
      line: at(),
      flags,
      mounts: [...mounts, ...own],
      isRootReadOnly: false,
    },
  ]
}

/** `kube-apiserver-arg` of k3s and RKE2: flags without dashes, one or a list. */
function ofK3s(object: YamlObject, document: YamlDocument): ApiserverSettings[] {
  const keys = Object.keys(object).filter((key) => key.replace(/\+$/, '') === 'kube-apiserver-arg')
  if (keys.length === 0) return []
  const words = keys.flatMap((key) => {
    const value = object[key]
    const items = Array.isArray(value) ? value.map((item, i) => [item, [key, i]] as const) : [[value, [key]] as const]
    return items.map(([item, path]) => ({
      text: `--${textOf(item).replace(/^-+/, '')}`,
      line: document.lineOf(path),
    }))
  })
  const profile = object['audit-policy-file']
  const own =
    profile === undefined
      ? []
      : [{name: 'audit-policy-file', value: textOf(profile), line: document.lineOf(['audit-policy-file'])}]
  return [
    {
      form: 'k3s',
      place: 'configuration of k3s or RKE2',
      line: document.lineOf([keys[0] ?? '']),
      flags: [...own, ...flagsOf(words)],
      mounts: null,
      isRootReadOnly: false,
    },
  ]
}

function ofDocument(document: YamlDocument): ApiserverSettings[] {
  const {value} = document
  if (!isObject(value)) return []
  const found = ofK3s(value, document)
  const walk = (at: YamlValue, path: YamlPath, place: string): void => {
    if (Array.isArray(at)) {
      for (const [i, item] of at.entries()) walk(item, [...path, i], place)
      return
    }
    if (!isObject(at)) return
    const own = nameOf(at)
    const here = own === '' ? place : own
    // Cluster API holds what kubeadm gets under this name, without a kind.
    if (headField(at, 'kind') === 'ClusterConfiguration' || path.at(-1) === 'clusterConfiguration') {
      found.push(...ofKubeadm(at, path, document))
      return
    }
    if (Array.isArray(at['containers']))
      found.push(...ofPodSpec(at, path, here === '' ? fieldPath(path) || 'Pod' : here, document))
    else for (const [key, item] of Object.entries(at)) walk(item, [...path, key], here)
  }
  walk(value, [], '')
  return found
}

/** A command line, a systemd unit, an environment file, a script: whatever names flags of the API server. */
function ofText(text: string): ApiserverSettings[] {
  if (!/kube-apiserver\b|--audit[-_]/.test(text)) return []
  const lines = text.split('\n').map((line) => (/^\s*(?:#|;)/.test(line) ? '' : line))
  // The command of one line ends there, unless a backslash goes on.
  const flags = flagsOf(deepWordsOf(lines.join('\n').replaceAll('\0', ' '), 1))
  if (flags.length === 0) return []
  return [
    {
      form: 'command-line',
      place: /^\s*ExecStart\s*=/m.test(text) ? 'systemd unit' : 'command line',
      line: flags[0]?.line ?? 1,
      flags,
      mounts: null,
      isRootReadOnly: false,
    },
  ]
}

/**
 * How kube-apiserver is started, from what people keep: a static Pod, a Deployment or any other object with containers,
 * a kubeadm ClusterConfiguration, a k3s or RKE2 configuration, a systemd unit, a command line. Empty where the text is
 * about no API server. Never throws for what the text is.
 */
export function readApiserverSettings(text: string): readonly ApiserverSettings[] {
  const documents = readYamlDocuments(text)
  const found = documents.flatMap(ofDocument)
  if (found.length > 0 || documents.some(({value}) => isObject(value) && headField(value, 'kind') !== '')) return found
  return ofText(text)
}
