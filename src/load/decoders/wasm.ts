/** The part of WebAssembly that is used here: Node's types have none of it. */

export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

export interface WasmInstance {
  readonly exports: object
}

/** A compiled module; only ever handed back to {@link instantiate}. */
export type WasmModule = object

type Instantiator = new (
  module: WasmModule,
  imports: Readonly<Record<string, Record<string, () => void>>>,
) => WasmInstance

/** A fresh instance of a compiled module, with memory of its own. */
export function instantiate(
  module: WasmModule,
  imports: Readonly<Record<string, Record<string, () => void>>>,
): WasmInstance {
  const {Instance} = (globalThis as unknown as {WebAssembly: {Instance: Instantiator}}).WebAssembly
  return new Instance(module, imports)
}
