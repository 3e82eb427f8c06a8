/** What can be ranked. */
export const rankingNames = [
  'ips',
  'users',
  'effective-users',
  'principals',
  'agents',
  'verbs',
  'resources',
  'namespaces',
  'codes',
  'credentials',
] as const
/** One of {@link rankingNames}. */
export type RankingName = (typeof rankingNames)[number]
