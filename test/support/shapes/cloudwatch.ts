import {gzipSync} from 'node:zlib'
import {
  csvCell,
  inBatches,
  klogLine,
  lineEach,
  listOf,
  millisOf,
  pretty,
  shape,
  ShapeText,
  timeOf,
  type Shape,
  type WrittenEvent,
} from './shape.ts'

const logStream = 'kube-apiserver-audit-96624a2fbc193d5ccd64f9f1ddbebbe3'
const otherStream = 'kube-scheduler-96624a2fbc193d5ccd64f9f1ddbebbe3'
const logGroup = '/aws/eks/prod/cluster'
const named = {cluster: 'prod', apiserver: logStream, format: 'cloudwatch'}

/** The time as Logs Insights prints it. */
const insightsTime = ({event}: WrittenEvent): string => timeOf(event).replace('T', ' ').replace('Z', '')
const eventId = (nth: number): string => `3${String(nth).padStart(55, '0')}`

const fetched = ({text, event}: WrittenEvent, nth: number): object => ({
  logStreamName: logStream,
  timestamp: millisOf(event),
  message: text,
  ingestionTime: millisOf(event) + 1500,
  eventId: eventId(nth),
})
const got = ({text, event}: WrittenEvent): object => ({
  timestamp: millisOf(event),
  message: text,
  ingestionTime: millisOf(event) + 1500,
})
const logEvent = ({text, event}: WrittenEvent, nth: number): object => ({
  id: eventId(nth),
  timestamp: millisOf(event),
  message: text,
})

