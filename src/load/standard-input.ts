import {createReadStream} from 'node:fs'

/** The chunks of standard input. By its descriptor: a worker's own `process.stdin` is not the process's. */
export function stdin(): AsyncIterable<Buffer> {
  return createReadStream('', {fd: 0, autoClose: false, highWaterMark: 1 << 20}) as AsyncIterable<Buffer>
}
