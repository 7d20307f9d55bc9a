import { beforeEach, describe, expect, it } from 'vitest'
import { diffOffers } from '../../src/lib/offer/diff.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { importTexts } from '../support/offer.ts'
import { temporaryStore } from '../support/store.ts'

const HUND = '99110009104000'
let store: Store
beforeEach(async () => {
  store = await temporaryStore()
})

/** What changed between two tables of rows `region;key;reifegrad;url;authority;from;to`. */
async function diff(before: readonly string[], after: readonly string[]) {
  const table = (rows: readonly string[]): string =>
    ['region;leika_key;reifegrad;url;authority;valid_from;valid_to', ...rows, ''].join('\n')
  const a = await importTexts(store, { 'a.csv': table(before) })
  const b = await importTexts(store, { 'b.csv': table(after) })
  const { counts, changes } = await diffOffers(store, a.snapshot.rowId, b.snapshot.rowId)
  return {
    counts,
    changes: changes.map(({ change, region, key, from, to, fields }) => [
      `${change} ${region} ${key === HUND ? 'hund' : key}`,
      from?.url.slice(8) ?? null,
      to?.url.slice(8) ?? null,
      fields.join(' '),
    ]),
  }
}

const SAME = `01;${HUND};1;https://same;Amt;;`

describe('diffOffers', () => {
  it('finds nothing between two snapshots of the same', async () => {
    expect(await diff([SAME], [SAME])).toEqual({ counts: { added: 0, removed: 0, changed: 0 }, changes: [] })
  })

  it('tells what came, went and changed, by region and key', async () => {
    const { counts, changes } = await diff(
      [SAME, `05;${HUND};1;https://gone;;;`, `03;${HUND};1;https://a;;;`, `04;${HUND};1;https://a;;;`],
      [SAME, `02;${HUND};1;https://new;;;`, `03;${HUND};2;https://a;;;`, '04;99000000000000;1;https://a;;;'],
    )
    expect(counts).toEqual({ added: 2, removed: 2, changed: 1 })
    expect(changes).toEqual([
      ['added 02 hund', null, 'new', ''],
      ['changed 03 hund', 'a', 'a', 'reifegrad'],
      ['added 04 99000000000000', null, 'a', ''],
      ['removed 04 hund', 'a', null, ''],
      ['removed 05 hund', 'gone', null, ''],
    ])
  })

  it.each([
    [`03;${HUND};2;https://a;Amt;2026-01-01;2026-12-31`, 'reifegrad'],
    [`03;${HUND};1;https://b;Amt;2026-01-01;2026-12-31`, 'url'],
    [`03;${HUND};1;https://a;Anderes;2026-01-01;2026-12-31`, 'authority'],
    [`03;${HUND};1;https://a;Amt;;2026-12-31`, 'validFrom'],
    [`03;${HUND};1;https://a;Amt;2026-01-01;`, 'validTo'],
    [`03;${HUND};0;https://b;;2025-01-01;2025-12-31`, 'reifegrad url authority validFrom validTo'],
  ])('names the field that differs: %s', async (after, fields) => {
    const { changes } = await diff([SAME, `03;${HUND};1;https://a;Amt;2026-01-01;2026-12-31`], [SAME, after])
    expect(changes.map((change) => change.at(-1))).toEqual([fields])
  })

  it('pairs several services by address first, then in their order', async () => {
    const { counts, changes } = await diff(
      [`03;${HUND};1;https://a;;;`, `03;${HUND};1;https://b;;;`, `03;${HUND};1;https://d;;;`],
      [`03;${HUND};2;https://b;;;`, `03;${HUND};3;https://c;;;`],
    )
    expect(changes).toEqual([
      ['changed 03 hund', 'a', 'c', 'reifegrad url'],
      ['changed 03 hund', 'b', 'b', 'reifegrad'],
      ['removed 03 hund', 'd', null, ''],
    ])
    expect(counts).toEqual({ added: 0, removed: 1, changed: 2 })
  })

  it('sees that an assumed Reifegrad was confirmed', async () => {
    const table = (reifegrad: string): string => `region;leika_key;reifegrad\n03;${HUND};${reifegrad}\n`
    const a = await importTexts(store, { 'a.csv': table('') }, { reifegrad: 2 })
    const b = await importTexts(store, { 'b.csv': table('2') })
    const { changes } = await diffOffers(store, a.snapshot.rowId, b.snapshot.rowId)
    expect(changes).toMatchObject([{ change: 'changed', fields: ['assumed'], from: { assumed: true } }])
  })

  it('needs no sorting by the database: both sides come in order', async () => {
    const { snapshot } = await importTexts(store, { 'a.csv': `region;leika_key;reifegrad\n03;${HUND};1\n` })
    const plans: string[] = []
    const watched = new Proxy(store.db, {
      get(db, name) {
        if (name !== 'prepare') return Reflect.get(db, name).bind(db)
        return (sql: string) => {
          for (const row of db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all('', 1, 1, '', 1, 1))
            plans.push(String(row.detail))
          return db.prepare(sql)
        }
      },
    })
    await diffOffers({ ...store, db: watched }, snapshot.rowId, snapshot.rowId)
    expect(plans.length).toBeGreaterThan(0)
    expect(plans.filter((detail) => /TEMP B-TREE|SCAN/.test(detail))).toEqual([])
  })
})
