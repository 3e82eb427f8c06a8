import {cut} from '../output/sanitise.ts'
import type {LoadProgress} from '../load/start-reading.ts'
import {clock, count, size} from './numbers.ts'

/** A progress line on standard error, where that is a terminal; nothing in a pipe. */
export interface ProgressLine {
  readonly show: (progress: LoadProgress) => void
  readonly clear: () => void
}

/** What the line says: share, bytes, files, rate, time left. Exported for its test. */
export function progressText(progress: LoadProgress, elapsedSeconds: number): string {
  const {bytesRead, bytesTotal, inputsDone, inputsTotal, bytesDecompressed} = progress
  const parts = []
  if (bytesTotal > 0)
    parts.push(
      `${Math.min(100, Math.floor((bytesRead / bytesTotal) * 100))}%`,
      `${size(bytesRead)} of ${size(bytesTotal)}`,
    )
  else parts.push(size(bytesRead))
  parts.push(`${count(inputsDone)} of ${count(inputsTotal)} files`)
  if (elapsedSeconds > 0.5) parts.push(`${size(bytesDecompressed / elapsedSeconds)}/s of log`)
  if (progress.lines > 0 && elapsedSeconds > 0.5)
    parts.push(`${count(Math.round(progress.lines / elapsedSeconds))} events/s`)
  if (bytesTotal > 0 && bytesRead > 0 && elapsedSeconds > 1)
    parts.push(`${clock((elapsedSeconds / bytesRead) * (bytesTotal - bytesRead))} left`)
  return parts.join(' · ')
}

export function progressLine(): ProgressLine {
  if (!process.stderr.isTTY) return {show: () => undefined, clear: () => undefined}
  const startedAt = performance.now()
  return {
    show: (progress) =>
      process.stderr.write(
        `\r\x1b[2K${cut(progressText(progress, (performance.now() - startedAt) / 1000), (process.stderr.columns || 80) - 1)}`,
      ),
    clear: () => process.stderr.write('\r\x1b[2K'),
  }
}
