import {randomBytes} from 'node:crypto'
import {open, realpath, rename, rm, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {OutputError, explainWriteError} from './output-error.ts'

async function isDatabase(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(12), 0, 12, 0)
    return bytesRead === 12 && buffer.toString('latin1', 8, 12) === 'DUCK'
  } finally {
    await file.close()
  }
}

/** The file to replace, links followed. Whatever is there and is no ordinary file, or is a case, stays. */
async function targetOf(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (!found) return path
  if (found.isDirectory()) throw new OutputError(`${path} is a folder.`, 'Name a file in it.')
  if (!found.isFile())
    throw new OutputError(`${path} is no ordinary file.`, 'Leave out --save and redirect the output instead: > FILE')
  if (await isDatabase(path).catch(() => false)) {
    throw new OutputError(
      `${path} is a DuckDB database, such as a case file; an answer does not replace it.`,
      'Name another file.',
    )
  }
  return realpath(path)
}

/**
 * Writes pieces to a file, whole or not at all: what stood there before stays until the last piece is on disk. Only the
 * owner may read the file (mode 0600), because answers hold what the evidence holds.
 *
 * @throws OutputError where the file cannot be written; whatever the pieces throw; the reason of `signal` once it is
 * aborted. The unfinished file is then removed.
 */
export async function saveOutput(
  pieces: AsyncIterable<string>,
  path: string,
  {signal}: {readonly signal?: AbortSignal | undefined} = {},
): Promise<void> {
  const folder = dirname(path)
  let unfinished: string | undefined
  try {
    signal?.throwIfAborted()
    const target = await targetOf(path)
    const beside = join(dirname(target), `.k8saudit-${randomBytes(8).toString('hex')}.part`)
    const file = await open(beside, 'wx', 0o600)
    unfinished = beside
    try {
      for await (const piece of pieces) {
        signal?.throwIfAborted()
        await file.appendFile(piece)
      }
      signal?.throwIfAborted()
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, target)
  } catch (error) {
    if (unfinished !== undefined) await rm(unfinished, {force: true})
    throw explainWriteError(path, folder, error)
  }
}
