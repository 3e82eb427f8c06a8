/** Bytes that structure text, by name. */
export const byteOf = {
  lineFeed: 10,
  carriageReturn: 13,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

/** True for blanks, tabs and the ends of lines. */
export const isBlank = (byte: number | undefined): boolean =>
  byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13)

/** True where bytes hold nothing but blanks. */
export function isAllBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (!isBlank(byte)) return false
  return true
}
