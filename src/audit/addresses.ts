/** An IP address as a number; one that is IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A block of addresses: those whose first `length` bits are those of `value`. */
export interface AddressBlock extends Address {
  readonly length: number
}

/** Where an address belongs, as far as the address itself tells. */
export type AddressScope =
  'public' | 'private' | 'shared' | 'loopback' | 'link-local' | 'multicast' | 'reserved' | 'unspecified' | 'unknown'

const bitsOf = {4: 32, 6: 128} as const

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

/** The groups of one side of `::`, the last of which may be an IPv4 address of two groups. */
function groupsOf(text: string, mayEndInIpv4: boolean): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const tail = parseIpv4(part)
      if (tail === undefined) return undefined
      groups.push(tail >> 16n, tail & 0xffffn)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const before = groupsOf(head, tail === undefined)
  const after = tail === undefined ? [] : groupsOf(tail, true)
  if (before === undefined || after === undefined) return undefined
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array.from({length: missing}, () => 0n), ...after]
  return groups.reduce((value, group) => (value << 16n) | group, 0n)
}

const mappedPrefix = 0xffffn

/**
 * An IPv4 or IPv6 address as text; undefined for anything else. The zone of an IPv6 address (`fe80::1%eth0`) is left
 * out. Leading zeros in IPv4 are refused: some read them as octal.
 */
export function parseAddress(text: string): Address | undefined {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== undefined) return {family: 4, value: ipv4}
  const ipv6 = parseIpv6(text.replace(/%[^%\s]+$/, ''))
  if (ipv6 === undefined) return undefined
  return ipv6 >> 32n === mappedPrefix ? {family: 4, value: ipv6 & 0xffffffffn} : {family: 6, value: ipv6}
}

/** The bits of an address that a block of this length looks at. */
export function networkOf({family, value}: Address, length: number): bigint {
  return value >> BigInt(bitsOf[family] - length)
}

/**
 * A block as text: an address, or CIDR such as `10.0.0.0/8`; undefined for anything else. Bits beyond the length are
 * ignored, so that `192.0.2.7/24` is the block around it.
 */
export function parseBlock(text: string): AddressBlock | undefined {
  const [first = '', prefix, ...more] = text.split('/')
  const address = parseAddress(first)
  if (address === undefined || more.length > 0) return undefined
  const bits = bitsOf[address.family]
  if (prefix === undefined) return {...address, length: bits}
  const isMapped = address.family === 4 && first.includes(':')
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) - (isMapped ? 96 : 0) : Number.NaN
  return length >= 0 && length <= bits ? {...address, length} : undefined
}

function block(text: string, scope: AddressScope): AddressBlock & {readonly scope: AddressScope} {
  const parsed = parseBlock(text)
  if (parsed === undefined) throw new Error(`${text} is no block.`)
  return {...parsed, scope}
}

/**
 * Blocks that are not public, after IANA's special-purpose registries (RFC 6890, 1918, 4193, 6598). The first that
 * holds an address tells. Those kept for documentation are missing on purpose: in a log they stand for public ones.
 */
const special = [
  block('0.0.0.0/32', 'unspecified'),
  block('0.0.0.0/8', 'reserved'),
  block('10.0.0.0/8', 'private'),
  block('100.64.0.0/10', 'shared'),
  block('127.0.0.0/8', 'loopback'),
  block('169.254.0.0/16', 'link-local'),
  block('172.16.0.0/12', 'private'),
  block('192.0.0.0/24', 'reserved'),
  block('192.168.0.0/16', 'private'),
  block('198.18.0.0/15', 'reserved'),
  block('224.0.0.0/4', 'multicast'),
  block('240.0.0.0/4', 'reserved'),
  block('::/128', 'unspecified'),
  block('::1/128', 'loopback'),
  block('64:ff9b:1::/48', 'private'),
  block('fc00::/7', 'private'),
  block('fec0::/10', 'private'),
  block('fe80::/10', 'link-local'),
  block('ff00::/8', 'multicast'),
  block('64:ff9b::/96', 'public'),
  block('2000::/3', 'public'),
  block('::/0', 'reserved'),
]

const translated = block('64:ff9b::/96', 'public')

/**
 * Whether an address is public, or from a network of one's own: private (RFC 1918, ULA), shared by a carrier or cloud
 * (RFC 6598), of the machine itself, of the link. One that an IPv6 address translates (RFC 6052) tells for it;
 * `unknown` is what is no address. Blocks kept for documentation count as public.
 */
export function addressScope(text: string | null): AddressScope {
  const address = text === null ? undefined : parseAddress(text)
  if (address === undefined) return 'unknown'
  const {family, value} = address
  const isTranslated = family === 6 && networkOf(address, 96) === networkOf(translated, 96)
  const told: Address = isTranslated ? {family: 4, value: value & 0xffffffffn} : address
  const found = special.find(
    (known) => known.family === told.family && networkOf(known, known.length) === networkOf(told, known.length),
  )
  return found?.scope ?? 'public'
}
