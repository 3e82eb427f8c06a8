/** Words of names whose value is a credential. `pass` alone is one only as a whole word: `passthrough` and `compass` are none. */
const secretWords =
  /pass(?:word|wd|phrase|code)|passw|(?:^|[^a-z])(?:pass|pwd|pw)(?:$|[^a-z])|secret|token(?!i[sz])|credential|api[_.-]?key|access[_.-]?key|private[_.-]?key|encryption[_.-]?key|signing[_.-]?key|master[_.-]?key|account[_.-]?key|auth[_.-]?key|(?:^|[_.-])(?:key|auth|creds?)$/

/** Ends of names that speak about a credential and are none: where it is, how long it lasts, whether it is wanted. */
const aboutWords =
  /(?:^|[_.-])(?:files?|paths?|dirs?|dirname|filename|folder|names?|urls?|uris?|endpoints?|hosts?|ports?|refs?|ids?|ttl|timeout|seconds|minutes|hours|days|duration|expir\w*|lifetime|age|enabled?|disabled?|required?|length|len|size|counts?|max|min|limit|types?|algorithms?|alg|issuers?|audiences?|locations?|mounts?|namespaces?|kind|version|headers?|fields?|prefix|suffix|policy|mode|providers?|class|rotation|interval|selector|manager|store|backend|format|encoding|scopes?|cache|hint|label|column|claim|public|pub|list|arn|region|user|username)$/

/** Names of numbers of tokens, as language models count them. */
const amountWords =
  /(?:^|[_.-])(?:max|min|num|n|total|limit|count)[_.-](?:\w+[_.-])?tokens?$|tokens?[_.-]per(?:[_.-]|$)/

/** A name as words in small letters: `dbPassword` and `DB-PASSWORD` alike. */
function words(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

/** Whether what bears this name (a variable, an option, a key) is likely to be a credential itself, not something about one. */
export function isCredentialName(name: string): boolean {
  if (name.length > 200) return false
  const text = words(name)
  return (
    secretWords.test(text) &&
    !aboutWords.test(text) &&
    !amountWords.test(text) &&
    !/public|(?:^|[_.-])(?:partition|sort|cache|primary|foreign|routing|idempotency)[_.-]?key/.test(text)
  )
}

/** What a redaction writes instead of a value. */
const redacted =
  /^[\s"'[\]<>({})*.xX_#•-]*$|^[\s"'[\]<>({})*_#-]*(?:redacted|removed|hidden|masked|masking|sanitized|sanitised|filtered|scrubbed|omitted|secret_value|sensitive(?:[ _-]value)?)[\s"'[\]<>({})*_#:-]*$/i

/** A reference that something else fills in: `$(VAR)`, `$VAR`, `${VAR}`, a template's `{{ }}`, a placeholder's `<password>`. */
const reference =
  /^["']?(?:\$\(.*\)|\$\{.*\}|\$[A-Za-z_]\w*|`.*`|\{\{.*\}\}|%[A-Za-z_]\w*%|<[^<>]{1,60}>|@\S+|-)["']?$/s

/** Words and numbers that are settings, paths, and names of something: not worth an alarm. */
const setting =
  /^(?:true|false|yes|no|on|off|none|null|nil|undefined|enabled?|disabled?|default|\d{1,3}(?:\.\d+)?(?:ms|s|m|h|d)?|\.{0,2}\/\S*|file:\S*|(?:env|vault|secret|secretref|ref|arn|sm|ssm|awssm|gcpsm|projects):\S*|https?:\/\/[^\s@]*)$/i

/** Whether a value is written out: neither empty, nor redacted, nor a reference to what stands elsewhere, nor a mere setting. */
export function isWrittenOut(value: string): boolean {
  const text = value.trim()
  return text !== '' && !redacted.test(text) && !reference.test(text) && !setting.test(text)
}

/** What a variable holds whose name is that of a password: any word, number or path, but no switch. */
const passwordName = /(?:^|[_.-])(?:\w*password|passwd|passphrase|pass|pwd)$/
const switchWords =
  /(?:^|[_.-])(?:allow|empty|random|requires?|use|enabled?|disabled?|no|skip|force|change|reset|has|show|check|validate)[_.-]/
const passwordSetting =
  /^(?:true|false|yes|no|on|off|none|null|nil|undefined|enabled?|disabled?|(?:file|env|vault|secret|secretref|ref|arn|sm|ssm|awssm|gcpsm|projects):\S*)$/i

/** Whether an environment variable of this name and value holds a credential. */
export function isCredentialVariable(name: string, value: string): boolean {
  if (!isCredentialName(name)) return false
  if (isWrittenOut(value)) return true
  const text = value.trim()
  return (
    passwordName.test(words(name)) &&
    !switchWords.test(words(name)) &&
    text !== '' &&
    ![redacted, reference, passwordSetting].some((pattern) => pattern.test(text))
  )
}

/**
 * Whether a value of which no name is known looks like a credential: letters together with digits or signs, and neither
 * a quantity, a version, a path, an address nor words.
 */
export function looksLikePassword(value: string): boolean {
  return (
    /^[^\s/:,]{6,200}$/.test(value) &&
    /[A-Za-z]/.test(value) &&
    /[\d!@#$%^&*?+=~]/.test(value) &&
    !/^v?\d+(?:[.-]\w+)*$|^\d+[a-z]{1,3}$|^[a-z]+(?:[._-][a-z0-9]+)+$/i.test(value) &&
    !/^[A-Z_\d]+$/.test(value) &&
    isWrittenOut(value)
  )
}

/** As {@link isWrittenOut} for what can hold anything, such as a value of a Secret: there only nothing and redactions are none. */
export function isThere(value: string): boolean {
  const text = value.trim()
  return text !== '' && !(text.length <= 64 && redacted.test(text))
}
