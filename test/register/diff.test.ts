import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffRegions } from '../../src/lib/register/diff.ts'
import { region } from '../support/region.ts'

const ref = (key: string, name: string) => ({ key, name })

test('what came, went, changed its name and changed its key', () => {
  const before = [
    region('06', 'Hessen'),
    region('064350014014', 'Hanau, Brüder-Grimm-Stadt'),
    region('160615012002', 'Asbach-Sickenberg'),
    region('034580010010', 'Hude (Oldb)'),
    region('160615012007', 'Birkenfelde'),
    region('034590014014', 'Bramsche,  Stadt'),
  ]
  const after = [
    region('06', 'Hessen neu'),
    region('064150000000', 'Hanau, Brüder-Grimm-Stadt'),
    region('160615051002', 'Asbach-Sickenberg'),
    region('034580010010', 'Hude (Oldenburg)'),
    region('160760094094', 'Berga-Wünschendorf, Stadt'),
    region('034590014014', 'Bramsche, Stadt'),
  ]
  expect(diffRegions(before, after)).toEqual({
    added: [ref('160760094094', 'Berga-Wünschendorf, Stadt')],
    dissolved: [ref('160615012007', 'Birkenfelde')],
    renamed: [{ from: ref('034580010010', 'Hude (Oldb)'), to: ref('034580010010', 'Hude (Oldenburg)') }],
    keyChanged: [
      {
        from: ref('064350014014', 'Hanau, Brüder-Grimm-Stadt'),
        to: ref('064150000000', 'Hanau, Brüder-Grimm-Stadt'),
      },
      { from: ref('160615012002', 'Asbach-Sickenberg'), to: ref('160615051002', 'Asbach-Sickenberg') },
    ],
  })
})

test('a Gemeinde that moved and was renamed at once is paired by its AGS', () => {
  const { keyChanged, added, dissolved } = diffRegions(
    [region('010570008008', 'Alt')],
    [region('010575785008', 'Neu')],
  )
  expect(keyChanged).toEqual([{ from: ref('010570008008', 'Alt'), to: ref('010575785008', 'Neu') }])
  expect([...added, ...dissolved]).toEqual([])
})

test('a name that several bear, or that stands in another Land, pairs nothing', () => {
  const neukirchen = (key: string) => region(key, 'Neukirchen')
  const twice = diffRegions(
    [neukirchen('010545453083'), neukirchen('010555543006')],
    [neukirchen('010555599099')],
  )
  expect({
    keyChanged: twice.keyChanged,
    added: twice.added.length,
    dissolved: twice.dissolved.length,
  }).toEqual({
    keyChanged: [],
    added: 1,
    dissolved: 2,
  })
  expect(diffRegions([neukirchen('010545453083')], [neukirchen('110545453099')]).keyChanged).toEqual([])
})

const registers = fc
  .uniqueArray(
    fc.record({
      key: fc.stringMatching(/^0[12][01]0[12]000[01]00[1-4]$/),
      name: fc.constantFrom('A', 'B', 'C', 'a'),
    }),
    { selector: ({ key }) => key },
  )
  .map((rows) => rows.map(({ key, name }) => region(key, name)))

test('every Gemeinde is in exactly one place: gone ones are dissolved or moved, new ones added or moved', () => {
  fc.assert(
    fc.property(registers, registers, (before, after) => {
      const diff = diffRegions(before, after)
      const keys = (list: readonly { key: string }[]) => new Set(list.map(({ key }) => key))
      const old = keys(before)
      const now = keys(after)
      const gone = [...diff.dissolved, ...diff.keyChanged.map(({ from }) => from)].map(({ key }) => key)
      const fresh = [...diff.added, ...diff.keyChanged.map(({ to }) => to)].map(({ key }) => key)
      expect(gone.sort()).toEqual([...old].filter((key) => !now.has(key)).sort())
      expect(fresh.sort()).toEqual([...now].filter((key) => !old.has(key)).sort())
      for (const { from, to } of diff.renamed) {
        expect(from.key).toBe(to.key)
        expect(from.name).not.toBe(to.name)
      }
    }),
  )
})

test('a register does not differ from itself, and going back undoes what changed', () => {
  fc.assert(
    fc.property(registers, registers, (before, after) => {
      expect(diffRegions(before, before)).toEqual({ added: [], dissolved: [], renamed: [], keyChanged: [] })
      const there = diffRegions(before, after)
      const back = diffRegions(after, before)
      expect(back.added).toEqual(there.dissolved)
      expect(back.dissolved).toEqual(there.added)
      expect(back.keyChanged.map(({ from, to }) => `${to.key} ${from.key}`).sort()).toEqual(
        there.keyChanged.map(({ from, to }) => `${from.key} ${to.key}`).sort(),
      )
    }),
  )
})
