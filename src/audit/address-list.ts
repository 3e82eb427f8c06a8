import {networkOf, parseAddress, parseBlock} from './addresses.ts'

/** A line of a list: an address or a block as it was written, and where. */
export interface ListEntry {
  readonly text: string
  /** From 1. */
  readonly line: number
}

/** A list of addresses, such as a blocklist. */
export interface AddressList {
  /** Lines that name an address or a block, those that come again included. */
  readonly size: number
  /** Lines that are neither that nor a comment. */
  readonly bad: readonly ListEntry[]
  /** The narrowest entry that holds an address, of equal ones the first; undefined where none does. */
  readonly find: (address: string) => ListEntry | undefined
}

/** Entries of one length of one family, by their network: one look-up for each length, however long the list. */
interface Level {
  readonly family: 4 | 6
  readonly length: number
  readonly entries: Map<bigint, ListEntry>
}

/**
 * Reads a list: an address or a CIDR block a line, with comments after `#` or `;`, blank lines, any line ends. An entry
 * such as `0.0.0.0/0` holds no IPv6 address, and `::/0` no IPv4 one.
 */
export function parseAddressList(text: string): AddressList {
  const levels = new Map<string, Level>()
  const bad: ListEntry[] = []
  let size = 0
  for (const [i, whole] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const entry = {text: whole.replace(/[#;].*$/, '').trim(), line: i + 1}
    if (entry.text === '') continue
    const block = parseBlock(entry.text)
    if (block === undefined) {
      bad.push({...entry, text: whole.trim()})
      continue
    }
    size++
    const {family, length} = block
    const key = `${family}/${length}`
    const level = levels.get(key) ?? {family, length, entries: new Map<bigint, ListEntry>()}
    levels.set(key, level)
    const network = networkOf(block, length)
    if (!level.entries.has(network)) level.entries.set(network, entry)
  }
  const narrowestFirst = [...levels.values()].sort((a, b) => b.length - a.length)
  return {
    size,
    bad,
    find: (text) => {
      const address = parseAddress(text)
      if (address === undefined) return undefined
      for (const {family, length, entries} of narrowestFirst) {
        const found = family === address.family ? entries.get(networkOf(address, length)) : undefined
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}
