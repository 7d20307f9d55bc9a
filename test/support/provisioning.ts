import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { PortalDriver } from '../../src/lib/portal/driver.ts'
import { ozgctl, root } from './cli.ts'
import { temporaryFolder } from './folder.ts'
import type { RunningSandbox } from './sandbox.ts'
import { REGISTER } from './tenant.ts'

export const BIN = join(root, 'bin', 'run.js')

/** A register of `count` invented Gemeinden of one Samtgemeinde instead of the true ones of the county. */
export function manyGemeinden(count: number): string {
  const rows = readFileSync(REGISTER, 'utf8').split('\n')
  const sample = rows.find((row) => row.startsWith('60') && row.includes('Alfhausen'))
  if (sample === undefined) throw new Error('Alfhausen is not in the register')
  const kept = rows.filter((row) => row !== '' && !(row.startsWith('60') && row.slice(10, 15) === '03459'))
  const invented = Array.from({ length: count }, (_, at) => {
    const number = String(at + 1).padStart(3, '0')
    return `${sample.slice(0, 15)}${number}${sample.slice(18)}`
  })
  return [...kept, ...invented].join('\n')
}

/** A manifest of these Gemeinden. */
export function manyTenants(count: number, name: string): string {
  const tenants = Array.from({ length: count }, (_, at) => {
    const number = String(at + 1).padStart(3, '0')
    return `  - {ars: "034595402${number}", slug: s${number}, name: ${name} ${at}}\n`
  })
  const network = 'network: {account: lkos, name: Landkreis Osnabrück, anchor: "03459"}\n'
  return `${network}tenants:\n${tenants.join('')}`
}

/** A folder with a store that has the register of `count` Gemeinden, and a manifest `network.yaml` of them. */
export async function prepareNetwork(folder: string, count: number): Promise<void> {
  writeFileSync(join(folder, 'register.txt'), manyGemeinden(count))
  writeFileSync(join(folder, 'network.yaml'), manyTenants(count, 'A'))
  const run = await ozgctl(['region', 'import', 'register.txt'], { cwd: folder, env: storeIn(folder) })
  if (run.code !== 0) throw new Error(run.stderr)
}

export const storeIn = (folder: string) => ({ OZGCTL_STORE: join(folder, 'ozgctl.db') })

/** A copy of a prepared folder, removed with the test. */
export function copyOf(prepared: string): string {
  const folder = temporaryFolder()
  for (const file of ['ozgctl.db', 'network.yaml']) copyFileSync(join(prepared, file), join(folder, file))
  return folder
}

/** The environment in which a sandbox is the portal. */
export function portalEnv({ sandbox, url }: RunningSandbox, layout = 'site') {
  return {
    OZGCTL_PORTAL: 'sandbox',
    OZGCTL_SANDBOX_URL: url,
    OZGCTL_SANDBOX_LAYOUT: layout,
    OZGCTL_SANDBOX_CLIENT_ID: sandbox.clientId,
    OZGCTL_SANDBOX_CLIENT_SECRET: sandbox.clientSecret,
  }
}

/** Starts the built command line without waiting for its end. */
export function start(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcess & {
  readonly ended: Promise<{ code: number | null; signal: string | null; stderr: string }>
} {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...storeIn(cwd), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // One that is stopped would outlive a test that fails.
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let stderr = ''
  child.stdout.resume()
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
  })
  const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>(
    (resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal, stderr }))
    },
  )
  return Object.assign(child, { ended })
}

/** All that a portal has, without what differs from run to run. */
export async function contentOf(portal: PortalDriver): Promise<unknown> {
  const tenants = []
  for await (const page of portal.list())
    tenants.push(...page.map(({ value, managed, changedOutside }) => ({ value, managed, changedOutside })))
  const networks = (await portal.networks()).map(({ value, managed }) => ({ value, managed }))
  return { networks, tenants: tenants.sort((a, b) => (a.value.ars < b.value.ars ? -1 : 1)) }
}

/** Keys of the items of a run of which an intent is on disk. */
export function intendedKeys(folder: string): ReadonlySet<string> {
  const db = new DatabaseSync(join(folder, 'ozgctl.db'), { readOnly: true })
  try {
    const rows = db.prepare('SELECT DISTINCT item_key FROM effect JOIN run_item USING (run, ordinal)').all()
    return new Set(rows.map((row) => String(row.item_key)))
  } finally {
    db.close()
  }
}
