import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'

/** A result that is sent to where the command reads from: the one would take the place of the other. */
let cwd = ''
const STORE = 's.db'
const call = (text: string) => ozgctl(text.split(' '), { cwd, env: { OZGCTL_STORE: STORE } })

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  for (const name of ['offers.csv', 'dashboard.csv'])
    copyFileSync(`${root}/fixtures/offer/${name}`, join(cwd, name))
  writeFileSync(join(cwd, 'scope.txt'), '10047\n')
  writeFileSync(join(cwd, 'keys.txt'), '034590014014\n')
  writeFileSync(
    join(cwd, 'health.yaml'),
    'network: { account: x, name: X, anchor: "03459" }\nconnectors:\n  - { name: dms, url: "https://127.0.0.1:1/", kind: http, conditions: [{ status: 200 }], tls: { ca: ca.pem } }\ntenants:\n  - { ars: "034590014014", slug: bramsche, name: Bramsche, connectors: [dms] }\n',
  )
  writeFileSync(join(cwd, 'ca.pem'), 'no certificate\n')
  symlinkSync(STORE, join(cwd, 'link.db'))
  for (const text of [
    `region import ${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`,
    `catalog import ${root}/fixtures/catalog/leika_leistungen.csv ${root}/fixtures/catalog/ozg_leistungen.csv`,
    'offer import offers.csv',
    'tenant seed --in 03459 --out network.yaml',
    'tenant plan -f network.yaml --out network.plan',
  ])
    expect(await call(text), text).toMatchObject({ code: 0 })
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test.each([
  ['the store', STORE, `region list --out ${STORE}`],
  ['the store by a link', STORE, 'coverage report --out link.db'],
  [
    'the store, of a command that makes a file for people',
    STORE,
    `tenant seed --in 03459 --force --out ${STORE}`,
  ],
  ['the store, of an import', STORE, `offer import dashboard.csv --replace --rejects ${STORE}`],
  [
    'the store, of checks that do not open it',
    STORE,
    `health check -f health.yaml --no-record --out ${STORE}`,
  ],
  ['the input of an import', 'offers.csv', 'offer import offers.csv --rejects offers.csv'],
  ['a manifest', 'network.yaml', 'tenant plan -f network.yaml --out ./network.yaml'],
  ['a plan', 'network.plan', 'tenant apply network.plan --yes --out network.plan'],
  ['a list of services', 'scope.txt', 'coverage report --scope scope.txt --out scope.txt'],
  ['a list of keys', 'keys.txt', 'tenant drift -f network.yaml --from-file keys.txt --out keys.txt'],
  ['what is checked', 'health.yaml', 'health check -f health.yaml --no-record --out health.yaml'],
  [
    'what a sandbox begins with',
    'network.yaml',
    'sandbox exec --seed network.yaml --connectors network.yaml --force -- true',
  ],
])('a result does not take the place of %s, and nothing is done', async (_what, file, text) => {
  const before = readFileSync(join(cwd, file))
  const run = await call(text)
  expect(run.stderr).toMatch(/ is what this command works from; its result would replace it\n/)
  expect(run.code).toBe(text.startsWith('health') ? 3 : 64)
  expect(readFileSync(join(cwd, file)).equals(before)).toBe(true)
  const runs = await ozgctlJson(['run', 'list'], { cwd, env: { OZGCTL_STORE: STORE } })
  expect(runs.json.runs).toEqual([])
  const history = await ozgctlJson(['offer', 'history'], { cwd, env: { OZGCTL_STORE: STORE } })
  expect(history.json.snapshots).toHaveLength(1)
})

test('a link that leads to no file yet stays, and the file is made where it leads', async () => {
  symlinkSync('regions.csv', join(cwd, 'latest.csv'))
  expect(await call('region list --output csv --out latest.csv')).toMatchObject({ code: 0 })
  expect(readFileSync(join(cwd, 'regions.csv'), 'utf8')).toMatch(/^ars;/)
  expect(existsSync(join(cwd, 'latest.csv'))).toBe(true)
})

test('a pipe that nobody reads is told; it is not waited for', async () => {
  execFileSync('mkfifo', [join(cwd, 'pipe')])
  expect(await call('region list --out pipe')).toMatchObject({
    code: 74,
    stderr:
      'Error: pipe cannot be written: nobody reads from it\n  Begin to read from it first, or name another file.\n',
  })
})

test('an empty file in place of the store is no store without anything in it', async () => {
  writeFileSync(join(cwd, 'empty.db'), '')
  expect(await call('tenant list --store empty.db')).toMatchObject({
    code: 64,
    stderr:
      'Error: the store empty.db is an empty file\n  Check --store, which names it.\n  A new one is made by an import: ozgctl region import FILE\n',
  })
})