const controlMessage = JSON.stringify({
  messageType: 'CONTROL_MESSAGE',
  owner: 'CloudwatchLogs',
  logGroup: '',
  logStream: '',
  subscriptionFilters: [],
  logEvents: [
    {id: '', timestamp: 1772360122000, message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.'},
  ],
})

/** Another stream of the log group: one klog line. */
const otherData = JSON.stringify({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup,
  logStream: otherStream,
  subscriptionFilters: ['audit'],
  logEvents: [{id: eventId(999_999), timestamp: 1772360122000, message: klogLine}],
})

const dataHead = `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"${logGroup}","logStream":"${logStream}","subscriptionFilters":["audit"],"logEvents":[`

const dataMessage = (batch: readonly WrittenEvent[]): string =>
  `${dataHead}${batch.map((event, nth) => JSON.stringify(logEvent(event, nth))).join(',')}]}`

const packed = (text: string): string => gzipSync(text).toString('base64')

const kinesisRecord = (data: string, nth: number): string =>
  JSON.stringify({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: `key-${nth}`,
      sequenceNumber: eventId(nth),
      data,
      approximateArrivalTimestamp: 1772360122.987,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-000000000006:${eventId(nth)}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::111122223333:role/lambda-kinesis',
    awsRegion: 'eu-central-1',
    eventSourceARN: 'arn:aws:kinesis:eu-central-1:111122223333:stream/audit',
  })

/** Batches of events, each packed into one text of a JSON object in a list (or of its own). */
function packedBatches(
  events: readonly WrittenEvent[],
  [open, close]: readonly [string, string],
  element: (data: string, nth: number) => string,
): ReturnType<Shape['wrap']> {
  const made = new ShapeText()
  made.add(open)
  for (const [nth, batch] of inBatches(events, 3).entries()) {
    for (const {text} of batch) made.place(text)
    made.add(`${nth > 0 ? ',' : ''}${element(packed(dataMessage(batch)), nth)}`)
  }
  return made
    .skipped(`${events.length > 0 ? ',' : ''}${element(packed(controlMessage), 99)}`)
    .add(close)
    .done()
}

/** EKS control plane logs in CloudWatch, in every way in which they come out of it. */
export const cloudWatchShapes: readonly Shape[] = [
  shape({
    ...named,
    name: 'CloudWatch: export to S3',
    format: 'cloudwatch-s3',
    cluster: null,
    apiserver: null,
    wrap: (events) => {
      const made = new ShapeText()
      for (const {text, event} of events) made.place(text).add(`${timeOf(event)} ${text}\n`)
      return made.skipped(`2026-03-01T10:15:22.123Z ${klogLine}\n`).done()
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: export to S3, below the name of its stream, gzipped',
    format: 'cloudwatch-s3',
    cluster: null,
    fileName: `exportedlogs/0f6a4f62-5cba-4b6a-9d5e-0f4a8a0f7a11/${logStream}/000000.gz`,
    wrap: (events) => {
      const shaped = lineEach(events, ({text, event}) => `${timeOf(event)} ${text}`)
      return {...shaped, bytes: gzipSync(shaped.bytes)}
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: filter-log-events, as the AWS CLI prints it',
    cluster: null,
    fileName: 'events.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event, nth) => pretty(fetched(event, nth), 4), {
        open: '{\n    "events": [',
        close:
          '\n    ],\n    "searchedLogStreams": [],\n    "nextToken": "Bxkq6kVGFtq2y_MoigeqscPOdhXVbhiVtLoAmXb5jCo"\n}\n',
        indent: 8,
      }).done(),
  }),
  shape({
    ...named,
    name: 'CloudWatch: filter-log-events, answers of several pages, one a line',
    cluster: null,
    fileName: 'pages.jsonl',
    wrap: (events) => {
      const made = new ShapeText()
      for (const batch of inBatches(events, 3))
        listOf(made, batch, (event, nth) => JSON.stringify(fetched(event, nth)), {
          open: '{"events":[',
          close: '],"searchedLogStreams":[]}\n',
        })
      return made
        .skipped(
          `{"events":[${JSON.stringify({...fetched({text: klogLine, event: {}}, 7), logStreamName: otherStream})}],"searchedLogStreams":[]}\n`,
        )
        .done()
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: get-log-events, as the AWS CLI prints it',
    cluster: null,
    apiserver: null,
    fileName: 'get-log-events.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event) => pretty(got(event), 4), {
        open: '{\n    "events": [',
        close: '\n    ],\n    "nextForwardToken": "f/3745",\n    "nextBackwardToken": "b/3745"\n}\n',
        indent: 8,
      }).done(),
  }),
  shape({
    ...named,
    name: 'CloudWatch: Logs Insights, get-query-results',
    format: 'cloudwatch-insights',
    cluster: null,
    fileName: 'results.json',
    wrap: (events) =>
      listOf(
        new ShapeText(),
        events,
        (event, nth) =>
          pretty(
            [
              {field: '@timestamp', value: insightsTime(event)},
              {field: '@message', value: event.text},
              {field: '@logStream', value: logStream},
              {field: '@ptr', value: `Cn4KPQo5MTExMTIyMjIzMzMzOi9hd3MvZWtz${nth}`},
            ],
            4,
          ),
        {
          open: '{\n    "results": [',
          close:
            '\n    ],\n    "statistics": {\n        "recordsMatched": 12.0,\n        "recordsScanned": 34.0,\n        "bytesScanned": 56789.0\n    },\n    "status": "Complete"\n}\n',
          indent: 8,
        },
      ).done(),
  }),
  shape({
    ...named,
    name: 'CloudWatch: Logs Insights, rows as JSON',
    format: 'cloudwatch-insights',
    fileName: 'logs-insights-results.json',
    wrap: (events) =>
      listOf(
        new ShapeText(),
        events,
        (event) =>
          pretty({
            '@timestamp': insightsTime(event),
            '@message': event.text,
            '@logStream': logStream,
            '@log': '111122223333:/aws/eks/prod/cluster',
          }),
        {
          open: '[',
          close: '\n]\n',
          indent: 2,
        },
      ).done(),
  }),
  shape({
    ...named,
    name: 'CloudWatch: Logs Insights, rows as JSON with the message as an object',
    format: 'cloudwatch-insights',
    cluster: null,
    apiserver: null,
    raw: 'equal',
    fileName: 'logs-insights-results.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event) => pretty({'@timestamp': insightsTime(event), '@message': event.event}), {
        open: '[',
        close: '\n]\n',
        indent: 2,
      }).done(),
  }),
  shape({
    ...named,
    name: 'CloudWatch: Logs Insights, CSV',
    format: 'cloudwatch-insights',
    cluster: null,
    fileName: 'logs-insights-results.csv',
    wrap: (events) => {
      const made = new ShapeText().add('@timestamp,@message,@logStream\n')
      for (const event of events)
        made.place(event.text).add(`${insightsTime(event)},${csvCell(event.text)},${logStream}\n`)
      return made.done()
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: subscription, one message a line',
    fileName: 'subscription.jsonl',
    wrap: (events) => {
      const made = new ShapeText().skipped(`${controlMessage}\n`)
      for (const batch of inBatches(events, 3))
        listOf(made, batch, (event, nth) => JSON.stringify(logEvent(event, nth)), {open: dataHead, close: ']}\n'})
      return made.skipped(`${otherData}\n`).done()
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: Firehose, messages back to back, gzipped together',
    fileName: 'audit-1-2026-03-01-10-15-22-0f6a4f62.gz',
    wrap: (events) => {
      const made = new ShapeText().skipped(controlMessage)
      for (const batch of inBatches(events, 3))
        listOf(made, batch, (event, nth) => JSON.stringify(logEvent(event, nth)), {open: dataHead, close: ']}'})
      const shaped = made.skipped(otherData).done()
      return {...shaped, bytes: gzipSync(shaped.bytes)}
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: Firehose, each message gzipped, back to back',
    fileName: 'audit-1-2026-03-01-10-15-22-0f6a4f62',
    wrap: (events) => {
      const made = new ShapeText().skipped('')
      const members = [gzipSync(controlMessage)]
      for (const batch of inBatches(events, 3)) {
        for (const {text} of batch) made.place(text)
        members.push(gzipSync(dataMessage(batch)))
      }
      return made.done(Buffer.concat(members))
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: Kinesis records as a Lambda function gets them',
    fileName: 'kinesis-event.json',
    wrap: (events) => packedBatches(events, ['{"Records":[', ']}\n'], kinesisRecord),
  }),
  shape({
    ...named,
    name: 'CloudWatch: what a subscribed Lambda function gets',
    fileName: 'lambda-event.jsonl',
    wrap: (events) => {
      const made = new ShapeText().skipped(`${JSON.stringify({awslogs: {data: packed(controlMessage)}})}\n`)
      for (const batch of inBatches(events, 3)) {
        for (const {text} of batch) made.place(text)
        made.add(`${JSON.stringify({awslogs: {data: packed(dataMessage(batch))}})}\n`)
      }
      return made.done()
    },
  }),
  shape({
    ...named,
    name: 'CloudWatch: what a Firehose transformation gets',
    fileName: 'firehose-event.json',
    wrap: (events) =>
      packedBatches(
        events,
        [
          '{"invocationId":"0f6a4f62-5cba-4b6a-9d5e-0f4a8a0f7a11","deliveryStreamArn":"arn:aws:firehose:eu-central-1:111122223333:deliverystream/audit","region":"eu-central-1","records":[',
          ']}\n',
        ],
        (data, nth) => JSON.stringify({recordId: eventId(nth), approximateArrivalTimestamp: 1772360122987, data}),
      ),
  }),
]
