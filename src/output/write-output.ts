import type {Writable} from 'node:stream'
import {OutputError, explainWriteError} from './output-error.ts'

const readerGone = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

/**
 * Writes pieces one after the other, each when the one before is taken. A reader that goes away (`| head`) is no
 * error: the pieces are then told to stop, and so is the query behind them.
 *
 * @returns whether all was written, or the reader closed before.
 * @throws OutputError where the destination cannot take more, such as a full disk; whatever the pieces throw.
 */
export async function writeOutput(pieces: AsyncIterable<string>, destination: Writable): Promise<'written' | 'closed'> {
  // A stream reports a failed write twice, to the callback and as an event that would end the process if nobody listened.
  const ignore = () => undefined
  destination.on('error', ignore)
  for await (const piece of pieces) {
    const error = await new Promise<Error | null | undefined>((resolve) => destination.write(piece, resolve))
    if (!error) continue
    if (readerGone.has((error as NodeJS.ErrnoException).code ?? '')) return 'closed'
    const explained = explainWriteError('The output', 'for it', error)
    throw explained instanceof OutputError
      ? explained
      : new OutputError(
          `The output could not be written: ${error.message}.`,
          'Write to a file with --save FILE.',
          error,
        )
  }
  destination.off('error', ignore)
  return 'written'
}
