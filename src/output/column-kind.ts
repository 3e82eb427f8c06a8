import type {Column} from './answer.ts'

/** Whether the values of a column are numbers, also those that are carried as text because JavaScript cannot hold them. */
export function isNumeric({type}: Column): boolean {
  return /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BIGNUM|DECIMAL\(.*\))$/.test(type)
}

/** Whether the values of a column are dates, times or spans of time: text that DuckDB wrote, not the log. */
export function isTemporal({type}: Column): boolean {
  return /^(?:TIMESTAMP|DATE|TIME|INTERVAL)(?:[ _][A-Z_ ]+)?$/.test(type)
}

/** Whether the values of a column are instants, RFC 3339 in UTC. */
export function isInstant({type}: Column): boolean {
  return type === 'TIMESTAMP WITH TIME ZONE'
}
