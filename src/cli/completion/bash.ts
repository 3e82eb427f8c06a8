import type {CompletedCommand} from './model.ts'
import {sharedFunction} from './posix.ts'

/** A script that bash sources. Works in bash 3.2 (macOS), and without the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# k8saudit completion for bash. Put into ~/.bashrc:  source <(k8saudit completion bash)
_k8saudit_offer() {
  local word
  for word in "$@"; do
    case $word in "$cur"*) COMPREPLY+=("$word") ;; esac
  done
}
_k8saudit_files() {
  local file
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$cur")
}
${sharedFunction(commands)}
_k8saudit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local -a typed
  typed=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=()
  _k8saudit_complete
}
complete -F _k8saudit k8saudit
`
}
