import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'

/**
 * A selection that nothing fits must not pass for one in which all is well. The store has the county 03459 with all its
 * municipalities as tenants; two of them differ from the manifest.
 */
const MANIFEST = 'network.yaml'
let cwd = ''
let env: Readonly<Record<string, string>> = {}
const run = (call: string) => ozgctl(call.split(' '), { cwd, env })
const json = (call: string) => ozgctlJson(call.split(' '), { cwd, env })

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  env = { OZGCTL_STORE: join(cwd, 'ozgctl.db'), OZGCTL_QUIET: 'true', OZGCTL_AS_OF: '2026-11-23' }
  for (const call of [
    `region import ${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`,
    `catalog import ${root}/fixtures/catalog/leika_leistungen.csv ${root}/fixtures/catalog/ozg_leistungen.csv`,
    `offer import ${root}/fixtures/offer/offers.csv`,
  ])
    expect(await run(call), call).toMatchObject({ code: 0 })
  const { stdout } = await run('tenant seed --in 03459')
  writeFileSync(join(cwd, MANIFEST), stdout)
  expect(await run(`tenant apply -f ${MANIFEST}`)).toMatchObject({ code: 0 })
  const changed = stdout.replace('name: Bramsche', 'name: Brämsche').replace('slug: melle', 'slug: meller')
  writeFileSync(join(cwd, MANIFEST), changed)
  writeFileSync(join(cwd, 'keys.txt'), '034590014999\n')
  writeFileSync(join(cwd, 'some.txt'), '034590014999\n034590004004\n')
  writeFileSync(join(cwd, 'scope.txt'), '10999\n')
  writeFileSync(
    join(cwd, 'health.yaml'),
    'network: { account: x, name: X, anchor: "03459" }\nconnectors:\n  - { name: dms, url: https://dms.invalid/, kind: http, conditions: [{ status: 200 }] }\n  - { name: idle, url: https://idle.invalid/, kind: http, conditions: [{ status: 200 }] }\ntenants:\n  - { ars: "034590014014", slug: bramsche, name: Bramsche, connectors: [dms] }\n',
  )
  writeFileSync(
    join(cwd, 'm.yaml'),
    'id: m\ntitle: T\nreason: R\nauthor: A\nselect: { in: "03459" }\nsteps:\n  - { id: a, kind: tenant.set, set: { name: "${tenant.name} neu" } }\n',
  )
  writeFileSync(
    join(cwd, 'none.yaml'),
    'id: none\ntitle: T\nreason: R\nauthor: A\nselect: { connector: dmz, version: "9" }\nsteps:\n  - { id: a, kind: tenant.set, set: { name: x } }\n',
  )
})

afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const EMPTY: readonly (readonly [call: string, message: RegExp, hint: RegExp])[] = [
  // A county of the register without tenants, a kreisfreie Stadt.
  [`tenant plan -f ${MANIFEST} --in 03404`, /with --in 03404:/, /^Nearest that has tenants: .*03459/],
  [`tenant apply -f ${MANIFEST} --in 03404`, /with --in 03404:/, /03459/],
  [`tenant apply -f ${MANIFEST} --in 03404 --dry-run`, /with --in 03404:/, /03459/],
  [`tenant drift -f ${MANIFEST} --in 03404 --detailed-exitcode`, /with --in 03404:/, /03459/],
  [`tenant adopt -f ${MANIFEST} --in 03404`, /with --in 03404:/, /03459/],
  [
    `tenant drift -f ${MANIFEST} --selector module=Fo --selector state=active`,
    /with --selector module=Fo and --selector state=active:/,
    /^There are: module=Nutzerkonto, module=OR-Connect\.$/,
  ],
  [`tenant drift -f ${MANIFEST} --selector slug=bramshe`, /slug=bramshe/, /^Nearest: slug=bramsche\.$/],
  [
    `tenant plan -f ${MANIFEST} --from-file keys.txt`,
    /with a key of --from-file \(034590014999\)/,
    /^Nearest: 034590014014/,
  ],
  [
    `tenant plan -f ${MANIFEST} --in 034590014014 --selector slug=meller`,
    /--in 034590014014 and --selector slug=meller/,
    /^Of \d+ tenants none fits all of it\.$/,
  ],
  ['network check --in 03404', /^there is no network in 03404:/, /03459/],
  [
    'network check landkreis-osnabrueck --in 03404',
    /^there is no tenant of landkreis-osnabrueck in 03404:/,
    /03459/,
  ],
  [
    'coverage check --min 1 --in 031519501501',
    /^the register has no Gemeinde in 031519501501/,
    /region list/,
  ],
  ['coverage check --min 1 --scope scope.txt', /^no OZG-Leistung of the catalogue is in scope/, /--scope/],
  ['connector lint -f health.yaml --in 03404', /with --in 03404:/, /03459/],
  ['health uptime --min 99', /^nothing is recorded/, /health check/],
  ['migration plan m.yaml --in 03404', /--in 03459 and --in 03404/, /03459/],
  ['migration plan m.yaml --selector name=Brams', /name=Brams/, /name=/],
  ['migration run m.yaml --in 03404', /--in 03404/, /03459/],
  ['migration run m.yaml --in 03404 --dry-run', /--in 03404/, /03459/],
  [
    'migration plan none.yaml',
    /with --selector connector=dmz and version 9:/,
    /^No tenant has any connector\.$/,
  ],
  [
    'migration run none.yaml',
    /with --selector connector=dmz and version 9:/,
    /^No tenant has any connector\.$/,
  ],
]

