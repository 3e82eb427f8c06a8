/** A decoded stream that survives damage: what is readable comes in `chunks`; afterwards `problem` says what broke, if anything. */
export interface Decoded {
  readonly chunks: AsyncIterable<Buffer>
  readonly problem: () => string | null
}
