import {
  klogLine,
  lineEach,
  inBatches,
  listOf,
  pretty,
  shape,
  ShapeText,
  without,
  type Shape,
  type WrittenEvent,
} from './shape.ts'

const listHead = '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":['

/** An item of an EventList: the webhook leaves kind and apiVersion out. */
const item = ({text}: WrittenEvent): string => text.replace(/^\{"kind":"Event","apiVersion":"[^"]*",/, '{')

const between = (
  events: readonly WrittenEvent[],
  text: (event: WrittenEvent) => string,
  separator: string,
  end = '',
): ReturnType<Shape['wrap']> => {
  const made = new ShapeText()
  for (const [nth, event] of events.entries()) {
    if (nth > 0) made.add(separator)
    made.place(event.text).add(text(event))
  }
  return made.add(end).done()
}

/** One object a line: what the API server writes itself, and what the other shapes are compared with. */
export const jsonLines: Shape = shape({
  name: 'JSON lines',
  format: 'jsonl',
  wrap: (events) => lineEach(events, ({text}) => text),
})

/** Objects, arrays and lists as they are, without anything of a transport around them. */
export const plainShapes: readonly Shape[] = [
  jsonLines,
  shape({
    name: 'JSON lines without a last line feed',
    format: 'jsonl',
    wrap: (events) => between(events, ({text}) => text, '\n'),
  }),
  shape({
    name: 'JSON lines with blank lines and klog lines between',
    format: 'jsonl',
    wrap: (events) => {
      const made = new ShapeText()
      made.skipped(`${klogLine}\n`)
      for (const {text} of events) made.add('\n \t\n').place(text).add(`${text}\n`)
      return made.skipped(`${klogLine}\n`).done()
    },
  }),
  shape({
    name: 'indented JSON lines',
    format: 'jsonl',
    raw: 'equal',
    wrap: (events) => lineEach(events, ({text}) => `  ${text} `),
  }),
  shape({
    name: 'JSON lines without kind and apiVersion',
    format: 'jsonl',
    wrap: (events) => lineEach(events, item, item),
  }),
  shape({
    name: 'JSON lines that end in a comma',
    format: 'jsonl',
    wrap: (events) => lineEach(events, ({text}) => `${text},`),
  }),
  shape({
    name: 'pretty objects',
    format: 'json',
    raw: 'equal',
    wrap: (events) => between(events, ({event}) => pretty(event), '\n', '\n'),
  }),
  shape({
    name: 'pretty objects, comma-separated, with tabs',
    format: 'json',
    raw: 'equal',
    wrap: (events) => between(events, ({event}) => pretty(event, '\t'), ',\n', '\n'),
  }),
  shape({
    name: 'objects back to back',
    format: 'json',
    wrap: (events) => between(events, ({text}) => text, ''),
  }),
  shape({
    name: 'array in one line',
    format: 'json',
    wrap: (events) => listOf(new ShapeText(), events, ({text}) => text, {open: '[', close: ']\n'}).done(),
  }),
  shape({
    name: 'array, an element a line',
    format: 'json',
    wrap: (events) => listOf(new ShapeText(), events, ({text}) => text, {open: '[', close: '\n]\n', indent: 0}).done(),
  }),
  shape({
    name: 'array, pretty',
    format: 'json',
    raw: 'equal',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({event}) => pretty(event), {open: '[', close: '\n]\n', indent: 2}).done(),
  }),
  shape({
    name: 'arrays, one a line',
    format: 'json',
    wrap: (events) => {
      const made = new ShapeText()
      for (const batch of inBatches(events, 3)) listOf(made, batch, ({text}) => text, {open: '[', close: ']\n'})
      return made.done()
    },
  }),
  shape({
    name: 'EventLists, one a line',
    format: 'eventlist',
    wrap: (events) => {
      const made = new ShapeText()
      for (const batch of inBatches(events, 4)) listOf(made, batch, item, {open: listHead, close: ']}\n', raw: item})
      return made.done()
    },
  }),
  shape({
    name: 'EventLists back to back, items with kind',
    format: 'eventlist',
    wrap: (events) => {
      const made = new ShapeText()
      for (const batch of inBatches(events, 2)) listOf(made, batch, ({text}) => text, {open: listHead, close: ']}'})
      return made.done()
    },
  }),
  shape({
    name: 'EventList, pretty',
    format: 'eventlist',
    raw: 'equal',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({event}) => pretty(JSON.parse(without(event, 'kind', 'apiVersion'))), {
        open: '{\n  "kind": "EventList",\n  "apiVersion": "audit.k8s.io/v1",\n  "metadata": {},\n  "items": [',
        close: '\n  ]\n}\n',
        indent: 4,
        raw: item,
      }).done(),
  }),
  shape({
    name: 'v1 List, pretty, as kubectl prints it',
    format: 'json',
    raw: 'equal',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({event}) => pretty(event, 4), {
        open: '{\n    "apiVersion": "v1",\n    "items": [',
        close: '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n',
        indent: 8,
      }).done(),
  }),
  shape({
    name: 'JSON strings, one a line',
    format: 'jsonl',
    wrap: (events) => lineEach(events, ({text}) => JSON.stringify(text)),
  }),
  shape({
    name: 'all of these in one file, with headings',
    format: 'json',
    raw: 'equal',
    wrap: (events) => {
      const made = new ShapeText()
      for (const [nth, batch] of inBatches(events, 3).entries()) {
        made.stray(`=== Audit events ${nth + 1} ===\n`).add('\n')
        if (nth % 6 === 0) for (const {event, text} of batch) made.place(text).add(`${pretty(event)}\n`)
        else if (nth % 6 === 1) listOf(made, batch, ({text}) => text, {open: '[', close: ']\n'})
        else if (nth % 6 === 2) listOf(made, batch, ({text}) => text, {open: listHead, close: ']}\n'})
        else if (nth % 6 === 3) for (const {text} of batch) made.place(text).add(`${text}\n`)
        else if (nth % 6 === 4) listOf(made, batch, ({event}) => pretty(event), {open: '[', close: '\n]\n', indent: 4})
        else for (const {text} of batch) made.place(text).add(text)
        made.add('\n\n')
      }
      return made.done()
    },
  }),
]
