import {describe, expect, test} from 'vitest'
import {addressMatcher} from '../../../src/load/trusted-proxies.ts'
import {auditEvent, logText} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {ask} from '../../support/case-answers.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

describe('an address is tested against blocks', () => {
  test.each([
    [['10.0.0.0/8'], '10.255.1.2', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['192.0.2.1'], '192.0.2.1', true],
    [['192.0.2.1'], '192.0.2.2', false],
    [['0.0.0.0/0'], '8.8.8.8', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['2001:db8::/32'], '2001:DB8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['10.0.0.0/8', '2001:db8::1'], '2001:db8::1', true],
    [['10.0.0.0/8'], 'no address', false],
    [['10.0.0.0/8'], '', false],
  ])('%j %s: %s', (blocks, address, inside) => {
    expect(addressMatcher(blocks)(address)).toBe(inside)
  })

  test.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0/8', 'proxy', '', '2001:db8::/129', '10.0.0.0/', '10.0.0.0/1e1'])(
    '%j is refused',
    (block) => {
      expect(() => addressMatcher([block])).toThrow(/is no IP address and no CIDR block/)
    },
  ) // prettier-ignore
})

test('the client is the rightmost address that is no trusted proxy', async () => {
  const chains = [
    ['203.0.113.7', '10.0.0.1'],
    ['8.8.8.8', '203.0.113.7', '10.0.0.2', '10.0.0.1'],
    ['10.0.0.9', '203.0.113.7'],
    ['10.0.0.9', '10.0.0.1'],
    ['203.0.113.7'],
    ['10.0.0.1'],
    undefined,
  ]
  const folder = newFolder()
  const file = writeInto(folder, 'a.log', logText(chains.map((sourceIPs, i) => auditEvent({auditID: `a-${i}`, sourceIPs})))) // prettier-ignore
  const clients = async (trustedProxies: string[]) => {
    const casePath = await emptyCaseIn(folder, `case-${trustedProxies.length}`)
    await load(casePath, [file], {trustedProxies})
    return (await ask(casePath, 'SELECT client_ip FROM requests ORDER BY line')).map(({client_ip}) => client_ip)
  }
  expect(await clients([])).toEqual(['10.0.0.1', '10.0.0.1', '203.0.113.7', '10.0.0.1', '203.0.113.7', '10.0.0.1', null]) // prettier-ignore
  expect(await clients(['10.0.0.0/8'])).toEqual(['203.0.113.7', '203.0.113.7', '203.0.113.7', '10.0.0.9', '203.0.113.7', '10.0.0.1', null]) // prettier-ignore
})

test('a wrong block is told before anything is written', async () => {
  const folder = newFolder()
  await expect(load(`${folder}/case.duckdb`, [folder], {trustedProxies: ['10.0.0.0/99']})).rejects.toMatchObject({
    name: 'CidrError',
  })
})
