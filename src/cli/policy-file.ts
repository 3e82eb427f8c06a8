import type {Finding} from '../audit/policy/finding.ts'
import type {Policy} from '../audit/policy/policy.ts'
import type {PolicyDocument} from '../audit/policy/read-policies.ts'
import type {PolicyInFile} from '../investigations/policy/policy-in-file.ts'
import {UsageError} from './explain-error.ts'

/** A policy that an API server would start with. */
export interface LoadedPolicy {
  /** As it was given: a path, or `-`. */
  readonly path: string
  readonly policy: Policy
  readonly document: PolicyDocument
  /** Whole sentences: what the API server ignores of the file. They hold text of it. */
  readonly warnings: readonly string[]
}

/** How a file is called in sentences. */
export function policyFileName(path: string): string {
  return path === '-' ? 'standard input' : path
}

/** Bytes that are no text become U+FFFF, which no YAML may hold: the check of the text tells on which line they are. */
function decode(bytes: Buffer): string {
  // go-yaml reads UTF-16 too, by its mark.
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  try {
    return new TextDecoder(encoding, {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    return new TextDecoder(encoding, {ignoreBOM: true}).decode(bytes).replaceAll('\uFFFD', '\uFFFF')
  }
}

/**
 * The text of a policy file; `-` reads standard input.
 *
 * @throws UsageError where it cannot be read.
 */
export async function readPolicyText(path: string): Promise<string> {
  if (path === '-') {
    const {stdin} = await import('../load/standard-input.ts')
    const chunks: Buffer[] = []
    for await (const chunk of stdin()) chunks.push(chunk)
    return decode(Buffer.concat(chunks))
  }
  const {readFile, stat} = await import('node:fs/promises')
  const {longestText} = await import('../audit/policy/yaml-documents.ts')
  try {
    const {size} = await stat(path)
    if (size <= 4 * longestText) return decode(await readFile(path))
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new UsageError(
      `The policy ${path} cannot be read: ${why}.`,
      'Give the file that --audit-policy-file of the API server names, or - for standard input.',
    )
  }
  throw new UsageError(
    `${path} is longer than ${(4 * longestText) / 1024 / 1024} MB, and no audit policy is.`,
    'Give the policy file itself, not a log.',
  )
}

function told({line, message}: Finding): string {
  return `${line === null ? '' : `line ${line}: `}${message}`
}

function noPolicy(path: string, documents: readonly PolicyDocument[]): UsageError {
  const errors = documents.flatMap(({findings}) => findings).filter(({severity}) => severity === 'error')
  const shown = errors.slice(0, 3).map(told)
  const more = errors.length > shown.length ? ` And ${errors.length - shown.length} more.` : ''
  return new UsageError(
    `${policyFileName(path)} holds no policy that an API server takes: ${shown.join(' ')}${more}`,
    path === '-'
      ? 'All of it is told by: k8saudit policy check -'
      : `All of it is told by: k8saudit policy check ${path}`,
  )
}

/**
 * The one policy of a file, for commands that ask what it does; `-` reads standard input. A file that is a policy is taken
 * with its first document, as an API server does; a policy within another object is taken where it is the only one.
 *
 * @throws UsageError where there is none, the API server would refuse it, or there are several.
 */
export async function loadPolicy(path: string): Promise<LoadedPolicy> {
  const text = await readPolicyText(path)
  const {readPolicies} = await import('../audit/policy/read-policies.ts')
  const documents = readPolicies(text)
  const own = documents.find(({place}) => place === null)
  const good = own === undefined ? documents.filter(({policy}) => policy !== null) : [own]
  const [document] = good
  if (document === undefined || document.policy === null) throw noPolicy(path, own === undefined ? documents : [own])
  if (good.length > 1) {
    const places = good.map(({place}) => place ?? '').join('; ')
    throw new UsageError(
      `${policyFileName(path)} holds ${good.length} policies: ${places}.`,
      'Put the one that is meant into a file of its own.',
    )
  }
  const warnings = document.findings
    .filter(({severity}) => severity === 'warning')
    .map((finding) => `${policyFileName(path)}, ${told(finding)} ${finding.why}`)
  return {path, policy: document.policy, document, warnings}
}

/**
 * The policy of a file, as investigations take it; `-` reads standard input.
 *
 * @throws UsageError where there is none that an API server takes.
 */
export async function policyInFile(path: string): Promise<PolicyInFile> {
  const {policy, document, warnings} = await loadPolicy(path)
  return {file: path, policy, ruleLines: document.ruleLines, warnings}
}
