/** One request, as the story of the samples knows it. */
export interface SampleRequest {
  /** When it was received, RFC 3339 in UTC with six digits. */
  readonly time: string
  /** Who authenticated; null for a request that failed to. */
  readonly user: string | null
  /** The connecting peer. */
  readonly clientIp: string
  readonly verb: string
  readonly code: number
  readonly auditId: string
  /** Where its last event stands, below samples/: `path[!/member]:line`. */
  readonly evidence: string
}

/** What the sample logs have to show. */
export interface SampleFacts {
  readonly events: number
  readonly requests: number
  readonly eventsByStage: Readonly<Record<string, number>>
  /** By `path[!/member]` below samples/. */
  readonly eventsByFile: Readonly<Record<string, number>>
  readonly requestsByCode: Readonly<Record<string, number>>
  /** Requests answered with 401. */
  readonly unauthorized: number
  /** The guesses at tokens, all 401, and the thief's requests after the token was withdrawn, 401 too. */
  readonly guesses: {readonly ip: string; readonly count: number}
  readonly lockedOut: {readonly ip: string; readonly count: number}
  /** Attempts on deployment nginx in prod, in their order. */
  readonly nginxDeletes: readonly (SampleRequest & {
    /** Whom it acted as, where that was allowed; `wanted` where it was refused. */
    readonly impersonated: string | null
    readonly wanted: string | null
    /** What came of it. The log has no bodies here: a dry run can only be told from what follows. */
    readonly outcome: 'refused' | 'dry-run' | 'removed' | 'failed'
  })[]
  /** The deletion of a collection of deployments in `reports`, and the names that went with it. */
  readonly collectionDelete: SampleRequest & {readonly names: readonly string[]}
  readonly namespaceDelete: {readonly namespace: string; readonly deployment: string; readonly initiatedBy: string}
  readonly execs: readonly (SampleRequest & {readonly pod: string; readonly command: readonly string[]})[]
  /** get, list and watch of core secrets, allowed or not. */
  readonly secretReads: readonly (SampleRequest & {readonly namespace: string | null; readonly name: string | null})[]
  /** An audit ID that a client chose for more than one request. */
  readonly sharedAuditId: {readonly id: string; readonly requests: number}
  /** Tokens whose issue is logged, and the addresses from which they were used. */
  readonly credentials: readonly {
    readonly id: string
    readonly issuedBy: string
    readonly usedFrom: readonly string[]
  }[]
  /** A watch whose stages stand in different files. */
  readonly longWatch: {readonly auditId: string; readonly evidence: readonly string[]}
}

/** The sample logs. */
export interface Samples {
  /** What to write, by path below samples/. */
  readonly files: ReadonlyMap<string, Buffer>
  /** The text of each log, by path; a member of an archive as `archive!/member`. */
  readonly contents: ReadonlyMap<string, string>
  readonly facts: SampleFacts
}

/** Makes the sample logs: the same text every time, on every machine. */
export function makeSamples(): Promise<Samples>
