import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Kept } from '../../src/lib/portal/driver.ts'
import { type Network, NO_DETAILS, type Tenant } from '../../src/lib/portal/model.ts'
import { exportNetwork } from '../../src/lib/tenant/export.ts'
import { readManifests } from '../../src/lib/tenant/manifest.ts'
import { loadTenantRegions } from '../../src/lib/tenant/regions.ts'
import { exportJson, exportYaml } from '../../src/lib/view/manifest.ts'
import { failure } from '../support/failure.ts'
import { schemaErrors } from '../support/schema.ts'
import { BRAMSCHE, MELLE, NETWORK, storeWithRegister } from '../support/tenant.ts'

const kept = (value: Tenant, managed = true): Kept<Tenant> => ({
  value,
  version: 'v',
  changedAt: null,
  changedBy: null,
  managed,
  changedOutside: false,
})

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
const name = fc.constantFrom('Bramsche', 'no', '=1+1', 'Łužica – "Stadt"', '#1', "O'Brien: x", '12', 'null')
const url = fc.constantFrom(null, 'https://x.example/?a=b#c', 'https://y.example/: ')
const details = fc.record({
  name,
  hosts: fc.uniqueArray(
    label.map((text) => `${text}.example`),
    { maxLength: 2 },
  ),
  modules: fc.uniqueArray(fc.constantFrom('OR-Connect', 'OR-DMS', 'Nutzerkonto')).map((list) => list.sort()),
  connectors: fc.uniqueArray(label, { maxLength: 2 }).map((list) => list.sort()),
  contact: fc.option(
    fc.record({
      name,
      email: fc.constantFrom('a@b.example', "o'x+y@b.example"),
      phone: fc.constantFrom(null, '+49 541 1', '0541 1'),
    }),
    { nil: null },
  ),
  imprintUrl: url.map((text) => text?.trim() ?? null),
  state: fc.constantFrom('active' as const, 'suspended' as const),
})

const SHARING: Network['sharing'] = [
  {
    name: 'kreis',
    from: ['034590014014'],
    to: 'members',
    direction: 'both',
    services: { leistungen: ['99041006017000'], ozg: ['10026'], themenfelder: ['Familie & Kind', 'no'] },
    except: { tenants: ['034590024024'], leistungen: [], ozg: [], themenfelder: ['#'] },
  },
]

test('an export is read back as what the portal has', async () => {
  const regions = await loadTenantRegions(await storeWithRegister())
  await fc.assert(
    fc.asyncProperty(details, details, fc.boolean(), async (first, second, shared) => {
      const network = { ...NETWORK, sharing: shared ? SHARING : null }
      const tenants: readonly Tenant[] = [
        { ...BRAMSCHE, ...first, hosts: first.hosts.map((host) => `a.${host}`) },
        { ...MELLE, ...second, hosts: second.hosts.map((host) => `b.${host}`) },
      ]
      const exported = exportNetwork(
        'local',
        [network],
        tenants.toReversed().map((one) => kept(one)),
        undefined,
      )
      for (const text of [exportYaml(exported, 'x.json', 'de'), JSON.stringify(exportJson(exported))]) {
        const manifest = await readManifests([{ file: 'n.yaml', text }], regions)
        expect(manifest.networks).toEqual([network])
        expect(manifest.tenants.map(({ tenant }) => tenant)).toEqual(tenants)
      }
      expect(schemaErrors('tenant-export', exportJson(exported))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('what ozgctl does not manage is left out; several networks must be told apart', async () => {
  const stadt = { account: 'stadt', name: 'Stadt', anchor: '034040000000', sharing: null }
  const tenants = [kept(BRAMSCHE), kept({ ...MELLE, ...NO_DETAILS }, false)]
  expect(exportNetwork('local', [NETWORK], tenants, undefined).tenants).toEqual([BRAMSCHE])
  expect(exportNetwork('local', [NETWORK, stadt], tenants, 'stadt').tenants).toEqual([])
  expect(await failure(() => exportNetwork('local', [NETWORK, stadt], tenants, undefined))).toMatchObject({
    code: 'NETWORK_UNKNOWN',
    exit: 64,
    suggestions: ['lkos  Landkreis Osnabrück', 'stadt  Stadt'],
  })
  expect(await failure(() => exportNetwork('local', [], [], undefined))).toMatchObject({
    code: 'EXPORT_EMPTY',
  })
})
