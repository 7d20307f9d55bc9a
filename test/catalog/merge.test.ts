import { describe, expect, test } from 'vitest'
import { mergeCatalogs } from '../../src/lib/catalog/merge.ts'
import type { Catalog } from '../../src/lib/catalog/model.ts'
import { bundle, leistung, SMALL } from '../support/catalog.ts'

const part = (more: Partial<Catalog>): Catalog => ({
  ozgLeistungen: [],
  leistungen: [],
  bundles: [],
  ...more,
})
const KEY = '99001001000000'

test('of names and texts the first that is not empty counts', () => {
  const { leistungen, ozgLeistungen } = mergeCatalogs([
    part({
      leistungen: [leistung(KEY, '', { kurztext: 'erster' })],
      ozgLeistungen: [{ id: '10001', name: '', themenfeld: 'Bildung', lage: null }],
    }),
    part({
      leistungen: [
        leistung(KEY, 'Name', { name2: 'zwei', kurztext: 'zweiter', rechtsgrundlage: '§ 1' }),
        leistung(KEY, 'später', { name2: 'drei' }),
      ],
      ozgLeistungen: [{ id: '10001', name: 'Eins', themenfeld: 'Umwelt', lage: 'Schule' }],
    }),
  ])
  expect(leistungen).toEqual([
    leistung(KEY, 'Name', { name2: 'zwei', kurztext: 'erster', rechtsgrundlage: '§ 1' }),
  ])
  expect(ozgLeistungen).toEqual([{ id: '10001', name: 'Eins', themenfeld: 'Bildung', lage: 'Schule' }])
})

test('types, synonyms, SDG codes and bundles are united, each once', () => {
  const { leistungen, bundles } = mergeCatalogs([
    part({
      leistungen: [leistung(KEY, 'N', { typen: ['5'], synonyms: ['b', 'a'], sdg: ['1010300'] })],
      bundles: [bundle('10002', KEY), bundle('10001', KEY)],
    }),
    part({
      leistungen: [
        leistung(KEY, 'N', { typen: ['2/3', '5'], synonyms: ['a', 'c'], sdg: ['1010300', '1010400'] }),
      ],
      bundles: [bundle('10001', KEY)],
    }),
  ])
  expect(leistungen).toMatchObject([
    { typen: ['5', '2/3'], synonyms: ['b', 'a', 'c'], sdg: ['1010300', '1010400'] },
  ])
  expect(bundles).toEqual([bundle('10001', KEY), bundle('10002', KEY)])
})

test('what is merged stands in order of id and key, whatever the order of the sources', () => {
  const upside = part({
    ozgLeistungen: SMALL.ozgLeistungen.toReversed(),
    leistungen: SMALL.leistungen.toReversed(),
    bundles: SMALL.bundles.toReversed(),
  })
  expect(mergeCatalogs([upside])).toEqual(SMALL)
  expect(mergeCatalogs([SMALL, upside])).toEqual(SMALL)
})

describe('hostile amounts', () => {
  test('a hundred thousand records of one key, each with its own synonym, are merged', () => {
    const leistungen = Array.from({ length: 100_000 }, (_, at) =>
      leistung(KEY, 'N', { synonyms: [`s${at}`] }),
    )
    expect(mergeCatalogs([part({ leistungen })]).leistungen[0]?.synonyms).toHaveLength(100_000)
  })
})
