import {BlockList, isIPv4, isIPv6} from 'node:net'

/** Thrown for what is no address and no CIDR block. */
export class CidrError extends Error {
  override readonly name = 'CidrError'
}

/**
 * A test whether an address lies in one of the blocks; IPv4 addresses mapped into IPv6 count as what they are.
 *
 * @param blocks addresses or CIDR blocks: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1`
 * @throws CidrError
 */
export function addressMatcher(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', prefix, ...more] = block.trim().split('/')
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : null
    const most = family === 'ipv4' ? 32 : 128
    const length = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
    if (family === null || more.length > 0 || !(length >= 0 && length <= most))
      throw new CidrError(`${JSON.stringify(block)} is no IP address and no CIDR block, such as 10.0.0.0/8.`)
    list.addSubnet(address, length, family)
  }
  return (address) => {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
    const plain = mapped ?? address
    return isIPv4(plain) ? list.check(plain, 'ipv4') : isIPv6(plain) ? list.check(plain, 'ipv6') : false
  }
}
