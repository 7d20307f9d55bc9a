import { describe, expect, test } from 'vitest'
import { showEntry } from '../../src/lib/catalog/show.ts'
import { SMALL } from '../support/catalog.ts'

describe('show', () => {
  test('an OZG-Leistung with its Leistungen', () => {
    expect(showEntry(SMALL, '10002')).toMatchObject({
      kind: 'ozg',
      leistungen: [{ name: 'Objekt' }, { name: 'Ausstellung' }],
    })
  })

  test('a Leistung, its key in any spelling, with where it belongs', () => {
    expect(showEntry(SMALL, '99 001 001 012 001')).toMatchObject({
      kind: 'leistung',
      leistung: { name: 'Detail' },
      parents: [{ name: 'Ausstellung' }, { name: 'Objekt' }],
      ozgLeistungen: [],
    })
    expect(showEntry(SMALL, 'urn:de:fim:leika:leistung:99001001000000')).toMatchObject({
      ozgLeistungen: [{ id: '10001' }, { id: '10002' }],
    })
  })

  test.each([
    ['99001001999000', ['99001001000000  Objekt', '99001001012000  Ausstellung', '99001001012001  Detail']],
    ['99 001 001 01', ['99001001000000  Objekt', '99001001012000  Ausstellung', '99001001012001  Detail']],
    ['10009', ['10001  Eins', '10002  Zwei', '10003  Leer']],
    ['1000', ['10001  Eins', '10002  Zwei', '10003  Leer']],
    ['Zwei', ['10002  Zwei']],
    ['ausst', ['99001001012000  Ausstellung']],
    ['Aussstelung', ['99001001012000  Ausstellung']],
    ['xyz', [expect.stringContaining('Give an OZG id')]],
    ['&', [expect.stringContaining('Give an OZG id')]],
    ['55555555555555', [expect.stringContaining('Give an OZG id')]],
  ])('%s is not there; what may be meant is', (wanted, suggestions) => {
    expect(() => showEntry(SMALL, wanted)).toThrow(
      expect.objectContaining({ code: 'ENTRY_UNKNOWN', exit: 64, suggestions }),
    )
  })
})
