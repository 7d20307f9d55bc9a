import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RequestHook } from '../../src/lib/sandbox/server.ts'
import { addUser, byHand, INSTANCES, ORGANIZATIONS, SITES } from '../support/by-hand.ts'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { portalEnv, start, storeIn } from '../support/provisioning.ts'
import { startSandbox } from '../support/sandbox.ts'
import { schemaErrors } from '../support/schema.ts'
import { REGISTER } from '../support/tenant.ts'

const FILE = ['-f', 'network.yaml']
const ANKUM = '034595402002'
const ALFHAUSEN = '034595402001'
const RIESTE = '034595402031'

/** A portal with the eight tenants of a Samtgemeinde, made by an apply. */
async function provisioned(layout: 'site' | 'instance', onRequest?: RequestHook) {
  const sandbox = await startSandbox([], onRequest === undefined ? {} : { onRequest })
  const cwd = temporaryFolder()
  const env = { ...storeIn(cwd), ...portalEnv(sandbox, layout) }
  const run = (...args: readonly string[]) => ozgctl(args, { cwd, env })
  const json = (...args: readonly string[]) => ozgctlJson(args, { cwd, env })
  await run('region', 'import', REGISTER)
  await run(
    ...['tenant', 'seed', '--in', '034595402', '--domain', 'portal.example.de', '--out', 'network.yaml'],
  )
  expect((await run('tenant', 'apply', ...FILE)).code).toBe(0)
  const text = readFileSync(join(cwd, 'network.yaml'), 'utf8')
  const without = (...keys: readonly string[]): void => {
    const entries = text.split(/(?=\n {2}# )/)
    const kept = entries.filter((entry) => !keys.some((key) => entry.includes(`"${key}"`)))
    writeFileSync(join(cwd, 'less.yaml'), kept.join(''))
  }
  return { ...sandbox, run, json, without, start: (...args: readonly string[]) => start(args, cwd, env) }
}

const placeOf = {
  site: (ars: string) => `${SITES}/${ars}`,
  instance: (_: string, slug: string) => `${INSTANCES}/${slug}`,
}

describe.each(['site', 'instance'] as const)('layout %s', (layout) => {
  test('one organization that cannot be deleted is one that fails, whole as it was; the others go', async () => {
    const place = await provisioned(layout)
    const status = async (ars: string, slug: string) => [
      (await byHand(place, 'GET', `${ORGANIZATIONS}/${ars}`)).status,
      (await byHand(place, 'GET', placeOf[layout](ars, slug))).status,
    ]
    await addUser(place, ANKUM, 'buergerbuero')
    place.without(ANKUM, ALFHAUSEN, RIESTE)
    const applied = await place.json('tenant', 'apply', '-f', 'less.yaml', '--max-delete', '3', '--yes')
    expect(applied).toMatchObject({ code: 3, json: { outcomes: { done: 2, failed: 1 } } })
    const shown = await place.json('run', 'show', '--only', 'failed')
    expect(shown.json.items).toMatchObject([
      {
        key: ANKUM,
        action: 'delete',
        reason:
          'its organization has 1 user, and Liferay deletes none that has: remove them in the portal first',
      },
    ])
    expect(await status(ANKUM, 'ankum')).toEqual([200, 200])
    expect(await status(ALFHAUSEN, 'alfhausen')).toEqual([404, 404])
    expect(await status(RIESTE, 'rieste')).toEqual([404, 404])
    const drift = await place.json('tenant', 'drift', ...FILE)
    expect(drift.json.counts).toMatchObject({ missing: 2, portal: 0, unchanged: 6 })
    await byHand(
      place,
      'DELETE',
      `${ORGANIZATIONS}/${ANKUM}/user-accounts/by-email-address/buergerbuero@example.org`,
    )
    expect((await place.run('run', 'resume', '--only', 'failed')).code).toBe(0)
    expect(await status(ANKUM, 'ankum')).toEqual([404, 404])
  })

  test('killed between organization and place: a resume takes the place, too', async () => {
    let child: ReturnType<typeof start> | undefined
    const place = await provisioned(layout, (phase, method, path) => {
      if (phase !== 'done' || method !== 'DELETE' || !path.endsWith(ANKUM)) return undefined
      child?.kill('SIGKILL')
      return child?.ended.then(() => 'drop' as const)
    })
    place.without(ANKUM)
    child = place.start('tenant', 'apply', '-f', 'less.yaml', '--max-delete', '1', '--yes')
    expect(await child.ended).toMatchObject({ signal: 'SIGKILL' })
    const path = placeOf[layout](ANKUM, 'ankum')
    expect((await byHand(place, 'GET', `${ORGANIZATIONS}/${ANKUM}`)).status).toBe(404)
    expect((await byHand(place, 'GET', path)).status).toBe(200)
    expect((await place.run('run', 'resume')).code).toBe(0)
    expect((await byHand(place, 'GET', path)).status).toBe(404)
    expect((await place.json('run', 'show')).json).toMatchObject({ run: { state: 'done' } })
  })

  test('a lost place is drift, and an apply makes it again', async () => {
    const place = await provisioned(layout)
    expect((await place.run('tenant', 'drift', ...FILE, '--detailed-exitcode')).code).toBe(0)
    const path = placeOf[layout](ANKUM, 'ankum')
    expect((await byHand(place, 'DELETE', path)).status).toBe(204)
    const drift = await place.json('tenant', 'drift', ...FILE, '--detailed-exitcode')
    expect(drift).toMatchObject({
      code: 2,
      json: {
        counts: { portal: 1, missing: 0, unchanged: 7 },
        drift: [
          { kind: 'portal', ars: ANKUM, name: 'Ankum', field: layout, portal: null, manifest: 'ankum' },
        ],
      },
    })
    expect(schemaErrors('tenant-drift', drift.json)).toEqual([])
    const plan = await place.json('tenant', 'plan', ...FILE, '--detailed-exitcode', '--out', 'a.plan')
    expect(plan).toMatchObject({ code: 2, json: { counts: { change: 1, unchanged: 7 } } })
    expect(schemaErrors('tenant-plan', plan.json)).toEqual([])
    expect(await place.run('tenant', 'apply', 'a.plan')).toMatchObject({ code: 0 })
    expect((await byHand(place, 'GET', path)).status).toBe(200)
    expect((await place.run('tenant', 'drift', ...FILE, '--detailed-exitcode')).code).toBe(0)
  })
})

test('a virtual instance that somebody switched off is drift, too', async () => {
  const place = await provisioned('instance')
  await byHand(place, 'PUT', `${INSTANCES}/ankum/deactivate`)
  const drift = await place.json('tenant', 'drift', ...FILE, '--detailed-exitcode')
  expect(drift).toMatchObject({
    code: 2,
    json: { drift: [{ ars: ANKUM, field: 'instance.state', portal: 'suspended', manifest: 'active' }] },
  })
  expect((await place.run('tenant', 'apply', ...FILE)).code).toBe(0)
  expect((await byHand(place, 'GET', `${INSTANCES}/ankum`)).body).toMatchObject({ active: true })
})
