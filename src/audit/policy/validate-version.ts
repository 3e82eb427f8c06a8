import {shown, type Report} from './decode-policy.ts'
import type {YamlObject} from './yaml-values.ts'

const group = 'audit.k8s.io'
const refused = 'The API server refuses the file.'

/**
 * A field of the head as the API server finds it: by any case, the last of several by their order as bytes (it reads the head
 * with Go's `encoding/json` from JSON with sorted keys).
 */
export function headField(object: YamlObject, name: 'apiVersion' | 'kind'): string {
  const keys = Object.keys(object).filter((key) => key.toLowerCase() === name.toLowerCase())
  const values = keys.sort((a, b) => (a < b ? -1 : 1)).map((key) => object[key])
  return values.findLast((value) => typeof value === 'string') ?? ''
}

/** Whether the API server knows what a document says that it is: `audit.k8s.io/v1`, `Policy`. */
export function validateVersion(value: YamlObject, report: Report): void {
  const version = headField(value, 'apiVersion')
  const kind = headField(value, 'kind')
  if (version === '' && typeof value['apiVersion'] !== 'number' && typeof value['apiVersion'] !== 'boolean')
    report(
      'error',
      'api-version',
      ['apiVersion'],
      'The policy has no apiVersion.',
      `${refused} Write apiVersion: ${group}/v1`,
      {
        isMissing: !Object.hasOwn(value, 'apiVersion'),
      },
    )
  else if (version === `${group}/v1beta1` || version === `${group}/v1alpha1`)
    report(
      'error',
      'api-version-removed',
      ['apiVersion'],
      `The apiVersion is ${version}, which Kubernetes 1.24 removed.`,
      `API servers from 1.24 on refuse the file and do not start. Write apiVersion: ${group}/v1: rules mean the same there.`,
    )
  else if (version !== '' && version !== `${group}/v1`)
    report(
      'error',
      'api-version',
      ['apiVersion'],
      `The apiVersion is ${shown(version)}, not ${group}/v1.`,
      `${refused} Write apiVersion: ${group}/v1`,
    )
  if (kind === '' && typeof value['kind'] !== 'number' && typeof value['kind'] !== 'boolean')
    report(
      'advice',
      'kind-missing',
      ['kind'],
      'The policy has no kind.',
      'The API server takes it for a Policy; tools that find objects by their kind do not. Write kind: Policy',
      {isMissing: !Object.hasOwn(value, 'kind')},
    )
  else if (kind !== '' && kind !== 'Policy')
    report('error', 'kind', ['kind'], `The kind is ${shown(kind)}, not Policy.`, `${refused} Write kind: Policy`)
}
