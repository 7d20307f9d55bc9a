import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { portalEnv, storeIn } from '../support/provisioning.ts'
import { liferayPortal, type RunningSandbox, startSandbox } from '../support/sandbox.ts'
import { schemaErrors } from '../support/schema.ts'
import { REGISTER, REGISTER_2026 } from '../support/tenant.ts'

/** A folder with a register, a manifest of the county of Osnabrück, and a sandbox. */
interface Place extends RunningSandbox {
  readonly cwd: string
  run(...args: readonly string[]): ReturnType<typeof ozgctl>
  json(...args: readonly string[]): ReturnType<typeof ozgctlJson>
  edit(from: string | RegExp, to: string): void
}

let place: Place
beforeEach(async () => {
  const sandbox = await startSandbox()
  const cwd = temporaryFolder()
  const env = { ...storeIn(cwd), ...portalEnv(sandbox, 'organization') }
  const run = (...args: readonly string[]) => ozgctl(args, { cwd, env })
  await run('region', 'import', REGISTER)
  await run('tenant', 'seed', '--in', '03459', '--domain', 'portal.example.de', '--out', 'network.yaml')
  const file = join(cwd, 'network.yaml')
  place = {
    ...sandbox,
    cwd,
    run,
    json: (...args) => ozgctlJson(args, { cwd, env }),
    edit: (from, to) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to)),
  }
})

const FILE = ['-f', 'network.yaml']
const lines = (text: string): readonly string[] => text.trimEnd().split('\n')

/** Changes an organization as somebody in the portal's own pages would. */
async function changeInPortal(ars: string, fields: object): Promise<void> {
  const { session } = liferayPortal(place)
  const path = `/o/headless-admin-user/v1.0/organizations/by-external-reference-code/${ars}`
  const answer = await session.send('PUT', path, { name: ars, ...fields }, new AbortController().signal)
  expect(answer.status).toBe(200)
}

describe('a saved plan', () => {
  test('is applied as it was reviewed, once', async () => {
    const plan = await place.json('tenant', 'plan', ...FILE, '--out', 'network.plan')
    expect(plan.json.counts).toMatchObject({ networks: 1, create: 39 })
    const dry = await place.json('tenant', 'apply', 'network.plan', '--dry-run')
    expect(dry.json).toMatchObject({ dryRun: true, outcomes: { planned: 40 } })
    expect(place.sandbox.stats.creates).toEqual({})
    const applied = await place.json('tenant', 'apply', 'network.plan')
    expect(applied).toMatchObject({ code: 0, json: { run: 'run-1', outcomes: { done: 40 } } })
    expect(schemaErrors('tenant-apply', applied.json)).toEqual([])
    expect((await place.run('tenant', 'apply', 'network.plan')).code).toBe(65)
  })

  test.each([
    [
      'the manifest',
      async () => place.edit('name: Melle', 'name: Stadt Melle'),
      'the manifest network.yaml has changed',
    ],
    [
      'the store',
      async () => {
        await place.run('region', 'import', REGISTER_2026)
      },
      'the store has another register (region-2 instead of region-1)',
    ],
    [
      'the portal, in what it changes',
      () => changeInPortal('034590024024', { name: 'Melle' }),
      'the portal has changed: 034590024024 Melle',
    ],
    [
      'the portal, elsewhere',
      () => changeInPortal('034040000000', { name: 'Osnabrück' }),
      'the portal has changed, though not in what the plan changes',
    ],
  ])('is stale when %s moved', async (_, move, reason) => {
    await place.run('tenant', 'plan', ...FILE, '--out', 'network.plan')
    await move()
    const { code, json } = await place.json('tenant', 'apply', 'network.plan')
    expect(code).toBe(65)
    expect(json).toMatchObject({ error: { code: 'PLAN_STALE', suggestions: [reason, expect.anything()] } })
    expect(place.sandbox.stats.creates['accounts landkreis-osnabrueck']).toBeUndefined()
  })

  test('that was edited is refused, and so is what is none', async () => {
    await place.run('tenant', 'plan', ...FILE, '--out', 'network.plan')
    const file = join(place.cwd, 'network.plan')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"melle"', '"mine"'))
    const edited = await place.run('tenant', 'apply', 'network.plan')
    expect(edited).toMatchObject({ code: 65, stdout: '' })
    expect(edited.stderr).toContain('network.plan: this plan was edited')
    const manifest = await place.run('tenant', 'apply', 'network.yaml')
    expect(manifest.stderr).toContain('A manifest is applied with -f.')
    expect((await place.run('tenant', 'apply')).code).toBe(64)
    expect((await place.run('tenant', 'apply', 'network.plan', ...FILE)).code).toBe(64)
    const part = await place.json('tenant', 'apply', 'network.plan', '--limit', '1')
    expect(part).toMatchObject({ code: 64, json: { error: { code: 'PLAN_WHOLE' } } })
  })
})

