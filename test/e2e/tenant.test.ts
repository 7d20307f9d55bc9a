import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { manyGemeinden, manyTenants } from '../support/provisioning.ts'
import { schemaErrors } from '../support/schema.ts'

const REGISTER = `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`

/** A folder with a store that has the register, and the commands run in it. */
async function workplace() {
  const cwd = temporaryFolder()
  const env = { OZGCTL_STORE: join(cwd, 'ozgctl.db') }
  const run = (...args: readonly string[]) => ozgctl(args, { cwd, env })
  const json = (...args: readonly string[]) => ozgctlJson(args, { cwd, env })
  await run('region', 'import', REGISTER)
  return { cwd, env, run, json, write: (name: string, text: string) => writeFileSync(join(cwd, name), text) }
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n')

const manifest = (...tenants: readonly string[]): string =>
  `network: {account: lkos, name: Landkreis Osnabrück, anchor: "03459"}\ntenants:\n${tenants.map((tenant) => `  - ${tenant}\n`).join('')}`
const BRAMSCHE = '{ars: 034590014014, slug: bramsche, name: Bramsche}'
const MELLE = '{ars: 034590024024, slug: melle, name: Melle}'

test('from the register to the portal and back to no changes', async () => {
  const { cwd, run, json } = await workplace()
  const seed = await run('tenant', 'seed', '--in', '03459', '--domain', 'portal.example.de')
  expect(seed).toMatchObject({ code: 0, stderr: '' })
  writeFileSync(join(cwd, 'network.yaml'), seed.stdout)

  const plan = await json('tenant', 'plan', '-f', 'network.yaml', '--detailed-exitcode')
  expect(plan.code).toBe(2)
  expect(schemaErrors('tenant-plan', plan.json)).toEqual([])
  expect(plan.json.counts).toEqual({
    networks: 1,
    create: 39,
    change: 0,
    move: 0,
    suspend: 0,
    delete: 0,
    unchanged: 0,
    leftAlone: 0,
    unmanaged: 0,
    notSelected: 0,
  })

  const dry = await json('tenant', 'apply', '-f', 'network.yaml', '--dry-run')
  expect(dry.json).toMatchObject({ dryRun: true, run: null, outcomes: { done: 0, planned: 40 } })
  expect(schemaErrors('tenant-apply', dry.json)).toEqual([])
  const text = lines((await run('tenant', 'apply', '-f', 'network.yaml', '--dry-run')).stdout)
  expect([text.at(0), text.at(-1)]).toEqual(Array(2).fill('Probelauf: es wird nichts geändert.'))

  const applied = await json('tenant', 'apply', '-f', 'network.yaml')
  expect(applied).toMatchObject({
    code: 0,
    json: { dryRun: false, run: 'run-1', outcomes: { done: 40, failed: 0 } },
  })
  expect(schemaErrors('tenant-apply', applied.json)).toEqual([])

  const again = await run('tenant', 'apply', '-f', 'network.yaml')
  expect(again).toMatchObject({
    code: 0,
    stdout: 'Keine Änderungen: 39 Mandanten geprüft\n',
    stderr: '',
  })
  const none = await run('tenant', 'plan', '-f', 'network.yaml', '--detailed-exitcode', '--lang', 'en')
  expect(none).toMatchObject({ code: 0, stdout: 'No changes: 39 tenants checked\n' })

  const list = await json('tenant', 'list', '--in', '034595402')
  expect(schemaErrors('tenant-list', list.json)).toEqual([])
  expect((list.json.tenants as { name: string }[]).map((tenant) => tenant.name)).toEqual([
    'Samtgemeinde Bersenbrück',
    'Alfhausen',
    'Ankum',
    'Bersenbrück',
    'Eggermühlen',
    'Gehrde',
    'Kettenkamp',
    'Rieste',
  ])
})

test('differences field by field; who is missing is left alone, and deleted when that is allowed', async () => {
  const { run, write } = await workplace()
  write('network.yaml', manifest(BRAMSCHE, MELLE))
  await run('tenant', 'apply', '-f', 'network.yaml')
  write(
    'network.yaml',
    manifest('{ars: 034590014014, slug: bramsche, name: Stadt Bramsche, hosts: [b.example]}'),
  )
  expect((await run('tenant', 'plan', '-f', 'network.yaml')).stdout).toBe(
    `Portal local: 0 anlegen, 1 ändern, 0 umziehen, 0 stilllegen, 0 löschen; 0 unverändert, 1 nicht in der Datei

Aktion                      ARS           Name            Feld   vorher    nachher
──────────────────────────  ────────────  ──────────────  ─────  ────────  ──────────────
ändern                      034590014014  Stadt Bramsche  name   Bramsche  Stadt Bramsche
ändern                      034590014014  Stadt Bramsche  hosts            b.example
nicht in der Datei, bleibt  034590024024  Melle

Ausführen mit: ozgctl tenant apply -f network.yaml
`,
  )
  const apply = await run('tenant', 'apply', '-f', 'network.yaml', '--output', 'csv')
  expect(apply.stdout).toBe(`outcome;action;ars;name;field;from;to;reason
done;change;034590014014;Stadt Bramsche;name;Bramsche;Stadt Bramsche;
done;change;034590014014;Stadt Bramsche;hosts;;b.example;
;left-alone;034590024024;Melle;;;;
`)
  const unasked = await run('tenant', 'apply', '-f', 'network.yaml', '--max-delete', '1')
  expect(unasked).toMatchObject({
    code: 64,
    stdout: '',
    stderr: `Error: 1 Mandanten werden gelöscht, 0 stillgelegt, Portal local; nobody can be asked here
  Look at the plan, then add --yes.
`,
  })
  const gone = await run('tenant', 'apply', '-f', 'network.yaml', '--max-delete', '1', '--yes')
  expect(lines(gone.stdout).at(-1)).toBe('Portal local: 1 erledigt')
  write('network.yaml', manifest())
  const list = await run('tenant', 'list', '--output', 'csv')
  expect(list.stdout).toMatch(/^034590014014;Stadt Bramsche;active;bramsche;b\.example;;lkos;/m)
  expect(lines(list.stdout)).toHaveLength(2)
})

test('what is wrong with a manifest: exit 65, each problem with its place, nothing changed', async () => {
  const { run, json, write } = await workplace()
  write('network.yaml', manifest('{ars: 34590014014, slug: bramsche, name: Bramsche}', MELLE, '{ars: 03459}'))
  const text = await run('tenant', 'apply', '-f', 'network.yaml')
  expect(text).toMatchObject({ code: 65, stdout: '' })
  expect(text.stderr).toBe(`Error: 3 problems; nothing was changed
  network.yaml:3:11: tenants[0].ars: "34590014014" is no key of a region (leading-zero-lost)
      A zero at the front was lost. Write "034590014014" (Bramsche, Stadt).
  network.yaml:5:5: tenants[2].slug: is missing
  network.yaml:5:5: tenants[2].name: is missing
`)
  const { code, json: document } = await json('tenant', 'plan', '-f', 'network.yaml')
  expect(code).toBe(65)
  expect(schemaErrors('error', document)).toEqual([])
  expect(document).toMatchObject({
    error: {
      code: 'MANIFEST_INVALID',
      problems: [
        {
          code: 'leading-zero-lost',
          place: { file: 'network.yaml', line: 3, column: 11 },
          path: 'tenants[0].ars',
          value: '34590014014',
        },
        { code: 'field-missing', path: 'tenants[2].slug' },
        { code: 'field-missing', path: 'tenants[2].name' },
      ],
    },
  })
  expect((await json('tenant', 'list')).json.tenants).toEqual([])
})

test('a manifest comes from stdin, too; without a register nothing is checked or done', async () => {
  const { cwd, env } = await workplace()
  const piped = await ozgctl(['tenant', 'apply', '-f', '-'], { cwd, env, stdin: manifest(BRAMSCHE) })
  expect(lines(piped.stdout).at(-1)).toBe('Portal local: 2 erledigt')
  const other = { XDG_STATE_HOME: join(cwd, 'other') }
  const empty = await ozgctl(['tenant', 'plan', '-f', '-'], { cwd, env: other, stdin: manifest(BRAMSCHE) })
  expect(empty).toMatchObject({ code: 64, stdout: '' })
  expect(empty.stderr).toContain('Run: ozgctl region import FILE')
  expect(existsSync(other.XDG_STATE_HOME)).toBe(false)
})

test('a file from the environment; none twice', async () => {
  const { cwd, env, run, write } = await workplace()
  write('network.yaml', manifest(BRAMSCHE))
  const fromEnv = await ozgctl(['tenant', 'apply'], { cwd, env: { ...env, OZGCTL_FILE: 'network.yaml' } })
  expect(lines(fromEnv.stdout).at(-1)).toBe('Portal local: 2 erledigt')
  const twice = await run('tenant', 'plan', '-f', 'network.yaml', '-f', 'network.yaml')
  expect(twice).toMatchObject({ code: 64, stderr: 'Error: network.yaml is named twice\n' })
})

test('a report that cannot be written says that the changes stay', async () => {
  const { run, json, write } = await workplace()
  write('network.yaml', manifest(BRAMSCHE))
  const apply = await run('tenant', 'apply', '-f', 'network.yaml', '--out', 'no/such/folder.txt')
  expect(apply).toMatchObject({ code: 74, stdout: '' })
  expect(lines(apply.stderr).at(-1)).toBe('  See: ozgctl run show run-1')
  expect((await json('tenant', 'list')).json.tenants).toHaveLength(1)
})

describe('seed', () => {
  test('--out writes a new file and never over one, unless forced', async () => {
    const { cwd, run } = await workplace()
    const seed = (...more: readonly string[]) =>
      run('tenant', 'seed', '--in', '03404', '--out', 'n.yaml', ...more)
    expect(await seed()).toMatchObject({ code: 0, stdout: '', stderr: '' })
    writeFileSync(join(cwd, 'n.yaml'), 'mine')
    const refused = await seed()
    expect(refused).toMatchObject({ code: 64, stdout: '' })
    expect(refused.stderr).toBe('Error: n.yaml is already there\n  Name another file, or add --force.\n')
    expect(readFileSync(join(cwd, 'n.yaml'), 'utf8')).toBe('mine')
    await seed('--force')
    expect(lines(readFileSync(join(cwd, 'n.yaml'), 'utf8')).slice(-4)).toEqual([
      '  - ars: "034040000000"',
      '    slug: osnabrueck',
      '    name: Osnabrück',
      '    hosts: []',
    ])
  })

  test('the first line names a schema that is there: in the checkout, or where a project has ozgctl', async () => {
    const { env, run } = await workplace()
    const here = await ozgctl(['tenant', 'seed', '--in', '03404'], { env })
    expect(lines(here.stdout)[0]).toBe('# yaml-language-server: $schema=schemas/network.json')
    const elsewhere = await run('tenant', 'seed', '--in', '03404')
    expect(lines(elsewhere.stdout)[0]).toBe(
      '# yaml-language-server: $schema=node_modules/ozgctl/schemas/network.json',
    )
  })

  test('--json is a manifest that can be applied', async () => {
    const { json, run, write } = await workplace()
    const seed = await json('tenant', 'seed', '--in', '034595402', '--name', 'Bersenbrück & Nachbarn')
    expect(schemaErrors('tenant-seed', seed.json)).toEqual([])
    expect(seed.json).toMatchObject({ schemaVersion: 1, network: { account: 'bersenbrueck-nachbarn' } })
    write('network.json', seed.stdout)
    expect((await run('tenant', 'apply', '-f', 'network.json')).code).toBe(0)
  })

  test.each([
    [['--in', '3459'], 'ozgctl region show 03459'],
    [['--in', '03459', '--domain', 'https://x'], 'A domain is like portal.example.de.'],
    [['--in', '03459', '--domain', 'localhost'], 'A domain is like portal.example.de.'],
    [['--in', '03459', '--domain', `${'long.'.repeat(45)}de`], 'A domain is like portal.example.de.'],
    [['--in', '05'], 'ozgctl region list'],
    [[], '--help'],
  ])('seed %j is a wrong call', async (args, hint) => {
    const { run } = await workplace()
    const wrong = await run('tenant', 'seed', ...args)
    expect(wrong).toMatchObject({ code: 64, stdout: '' })
    expect(wrong.stderr).toContain(hint)
  })
})

describe('two applies at the same time', () => {
  let register: string
  beforeAll(() => {
    register = manyGemeinden(900)
  })

  test('one works, the others are told who; with --wait all end well and every tenant is there once', async () => {
    const { run, json, write } = await workplaceOf(register)
    write('network.yaml', manyTenants(900, 'A'))
    const runs = await Promise.all([1, 2, 3].map(() => run('tenant', 'apply', '-f', 'network.yaml')))
    const locked = runs.filter(({ code }) => code === 5)
    expect(runs.filter(({ code }) => code === 0).length + locked.length).toBe(3)
    for (const { stderr } of locked)
      expect(stderr).toMatch(
        /^Error: portal\/local is being worked on by .+@.+ \(pid \d+(, run-1)?, tenant apply, since /,
      )
    const patient = ['tenant', 'apply', '-f', 'network.yaml', '--wait', '1m']
    const more = await Promise.all([1, 2, 3].map(() => run(...patient)))
    expect(more.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, '']))
    expect((await json('tenant', 'list')).json.tenants).toHaveLength(900)
    expect((await run('tenant', 'plan', '-f', 'network.yaml', '--detailed-exitcode')).code).toBe(0)
  })

  test('of different files, one after the other: the last one counts', async () => {
    const { run, write } = await workplaceOf(register)
    write('a.yaml', manyTenants(900, 'A'))
    write('b.yaml', manyTenants(900, 'B'))
    const runs = await Promise.all(
      ['a.yaml', 'b.yaml'].map((file) => run('tenant', 'apply', '-f', file, '--wait', '1m')),
    )
    expect(runs.map(({ code }) => code)).toEqual([0, 0])
    const names = lines((await run('tenant', 'list', '--output', 'csv')).stdout).slice(1)
    expect(new Set(names.map((line) => /;([AB]) \d+;/.exec(line)?.[1])).size).toBe(1)
    expect(names).toHaveLength(900)
  })
})

