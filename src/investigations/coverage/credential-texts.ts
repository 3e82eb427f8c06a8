import {isCredentialName, isWrittenOut} from './credential-names.ts'

/** Forms of credentials that can be told wherever they stand. */
export type TextForm = 'private-key' | 'token' | 'url-password' | 'authorization'

/** Values by the form they were found in; they never leave this process. */
export type Found<Form extends string> = Map<Form, Set<string>>

/** Adds a value to those of its form. */
export function addTo<Form extends string>(found: Found<Form>, form: NoInfer<Form>, value: string): void {
  const values = found.get(form)
  if (values === undefined) found.set(form, new Set([value]))
  else values.add(value)
}

/** A text that none of these is in has no such credential: one look instead of five. */
const sign =
  /PRIVATE KEY-----|eyJ|:\/\/|uthorization|earer |gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AIza|[sr]k_live_|npm_|dckr_pat_|hvs\.|SG\.|dop_v1_|AGE-SECRET-KEY-|;/i

const privateKey = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----\s*([\w+/=\\-]{0,80})/g
/** Tokens by the prefixes that their issuers give them so that they can be found; and JSON Web Tokens (RFC 7519). */
const knownTokens =
  /(?<![\w-])(?:eyJ[\w-]{8,1000}\.eyJ[\w-]{8,8000}\.[\w-]{8,2000}|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}|glpat-[\w-]{20,255}|xox[abprs]-[A-Za-z0-9-]{10,255}|AIza[\w-]{35}|[sr]k_live_[A-Za-z0-9]{16,255}|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,255}|hvs\.[\w-]{20,255}|SG\.[\w-]{16,32}\.[\w-]{16,64}|dop_v1_[a-f0-9]{64}|AGE-SECRET-KEY-1[A-Z0-9]{20,100})/g
const urlPassword = /(?<![\w+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`<>\\]{0,200}:([^\s/@"'`<>\\]{1,500})@[\w[]/gi
/** `AccountKey=…;`, `Password=…;` among other settings, as drivers take them. */
const connectionKey =
  /(?:^|[;\s"'])(?:AccountKey|SharedAccessKey|SharedSecretValue|Password|Pwd)\s{0,3}=\s{0,3}([^\s;"'`<>]{1,500})/gi
/** Addresses that let whoever knows them write to a channel. */
const webhook =
  /(?:hooks\.slack\.com\/(?:services|workflows)\/\w{1,30}|discord(?:app)?\.com\/api\/webhooks\/\d{1,30})\/([\w/-]{6,200})/gi
/** `https://TOKEN@host`: a user who is no word. */
const urlToken = /(?<![\w+.-])https?:\/\/([\w.~%+=-]{5,500})@(?![\w.-]{0,100}sentry)[\w[]/gi
const urlUser = /^[a-z._-]{1,19}\d{0,3}$/i
const urlParameter = /[?&;]([A-Za-z_][\w.-]{0,60})=([^\s&#"'`<>\\]{1,500})/g
const authorization =
  /(?:authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:bearer|basic|token)\s{1,3}|\bbearer\s{1,3})([^\s"'\\,;]{6,8000})/gi

/** Words that stand behind `bearer` in prose. */
const prose = /^[a-z]+[.):]?$/i

const isKnown = (found: ReadonlyMap<string, ReadonlySet<string>>, value: string): boolean =>
  [...found.values()].some((values) => values.has(value))

/** Adds the credentials that stand in a text of any kind: private keys, tokens of known forms, passwords in URLs, headers. */
export function findInText<Form extends string>(text: string, found: Found<Form | TextForm>): void {
  if (!sign.test(text)) return
  for (const [key, start] of text.matchAll(privateKey))
    if (start !== undefined && !/^[*xX.]*$/.test(start)) addTo(found, 'private-key', key)
  for (const [token] of text.matchAll(knownTokens)) addTo(found, 'token', token)
  for (const [, password = ''] of text.matchAll(urlPassword))
    if (isWrittenOut(password)) addTo(found, 'url-password', password)
  if (text.includes(';') && text.includes('='))
    for (const [, value = ''] of text.matchAll(connectionKey))
      if (isWrittenOut(value)) addTo(found, 'url-password', value)
  if (text.includes('://')) {
    for (const [, value = ''] of text.matchAll(webhook)) addTo(found, 'token', value)
    for (const [, value = ''] of text.matchAll(urlToken))
      if (!urlUser.test(value) && isWrittenOut(value) && found.get('token')?.has(value) !== true)
        addTo(found, 'url-password', value)
    for (const [, name = '', value = ''] of text.matchAll(urlParameter))
      if (!/^(?:key|auth)$/i.test(name) && isCredentialName(name) && isWrittenOut(value) && !isKnown(found, value))
        addTo(found, 'url-password', value)
  }
  for (const [, value = ''] of text.matchAll(authorization))
    if (isWrittenOut(value) && !prose.test(value) && found.get('token')?.has(value) !== true)
      addTo(found, 'authorization', value)
}
