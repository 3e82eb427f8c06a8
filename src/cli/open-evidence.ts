import type {CaseFile} from '../case/case-file.ts'

/** What a question is put to, until it is closed. */
export interface Evidence {
  readonly caseFile: CaseFile
  readonly close: () => Promise<void>
}

/**
 * Opens what a question is put to: the case.
 *
 * @throws CaseError where there is none, or it cannot be read.
 */
export async function openEvidence(flags: {readonly case: string}): Promise<Evidence> {
  const {openCase} = await import('../case/case-file.ts')
  const caseFile = await openCase(flags.case)
  return {
    caseFile,
    close: () => {
      caseFile.close()
      return Promise.resolve()
    },
  }
}
