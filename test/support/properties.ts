/** Seed of every property test, so that a failure comes again; `K8SAUDIT_SEED` tries others. */
export const seed = Number(process.env['K8SAUDIT_SEED'] ?? 20_260_301)

/**
 * Settings for `fc.assert`: the seed, and how often (`K8SAUDIT_RUNS_TIMES` multiplies it). A failure prints the seed
 * and the smallest example that was found in the time there is.
 */
export function runs(count: number): {
  readonly seed: number
  readonly numRuns: number
  readonly interruptAfterTimeLimit: number
} {
  const times = Number(process.env['K8SAUDIT_RUNS_TIMES'] ?? 1)
  return {seed, numRuns: Math.ceil(count * times), interruptAfterTimeLimit: 50_000 * Math.max(1, times)}
}
