import {UsageError} from './explain-error.ts'

/** @throws UsageError where a zone is none that this machine knows. */
export async function checkTimeZone(timeZone: string): Promise<void> {
  const {isTimeZone} = await import('../output/instants.ts')
  if (!isTimeZone(timeZone))
    throw new UsageError(
      `--timezone ${JSON.stringify(timeZone)} is no time zone that this machine knows.`,
      'Give a name such as UTC, Europe/Berlin or America/New_York.',
    )
}
