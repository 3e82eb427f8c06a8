import type {Plain} from './answer.ts'
import {jsonText} from './json-text.ts'
import {visible} from './sanitise.ts'

function listItem(item: Plain): string {
  return typeof item === 'string' && item !== '' ? visible(item) : jsonText(item)
}

/**
 * A value as people read it, on one line and with nothing hidden: NULL is empty, a list is `a, b`, an object is JSON.
 */
export function cellText(value: Plain): string {
  if (typeof value === 'string') return visible(value)
  if (value === null) return ''
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null))
    return value.map(listItem).join(', ')
  return jsonText(value)
}