async function workplaceOf(register: string) {
  const place = await workplace()
  place.write('register.txt', register)
  const imported = await place.run('region', 'import', 'register.txt')
  if (imported.code !== 0) throw new Error(imported.stderr)
  return place
}

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

describe.skipIf(!canTrace)('stopped in the middle (needs strace)', () => {
  async function beforeAndAfter() {
    const place = await workplaceOf(manyGemeinden(900))
    place.write('before.yaml', manyTenants(900, 'A'))
    place.write('after.yaml', manyTenants(900, 'B'))
    await place.run('tenant', 'apply', '-f', 'before.yaml')
    return place
  }

  test('killed at any durable write: every tenant is as before or as wanted, and the next apply ends it', async () => {
    const { cwd, env, run } = await beforeAndAfter()
    let kills = 0
    const seen = new Set<number>()
    for (let at = 1; ; at++) {
      const traced = signalledAtSync('SIGKILL', at, ['tenant', 'apply', '-f', 'after.yaml'], cwd, env)
      if (traced.signal === null && traced.status === 0) break
      kills++
      expect(traced.signal).toBe('SIGKILL')
      const names = lines((await run('tenant', 'list', '--output', 'csv')).stdout).slice(1)
      expect(names).toHaveLength(900)
      expect(names.filter((line) => !/^034595402\d{3};[AB] \d+;active;s\d{3};/.test(line))).toEqual([])
      seen.add(names.filter((line) => line.includes(';B ')).length)
    }
    expect(kills).toBeGreaterThanOrEqual(2)
    // Whole batches, and at least once with the second one still to come.
    expect([...seen].filter((count) => ![0, 500, 900].includes(count))).toEqual([])
    expect([...seen]).toContain(500)
    expect((await run('tenant', 'plan', '-f', 'after.yaml', '--detailed-exitcode')).code).toBe(0)
  })

  test('interrupted: it ends after a whole batch and says what stays', async () => {
    const { cwd, env, run } = await beforeAndAfter()
    const traced = signalledAtSync('SIGINT', 1, ['tenant', 'apply', '-f', 'after.yaml'], cwd, env)
    expect(traced.status).toBe(130)
    expect(traced.stderr).toContain('SIGINT: finishing what is under way; once more stops at once\n')
    expect(lines(traced.stdout).at(-1)).toBe('Weiter mit: ozgctl run resume run-2')
    const changed = async () =>
      lines((await run('tenant', 'list', '--output', 'csv')).stdout).filter((line) => line.includes(';B '))
    expect([0, 500]).toContain((await changed()).length)
    expect((await run('run', 'resume')).code).toBe(0)
    expect(await changed()).toHaveLength(900)
  })
})

/** Runs the command line and sends it a signal at its n-th fsync. */
function signalledAtSync(
  signal: NodeJS.Signals,
  number: number,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
) {
  const inject = `inject=fsync,fdatasync:signal=${signal}:when=${number}`
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', inject]
  const command = [...strace, process.execPath, join(root, 'bin', 'run.js'), ...args]
  const options = { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env }, encoding: 'utf8' } as const
  return spawnSync('strace', command, options)
}
