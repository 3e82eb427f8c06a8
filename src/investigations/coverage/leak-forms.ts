import type {TextForm} from './credential-texts.ts'

/** What leaked: as rows name it in `what`. */
export type LeakForm =
  | TextForm
  | 'secret'
  | 'bootstrap-token'
  | 'issued-token'
  | 'reviewed-token'
  | 'kubeconfig'
  | 'configuration'
  | 'environment'
  | 'arguments'
  | 'field'
  | 'command'
  | 'request-uri'
