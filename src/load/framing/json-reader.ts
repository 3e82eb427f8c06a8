import {byteOf, isBlank} from './bytes.ts'
import {Container, mostContext, type Leaf} from './container.ts'
import {knownLists, noLists, type ListKeys} from './list-keys.ts'
import {JsonScanner} from './json-scanner.ts'
import {beginningOf, nextElement} from './next-element.ts'
import {mayBePacked} from './packed-data.ts'
import {keptOfLongRecord, type RecordOutlet} from './record-outlet.ts'
import type {Window} from './window.ts'

/**
 * How JSON came to its end: `done`; `torn`, where the text ends inside it; `broken`, where it is no JSON from some place on and
 * nothing of it was handed over; `damaged`, the same after records of it were handed over.
 */
export type Outcome = 'done' | 'torn' | 'broken' | 'damaged'

/** Records of a list wait for what stands behind the list, as long as they are not more than this. */
const waitingBytes = 1 << 20
/** The context of elements of an array that stands by itself. */
const arrayContext = '[]'
/** Keys, escaped or not, that stand in an audit event and in no container of events. */
const speaksOfAnEvent = /(?:auditID|requestURI)\\?"/
const mostDepth = 1_000_000
const mostWasted = 32 << 20

/** Reads one JSON value out of a stream: a record, or lists of records inside each other. */
export class JsonReader {
  /** Behind the value, or where it broke; and the line there. */
  at = 0
  line = 1
  /** True where it broke at the first element of a line. */
  endsAtLineStart = false
  /** True where the value was an object that is a record, by itself on its line. */
  wasLine = false
  readonly #window: Window
  readonly #outlet: RecordOutlet
  readonly #maxRecordBytes: number
  readonly #scanner = new JsonScanner()
  /** Containers around the one that is read. */
  #outer: Container[] = []
  #firstLine = 1
  /** The line that records count as theirs. */
  #recordLine = 1
  /** How the elements of the list that is read begin. */
  #beginning: Buffer | null = null
  /** Up to here text was scanned in vain: what began before it broke there. */
  #failedUntil = 0
  /** Bytes that were scanned in vain, and have to be looked at again. */
  #wasted = 0

  constructor(window: Window, outlet: RecordOutlet, maxRecordBytes: number) {
    this.#window = window
    this.#outlet = outlet
    this.#maxRecordBytes = maxRecordBytes
  }

  /** The value that begins at a place, outside of all others. The window keeps what stands from there on until it is read. */
  async read(from: number, line: number): Promise<Outcome> {
    if (from < this.#failedUntil && this.#isWasteful()) return 'broken'
    const window = this.#window
    this.#scanner.reset()
    this.#outer = []
    this.#firstLine = line
    this.#recordLine = line
    this.wasLine = false
    this.endsAtLineStart = false
    const isList = window.bytes[from - window.base] === byteOf.openBracket
    if (isList && !(await this.#mayBeList(from))) return 'broken'
    const outcome = isList ? await this.#rootList(from) : await this.#object(from, knownLists, null)
    if (outcome === 'broken' || outcome === 'damaged') this.#fail(from)
    if (outcome === 'torn' || outcome === 'damaged')
      this.#outlet.counts.problem ??= `the JSON that begins at line ${this.#outlet.lineOf(line)} ${outcome === 'torn' ? 'does not end' : `is damaged at line ${this.line}`}`
    return outcome
  }

  get #lineNow(): number {
    return this.#firstLine + this.#scanner.lineFeeds
  }

  /** What began at a place broke where the scan stands. */
  #fail(from: number): void {
    const at = this.#window.base + this.#scanner.at
    this.#failedUntil = Math.max(this.#failedUntil, at)
    this.#wasted += Math.max(0, at - from)
  }

  /** True where scanning again what did not end would take longer than the text is worth: nesting without end is made for that. */
  #isWasteful(): boolean {
    return this.#wasted > mostWasted + 2 * this.#window.end
  }

