import { expect, test } from 'vitest'
import type { Tenant } from '../../src/lib/portal/model.ts'
import type { Plan } from '../../src/lib/tenant/plan.ts'
import type { ApplyResult } from '../../src/lib/tenant/provision.ts'
import { applySummary, applyTable } from '../../src/lib/view/apply.ts'
import { noChanges, planHint, planSummary, planTable } from '../../src/lib/view/plan.ts'
import { renderCsv, renderTable } from '../../src/lib/view/table.ts'
import { BRAMSCHE, MELLE, NETWORK } from '../support/tenant.ts'

const next: Tenant = { ...MELLE, name: '=Melle\u001b[31m', modules: [] }
const PLAN: Plan = {
  portal: 'local',
  networks: [{ kind: 'network-create', network: NETWORK, expected: null, fields: [] }],
  tenants: [
    { kind: 'create', tenant: BRAMSCHE },
    {
      kind: 'suspend',
      former: MELLE,
      expected: 'v',
      changedOutside: false,
      tenant: next,
      fields: [
        { field: 'name', from: MELLE.name, to: next.name },
        { field: 'modules', from: ['OR-Connect', 'OR-DMS'], to: [] },
      ],
    },
    { kind: 'delete', tenant: { ...BRAMSCHE, ars: '034590033033', name: 'Wallenhorst' }, expected: 'v' },
  ],
  leftAlone: [{ ...BRAMSCHE, ars: '034590034034', name: 'Glandorf' }],
  unmanaged: [],
  notSelected: 0,
  unchanged: 1200,
}
const NOTHING: Plan = { ...PLAN, networks: [], tenants: [], leftAlone: [] }

test('a plan in German, one row a difference, without columns that are empty', () => {
  const { columns, rows } = planTable(PLAN, false)
  expect(planSummary(PLAN, 'de') + renderTable(columns, rows, 'de', 120)).toBe(
    `Portal local: 1 Netzwerk, 1 anlegen, 0 ändern, 0 umziehen, 1 stilllegen, 1 löschen; 1.200 unverändert, 1 nicht in der Datei
Aktion                      ARS           Name                 Feld     vorher              nachher
──────────────────────────  ────────────  ───────────────────  ───────  ──────────────────  ────────────────
Netzwerk anlegen            03459         Landkreis Osnabrück                               lkos
anlegen                     034590014014  Bramsche                                          bramsche.example
stilllegen                  034590024024  =Melle\\x1b[31m       name     Melle               =Melle\\x1b[31m
stilllegen                  034590024024  =Melle\\x1b[31m       modules  OR-Connect, OR-DMS
löschen                     034590033033  Wallenhorst
nicht in der Datei, bleibt  034590034034  Glandorf
`,
  )
  const onlyNew = planTable({ ...PLAN, tenants: PLAN.tenants.slice(0, 1), leftAlone: [] }, false)
  expect(renderTable(onlyNew.columns, onlyNew.rows, 'en', 120).split('\n')[0]).toBe(
    'action          ARS           name                 to',
  )
})

test('the same as CSV: English words, all columns, no formula', () => {
  const { columns, rows } = planTable(PLAN, false)
  expect(renderCsv(columns, rows).split('\n').slice(0, 5)).toEqual([
    'action;ars;name;field;from;to',
    'network-create;03459;Landkreis Osnabrück;;;lkos',
    'create;034590014014;Bramsche;;;bramsche.example',
    "suspend;034590024024;'=Melle\\x1b[31m;name;Melle;'=Melle\\x1b[31m",
    'suspend;034590024024;\'=Melle\\x1b[31m;modules;"OR-Connect, OR-DMS";',
  ])
  const dry: ApplyResult = { plan: NOTHING, applied: undefined, changes: [] }
  expect(renderCsv(applyTable(dry).columns, [])).toBe('outcome;action;ars;name;field;from;to;reason\n')
})

test('the last line of a plan is the command that does it', () => {
  expect(
    planHint(PLAN, { words: ['-f', 'network.yaml', '-f', "it's.yaml", '--max-delete', '2'] }, 'de'),
  ).toBe("Ausführen mit: ozgctl tenant apply -f network.yaml -f 'it'\\''s.yaml' --max-delete 2\n")
  expect(planHint(NOTHING, { words: ['-f', 'x'] }, 'en')).toBe('No changes: 1,200 tenants checked\n')
  expect(noChanges(NOTHING, 'de')).toBe('Keine Änderungen: 1.200 Mandanten geprüft\n')
})

test('an apply ends with failures by cause and the totals', () => {
  const [network] = PLAN.networks
  const [create, suspend, remove] = PLAN.tenants
  if (!network || !create || !suspend || !remove) throw new Error('the plan has lost its changes')
  const result: ApplyResult = {
    plan: PLAN,
    applied: undefined,
    changes: [
      { change: network, outcome: 'already', reason: null },
      { change: create, outcome: 'done', reason: null },
      { change: suspend, outcome: 'failed', reason: 'busy\u0007' },
      { change: remove, outcome: 'failed', reason: 'busy\u0007' },
    ],
  }
  expect(applySummary(result, 'de')).toBe(
    '2 × fehlgeschlagen: busy\\x07\nPortal local: 1 erledigt, 1 war schon so, 2 fehlgeschlagen, 1 nicht in der Datei, bleibt\n',
  )
  const { columns, rows } = applyTable(result)
  expect(renderTable(columns, rows.slice(0, 2), 'en', 200).split('\n')[3]).toBe(
    'done            create          034590014014  Bramsche                          bramsche.example',
  )
})

test('details: every field of what is created or deleted, and nothing that is empty', () => {
  const { rows } = planTable(
    { ...PLAN, networks: [], leftAlone: [], tenants: PLAN.tenants.slice(0, 1) },
    true,
  )
  expect(rows.map(({ field, from, to }) => `${field}: ${from} -> ${to}`)).toEqual([
    'ars:  -> 034590014014',
    'account:  -> lkos',
    'slug:  -> bramsche',
    'name:  -> Bramsche',
    'hosts:  -> bramsche.example',
    'modules:  -> OR-Connect',
    'state:  -> active',
  ])
})
