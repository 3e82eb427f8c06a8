import {klogLine, lineEach, shape, ShapeText, type Shape} from './shape.ts'

const time = '2026-03-01T10:15:22.000000000Z'
const podLog = {
  format: 'cri',
  fileName: 'pods/kube-system_kube-apiserver-m-0_0f6a4f62/kube-apiserver/0.log',
}

/** Pieces of at most this many bytes, cut between characters as the runtimes' buffers are filled. */
function pieces(text: string, size: number): string[] {
  const found: string[] = []
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length;) {
    let to = Math.min(from + size, bytes.length)
    while (to < bytes.length && ((bytes[to] as number) & 0xc0) === 0x80) to--
    found.push(bytes.subarray(from, to).toString('utf8'))
    from = to
  }
  return found
}

const docker = (log: string, stream = 'stdout'): string => `${JSON.stringify({log, stream, time})}\n`

/** What container runtimes keep of an API server that logs to its standard output. */
export const containerShapes: readonly Shape[] = [
  shape({
    name: 'docker json-file',
    format: 'docker',
    fileName: 'containers/4f2a/4f2a-json.log',
    wrap: (events) => {
      const made = new ShapeText().skipped(docker(`${klogLine}\n`, 'stderr'))
      for (const {text} of events) made.place(text).add(docker(`${text}\n`))
      return made.done()
    },
  }),
  shape({
    name: 'docker json-file, split at 16 KiB',
    format: 'docker',
    fileName: 'containers/4f2a/4f2a-json.log',
    wrap: (events) => {
      const made = new ShapeText()
      for (const {text} of events) {
        made.place(text)
        for (const piece of pieces(`${text}\n`, 16_384)) made.add(docker(piece))
      }
      return made.done()
    },
  }),
  shape({
    name: 'docker json-file, split at 200 bytes, standard error between',
    format: 'docker',
    fileName: 'containers/4f2a/4f2a-json.log',
    wrap: (events) => {
      const made = new ShapeText()
      for (const {text} of events) {
        made.place(text)
        for (const [nth, piece] of pieces(`${text}\n`, 200).entries()) {
          if (nth === 1) made.skipped(docker(`${klogLine}\n`, 'stderr'))
          made.add(docker(piece))
        }
      }
      return made.done()
    },
  }),
  shape({
    ...podLog,
    name: 'CRI',
    wrap: (events) => {
      const made = new ShapeText().skipped(`${time} stderr F ${klogLine}\n`)
      for (const {text} of events) made.place(text).add(`${time} stdout F ${text}\n`)
      return made.done()
    },
  }),
  shape({
    ...podLog,
    name: 'CRI with a zone, parts joined, standard error between',
    wrap: (events) => {
      const made = new ShapeText()
      for (const {text} of events) {
        made.place(text)
        const parts = pieces(text, 300)
        for (const [nth, part] of parts.entries()) {
          if (nth === 1) made.skipped(`2026-03-01T15:45:22.000000000+05:30 stderr F ${klogLine}\n`)
          made.add(`2026-03-01T15:45:22.000000000+05:30 stdout ${nth < parts.length - 1 ? 'P' : 'F'} ${part}\n`)
        }
      }
      return made.done()
    },
  }),
  shape({
    ...podLog,
    name: 'CRI, split at 16 KiB, an empty last part',
    wrap: (events) =>
      lineEach(events, ({text}) => [...pieces(text, 16_384).map((part) => `${time} stdout P ${part}`), `${time} stdout F `].join('\n')), // prettier-ignore
  }),
]
