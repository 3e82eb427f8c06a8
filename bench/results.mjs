import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {cpus, totalmem} from 'node:os'
import {join} from 'node:path'
import {root} from './measure.mjs'

const file = join(root, 'bench/results.md')
const head = `# Measured

Written by \`npm run bench\`, which says how; the logs come from \`bench/generate-logs.mjs\`. Read the times as ratios: they are
those of one machine.
`

export const inSeconds = (seconds) => `${seconds.toFixed(2)} s`
export const inMegabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

/** A Markdown table, laid out as Prettier does it: first column to the left, figures to the right. */
function table(columns, rows) {
  const widths = columns.map((_, column) => Math.max(...[columns, ...rows].map((row) => row[column].length)))
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(columns), line(rule), ...rows.map(line)].join('\n')
}

function section({title, about, columns, rows}) {
  const machine = `Node ${process.versions.node}, ${process.platform}-${process.arch}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB.`
  return `## ${title}\n\n${[...about, machine].join('\n')}\n\n${table(columns, rows)}\n`
}

/** Prints a bench's figures. */
export function showResult(result) {
  console.log(section(result))
}

/** Puts a bench's figures into bench/results.md, in the place of what it measured before. */
export function keepResult(result) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [/^## (.*)/.exec(text)[1], `${text.trimEnd()}\n`]),
  )
  sections.set(result.title, section(result))
  writeFileSync(file, [head, ...sections.values()].join('\n'))
}
