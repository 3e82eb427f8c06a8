import type {Strip, StripChart} from './answer.ts'
import {shownInstant} from './instants.ts'
import {cut, displayWidth, visible} from './sanitise.ts'

const signs = {
  blocks: {densities: '▁▂▃▄▅▆▇█', gap: '░', tick: '│'},
  ascii: {densities: '.:-=+*#@', gap: '!', tick: '|'},
}
const mostColumns = 160
const labelColumns = 32
const fewestColumns = 20
const tickColumns = 18

interface Scale {
  readonly fromUs: number
  readonly bucketUs: number
  readonly buckets: number
}

/** Events in each bucket: what spans several is spread evenly over them. */
function countsOf({pieces}: Strip, {fromUs, bucketUs, buckets}: Scale): number[] {
  const counts = new Array<number>(buckets).fill(0)
  const bucketAt = (us: number): number => Math.min(buckets - 1, Math.max(0, Math.floor((us - fromUs) / bucketUs)))
  for (const piece of pieces) {
    if (piece.toUs < fromUs || piece.fromUs > fromUs + bucketUs * buckets) continue
    const [first, last] = [bucketAt(piece.fromUs), bucketAt(piece.toUs)]
    for (let i = first; i <= last; i++) counts[i] = (counts[i] ?? 0) + piece.events / (last - first + 1)
  }
  return counts
}

/** The moments between which a bucket lies wholly or in part within a gap. */
function isGap(strip: Strip, bucket: number, {fromUs, bucketUs}: Scale): boolean {
  const [start, end] = [fromUs + bucket * bucketUs, fromUs + (bucket + 1) * bucketUs]
  return strip.gaps.some((gap) => gap.fromUs < end && gap.toUs > start)
}

/** The clock, and the date where it is another than before. */
function tickText(us: number, spanUs: number, timeZone: string | undefined): string {
  const shown = shownInstant(new Date(us / 1000).toISOString(), {timeZone})
  const [date = '', clock = ''] = shown.split(' ')
  if (spanUs < 600e6) return clock.slice(0, 8)
  return spanUs < 86_400e6 ? clock.slice(0, 5) : `${date.slice(5)} ${clock.slice(0, 5)}`
}

function axis(scale: Scale, spanUs: number, timeZone: string | undefined, tick: string): [string, string] {
  let [marks, words] = ['', '']
  for (let at = 0; at < scale.buckets; at += tickColumns) {
    const text = tickText(scale.fromUs + at * scale.bucketUs, spanUs, timeZone)
    if (at > 0 && at + text.length > scale.buckets) break
    marks = marks.padEnd(at) + tick
    words = words.padEnd(at) + text
  }
  return [marks, words]
}

/** The end of a path tells more than its beginning. */
function shortLabel(label: string): string {
  let rest = label
  while (displayWidth(rest) >= labelColumns && rest.includes('/')) rest = rest.slice(rest.indexOf('/') + 1)
  return rest === label ? cut(label, labelColumns) : cut(`…/${rest}`, labelColumns)
}

/**
 * A chart of how dense events are over time as lines of text: the fuller a block, the more events (by their logarithm, so
 * that a burst does not hide the rest); a blank where there are none; gaps shaded, below them a time axis.
 */
export function drawStrips(
  {fromUs, toUs, strips}: StripChart,
  {
    width = 100,
    ascii = false,
    timeZone,
  }: {
    readonly width?: number | undefined
    readonly ascii?: boolean | undefined
    readonly timeZone?: string | undefined
  },
): string[] {
  const {densities, gap, tick} = ascii ? signs.ascii : signs.blocks
  const labels = strips.map(({label}) => shortLabel(visible(label)))
  const labelWidth = Math.max(0, ...labels.map(displayWidth))
  const columns = Math.max(fewestColumns, Math.min(width === Infinity ? 100 : width, mostColumns) - labelWidth - 2)
  const spanUs = Math.max(1, toUs - fromUs)
  const scale: Scale = {fromUs, bucketUs: spanUs / columns, buckets: columns}
  const counts = strips.map((strip) => countsOf(strip, scale))
  const most = counts.reduce((max, each) => each.reduce((n, count) => Math.max(n, count), max), 0)
  const sign = (count: number): string =>
    count <= 0
      ? ' '
      : densities.charAt(Math.min(7, Math.floor((Math.log1p(count) / Math.log1p(Math.max(most, 1))) * 8)))
  const pad = (label: string): string => label + ' '.repeat(labelWidth - displayWidth(label))
  const lines = strips.map((strip, i) => {
    const drawn = (counts[i] ?? []).map((count, bucket) => (isGap(strip, bucket, scale) ? gap : sign(count))).join('')
    return `${pad(labels[i] ?? '')}  ${drawn}`.trimEnd()
  })
  const [marks, words] = axis(scale, spanUs, timeZone, tick)
  const blank = ' '.repeat(labelWidth + 2)
  const legend = strips.some(({gaps}) => gaps.length > 0) ? [`${blank}${gap} missing, or unlikely silent`] : []
  return [...lines, `${blank}${marks}`, `${blank}${words}`, ...legend]
}
