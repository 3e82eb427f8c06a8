import {workerData, type MessagePort} from 'node:worker_threads'
import {createReader} from './reader.ts'
import type {FromReader, ReaderPlan, ToReader} from './messages.ts'
import {counters} from './messages.ts'

const {plan, port, shared} = workerData as {plan: ReaderPlan; port: MessagePort; shared: SharedArrayBuffer}
const counts = new Int32Array(shared)

const post = (message: FromReader, transfer: ArrayBuffer[] = []): void => {
  port.postMessage(message, transfer)
  Atomics.add(counts, counters.messages, 1)
  Atomics.notify(counts, counters.messages)
}
const reader = createReader(plan, {
  post,
  count: (what, amount) => Atomics.add(counts, counters[what], amount),
})
port.on('message', (message: ToReader) => reader.receive(message))
try {
  await reader.run()
} catch (error) {
  post({kind: 'failure', message: error instanceof Error ? error.message : String(error)})
}
port.close()
