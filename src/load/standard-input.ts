import {createReadStream, fstatSync} from 'node:fs'
import {Socket} from 'node:net'

const standardInput = 0

/**
 * The chunks of standard input. By its descriptor: a worker's own `process.stdin` is not the process's. A pipe is
 * waited for as a socket is, because another process that holds it may have made it non-blocking.
 */
export function stdin(): AsyncIterable<Buffer> {
  const stats = fstatSync(standardInput)
  if (stats.isFIFO() || stats.isSocket()) return new Socket({fd: standardInput, readable: true, writable: false})
  return createReadStream('', {fd: standardInput, autoClose: false, highWaterMark: 1 << 20}) as AsyncIterable<Buffer>
}