describe('a selection', () => {
  test('narrows plan and apply; nothing is deleted by it', async () => {
    writeFileSync(
      join(place.cwd, 'keys.txt'),
      '# these two\n034590024024 # Melle\n"034590014014"\n'.replaceAll('"', ''),
    )
    const plan = async (...args: readonly string[]) =>
      (await place.json('tenant', 'plan', ...FILE, ...args)).json.counts as Record<string, number>
    expect(await plan('--in', '034595402')).toMatchObject({ networks: 1, create: 8, notSelected: 31 })
    expect(await plan('--selector', 'slug=melle')).toMatchObject({ create: 1 })
    expect(
      await plan('--selector', 'module=OR-Connect', '--selector', 'state=active', '--limit', '3'),
    ).toMatchObject({
      create: 3,
    })
    expect(await plan('--from-file', 'keys.txt')).toMatchObject({ create: 2 })
    const nobody = await place.json('tenant', 'plan', ...FILE, '--selector', 'module=OR-DMS')
    expect(nobody).toMatchObject({ code: 64, json: { error: { code: 'SELECTION_EMPTY' } } })
    const canary = await place.json('tenant', 'apply', ...FILE, '--limit', '1')
    expect(canary.json).toMatchObject({ outcomes: { done: 2 } })
    expect((await place.json('tenant', 'list', '--in', '03459')).json.tenants).toHaveLength(1)
    const wrong = await place.json('tenant', 'plan', ...FILE, '--limit', '1', '--max-delete', '1')
    expect(wrong).toMatchObject({ code: 64, json: { error: { code: 'DELETE_PARTIAL' } } })
    const slip = await place.json('tenant', 'plan', ...FILE, '--selector', 'stat=active')
    expect(slip.json).toMatchObject({
      error: { code: 'SELECTOR_INVALID', suggestions: ['Did you mean state=active?', expect.anything()] },
    })
  })
})

