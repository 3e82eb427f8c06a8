/**
 * The first bytes of a stream (`size` of them, fewer only where it is shorter), and the stream with them put back. Whoever
 * leaves that stream early leaves the first one too.
 */
export async function lookAhead(
  chunks: AsyncIterable<Buffer>,
  size: number,
): Promise<{readonly head: Buffer; readonly all: AsyncGenerator<Buffer>}> {
  const iterator = chunks[Symbol.asyncIterator]()
  const taken: Buffer[] = []
  for (let length = 0; length < size;) {
    const next = await iterator.next()
    if (next.done === true) break
    taken.push(next.value)
    length += next.value.length
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* taken
      for (;;) {
        const next = await iterator.next()
        if (next.done === true) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const head = taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken)
  return {head: head.subarray(0, size), all: all()}
}
