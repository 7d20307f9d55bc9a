import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { services, sharingRule } from '../support/network.ts'
import { quickstartStore } from '../support/quickstart.ts'
import { schemaErrors } from '../support/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ozgctl-network-'))
let env: Record<string, string>

beforeAll(async () => {
  env = { OZGCTL_STORE: await quickstartStore(folder), OZGCTL_AS_OF: '2026-11-23', OZGCTL_QUIET: 'true' }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Gives the network of the quickstart these rules. */
function setRules(rules: readonly object[]): void {
  const db = new DatabaseSync(env.OZGCTL_STORE ?? '')
  db.prepare("UPDATE network SET document = json_set(document, '$.sharing', json(?))").run(
    JSON.stringify(rules),
  )
  db.close()
}

const MELLE = '034590024024'
const BRAMSCHE = '034590014014'

test('without rules all share with all, and there is nothing to find', async () => {
  const show = await ozgctl(['network', 'show'], { env })
  expect(show).toMatchObject({ code: 0, stderr: '' })
  expect(show.stdout.split('\n').slice(0, 3)).toEqual([
    'Landkreis Osnabrück (landkreis-osnabrueck, Portal local): 39 Mandanten, 39 teilen',
    '',
    '  alle 39 ───▶ alle 39: alle Leistungen',
  ])
  expect(await ozgctl(['network', 'check'], { env })).toMatchObject({
    code: 0,
    stdout: '1 Netzwerk, 0 Regeln geprüft: alles in Ordnung\n',
  })
})

test('rules decide what portals show, coverage counts it, and explain names the rule', async () => {
  setRules([
    sharingRule('kreis-an-alle'),
    sharingRule('standesamt', {
      from: [MELLE],
      to: [BRAMSCHE],
      services: services({ ozg: ['10026'] }),
    }),
  ])
  expect((await ozgctl(['network', 'check'], { env })).code).toBe(0)
  const report = await ozgctlJson(['coverage', 'report', '--in', BRAMSCHE, '--view', 'portal'], { env })
  expect(schemaErrors('coverage-report', report.json)).toEqual([])
  expect(report.json).toMatchObject({
    regions: [
      { bySource: { own: 18, verband: 0, kreis: 16, bezirk: 0, land: 14, bund: 9, member: 1 }, online: 58 },
    ],
  })
  const explain = await ozgctlJson(['coverage', 'explain', BRAMSCHE, '10026', '--view', 'portal'], { env })
  expect(schemaErrors('coverage-explain', explain.json)).toEqual([])
  expect(explain.json).toMatchObject({ covered: true, source: 'member' })
  const sharedBy = { portal: 'local', account: 'landkreis-osnabrueck', rule: 'standesamt' }
  expect((explain.json.candidates as readonly object[]).at(-1)).toMatchObject({
    ars: MELLE,
    source: 'member',
    inView: true,
    offers: [{ verdict: 'counts', sharedBy }],
  })
  const shown = await ozgctl(['coverage', 'explain', BRAMSCHE, '10026', '--view', 'portal'], { env })
  expect(shown.stdout).toMatch(/^Mitglied {2}034590024024 .* zählt +standesamt$/m)
  const citizen = await ozgctl(['coverage', 'explain', BRAMSCHE, '10026'], { env })
  expect(citizen.stdout).not.toContain('Regel  ')
})

test('a check that finds something ends with 4, and a network that is not there with 64', async () => {
  setRules([sharingRule('kreis-an-alle'), sharingRule('noch-einmal', { to: [MELLE] })])
  const check = await ozgctlJson(['network', 'check', 'landkreis-osnabrueck'], { env })
  expect(schemaErrors('network-check', check.json)).toEqual([])
  expect(check).toMatchObject({ code: 4, json: { met: false, rules: 2 } })
  expect(check.json.findings).toMatchObject([
    { code: 'covered-by-earlier', rule: 'noch-einmal', others: ['kreis-an-alle'] },
  ])
  const none = await ozgctl(['network', 'show', 'landkreis-osnabrük'], { env })
  expect(none).toMatchObject({ code: 64, stdout: '' })
  expect(none.stderr).toContain('Did you mean landkreis-osnabrueck?')
})
