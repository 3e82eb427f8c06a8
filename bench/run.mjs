// Measures k8saudit against what a user would run instead, and keeps the figures in bench/results.md:
//   npm run bench -- load | memory | who-deleted | logs | investigations | search | policy | shapes  [--runs N] [--scale X]
// --scale shrinks the logs, to try the bench itself out; such figures are printed and not kept.
import {argv} from 'zx'
import {measureInvestigations} from './investigations.mjs'
import {measureLoad} from './load.mjs'
import {measureLogsDirect} from './logs-direct.mjs'
import {measureMemory} from './memory.mjs'
import {measurePolicy} from './policy.mjs'
import {keepResult, showResult} from './results.mjs'
import {measureSearch} from './search.mjs'
import {measureShapes} from './shapes.mjs'
import {measureWhoDeleted} from './who-deleted.mjs'

const benches = {
  load: measureLoad,
  memory: measureMemory,
  'who-deleted': measureWhoDeleted,
  logs: measureLogsDirect,
  investigations: measureInvestigations,
  search: measureSearch,
  policy: measurePolicy,
  shapes: measureShapes,
}
const names = argv._.length === 0 ? Object.keys(benches) : argv._
const unknown = names.find((name) => !(name in benches))
const runs = argv.runs === undefined ? undefined : Number(argv.runs)
const scale = Number(argv.scale ?? 1)

if (unknown !== undefined || !(runs === undefined || runs >= 1) || !(scale > 0)) {
  console.error(`usage: npm run bench -- [${Object.keys(benches).join(' | ')}]... [--runs N] [--scale X]`)
  process.exit(2)
}
for (const name of names) {
  const result = await benches[name]({scale, ...(runs === undefined ? {} : {runs})})
  showResult(result)
  if (scale === 1) keepResult(result)
}
