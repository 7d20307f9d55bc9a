import { describe, expect, it } from 'vitest'
import { readCsv } from '../../../src/lib/input/csv.ts'
import type { Json } from '../../../src/lib/input/json.ts'
import {
  DASHBOARD_TABLE,
  DASHBOARD_TABLE_CAMEL,
  readDashboardJson,
  readDashboardTable,
} from '../../../src/lib/offer/readers/dashboard.ts'
import { brief, offer, reading } from '../../support/offer.ts'
import { inPieces, sourceOf } from '../../support/source.ts'

const MELLE = offer({ assumed: true, authority: 'Melle, Stadt' })

async function readTable(text: string) {
  const found = reading(2)
  const formats = [DASHBOARD_TABLE, DASHBOARD_TABLE_CAMEL]
  const table = await readCsv(sourceOf('', { name: 'x.csv' }), inPieces(text), formats, found.options.defects)
  await readDashboardTable(table, 'x.csv', found.options)
  return found
}

function readJson(document: Json) {
  const found = reading(2)
  const file = sourceOf('', { name: 'x.json' })
  readDashboardJson(document, file, found.options)
  return { ...found, records: file.facts.records }
}

const RECORD = {
  leika_key: '99110009104000',
  ars: '034590024024',
  ars_name: 'Melle, Stadt',
  url: 'https://a.example/',
  online_status: 'ok',
  aktiv: 'ja',
}
const CAMEL = {
  leikaKey: '99110009104000',
  ars: '034590024024',
  arsName: 'Melle, Stadt',
  url: 'https://a.example/',
  onlineStatus: 'ok',
  aktiv: null,
}

describe('the table of the dashboard', () => {
  it('is read in snake case and camel case, with ; and ,', async () => {
    const snake = 'leika_key;ars;ars_name;url;online_status;aktiv\n'
    const one = await readTable(`${snake}99110009104000;034590024024;Melle, Stadt;https://a.example/;ok;ja\n`)
    expect(one.offers).toEqual([MELLE])
    const camel = 'leikaKey,ars,arsName,url,onlineStatus,aktiv\n'
    const two = await readTable(`${camel}99110009104000,034590024024,"Melle, Stadt",https://a.example/,ok,\n`)
    expect(two.offers).toEqual([MELLE])
  })

  it('leaves out what does not work or is not active, and counts it', async () => {
    const { offers, ignored } = await readTable(
      'leika_key;ars;online_status;aktiv\n' +
        '99110009104000;03;nicht ok;ja\n' +
        '99110009104000;03;OK;Nein\n' +
        '99110009104000;03;;\n' +
        '99110009104000;03;ok;\n',
    )
    expect(ignored).toEqual(['online-status-nicht-ok', 'nicht-aktiv', 'online-status-nicht-ok'])
    expect(offers).toHaveLength(1)
  })

  it('names faults as the dashboard calls the columns', async () => {
    const { defects } = await readTable('ars;leika_key;online_status\n34590024024;99110009104000;ok\n')
    expect(brief(defects)).toEqual(['2:1 leading-zero-lost ars=34590024024'])
    const camel = await readTable('ars;leikaKey;onlineStatus\n03;nicht im LeiKa;ok\n')
    expect(brief(camel.defects)).toEqual(['2:2 nicht-im-leika leikaKey=nicht im LeiKa'])
    expect(brief(readJson([{ ...CAMEL, leikaKey: '1' }]).defects)).toEqual([
      '?:? leika-key-invalid leikaKey=1',
    ])
  })
})

describe('the JSON of the dashboard', () => {
  it('is a page, a newer page or a list', () => {
    const page = readJson({ content: [RECORD, CAMEL], totalPages: 3, number: 1 })
    expect(page.offers).toEqual([MELLE, MELLE])
    expect([page.records, page.pages]).toEqual([2, [{ number: 1, total: 3 }]])
    const newer = readJson({ content: [RECORD], page: { totalPages: 1, number: 0 } })
    expect([newer.offers, newer.pages]).toEqual([[MELLE], [{ number: 0, total: 1 }]])
    const list = readJson([CAMEL])
    expect([list.offers, list.pages]).toEqual([[MELLE], []])
    expect(readJson({ content: [] }).offers).toEqual([])
  })

  it('takes aktiv as a truth value too', () => {
    expect(readJson([{ ...RECORD, aktiv: false }]).ignored).toEqual(['nicht-aktiv'])
    expect(readJson([{ ...RECORD, aktiv: true }]).offers).toEqual([MELLE])
  })

  it('names the record of a fault; a key that became a number has lost its zeros', () => {
    const { defects } = readJson([RECORD, { ...RECORD, ars: 34590024024 }])
    expect(defects).toEqual([
      {
        action: 'rejected',
        reason: 'leading-zero-lost',
        place: { file: 'x.json[1]', column: undefined },
        field: 'ars',
        value: '34590024024',
      },
    ])
  })

  it.each<Json>([null, 5, 'x', {}, { content: {} }, [1], [{}], [{ leika_key: '1', ars: '2' }], [[]]])(
    'is not %j',
    (document) => {
      expect(() => readJson(document)).toThrow('x.json:1: this JSON is no page of the dashboard')
    },
  )
})
