// Writes samples/: a small incident on an invented cluster, logged as a kube-apiserver 1.32 would have logged it.
// The same bytes every time; what the log has to show is told by `facts`, for tests.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {makeCast} from './samples/cast.mjs'
import {Cluster} from './samples/cluster.mjs'
import {workEveryday} from './samples/everyday.mjs'
import {tallyFacts} from './samples/facts.mjs'
import {packArchive, plainGzip, rotate} from './samples/log-files.mjs'
import {seededRandom} from './samples/random.mjs'
import {tellStory} from './samples/story.mjs'

const midnight = Date.UTC(2026, 2, 1) * 1000

/** A time of the day of the incident, such as `10:18:02.314159`, as microseconds since 1970. */
function clock(time) {
  const [hours, minutes, seconds] = time.split(':')
  return midnight + (Number(hours) * 60 + Number(minutes)) * 60_000_000 + Math.round(Number(seconds) * 1_000_000)
}

/**
 * The sample logs.
 *
 * @returns `files`: what to write, by path below samples/; `contents`: the text of each log, by path (a member of an
 *   archive as `archive!/member`); `facts`: what the log has to show.
 */
export async function makeSamples() {
  const random = seededRandom(20260301)
  const cast = makeCast(random)
  const span = {from: clock('10:05:00'), to: clock('10:50:00')}
  const cluster = new Cluster(random, cast, span.from)
  const told = tellStory(cluster, clock)
  workEveryday(cluster, span)

  const files = new Map()
  const contents = new Map()
  const first = rotate(cluster.servers[1], ['10:15:00.208', '10:30:00.123', '10:49:00.456'].map(clock))
  for (const {name, text} of first) {
    const path = `control-plane-1/${name}`
    contents.set(path, text)
    files.set(path, name.endsWith('.gz') ? plainGzip(text) : Buffer.from(text))
  }
  const second = rotate(cluster.servers[2], ['10:20:00.911', '10:40:00.377'].map(clock))
  const archive = 'control-plane-2.tar.gz'
  const members = second.map(({name, text}) => ({
    name: `control-plane-2/${name}`,
    bytes: name.endsWith('.gz') ? plainGzip(text) : Buffer.from(text),
  }))
  for (const {name, text} of second) contents.set(`${archive}!/control-plane-2/${name}`, text)
  files.set(archive, await packArchive(members, new Date(clock('10:50:00') / 1000)))

  const placeOf = ({file, line, served}) =>
    `${served.server === 'control-plane-2' ? `${archive}!/` : ''}${served.server}/${file}:${line}`
  return {files, contents, facts: tallyFacts(Object.values(cluster.servers), told, placeOf)}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../samples')
  const {files, facts} = await makeSamples()
  rmSync(folder, {recursive: true, force: true})
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), {recursive: true})
    writeFileSync(join(folder, path), bytes)
  }
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  console.log(`samples/: ${facts.events} events of ${facts.requests} requests, ${Math.round(size / 1000)} kB`)
}
