import type {Hook} from '@oclif/core'
import {didYouMean, nearestNames} from '../audit/nearest-names.ts'
import {visible} from '../output/sanitise.ts'
import {exitCodes} from './exit-codes.ts'

/** Says that there is no such command, and which one may have been meant, as our own errors do. */
const commandNotFound: Hook<'command_not_found'> = ({id, config}) => {
  const names = config.commandIDs.map((one) => one.replaceAll(':', ' '))
  const words = id.split(':')
  // What was typed behind a command counts as part of its name: the longest beginning that is near one is meant.
  const beginnings = words.map((_, i) => words.slice(0, words.length - i).join(' '))
  const parent = beginnings.find((text) => names.includes(text))
  const near = beginnings.flatMap((text) => {
    const found = text === parent ? [] : nearestNames(text, names)
    return found.length === 0 ? [] : [{text, found}]
  })
  const ownWords = parent === undefined ? 1 : parent.split(' ').length + 1
  const typed = near[0]?.text ?? words.slice(0, ownWords).join(' ')
  const meant = [...new Set(near.flatMap(({found}) => found))].slice(0, 3).map((name) => `k8saudit ${name}`)
  process.stderr.write(`Error: There is no command ${visible(typed)}${visible(didYouMean(meant))}\n`)
  process.stderr.write(`k8saudit ${parent === undefined ? '' : `${parent} `}--help lists the commands.\n`)
  process.exitCode = exitCodes.usage
  return Promise.resolve()
}

export default commandNotFound
