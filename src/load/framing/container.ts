import type {Window} from './window.ts'

/** A record inside a list: from one place in the stream to another. */
export interface Leaf {
  readonly start: number
  readonly end: number
}

/** A container's own text beyond this many characters is not kept. */
export const mostContext = 1 << 16

/** An object or list that holds records in a list, while it is read. */
export class Container {
  /** Records that wait for its end. */
  waiting: Leaf[] = []
  /** Records found in it. */
  found = 0
  /** The beginning of its own text, where that is too long to be kept. */
  beginning = ''
  /** Its own text so far, with its lists emptied; NULL where it is too long to be kept. */
  #text: string | null = ''
  readonly #before: string
  readonly #after: string
  readonly #openObjects: number

  /**
   * @param parent what it is in, while the list that it is an element of is open
   * @param openObjects objects that are open inside it where its list begins
   */
  constructor(parent: Container | null, openObjects: number) {
    const outer = parent !== null && parent.ownText !== null && parent.ownText !== '' ? parent : null
    this.#before = outer === null ? '' : `${outer.#before}${outer.#text ?? ''}`
    this.#after = outer === null ? '' : `]${'}'.repeat(outer.#openObjects)}${outer.#after}`
    this.#openObjects = openObjects
  }

  /** Adds a stretch of its own text. */
  addText(window: Window, from: number, to: number): void {
    if (this.#text === null) return
    if (to - from + this.#text.length > mostContext || from < window.base) this.dropText()
    else this.#text += window.slice(from, to).toString('utf8')
  }

  dropText(): void {
    this.beginning = this.#text ?? this.beginning
    this.#text = null
  }

  /** Its own text alone. */
  get ownText(): string | null {
    return this.#text
  }

  /** Its text, in that of what it is in, where it has come to its end. */
  get whole(): string | null {
    return this.#text === null ? null : `${this.#before}${this.#text}${this.#after}`
  }

  /** The same where a list in it is still open: with everything closed. */
  get closed(): string | null {
    return this.#text === null || this.#text === ''
      ? null
      : `${this.#before}${this.#text}]${'}'.repeat(this.#openObjects)}${this.#after}`
  }

  wait(start: number, end: number): void {
    this.waiting.push({start, end})
    this.found++
  }
}
