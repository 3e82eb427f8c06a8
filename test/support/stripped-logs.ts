import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import fc from 'fast-check'
import tar from 'tar-stream'

/** A file of an API server's log. */
export interface LogFile {
  /** The folder that the API server's files lie in. */
  readonly server: string
  readonly name: string
  readonly lines: readonly string[]
}

/** What is taken away from a log. */
export interface Loss {
  readonly bodies: boolean
  readonly stages: readonly string[]
  /** Which files, as places in the log, modulo their number. */
  readonly files: readonly number[]
  /** Which API server, modulo their number; NULL for none. */
  readonly server: number | null
}

const anyStages = fc.subarray(['RequestReceived', 'ResponseStarted', 'ResponseComplete'])

/** Losses of every kind, alone and together. */
export const lossOf: fc.Arbitrary<Loss> = fc.record({
  bodies: fc.boolean(),
  stages: fc.oneof({weight: 2, arbitrary: fc.constant([])}, {weight: 1, arbitrary: anyStages}),
  files: fc.uniqueArray(fc.nat({max: 7}), {maxLength: 3}),
  server: fc.option(fc.nat({max: 1}), {freq: 3}),
})

function fileOf(server: string, name: string, bytes: Buffer): LogFile {
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return {server, name: name.replace(/\.gz$/, ''), lines: text.split('\n').filter((line) => line !== '')}
}

/** The logs in a folder, as one API server’s. */
export function readFolder(folder: string, server = 'control-plane-1'): LogFile[] {
  return readdirSync(folder)
    .filter((name) => /\.log(\.gz)?$/.test(name))
    .sort()
    .map((name) => fileOf(server, name, readFileSync(join(folder, name))))
}

/** The logs in a tar archive, each folder in it an API server’s. */
export async function readArchive(path: string): Promise<LogFile[]> {
  const extract = tar.extract()
  extract.end(gunzipSync(readFileSync(path)))
  const files: LogFile[] = []
  for await (const entry of extract) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    const [server = '', name = ''] = entry.header.name.split('/')
    if (name !== '') files.push(fileOf(server, name, Buffer.concat(chunks)))
  }
  return files
}

function withoutBodies(line: string): string {
  const event = JSON.parse(line) as Record<string, unknown>
  delete event['requestObject']
  delete event['responseObject']
  return JSON.stringify({...event, level: 'Metadata'})
}

function serversOf(log: readonly LogFile[]): string[] {
  return [...new Set(log.map(({server}) => server))]
}

/** Whether a loss takes files that stand between others of their API server: only those can be known to be missing. */
export function losesOnlyBetween(log: readonly LogFile[], {files, server}: Loss): boolean {
  const servers = serversOf(log)
  if (server !== null && servers.length > 1) return false
  const lost = new Set(files.map((file) => file % log.length))
  return servers.every((each) => {
    const own = log.flatMap((file, i) => (file.server === each ? [i] : []))
    return !lost.has(own[0] ?? -1) && !lost.has(own.at(-1) ?? -1)
  })
}

/** The log without what is lost. Of several API servers one always stays. */
export function lose(log: readonly LogFile[], loss: Loss): LogFile[] {
  const servers = serversOf(log)
  const lost = new Set(loss.files.map((file) => file % log.length))
  const gone = loss.server === null || servers.length < 2 ? undefined : servers[loss.server % servers.length]
  return log
    .filter(({server}, i) => server !== gone && !lost.has(i))
    .map(({lines, ...file}) => ({
      ...file,
      lines: lines
        .filter((line) => !loss.stages.some((stage) => line.includes(`"stage":"${stage}"`)))
        .map((line) => (loss.bodies ? withoutBodies(line) : line)),
    }))
}
