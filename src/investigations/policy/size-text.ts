const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** A number of bytes for people, in units of a thousand: `17.6 MB`. */
export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, 0]
  while (size >= 999.5 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1]
  return unit === 0 ? `${bytes} bytes` : `${size.toFixed(size < 99.95 ? 1 : 0)} ${units[unit] ?? ''}`
}
