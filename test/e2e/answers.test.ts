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
  'offer import fixtures/offer/dashboard.csv --allow-shrink',
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

it('an empty store is an error with a way out, for every command that reads it', async () => {
  const env = { OZGCTL_STORE: join(temporaryFolder(), 'none.db') }
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
      .soft(run.stderr, call)
      .toMatch(/^Error: no .* has been imported into this store yet\n {2}Run: ozgctl \w+ import FILE\n$/)
  }
})