describe('drift', () => {
  test('says who changed what, and changes nothing itself', async () => {
    await place.run('tenant', 'apply', ...FILE)
    expect(await place.run('tenant', 'drift', ...FILE, '--detailed-exitcode')).toMatchObject({
      code: 0,
      stdout: 'Keine Abweichung: 39 Mandanten wie in der Datei\n',
    })
    const { session } = liferayPortal(place)
    const path = '/o/headless-admin-user/v1.0/organizations/by-external-reference-code/034590024024'
    await session.send('PATCH', path, { name: 'Melle am See' }, new AbortController().signal)
    place.edit('name: Bramsche', 'name: Stadt Bramsche')
    place.edit(/ {2}# Hilter.*\n( {2,4}.*\n){4}/, '')
    const requests = place.log.length
    const drift = await place.json('tenant', 'drift', ...FILE, '--detailed-exitcode')
    expect(place.log.slice(requests).filter((line) => !line.startsWith('GET'))).toEqual([])
    expect(drift.code).toBe(2)
    expect(schemaErrors('tenant-drift', drift.json)).toEqual([])
    expect(drift.json).toMatchObject({
      portal: 'sandbox',
      counts: { portal: 1, manifest: 1, missing: 0, extra: 1, unmanaged: 0, unchanged: 36 },
      drift: [
        {
          kind: 'manifest',
          ars: '034590014014',
          field: 'name',
          portal: 'Bramsche',
          manifest: 'Stadt Bramsche',
        },
        { kind: 'portal', ars: '034590024024', field: 'name', portal: 'Melle am See', manifest: 'Melle' },
        { kind: 'extra', name: expect.stringContaining('Hilter') },
      ],
    })
  })
})

describe('tenants that are there already', () => {
  test('are never changed until they are adopted', async () => {
    await changeInPortal('034590014014', { name: 'Bramsche (alt)' })
    const plan = await place.json('tenant', 'plan', ...FILE)
    expect(plan.json).toMatchObject({
      counts: { create: 38, unmanaged: 1 },
      unmanaged: [{ ars: '034590014014', name: 'Bramsche (alt)' }],
    })
    expect(schemaErrors('tenant-plan', plan.json)).toEqual([])
    expect((await place.json('tenant', 'apply', ...FILE)).json).toMatchObject({ outcomes: { done: 39 } })
    const dry = await place.run('tenant', 'adopt', ...FILE, '--dry-run')
    expect(dry.stdout).toContain('geplant')
    const adopted = await place.json('tenant', 'adopt', ...FILE)
    expect(adopted).toMatchObject({ code: 0, json: { outcomes: { done: 1 } } })
    expect(schemaErrors('tenant-adopt', adopted.json)).toEqual([])
    const next = await place.json('tenant', 'plan', ...FILE)
    expect(next.json).toMatchObject({
      counts: { change: 1, unmanaged: 0, unchanged: 38 },
      tenants: [{ ars: '034590014014', action: 'change' }],
    })
    await place.run('tenant', 'apply', ...FILE)
    expect((await place.run('tenant', 'plan', ...FILE, '--detailed-exitcode')).code).toBe(0)
  })
})

describe('exports', () => {
  test('a portal in a manifest and back again is no change', async () => {
    place.edit(
      '    slug: melle\n',
      '    slug: melle\n    connectors: [epay]\n    contact: {name: Rathaus, email: r@melle.example}\n',
    )
    place.edit(
      '\ntenants:',
      '\nsharing:\n  - {name: kreis, from: anchor, to: members, services: all}\ntenants:',
    )
    await place.run('tenant', 'apply', ...FILE)
    const exported = await place.run('tenant', 'export', '--portal', 'sandbox', '--out', 'export.yaml')
    expect(exported).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const text = readFileSync(join(place.cwd, 'export.yaml'), 'utf8')
    expect(text).toContain('connectors: [epay]')
    expect(await place.run('tenant', 'plan', '-f', 'export.yaml', '--detailed-exitcode')).toMatchObject({
      code: 0,
      stdout: 'Keine Änderungen: 39 Mandanten geprüft\n',
    })
  })
})

describe('runs', () => {
  test('show what failed, and try it again', async () => {
    await place.run('tenant', 'apply', ...FILE, '--limit', '1')
    const failed = await startSandbox(['500,every=1,method=PUT,path=034590004004'])
    const env = { ...storeIn(place.cwd), ...portalEnv(failed, 'organization') }
    const run = (...args: readonly string[]) => ozgctl(args, { cwd: place.cwd, env })
    const applied = await run('tenant', 'apply', ...FILE, '--limit', '4')
    expect(applied.code).toBe(3)
    expect(lines(applied.stdout).slice(-3)).toEqual([
      '1 × fehlgeschlagen: INTERNAL_SERVER_ERROR: injected by the sandbox (6 attempts)',
      'Portal sandbox: 4 erledigt, 1 fehlgeschlagen',
      'Fehlgeschlagene noch einmal: ozgctl run resume run-2 --only failed',
    ])
    const shown = await ozgctlJson(['run', 'show', '--only', 'failed'], { cwd: place.cwd, env })
    expect(schemaErrors('run-show', shown.json)).toEqual([])
    expect(shown.json).toMatchObject({
      run: { id: 'run-2', state: 'partial', counts: { done: 4, failed: 1 } },
      items: [{ key: '034590004004', action: 'create', attempts: 6 }],
    })
    const again = await ozgctlJson(['run', 'resume', 'run-2', '--only', 'failed', '--dry-run'], {
      cwd: place.cwd,
      env,
    })
    expect(again.json).toMatchObject({ dryRun: true })
  })

  test('that were stopped can be ended for good', async () => {
    const failed = await startSandbox(['400,every=1,method=PUT,path=organizations'])
    const env = { ...storeIn(place.cwd), ...portalEnv(failed, 'organization') }
    const json = (...args: readonly string[]) => ozgctlJson(args, { cwd: place.cwd, env })
    const stopped = await json('tenant', 'apply', ...FILE, '--max-failures', '1', '--concurrency', '1')
    expect(stopped).toMatchObject({ code: 3, json: { outcomes: { done: 1, failed: 1, open: 38 } } })
    const dry = await json('run', 'cancel', '--dry-run')
    expect(dry.json).toMatchObject({ dryRun: true, run: { state: 'stopped' } })
    const cancelled = await json('run', 'cancel')
    expect(schemaErrors('run-cancel', cancelled.json)).toEqual([])
    expect(cancelled.json).toMatchObject({
      run: { state: 'cancelled', counts: { cancelled: 38, failed: 1 } },
    })
    expect((await json('run', 'cancel')).json).toMatchObject({ error: { code: 'RUN_ENDED' } })
  })

  test('are listed, logged and watched', async () => {
    await place.run('tenant', 'apply', ...FILE, '--limit', '2')
    const list = await place.json('run', 'list')
    expect(schemaErrors('run-list', list.json)).toEqual([])
    expect(list.json).toMatchObject({
      runs: [{ id: 'run-1', scope: 'portal/sandbox', state: 'done', holder: null, counts: { done: 3 } }],
    })
    const log = await place.json('run', 'log', 'run-1')
    expect(schemaErrors('run-log', log.json)).toEqual([])
    expect(log.json).toMatchObject({
      intact: true,
      entries: [
        { event: 'started', command: 'ozgctl tenant apply -f network.yaml --limit 2' },
        { event: 'finished' },
      ],
      effects: [{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'done' }],
    })
    const watch = await place.json('run', 'watch', 'run-1')
    expect(watch.code).toBe(0)
    expect(schemaErrors('run-watch', watch.json)).toEqual([])
    expect((await place.run('run', 'cancel', 'run-1')).code).toBe(64)
    expect((await place.run('run', 'show', 'run-9')).code).toBe(64)
  })
})
