import {UsageError} from './explain-error.ts'

/**
 * The text of a list that was given as a file, or as `-` for standard input.
 *
 * @param ofWhat What stands on its lines, for the error: `an address or CIDR block`.
 * @param named What the error calls the file, and what to give instead; without it, a list.
 * @throws UsageError where it cannot be read.
 */
export async function readListText(
  path: string,
  ofWhat: string,
  named = {what: 'list', hint: `Give a text file with ${ofWhat} on each line, or - for standard input.`},
): Promise<string> {
  if (path === '-') {
    const {stdin} = await import('../load/standard-input.ts')
    const chunks: Buffer[] = []
    for await (const chunk of stdin()) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }
  const {readFile} = await import('node:fs/promises')
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new UsageError(`The ${named.what} ${path} cannot be read: ${why}.`, named.hint)
  }
}