describe('a selection that nothing fits', () => {
  test.each(EMPTY)('%s ends with 64', async (call, message, hint) => {
    const { code, json: answer } = await json(call)
    expect([code, answer.error]).toMatchObject([64, { code: 'SELECTION_EMPTY' }])
    const error = answer.error as { message: string; suggestions: string[] }
    expect(error.message).toMatch(message)
    expect(error.suggestions.join('\n')).toMatch(hint)
  })

  test.each([
    ['health check -f health.yaml --in 03404', /with --in 03404/],
    ['health check idle -f health.yaml', /^no tenant that is asked for has the connector idle/],
    ['health wait -f health.yaml --in 03404 --for 1s', /with --in 03404/],
    ['health watch -f health.yaml --in 03404', /with --in 03404/],
  ])('%s is UNKNOWN', async (call, message) => {
    const { code, json: answer } = await json(call)
    expect([code, answer.error]).toMatchObject([
      3,
      { code: 'SELECTION_EMPTY', message: expect.stringMatching(message) },
    ])
  })

  test('nothing was begun', async () => {
    expect((await json('run list')).json.runs).toHaveLength(1)
  })
})

describe('a region that the register does not have', () => {
  test.each([
    'region list',
    'offer list',
    'tenant list',
    'tenant export',
    'tenant seed',
    'coverage report',
    'coverage report --level kreis',
    'coverage flaechendeckung',
    'coverage check --min 1',
    'network show',
    'network check',
    `tenant plan -f ${MANIFEST}`,
    `tenant apply -f ${MANIFEST}`,
    `tenant drift -f ${MANIFEST}`,
    `tenant adopt -f ${MANIFEST}`,
    'migration plan m.yaml',
    'migration run m.yaml',
    'connector list -f health.yaml',
    'connector lint -f health.yaml',
    'health history',
    'health uptime',
  ])('ozgctl %s --in 03999', async (call) => {
    const { code, json: answer } = await json(`${call} --in 03999`)
    expect([code, answer.error]).toEqual([
      64,
      {
        code: 'REGION_NOT_FOUND',
        message: 'the register has no region 03999',
        suggestions: ['Nearest: 03  Niedersachsen (land)', 'List what there is: ozgctl region list'],
      },
    ])
  })
})

describe('a region that is there and has none', () => {
  test.each([
    ['tenant list --in 03404', 'tenants', 'Keine Mandanten in dieser Auswahl; das Portal hat 39 Mandanten.'],
    ['network show --in 03404', 'networks', 'Keine Netzwerke in dieser Auswahl. Alle: ozgctl network show'],
    ['region list --in 03404 --level land', 'regions', 'Keine Gebiete in dieser Auswahl.'],
    ['coverage report --in 034590014014 --level kreis', 'regions', 'Keine Region in dieser Auswahl.'],
  ])('%s is an empty list and a sentence', async (call, field, sentence) => {
    const text = await run(call)
    expect([text.code, text.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, sentence])
    const { code, json: answer } = await json(call)
    expect([code, answer[field]]).toEqual([0, []])
  })
})

describe('what was compared is counted', () => {
  test.each([
    [`tenant plan -f ${MANIFEST} --in 034595402`, 'Keine Änderungen: 8 Mandanten geprüft'],
    [`tenant apply -f ${MANIFEST} --in 034595402`, 'Keine Änderungen: 8 Mandanten geprüft'],
    [`tenant drift -f ${MANIFEST} --in 034595402`, 'Keine Abweichung: 8 Mandanten wie in der Datei'],
    [`tenant drift -f ${MANIFEST} --selector slug=alfhausen`, 'Keine Abweichung: 1 Mandant wie in der Datei'],
  ])('%s', async (call, line) => {
    expect(await run(call)).toMatchObject({ code: 0, stdout: `${line}\n` })
  })

  test('and of a file of keys those are told that belong to nobody', async () => {
    const { code, json: answer } = await json(`tenant drift -f ${MANIFEST} --from-file some.txt`)
    expect([code, answer.warnings, (answer.counts as { unchanged: number }).unchanged]).toEqual([
      0,
      ['--from-file: 1 keys belong to no tenant: 034590014999'],
      1,
    ])
  })

  test('beside what differs, too', async () => {
    expect((await json(`tenant drift -f ${MANIFEST} --in 034590014014`)).json.counts).toMatchObject({
      manifest: 1,
      unchanged: 0,
    })
    expect(
      (await json(`tenant plan -f ${MANIFEST} --selector state=active --limit 1`)).json.counts,
    ).toMatchObject({
      change: 1,
      unchanged: 37,
      notSelected: 1,
    })
  })
})

describe('a rollback', () => {
  test.each([
    ['--wave 2', 'WAVE_UNKNOWN', /no wave 2/],
    ['--tenant 034590014014 --tenant 034590014015', 'TENANT_UNKNOWN', /nothing to do with 034590014015$/],
    ['--wave 9 --tenant 034590014014', 'WAVE_UNKNOWN', /no wave 9/],
  ])('of %s takes nothing back', async (flags, code, message) => {
    await run('migration run m.yaml --in 034590014014')
    const found = await json(`migration rollback --dry-run ${flags}`)
    expect([found.code, found.json.error]).toMatchObject([
      64,
      { code, message: expect.stringMatching(message) },
    ])
  })
})