  #endAt(place: number, line: number, outcome: Outcome): Outcome {
    this.at = place
    this.line = line
    return outcome
  }

  /** Reads on. What records still need is kept: those that wait, and everything from a place on. */
  async #more(from: number): Promise<boolean> {
    const window = this.#window
    const scanned = window.base + this.#scanner.at
    let keep = from
    for (const {waiting} of this.#outer) keep = Math.min(keep, waiting[0]?.start ?? keep)
    const more = await window.more(keep)
    this.#scanner.at = scanned - window.base
    return more
  }

  /** A line of text may begin with a bracket as well: `[pod/name] {…}`. */
  async #mayBeList(from: number): Promise<boolean> {
    const window = this.#window
    let at = from + 1
    for (;;) {
      while (at < window.end && isBlank(window.bytes[at - window.base])) at++
      if (at < window.end) break
      if (!(await window.more(from))) return false
    }
    const byte = window.bytes[at - window.base]
    return (
      byte === byteOf.openBrace || byte === byteOf.openBracket || byte === byteOf.closeBracket || byte === byteOf.quote
    )
  }

  async #rootList(from: number): Promise<Outcome> {
    const scanner = this.#scanner
    scanner.at = from - this.#window.base
    scanner.enter(this.#window.bytes)
    const list = new Container(null, 0)
    list.dropText()
    const outcome = await this.#list(knownLists, list, true)
    if (outcome !== 'done') return outcome
    if (list.found === 0) await this.#outlet.record(Buffer.from('[]'), this.#firstLine, null, false)
    return this.#endAt(this.#window.base + scanner.at, this.#lineNow, 'done')
  }

  /**
   * An object: a record, or what holds lists of records.
   *
   * @param parent the container in whose list it stands; NULL outside of all
   */
  async #object(from: number, keys: ListKeys, parent: Container | null): Promise<Outcome> {
    const window = this.#window
    const scanner = this.#scanner
    const {depth} = scanner
    const line = this.#lineNow
    const recordLine = this.#recordLine
    let container: Container | null = null
    let textFrom = from
    let long: Buffer | null = null
    const within: {readonly keys: ListKeys; readonly depth: number}[] = [{keys, depth}]
    const watch = (): {readonly keys: ListKeys; readonly depth: number} => {
      const top = within.at(-1) as {keys: ListKeys; depth: number}
      scanner.stopDepth = top.depth
      scanner.watchDepth = top.keys === noLists ? -1 : top.depth + 1
      return top
    }
    scanner.at = from - window.base
    let top = watch()
    for (;;) {
      const stop = scanner.scan(window.bytes, scanner.at, window.length, window.base)
      const at = window.base + scanner.at
      if (stop === 'value') {
        // This object ended, or one inside it that was looked into.
        if (within.length === 1) break
        within.pop()
        top = watch()
        continue
      }
      if (stop === 'opens') {
        const key = window.slice(Math.max(scanner.keyStart, window.base), scanner.keyEnd).toString('latin1')
        const isList = window.bytes[scanner.at] === byteOf.openBracket
        const next = (isList ? top.keys.lists : top.keys.objects).get(key)
        scanner.enter(window.bytes)
        // Where its beginning was let go, nothing could be kept with its records.
        if (next === undefined || long !== null) continue
        if (!isList) {
          within.push({keys: next, depth: top.depth + 1})
          top = watch()
          continue
        }
        container ??= new Container(parent, scanner.depth - depth - 1)
        container.addText(window, textFrom, at + 1)
        this.#outer.push(container)
        const outcome = await this.#list(next, container, false)
        this.#outer.pop()
        if (outcome !== 'done') {
          if (parent !== null) parent.found += container.found
          return outcome
        }
        textFrom = window.base + scanner.at - 1
        top = watch()
        continue
      }
      const isBroken = stop === 'broken' || scanner.depth > mostDepth
      if (!isBroken) {
        if (container === null && at - from > this.#maxRecordBytes)
          long ??= Buffer.from(window.slice(from, Math.min(from + keptOfLongRecord, at)))
        else if (container !== null && at - textFrom > mostContext) {
          await this.#release(container, container.closed)
          container.dropText()
          textFrom = at
        }
        const needed =
          container === null ? (long === null ? from : at) : Math.min(textFrom, container.waiting[0]?.start ?? textFrom)
        if (await this.#more(needed)) continue
      }
      // It broke, or the text ends inside it.
      const end = isBroken ? at : window.end
      const outcome = isBroken ? 'broken' : 'torn'
      if (container !== null) {
        await this.#release(container, container.closed)
        if (parent !== null) parent.found += container.found
        return this.#endAt(end, this.#lineNow, isBroken && container.found > 0 ? 'damaged' : outcome)
      }
      if (long === null) {
        // Outside of all it is taken for text.
        if (isBroken || parent === null) return this.#endAt(at, this.#lineNow, 'broken')
        await this.#outlet.record(Buffer.from(window.slice(from, end)), recordLine, parent.closed, false)
      } else this.#outlet.long(recordLine, end - from, long)
      if (parent !== null) parent.found++
      if (!isBroken) this.#outlet.counts.unendedLine ??= this.#lineNow
      return this.#endAt(end, this.#lineNow, isBroken ? 'damaged' : 'torn')
    }
    const end = window.base + scanner.at
    if (container === null && end - from > this.#maxRecordBytes)
      long ??= Buffer.from(window.slice(from, from + Math.min(keptOfLongRecord, end - from)))
    if (container !== null) {
      container.addText(window, textFrom, end)
      await this.#release(container, container.whole)
      // Without records in it, or with what an event has beside them, it is a record itself.
      const own = container.ownText
      if (own === null) {
        if (container.found === 0 || speaksOfAnEvent.test(container.beginning)) {
          this.#outlet.long(recordLine, end - from, Buffer.from(container.beginning))
          container.found++
        }
      } else if (container.found === 0 || speaksOfAnEvent.test(own)) {
        await this.#outlet.record(Buffer.from(own), recordLine, null, false)
        container.found++
      }
      if (parent !== null) parent.found += container.found
    } else if (long !== null) {
      this.#outlet.long(recordLine, end - from, long)
      if (parent !== null) parent.found++
    } else if (parent !== null) parent.wait(from, end)
    else await this.#single({start: from, end}, line, end, null)
    return this.#endAt(end, this.#lineNow, 'done')
  }

  /** A record that is in no object's list: by itself on its line, or not. */
  async #single(leaf: Leaf, line: number, behind: number, context: string | null): Promise<void> {
    const window = this.#window
    const isAlone = await this.#isLastOnLine(behind, leaf.start)
    const bytes = window.slice(leaf.start, leaf.end)
    if (mayBePacked(bytes) && (await this.#outlet.packed(bytes, line))) return
    this.wasLine = isAlone && line === this.#lineNow
    await this.#outlet.record(bytes, line, context, isAlone)
  }

  async #isLastOnLine(behind: number, keep: number): Promise<boolean> {
    const window = this.#window
    let place = behind
    for (;;) {
      for (; place < window.end; place++) {
        const byte = window.bytes[place - window.base]
        if (byte === byteOf.lineFeed) return true
        if (!(isBlank(byte) || byte === byteOf.comma || byte === byteOf.closeBracket)) return false
      }
      if (!(await this.#more(keep))) return true
    }
  }

  /** Hands over the records that waited. */
  async #release(container: Container, context: string | null): Promise<void> {
    const {waiting} = container
    container.waiting = []
    for (const {start, end} of waiting) {
      const bytes = this.#window.slice(start, end)
      if (!(mayBePacked(bytes) && (await this.#outlet.packed(bytes, this.#recordLine))))
        await this.#outlet.record(bytes, this.#recordLine, context, false)
    }
  }

  /**
   * The elements of a list that is open.
   *
   * @param isRoot it stands outside of all objects: each element is a record, or holds records, by itself
   */
  async #list(keys: ListKeys, container: Container, isRoot: boolean): Promise<Outcome> {
    const window = this.#window
    const scanner = this.#scanner
    const {depth} = scanner
    const listLine = this.#lineNow
    let isFirst = true
    const beginningAround = this.#beginning
    this.#beginning = null
    const leave = (outcome: Outcome): Outcome => {
      this.#beginning = beginningAround
      return outcome
    }
    for (;;) {
      const lineBefore = this.#lineNow
      const hasComma = await this.#toElement(container)
      if (hasComma === null) {
        await this.#release(container, container.closed)
        return leave(this.#endAt(window.end, this.#lineNow, 'torn'))
      }
      if (window.bytes[scanner.at] === byteOf.closeBracket) {
        scanner.at++
        scanner.leave()
        return leave('done')
      }
      const beginsLine = this.#lineNow > lineBefore
      if (!isFirst && !hasComma && beginsLine) {
        // What follows on another line without a comma is not in this list: it begins another record.
        await this.#release(container, container.closed)
        this.endsAtLineStart = true
        return leave(this.#endAt(window.base + scanner.at, this.#lineNow, 'damaged'))
      }
      isFirst = false
      const start = window.base + scanner.at
      const line = this.#lineNow
      const feeds = scanner.lineFeeds
      const {found} = container
      if (isRoot) this.#recordLine = line
      scanner.backTo(depth)
      const isObject = keys !== noLists && window.bytes[scanner.at] === byteOf.openBrace
      const outcome = isObject ? await this.#object(start, keys, container) : await this.#element(start, container)
      const {waiting} = container
      if (outcome === 'done') {
        if (start >= window.base) this.#beginning ??= beginningOf(window, start)
        const [first] = waiting
        if (first === undefined) continue
        if (isRoot) {
          container.waiting = []
          await this.#single(first, line, window.base + scanner.at, arrayContext)
        } else if (window.base + scanner.at - first.start > waitingBytes)
          await this.#release(container, container.closed)
        continue
      }
      if (outcome === 'torn') return leave('torn')
      await this.#release(container, container.closed)
      // Where part of the element was handed over already, it cannot be taken up again.
      if (outcome === 'damaged' && container.found > found) return leave('damaged')
      this.#fail(start)
      const beginning = this.#beginning ?? beginningOf(window, start)
      const next =
        beginning === null || this.#isWasteful()
          ? -1
          : await nextElement(window, {
              start,
              beginning,
              limit: start + this.#maxRecordBytes,
              isOnOneLine: line === listLine,
            })
      this.#wasted += (next === -1 ? Math.min(window.end, start + this.#maxRecordBytes) : next) - start
      scanner.lineFeeds = feeds
      if (next === -1) {
        this.endsAtLineStart = beginsLine
        return leave(this.#endAt(start, line, container.found > 0 ? 'damaged' : 'broken'))
      }
      await this.#damagedElement(container, start, next)
      scanner.at = next - window.base
      scanner.backTo(depth)
    }
  }

  /** To the next element of a list, or its end: whether there was a comma before; NULL where the text ends before. */
  async #toElement(container: Container): Promise<boolean | null> {
    const window = this.#window
    const scanner = this.#scanner
    let hasComma = false
    for (;;) {
      const {bytes, length} = window
      let {at} = scanner
      for (; at < length; at++) {
        const byte = bytes[at]
        if (byte === byteOf.lineFeed) scanner.lineFeeds++
        else if (byte === byteOf.comma) hasComma = true
        else if (!isBlank(byte)) break
      }
      scanner.at = at
      if (at < length) return hasComma
      const place = window.base + at
      if (!(await this.#more(Math.min(place, container.waiting[0]?.start ?? place)))) return null
    }
  }

  /** What stands between the beginning of an element that is damaged and the next one. */
  async #damagedElement(container: Container, start: number, next: number): Promise<void> {
    const window = this.#window
    const between = window.slice(start, next)
    let end = between.length
    while (end > 0 && (isBlank(between[end - 1]) || between[end - 1] === byteOf.comma)) end--
    const bytes = Buffer.from(between.subarray(0, end))
    for (const byte of between) if (byte === byteOf.lineFeed) this.#scanner.lineFeeds++
    container.found++
    await this.#outlet.record(bytes, this.#recordLine, container.closed, false)
  }

  /** An element that is a record. */
  async #element(start: number, container: Container): Promise<Outcome> {
    const window = this.#window
    const scanner = this.#scanner
    scanner.stopDepth = scanner.depth
    scanner.watchDepth = -1
    let long: Buffer | null = null
    for (;;) {
      const stop = scanner.scan(window.bytes, scanner.at, window.length, window.base)
      const at = window.base + scanner.at
      if (long === null && at - start > this.#maxRecordBytes) {
        await this.#release(container, container.closed)
        long = Buffer.from(window.slice(start, Math.min(start + keptOfLongRecord, at)))
      }
      const isBroken = stop === 'broken' || scanner.depth > mostDepth
      if (stop === 'more' && !isBroken) {
        const own = long === null ? start : at
        if (await this.#more(Math.min(own, container.waiting[0]?.start ?? own))) continue
      }
      if (isBroken && long === null) return this.#endAt(at, this.#lineNow, 'broken')
      const end = stop === 'more' && !isBroken ? window.end : at
      if (stop === 'value' && long === null) container.wait(start, end)
      else {
        await this.#release(container, container.closed)
        container.found++
        if (long === null)
          await this.#outlet.record(Buffer.from(window.slice(start, end)), this.#recordLine, container.closed, false)
        else this.#outlet.long(this.#recordLine, end - start, long)
      }
      if (stop === 'value') return 'done'
      if (isBroken) return this.#endAt(at, this.#lineNow, 'damaged')
      this.#outlet.counts.unendedLine ??= this.#lineNow
      return this.#endAt(window.end, this.#lineNow, 'torn')
    }
  }
}
