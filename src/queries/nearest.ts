import {nearestNames} from '../audit/nearest-names.ts'

/** The known word that was probably meant: within a few typing errors, or begun with what was typed; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return nearestNames(word, known)[0]
}
