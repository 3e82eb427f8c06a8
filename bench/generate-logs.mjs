// Writes big audit logs, the same ones for the same seed:
//   node bench/generate-logs.mjs --events N | --bytes N  --files K --out DIR [--seed S] [--plain] [--omit-received]
import {once} from 'node:events'
import {createWriteStream, mkdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {createGzip} from 'node:zlib'
import {auditLines} from './log-events.mjs'
import {inShape} from './log-shapes.mjs'

const blockLength = 1 << 20

/**
 * Writes rotated logs into a folder, each named for the time of its last event, as the API server names them.
 *
 * @param {object} options
 * @param {number} [options.events] How many events, over all files; or
 * @param {number} [options.bytes] how many bytes of text, over all files, before compression.
 * @param {number} options.files
 * @param {string} options.out Folder; made where it is missing.
 * @param {number} [options.seed]
 * @param {boolean} [options.plain] Leaves the files uncompressed.
 * @param {boolean} [options.omitReceived] Leaves out stage RequestReceived.
 * @param {string} [options.shape] The envelope around the events; see log-shapes.mjs.
 * @returns {Promise<{events: number, bytes: number, paths: string[]}>}
 */
export async function generateLogs({
  events,
  bytes,
  files,
  out,
  seed = 1,
  plain = false,
  omitReceived = false,
  shape = 'JSON lines',
}) {
  mkdirSync(out, {recursive: true})
  const lines = auditLines({seed, omitReceived})
  const written = {events: 0, bytes: 0, paths: []}
  for (let number = 1; number <= files; number++) {
    const isFull = () =>
      events === undefined
        ? written.bytes >= Math.round((bytes * number) / files)
        : written.events >= Math.round((events * number) / files)
    const unfinished = join(out, `unfinished-${number}`)
    const file = createWriteStream(unfinished)
    const sink = plain ? file : createGzip({level: 6})
    if (!plain) sink.pipe(file)
    const shaped = inShape(lines, shape)
    let block = ''
    let line = ''
    while (!isFull()) {
      const next = shaped.next()
      line = next.line
      block += next.text
      written.events++
      // Every character is ASCII: as many bytes as characters.
      written.bytes += next.text.length
      if (block.length > blockLength) {
        if (!sink.write(block)) await once(sink, 'drain')
        block = ''
      }
    }
    sink.end(block + shaped.end())
    await once(file, 'close')
    const path = join(out, `audit-${rotationTime(line)}.log${plain ? '' : '.gz'}`)
    renameSync(unfinished, path)
    written.paths.push(path)
  }
  return written
}

const rotationTime = (line) => /"stageTimestamp":"([^"]{23})/.exec(line)[1].replaceAll(':', '-')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {values} = parseArgs({
    options: {
      events: {type: 'string'},
      bytes: {type: 'string'},
      files: {type: 'string', default: '1'},
      out: {type: 'string'},
      seed: {type: 'string', default: '1'},
      plain: {type: 'boolean', default: false},
      'omit-received': {type: 'boolean', default: false},
    },
  })
  if (values.out === undefined || (values.events === undefined) === (values.bytes === undefined)) {
    console.error(
      'usage: generate-logs.mjs (--events N | --bytes N) --files K --out DIR [--seed S] [--plain] [--omit-received]',
    )
    process.exit(2)
  }
  const number = (text) => (text === undefined ? undefined : Number(text))
  const written = await generateLogs({
    events: number(values.events),
    bytes: number(values.bytes),
    files: Number(values.files),
    out: values.out,
    seed: Number(values.seed),
    plain: values.plain,
    omitReceived: values['omit-received'],
  })
  console.log(
    `${values.out}: ${written.events} events, ${written.bytes} bytes of text in ${written.paths.length} files`,
  )
}
