import type {KnownSource} from './messages.ts'

/** The files that the case holds, found by what they are. */
export class KnownFiles {
  readonly #bySize = new Map<number, KnownSource[]>()

  constructor(files: readonly KnownSource[]) {
    for (const file of files) this.add(file)
  }

  add(file: KnownSource): void {
    const others = this.#bySize.get(file.sizeBytes)
    if (others === undefined) this.#bySize.set(file.sizeBytes, [file])
    else others.push(file)
  }

  hasSize(sizeBytes: number): boolean {
    return this.#bySize.has(sizeBytes)
  }

  /** Those with the same bytes, in the order in which they came. */
  same(sizeBytes: number, sha256: string): KnownSource[] {
    return (this.#bySize.get(sizeBytes) ?? []).filter((file) => file.sha256 === sha256)
  }
}
