import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CellPacker,
  cellsOn,
  dayFrom,
  dayTo,
  keyIndexOf,
  packCell,
  reifegradOf,
  unpackCells,
} from '../../src/lib/offer/cells.ts'

interface Packed {
  readonly key: number
  readonly reifegrad: number
  readonly from: string | null
  readonly to: string | null
}

const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const open = fc.option(day, { nil: null })
const offers = fc.array(fc.record({ key: fc.nat(5), reifegrad: fc.nat(7), from: open, to: open }), {
  maxLength: 40,
})

/** Best Reifegrad of each key on a day, straight from what a validity means. */
function naive(all: readonly Packed[], on: string): ReadonlyMap<number, number> {
  const best = new Map<number, number>()
  for (const { key, reifegrad, from, to } of all)
    if ((from === null || from <= on) && (to === null || on <= to))
      best.set(key, Math.max(best.get(key) ?? -1, reifegrad))
  return best
}

function bestOf(cells: Uint32Array): ReadonlyMap<number, number> {
  const best = new Map<number, number>()
  for (const cell of cells)
    best.set(keyIndexOf(cell), Math.max(best.get(keyIndexOf(cell)) ?? -1, reifegradOf(cell)))
  return best
}

describe('cells', () => {
  it('say on every day what the offers say', () => {
    fc.assert(
      fc.property(offers, day, (all, on) => {
        const packer = new CellPacker()
        for (const { key, reifegrad, from, to } of all) packer.add(key, reifegrad, from, to)
        const { cells, dated } = packer.pack()
        expect(bestOf(cellsOn(cells, dated, dayFrom(on)))).toEqual(naive(all, on))
      }),
    )
  })

  it('hold one number for a key without dates, the best', () => {
    const packer = new CellPacker()
    packer.add(3, 1, null, null)
    packer.add(3, 4, '', '')
    packer.add(3, 2, null, null)
    expect([...unpackCells(packer.pack().cells)]).toEqual([packCell(3, 4)])
    expect(packer.pack().dated).toHaveLength(0)
  })

  it('hold an offer on its first and its last day, and on no other', () => {
    const packer = new CellPacker()
    packer.add(0, 3, '2026-03-01', '2026-03-31')
    const { cells, dated } = packer.pack()
    const held = [20260228, 20260301, 20260331, 20260401].map((on) => cellsOn(cells, dated, on).length)
    expect(held).toEqual([0, 1, 1, 0])
  })

  it('keep keys and Reifegrade apart up to the largest', () => {
    const cell = packCell(0xff_ffff, 7)
    expect([keyIndexOf(cell), reifegradOf(cell)]).toEqual([0xff_ffff, 7])
  })

  it('are read from bytes at any place', () => {
    const packer = new CellPacker()
    packer.add(9, 5, null, null)
    const { cells } = packer.pack()
    const shifted = new Uint8Array(cells.length + 1)
    shifted.set(cells, 1)
    expect([...unpackCells(shifted.subarray(1))]).toEqual([packCell(9, 5)])
  })

  it('take an open beginning or end as all days', () => {
    expect([dayFrom(null), dayFrom(''), dayFrom('2026-01-31')]).toEqual([0, 0, 20260131])
    expect([dayTo(null), dayTo(''), dayTo('2026-01-31')]).toEqual([99_999_999, 99_999_999, 20260131])
  })
})
