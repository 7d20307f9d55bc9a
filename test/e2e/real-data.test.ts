import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'
import { hasRealData, REAL } from '../support/shared.ts'

describe.skipIf(!hasRealData)(
  'the real register and catalogue (skipped where they are not beside the checkout)',
  () => {
    test('give the coverage of every Gemeinde in the country', async () => {
      const folder = temporaryFolder()
      const env = {
        OZGCTL_STORE: join(folder, 'ozgctl.db'),
        OZGCTL_QUIET: 'true',
        OZGCTL_AS_OF: '2026-11-23',
      }
      const region = await ozgctlJson(['region', 'import', REAL.gv100ad], { env })
      expect(region.json).toMatchObject({
        counts: {
          land: 16,
          bezirk: 29,
          kreis: 400,
          verband: 4597,
          gemeinde: 10_981,
          inhabitants: 84_358_845,
        },
        rejected: { total: 0, byReason: {} },
      })
      const catalog = await ozgctlJson(['catalog', 'import', REAL.ozg, REAL.leika], { env })
      expect(catalog.json).toMatchObject({
        counts: { ozgLeistungen: 557, leistungen: 4813 },
        rejected: { total: 438, byReason: { 'nicht-im-leika': 436, 'leika-key-invalid': 2 } },
        kept: { total: 27, byReason: { 'ozg-missing': 26, 'typ-unknown': 1 } },
      })
      expect((await ozgctl(['offer', 'import', 'fixtures/offer/offers.csv'], { env })).code).toBe(0)

      const { json } = await ozgctlJson(['coverage', 'report'], { env })
      expect(schemaErrors('coverage-report', json)).toEqual([])
      const regions = json.regions as readonly { ars: string; total: number; online: number }[]
      expect(regions).toHaveLength(10_981)
      expect(new Set(regions.map(({ total }) => total))).toEqual(new Set([557]))
      // The Bund's nine reach everyone; the offers of the fixtures add up as on the small register.
      expect(Math.min(...regions.map(({ online }) => online))).toBe(9)
      expect(regions.find(({ ars }) => ars === '034590024024')?.online).toBe(66)

      const out = join(folder, 'germany.csv')
      const report = ['coverage', 'report', '--output', 'csv', '--out', out]
      expect(await ozgctl(report, { env })).toMatchObject({ code: 0, stdout: '' })
      expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(10_982)
      const check = await ozgctlJson(['coverage', 'check', '--min', '1.6'], { env })
      expect([check.code, check.json.checked, check.json.failed]).toEqual([0, 10_773, 0])
    })

    test('the Regionalschlüssel of 2026 against the register of 2023', async () => {
      const env = { OZGCTL_STORE: join(temporaryFolder(), 'ozgctl.db') }
      await ozgctl(['region', 'import', REAL.gv100ad], { env })
      const list = await ozgctlJson(['region', 'import', REAL.regionalschluessel], { env })
      expect(list.json).toMatchObject({
        counts: { land: 16, bezirk: 29, kreis: 401, gemeinde: 10_944 },
        ignored: { 'stadt-ortsteil': 283 },
      })
      const { json } = await ozgctlJson(['region', 'diff'], { env })
      expect(json).toMatchObject({ counts: { added: 3, dissolved: 40, renamed: 25, keyChanged: 10 } })
      expect(json.keyChanged).toContainEqual({
        from: { ars: '064350014014', name: 'Hanau, Brüder-Grimm-Stadt' },
        to: { ars: '064150000000', name: 'Hanau, Brüder-Grimm-Stadt' },
      })
    })
  },
)
