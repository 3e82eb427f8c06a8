import {isUtf8} from 'node:buffer'

/** A member of an archive, handed over while the archive is read: take its chunks before the next one comes. */
export interface Member {
  /** As the archive names it, made visible by {@link shownName}; never used to write anything. */
  readonly name: string
  readonly sizeBytes: number
  readonly modifiedAt: string | null
  /** What it is where it is no plain file: `symlink`, `directory`, … Such a member has no content. */
  readonly special: string | null
  /** True where its content was packed of its own: it may be much more than the archive holds. */
  readonly isPacked: boolean
  readonly chunks: AsyncIterable<Buffer>
  /** What broke while it was read; valid after `chunks` has ended. */
  readonly problem: () => string | null
}

/** What was read of an archive. `problem` tells, after the last member, where the archive itself broke. */
export interface Archive {
  readonly members: AsyncIterable<Member>
  readonly problem: () => string | null
}

/** A name as text: NUL and bytes that are not UTF-8 stand as `\xNN`. */
export function shownName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes)
  if (isUtf8(text) && !text.includes(0)) return text.toString('utf8')
  let shown = ''
  for (let at = 0; at < text.length;) {
    const length = [4, 3, 2, 1].find(
      (size) =>
        at + size <= text.length &&
        isUtf8(text.subarray(at, at + size)) &&
        text[at] !== 0 &&
        isOneCharacter(text.subarray(at, at + size)),
    )
    shown +=
      length === undefined
        ? `\\x${(text[at] as number).toString(16).padStart(2, '0')}`
        : text.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return shown
}

const isOneCharacter = (bytes: Buffer): boolean => bytes.subarray(1).every((byte) => (byte & 0xc0) === 0x80)

/** A time as ISO 8601, NULL where it is none. */
export function isoTime(milliseconds: number): string | null {
  const time = new Date(milliseconds)
  return Number.isFinite(time.getTime()) ? time.toISOString() : null
}

/** The content of what has none. */
export async function* nothing(): AsyncGenerator<Buffer> {
  // A folder or a link has no bytes of its own.
}
