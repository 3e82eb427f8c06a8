/** A decoded stream that survives damage: what is readable comes in `chunks`; afterwards `problem` says what broke, if anything. */
export interface Decoded {
  readonly chunks: AsyncIterable<Buffer>
  readonly problem: () => string | null
}

/** Reads a stream to its end and drops it: for its hash, or because what follows is of no use. */
export async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]()
  let {done} = await iterator.next()
  while (done !== true) ({done} = await iterator.next())
}
