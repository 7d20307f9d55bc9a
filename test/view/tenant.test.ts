import { expect, test } from 'vitest'
import type { Kept } from '../../src/lib/portal/driver.ts'
import type { Tenant } from '../../src/lib/portal/model.ts'
import { renderCsv, renderTable } from '../../src/lib/view/table.ts'
import { tenantListColumns, tenantsSummary } from '../../src/lib/view/tenant.ts'
import { BRAMSCHE, MELLE, NETWORK } from '../support/tenant.ts'

const kept = (value: Tenant): Kept<Tenant> => ({
  value,
  version: 'v',
  changedAt: '2026-11-23T12:00:00Z',
  changedBy: 'me@here',
  managed: true,
  changedOutside: false,
})

test('a list names its network once, and each where there are several', () => {
  const stadt = { account: 'stadt', name: 'Stadt\u0007', anchor: '034040000000', sharing: null }
  const rows = [kept({ ...BRAMSCHE, state: 'suspended' }), kept({ ...MELLE, account: 'stadt' })]
  expect(renderTable(tenantListColumns([NETWORK]), rows, 'de', 80)).toBe(
    `ARS           Name      Zustand      Kurzname  Adressen          Module
────────────  ────────  ───────────  ────────  ────────────────  ──────────
034590014014  Bramsche  stillgelegt  bramsche  bramsche.example  OR-Connect
034590024024  Melle     aktiv        melle     melle.example     OR-Connect
`,
  )
  expect(renderTable(tenantListColumns([NETWORK, stadt]), rows, 'en', 99).split('\n')[2]).toMatch(/ lkos$/)
  expect(renderCsv(tenantListColumns([NETWORK]), rows).split('\n')[1]).toBe(
    '034590014014;Bramsche;suspended;bramsche;bramsche.example;OR-Connect;lkos;2026-11-23T12:00:00Z;me@here',
  )
  expect(tenantsSummary([NETWORK], rows, 'de')).toBe(
    'Landkreis Osnabrück: 2 Mandanten, 1 aktiv, 1 stillgelegt\n',
  )
  expect(tenantsSummary([stadt], rows.slice(1), 'en')).toBe('Stadt\\x07: 1 tenant, 1 active\n')
  expect(tenantsSummary([NETWORK, stadt], rows, 'de')).toBe(
    '2 Netzwerke: 2 Mandanten, 1 aktiv, 1 stillgelegt\n',
  )
})
