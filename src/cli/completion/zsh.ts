import type {CompletedCommand} from './model.ts'
import {sharedFunction} from './posix.ts'

/** A script that zsh sources after compinit, or autoloads as _k8saudit. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef k8saudit
# k8saudit completion for zsh. Put into ~/.zshrc after compinit:  source <(k8saudit completion zsh)
_k8saudit_offer() { compadd -- "$@" }
_k8saudit_files() { _files }
${sharedFunction(commands)}
_k8saudit() {
  emulate -L zsh
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  local -a typed
  typed=("\${(@)words[2,CURRENT-1]}")
  _k8saudit_complete
}
if [ "$funcstack[1]" = "_k8saudit" ]; then _k8saudit "$@"; else compdef _k8saudit k8saudit; fi
`
}
