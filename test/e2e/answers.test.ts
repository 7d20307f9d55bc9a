import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { manifestCommands } from '../../scripts/manifest.ts'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'

/** Every command once on the fixtures, with --json, in this order on one store; `$FOLDER` is that of the store. */
const CALLS: readonly string[] = [
  'region import fixtures/region/GV100AD_osnabrueck_301123.txt',
  'region import fixtures/region/regionalschluessel_2026.xml',
  'region history',
  'region list --in 03459',
  'region list --level kreis',
  'region show Bramsche',
  'region diff',
  'catalog import fixtures/catalog/leika_leistungen.csv fixtures/catalog/ozg_leistungen.csv --dry-run',
  'catalog import fixtures/catalog/leika_leistungen.csv fixtures/catalog/ozg_leistungen.csv',
  'catalog import fixtures/catalog/leika_fim.csv fixtures/catalog/ozg_leistungen.csv --allow-shrink',
  'catalog history',
  'catalog diff',
  'catalog import fixtures/catalog/leika_leistungen.csv fixtures/catalog/ozg_leistungen.csv',
  'catalog list --ozg 10026',
  'catalog show 10026',
  'catalog show 99041006017000',
  'catalog search ehe',
  'catalog export',
  'offer import fixtures/offer/offers.csv',
  'offer import fixtures/offer/dashboard.csv --allow-shrink --replace',
  'offer history',
  'offer diff',
  'offer list --in 03',
  'tenant seed --in 03459 --out $FOLDER/network.yaml',
  'tenant plan -f $FOLDER/network.yaml',
  'tenant apply -f $FOLDER/network.yaml --dry-run',
  'tenant apply -f $FOLDER/network.yaml',
  'tenant plan -f $FOLDER/network.yaml',
  'tenant list',
  'tenant drift -f $FOLDER/network.yaml',
  'tenant adopt -f $FOLDER/network.yaml',
  'tenant export',
  'run list',
  'run show',
  'run resume',
  'run watch',
  'run log',
  'sandbox exec --json -- true',
  'auth status',
  'connector systems',
  'network show',
  'network check',
  'coverage report --in 03459',
  'coverage report --in 03459 --by themenfeld',
  'coverage report --tenants --rule share',
  'coverage gaps Bramsche',
  'coverage explain Bramsche 10026',
  'coverage check --min 0',
  'coverage check --min 100 --in 03459',
  'coverage flaechendeckung --in 03459',
  'migration lint fixtures/migration/imprint.yaml',
  'migration plan fixtures/migration/imprint.yaml',
  'migration run fixtures/migration/imprint.yaml --dry-run',
  'migration run fixtures/migration/imprint.yaml',
  'migration status',
  'migration report',
  'migration list',
  'migration rollback --dry-run --wave 1',
  'migration rollback --yes --wave 1',
  'migration new --from-catalog-diff catalog-1 catalog-2',
]

it('every answer keeps to its schema', async () => {
  const folder = temporaryFolder()
  const env = { OZGCTL_STORE: join(folder, 'ozgctl.db') }
  for (const call of CALLS) {
    const { code, json } = await ozgctlJson(call.replace('$FOLDER', folder).split(' '), { cwd: root, env })
    expect.soft(code, call).toBe(call.includes('--min 100') ? 4 : 0)
    expect.soft(schemaErrors(call.split(' ').slice(0, 2).join('-'), json), call).toEqual([])
  }
})

/** The first need a run in the middle of its work or a portal, or never end by themselves; the others connectors: see health.test.ts. */
const ELSEWHERE = [
  ...['run:cancel', 'sandbox:start', 'auth:login', 'auth:logout', 'health:watch'],
  ...['connector:list', 'connector:show', 'connector:lint', 'sandbox:set'],
  ...['health:check', 'health:history', 'health:uptime', 'health:wait'],
  ...['migration:pause', 'migration:resume', 'migration:retry', 'migration:repair'],
]

it('no command is left out of that', () => {
  const tried = new Set([...ELSEWHERE, ...CALLS.map((call) => call.split(' ').slice(0, 2).join(':'))])
  expect(manifestCommands().filter(({ id }) => !tried.has(id))).toEqual([])
})

it('a store without an import is an error with its path and a way out, for every command that reads it', async () => {
  const home = temporaryFolder()
  const env = { HOME: home, XDG_STATE_HOME: home }
  for (const call of [
    'region list',
    'catalog list',
    'offer list',
    'coverage report',
    'coverage gaps Bramsche',
  ]) {
    const run = await ozgctl(call.split(' '), { env })
    expect.soft(run, call).toMatchObject({ code: 64, stdout: '' })
    expect
      .soft(run.stderr.replaceAll(home, 'HOME'), call)
      .toMatch(
        /^Error: no .* has been imported into the store HOME\/ozgctl\/ozgctl\.db yet\n {2}Run: ozgctl \w+ import FILE\n$/,
      )
  }
})

/** Commands that make the store, need nothing of it, or use none. */
const WITHOUT_STORE =
  /^(region|catalog|offer) import |^sandbox |^auth |^connector |^migration lint |^health (check|wait|watch) /

it.each(['--store', 'OZGCTL_STORE'])(
  'a store that %s names and that is not there is an error, and none is made, for every command that needs one',
  async (by) => {
    const folder = temporaryFolder()
    const path = join(folder, 'nosuch', 'ozgctl.db')
    const elsewhere = [
      'run cancel run-1',
      'health history',
      'health uptime',
      'migration pause run-1',
      'migration resume run-1',
      'migration retry run-1',
      'migration repair fixtures/migration/imprint.yaml',
    ]
    const calls = [...CALLS, ...elsewhere].filter((call) => !WITHOUT_STORE.test(call))
    const commands = new Set(calls.map((call) => call.split(' ').slice(0, 2).join(' ')))
    expect(commands.size).toBeGreaterThan(35)
    for (const call of calls) {
      const words = call.replace('$FOLDER', folder).split(' ')
      const { code, json } =
        by === '--store'
          ? await ozgctlJson([...words, '--store', path], { cwd: root })
          : await ozgctlJson(words, { cwd: root, env: { OZGCTL_STORE: path } })
      expect.soft([code, json.error], call).toEqual([
        64,
        {
          code: 'STORE_MISSING',
          message: `there is no store ${path}`,
          suggestions: [
            `Check ${by}, which names it.`,
            'A new one is made by an import: ozgctl region import FILE',
          ],
        },
      ])
    }
    expect(existsSync(join(folder, 'nosuch'))).toBe(false)
  },
  // Some fifty processes, also on a machine that has much else to do.
  300_000,
)

it('a store that is named is made by an import, and a dry run makes none', async () => {
  const path = join(temporaryFolder(), 'new', 'ozgctl.db')
  const importing = ['region', 'import', 'fixtures/region/GV100AD_osnabrueck_301123.txt', '--store', path]
  expect((await ozgctl([...importing, '--dry-run'])).code).toBe(0)
  expect(existsSync(path)).toBe(false)
  expect((await ozgctl(importing)).code).toBe(0)
  expect((await ozgctl(['region', 'list', '--store', path])).code).toBe(0)
})
