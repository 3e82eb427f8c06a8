/** Lists that hold records, by the key they stand behind; `lists` are those inside each element, `objects` lead on to more lists. */
export interface ListKeys {
  readonly lists: ReadonlyMap<string, ListKeys>
  readonly objects: ReadonlyMap<string, ListKeys>
}

/** No list in it holds records: what is found is a record itself. */
export const noLists: ListKeys = {lists: new Map(), objects: new Map()}

const lists = (
  keys: Readonly<Record<string, ListKeys>>,
  objects: Readonly<Record<string, ListKeys>> = {},
): ListKeys => ({
  lists: new Map(Object.entries(keys)),
  objects: new Map(Object.entries(objects)),
})

const logRecords = lists({logRecords: noLists, logs: noLists})

/**
 * What exports keep their records in: EventList and List (`items`), CloudWatch (`events`, `logEvents`, `results`), Event Hubs
 * (`records`), Kinesis (`Records`), Cloud Logging (`entries`), Elasticsearch (`hits.hits`), Loki (`data.result[].values`), Splunk
 * (`results`), Log Analytics (`tables[].rows`), OTLP (`resourceLogs[].scopeLogs[].logRecords`), Datadog (`data`).
 */
export const knownLists: ListKeys = lists(
  {
    items: noLists,
    events: noLists,
    logEvents: noLists,
    records: noLists,
    Records: noLists,
    entries: noLists,
    results: noLists,
    value: noLists,
    logs: noLists,
    data: noLists,
    tables: lists({rows: noLists}),
    resourceLogs: lists({scopeLogs: logRecords, instrumentationLibraryLogs: logRecords}),
  },
  {hits: lists({hits: noLists}), data: lists({result: lists({values: noLists})})},
)
