/** Lines waiting for their time: a binary heap, earliest first. */
export class TimeQueue {
  #times = []
  #lines = []

  /** When the next line is due; Infinity where none waits. */
  nextAt() {
    return this.#times.length === 0 ? Infinity : this.#times[0]
  }

  add(time, line) {
    let place = this.#times.length
    this.#times.push(time)
    this.#lines.push(line)
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#times[parent] <= time) break
      this.#move(parent, place)
      place = parent
    }
    this.#times[place] = time
    this.#lines[place] = line
  }

  /** Takes out the line that is due next. */
  take() {
    const first = this.#lines[0]
    const time = this.#times.pop()
    const line = this.#lines.pop()
    const count = this.#times.length
    if (count === 0) return first
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= count) break
      if (child + 1 < count && this.#times[child + 1] < this.#times[child]) child++
      if (this.#times[child] >= time) break
      this.#move(child, place)
      place = child
    }
    this.#times[place] = time
    this.#lines[place] = line
    return first
  }

  #move(from, to) {
    this.#times[to] = this.#times[from]
    this.#lines[to] = this.#lines[from]
  }
}
