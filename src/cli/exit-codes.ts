/** Exit codes: an interface that scripts rely on. */
export const exitCodes = {
  /** Answered; no rows included. */
  answered: 0,
  failed: 1,
  usage: 2,
  /** A load is done, but some evidence was damaged or rejected. */
  damaged: 3,
  /** The case file is missing, in use, or of another version. */
  noCase: 4,
  interrupted: 130,
} as const
