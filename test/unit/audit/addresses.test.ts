import {isIPv4, isIPv6} from 'node:net'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseAddressList} from '../../../src/audit/address-list.ts'
import {addressScope, parseAddress, parseBlock} from '../../../src/audit/addresses.ts'

describe('addresses', () => {
  it.each([
    ['198.51.100.77', 'public'],
    ['203.0.113.66', 'public'],
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['10.255.255.255', 'private'],
    ['11.0.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.1', 'shared'],
    ['100.127.255.255', 'shared'],
    ['100.128.0.0', 'public'],
    ['127.0.0.1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['0.0.0.0', 'unspecified'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['fd12:3456:789a::1', 'private'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['2001:db8::1', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:10.0.0.1', 'private'],
    ['::FFFF:c633:644d', 'public'],
    ['64:ff9b::a00:1', 'private'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['ff02::1', 'multicast'],
    ['4000::1', 'reserved'],
    ['', 'unknown'],
    ['localhost', 'unknown'],
    ['10.0.0.1:443', 'unknown'],
    ['10.0.0.01', 'unknown'],
    [null, 'unknown'],
  ] as const)('%s is %s', (address, scope) => {
    expect(addressScope(address)).toBe(scope)
  })

  it('takes for an address what Node takes for one', () => {
    const group = fc.integer({min: 0, max: 0xffff}).map((value) => value.toString(16))
    const part = fc.oneof(group, fc.constantFrom('', '', '0', '255', '256', '1.2.3.4', 'g', '00001'))
    const nearly = fc
      .array(part, {minLength: 1, maxLength: 10})
      .chain((parts) => fc.constantFrom(parts.join(':'), parts.join('.')))
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly), (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIPv4(text) || isIPv6(text))
      }),
      {numRuns: 2000},
    )
  })

  it('reads blocks, and refuses what is none', () => {
    expect(parseBlock('10.0.0.0/8')).toEqual({family: 4, value: 0x0a000000n, length: 8})
    expect(parseBlock('::ffff:10.0.0.0/104')).toEqual({family: 4, value: 0x0a000000n, length: 8})
    expect(parseBlock('2001:db8::1')).toMatchObject({family: 6, length: 128})
    for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '::/129', '::ffff:10.0.0.0/64', '1.2.3.4/8/8', ''])
      expect(parseBlock(text), text).toBeUndefined()
  })
})

describe('a list of addresses', () => {
  const list = parseAddressList(
    '\ufeff# head\r\n\r\n198.51.100.0/24 ; SBL1\r\n198.51.100.77\r\n  2001:db8::/32  # six\n::ffff:203.0.113.9\nnonsense\n1.2.3.4 5\n198.51.100.77\n10.0.0.7/8',
  )

  it('counts its entries, and names what it cannot read with its line', () => {
    expect(list.size).toBe(6)
    expect(list.bad).toEqual([
      {text: 'nonsense', line: 7},
      {text: '1.2.3.4 5', line: 8},
    ])
  })

  it.each([
    ['198.51.100.77', {text: '198.51.100.77', line: 4}],
    ['198.51.100.78', {text: '198.51.100.0/24', line: 3}],
    ['::ffff:198.51.100.78', {text: '198.51.100.0/24', line: 3}],
    ['2001:db8:1::7', {text: '2001:db8::/32', line: 5}],
    ['203.0.113.9', {text: '::ffff:203.0.113.9', line: 6}],
    ['10.200.0.1', {text: '10.0.0.7/8', line: 10}],
    ['203.0.113.10', undefined],
    ['2001:db9::', undefined],
    ['nonsense', undefined],
  ])('finds the narrowest entry for %s', (address, entry) => {
    expect(list.find(address)).toEqual(entry)
  })

  it('keeps the families apart', () => {
    expect(parseAddressList('0.0.0.0/0').find('2001:db8::1')).toBeUndefined()
    expect(parseAddressList('::/0').find('192.0.2.1')).toBeUndefined()
    expect(parseAddressList('::/0').find('2001:db8::1')).toEqual({text: '::/0', line: 1})
  })

  it('is quick with a hundred thousand lines', () => {
    const text = Array.from({length: 100_000}, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).join('\n')
    const from = performance.now()
    const long = parseAddressList(text)
    for (let i = 0; i < 10_000; i++) long.find(`11.0.${i >> 8}.${i & 255}`)
    expect(long.size).toBe(100_000)
    expect(long.find('11.1.134.159')).toEqual({text: '11.1.134.159', line: 100_000})
    expect(performance.now() - from).toBeLessThan(5_000)
  })
})
