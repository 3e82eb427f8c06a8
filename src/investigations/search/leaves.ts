/** A text within a JSON document and where it stands. */
export interface Leaf {
  /** As jq takes it, without the first dot: `requestObject.spec.containers[0].image`, `annotations["a/b"]`. */
  readonly path: string
  readonly text: string
}

function keyPath(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** Every key and every value of a document as text, in its own order; without recursion, so that no depth is too deep. */
export function leavesOf(document: unknown): Leaf[] {
  const leaves: Leaf[] = []
  const open: {readonly path: string; readonly value: unknown; readonly key?: string}[] = [{path: '', value: document}]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const {path, value, key} = next
    if (key !== undefined) leaves.push({path, text: key})
    if (Array.isArray(value))
      for (let i = value.length - 1; i >= 0; i--) open.push({path: `${path}[${i}]`, value: value[i] as unknown})
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value).reverse())
        open.push({path: keyPath(path, name), value: inner, key: name})
    else if (value !== null) leaves.push({path, text: typeof value === 'string' ? value : JSON.stringify(value)})
  }
  return leaves
}

/** A text as JSON; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
