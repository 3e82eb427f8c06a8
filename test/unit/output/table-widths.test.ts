import {describe, expect, it} from 'vitest'
import {chooseColumns, fitWidths} from '../../../src/output/table-widths.ts'

const need = (natural: number, minimum = Math.min(natural, 8)) => ({natural, minimum})

describe('fitWidths', () => {
  it('gives every column what it needs where there is room', () => {
    expect(fitWidths([need(5), need(30)], Infinity)).toEqual([5, 30])
    expect(fitWidths([need(5), need(30)], 37)).toEqual([5, 30])
  })

  it('takes from the widest first and uses every column of the terminal', () => {
    expect(fitWidths([need(5), need(30), need(20)], 50)).toEqual([5, 21, 20])
    expect(fitWidths([need(5), need(30), need(40)], 50)).toEqual([5, 21, 20])
  })

  it('takes nothing below the minimum', () => {
    expect(fitWidths([need(27, 27), need(100), need(100)], 50)).toEqual([27, 10, 9])
    expect(fitWidths([need(27, 27), need(100)], 20)).toEqual([27, 8])
  })
})

describe('chooseColumns', () => {
  const spare = (natural: number) => ({...need(natural), spare: true})

  it('keeps all that fit, gaps included, and at least one', () => {
    expect(chooseColumns([need(8), need(8), need(8)], 28)).toEqual([0, 1, 2])
    expect(chooseColumns([need(8), need(8), need(8)], 27)).toEqual([0, 1])
    expect(chooseColumns([need(27, 27), need(8)], 10)).toEqual([0])
    expect(chooseColumns([need(8), need(8)], Infinity)).toEqual([0, 1])
  })

  it('lets spare columns go first, the rightmost before the others', () => {
    expect(chooseColumns([need(8), spare(8), spare(8), need(8)], 28)).toEqual([0, 1, 3])
    expect(chooseColumns([need(8), spare(8), spare(8), need(8)], 18)).toEqual([0, 3])
    expect(chooseColumns([need(8), spare(8), spare(8), need(8)], 8)).toEqual([0])
  })
})
