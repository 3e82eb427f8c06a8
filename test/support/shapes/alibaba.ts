import {lineEach, listOf, millisOf, pretty, shape, ShapeText, type Shape, type WrittenEvent} from './shape.ts'

/** Fields that Simple Log Service keeps as JSON text; all others are plain strings. */
const objects = ['user', 'impersonatedUser', 'sourceIPs', 'objectRef', 'responseStatus', 'requestObject', 'responseObject', 'annotations', 'metadata'] // prettier-ignore

const slsRow = ({event}: WrittenEvent): Record<string, string> => ({
  __source__: '10.20.0.10',
  __time__: String(Math.floor(millisOf(event) / 1000)),
  __topic__: '',
  ...Object.fromEntries(
    Object.entries(event)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, objects.includes(field) ? JSON.stringify(value) : String(value)]),
  ),
})

const alibaba = {format: 'alibaba', raw: 'record' as const}

/** Alibaba Cloud: rows of its Simple Log Service. */
export const alibabaShapes: readonly Shape[] = [
  shape({
    ...alibaba,
    name: 'Alibaba: rows, one a line',
    fileName: 'audit.json',
    wrap: (events) => lineEach(events, (event) => JSON.stringify(slsRow(event))),
  }),
  shape({
    ...alibaba,
    name: 'Alibaba: rows, an array',
    fileName: 'audit.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event) => pretty(slsRow(event), 4), {
        open: '[',
        close: '\n]\n',
        indent: 4,
      }).done(),
  }),
]
