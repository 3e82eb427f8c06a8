import {gzipSync} from 'node:zlib'
import tar from 'tar-stream'

/** gzip whose header tells neither time nor operating system, so that one zlib makes one result. */
export function plainGzip(text) {
  const bytes = gzipSync(text, {level: 9})
  bytes[9] = 255
  return bytes
}

/**
 * Cuts an API server's log into rotated files, each named for the instant at which it was rotated away, and the live one.
 * Tells each entry where it stands: `file`, `line`.
 *
 * @param {{entries: {writtenAt: number, text: string}[]}} server
 * @param {number[]} rotations Instants in microseconds since 1970, in order.
 * @returns {{name: string, text: string}[]}
 */
export function rotate(server, rotations) {
  const files = [...rotations.map((until) => ({name: rotatedName(until), until})), {name: 'audit.log', until: Infinity}]
  const entries = [...server.entries].sort((a, b) => a.writtenAt - b.writtenAt)
  let position = 0
  return files.map(({name, until}) => {
    const from = position
    while (position < entries.length && entries[position].writtenAt < until) {
      Object.assign(entries[position], {file: name, line: position - from + 1})
      position++
    }
    return {name, text: entries.slice(from, position).map(({text}) => `${text}\n`).join('')}
  })
}

function rotatedName(us) {
  return `audit-${new Date(us / 1000).toISOString().slice(0, -1).replaceAll(':', '-')}.log.gz`
}

/** A gzipped tar of these files, every one of them with this time and no owner. */
export async function packArchive(files, modifiedAt) {
  const pack = tar.pack()
  for (const {name, bytes} of files) pack.entry({name, mtime: modifiedAt, mode: 0o600}, bytes)
  pack.finalize()
  const chunks = []
  for await (const chunk of pack) chunks.push(chunk)
  return plainGzip(Buffer.concat(chunks))
}
