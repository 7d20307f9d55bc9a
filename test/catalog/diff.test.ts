import { expect, test } from 'vitest'
import { diffCatalogs } from '../../src/lib/catalog/diff.ts'
import type { Catalog } from '../../src/lib/catalog/model.ts'
import { bundle, SMALL } from '../support/catalog.ts'

test('diff: added, removed and changed with the fields', () => {
  const [first, second] = SMALL.leistungen
  if (first === undefined || second === undefined) throw new Error('the catalogue is empty')
  const after: Catalog = {
    ozgLeistungen: [
      { id: '10001', name: 'Eins', themenfeld: 'Bildung', lage: 'Umzug' },
      { id: '10002', name: 'Zwei', themenfeld: 'Bildung', lage: 'Schule' },
      { id: '10004', name: 'Neu', themenfeld: null, lage: null },
    ],
    leistungen: [{ ...first, typen: ['4'], name: 'Anders' }, second],
    bundles: SMALL.bundles.slice(1).concat(bundle('10004', '99001001012000')),
  }
  const { ozgLeistungen, leistungen, bundles } = diffCatalogs(SMALL, after)
  expect(ozgLeistungen.added.map(({ id }) => id)).toEqual(['10004'])
  expect(ozgLeistungen.removed.map(({ id }) => id)).toEqual(['10003'])
  expect(ozgLeistungen.changed.map(({ to, fields }) => [to.id, fields])).toEqual([['10001', ['themenfeld']]])
  expect(leistungen.removed).toHaveLength(2)
  expect(leistungen.changed.map(({ to, fields }) => [to.name, fields])).toEqual([
    ['Anders', ['name', 'typen']],
  ])
  expect([bundles.added, bundles.removed]).toEqual([
    [bundle('10004', '99001001012000')],
    [bundle('10001', '99001001000000')],
  ])
  expect(diffCatalogs(SMALL, SMALL)).toMatchObject({
    leistungen: { changed: [] },
    bundles: { added: [] },
  })
})
