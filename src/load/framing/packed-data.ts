import {gunzipSync} from 'node:zlib'

/** Base64 of the first three bytes of a gzip member. */
const packedStart = 'H4sI'
const quotedStart = Buffer.from(`"${packedStart}`)
const mostBytes = 64 << 20
const keysWithData = ['data', 'kinesis', 'awslogs', 'record'] as const

function packedText(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value.startsWith(packedStart) ? value : null
  if (typeof value !== 'object' || value === null || depth > 2) return null
  for (const key of keysWithData) {
    const found = packedText((value as Record<string, unknown>)[key], depth + 1)
    if (found !== null) return found
  }
  return null
}

/** True where a record may hold gzip in base64, as Kinesis, Lambda and Firehose hand CloudWatch's messages on. */
export function mayBePacked(bytes: Buffer): boolean {
  return bytes[0] === 0x48
    ? bytes.subarray(0, 4).toString('latin1') === packedStart
    : bytes.subarray(0, 4096).includes(quotedStart)
}

/**
 * What a record holds as gzip in base64: a line of base64, or a JSON object with it in `data`, `kinesis.data` or `awslogs.data`.
 * NULL where there is none, or where it is damaged or larger than 64 MiB: the record is then one like any other.
 */
export function unpackData(bytes: Buffer): Buffer | null {
  const text = bytes.toString('utf8').trim()
  let packed: string | null = text
  if (!text.startsWith(packedStart)) {
    try {
      packed = packedText(JSON.parse(text))
    } catch {
      return null
    }
  }
  if (packed === null) return null
  try {
    return gunzipSync(Buffer.from(packed, 'base64'), {maxOutputLength: mostBytes})
  } catch {
    return null
  }
}
