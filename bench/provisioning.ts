import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toOrganization, toStructure } from '../src/lib/portal/liferay/mapping.ts'
import { parentOf } from '../src/lib/portal/liferay/parents.ts'
import { NO_DETAILS, type Tenant } from '../src/lib/portal/model.ts'
import { readTenants } from '../src/lib/portal/tenant-store.ts'
import { levelOf } from '../src/lib/region/key.ts'
import { openStore } from '../src/lib/store/sqlite.ts'
import { generateNetwork } from './generate-network.ts'
import { data, measure, newStore, ozgctl } from './ozgctl.ts'
import { type Result, seconds, times } from './results.ts'
import { type RunningSandbox, startSandbox } from './sandbox.ts'
import { timePlan } from './time-plan.ts'
import { median, timeOnce } from './timing.ts'

const TURNS = 3
const CONCURRENCY = 32

/** Provisioning of 10,981 tenants: the local portal, the Liferay driver against a bare Pool, batch import, the plan. */
export async function benchProvisioning(): Promise<readonly Result[]> {
  const network = generateNetwork(join(import.meta.dirname, 'data'))
  const tenants = network.gemeinden.map(tenantOf)
  const manifest = data('network.json')
  writeManifest(manifest, tenants)
  const local = benchLocal(network.files.register, manifest, tenants)
  const tenth = benchTenth(network.files.register, tenants.slice(0, tenants.length / 10))
  const plan = await benchPlan(local.store, manifest)
  const sandbox = await startSandbox(ozgctl(['sandbox', 'start'], newStore('sandbox.db')))
  try {
    const remote = await benchRemote(sandbox, network.files.register, manifest, tenants)
    const batch = await benchBatch(sandbox, network.files.register, manifest, remote.requests)
    return [...local.results, ...tenth, ...plan, ...remote.results, ...batch]
  } finally {
    await sandbox.stop()
  }
}

const tenantOf = (ars: string, at: number): Tenant => ({
  ars,
  account: 'bund',
  slug: `g${at}`,
  name: `Gemeinde ${ars}`,
  hosts: [`g${at}.portal.example.de`],
  modules: ['Nutzerkonto', 'OR-Connect'],
  ...NO_DETAILS,
  state: 'active',
})

function writeManifest(file: string, tenants: readonly Tenant[]): void {
  const rows = tenants.map(({ ars, slug, name, hosts, modules }) =>
    JSON.stringify({ ars, slug, name, hosts, modules }),
  )
  const network = { account: 'bund', name: 'Bund', anchor: '01' }
  writeFileSync(file, `{"network": ${JSON.stringify(network)}, "tenants": [\n${rows.join(',\n')}\n]}\n`)
}

function storeWith(name: string, register: string): string {
  const store = newStore(name)
  timeOnce(ozgctl(['region', 'import', register], store))
  return store
}

function benchLocal(register: string, manifest: string, tenants: readonly Tenant[]) {
  const store = storeWith('provision.db', register)
  const args = ['tenant', 'apply', '-f', manifest, '--output', 'csv', '--out', data('applied.csv')]
  const apply = measure(args, store)
  const plan = measure(['tenant', 'plan', '-f', manifest], store)
  // The plan of an empty portal holds all that an apply has to hold.
  const empty = measure(['tenant', 'plan', '-f', manifest], storeWith('provision-empty.db', register))
  const ratio = apply.rss / empty.rss
  return {
    store,
    results: [
      {
        what: `apply ${tenants.length.toLocaleString('en')} tenants to the local portal, whole process`,
        ours: seconds(apply.seconds),
        peer: `plan of the same: ${seconds(plan.seconds)}`,
        figure: `${Math.round(tenants.length / apply.seconds)} tenants/s`,
        limit: '',
        met: undefined,
      },
      {
        what: 'memory of that apply; of planning it only',
        ours: `${Math.round(apply.rss / 1e6)} MB`,
        peer: `${Math.round(empty.rss / 1e6)} MB`,
        figure: times(ratio),
        limit: 'at most 1.5 ×',
        met: ratio <= 1.5,
      },
    ] satisfies readonly Result[],
  }
}

function benchTenth(register: string, tenants: readonly Tenant[]): readonly Result[] {
  const manifest = data('network-tenth.json')
  writeManifest(manifest, tenants)
  const apply = measure(['tenant', 'apply', '-f', manifest], storeWith('provision-tenth.db', register))
  return [
    {
      what: `the same for ${tenants.length.toLocaleString('en')} tenants`,
      ours: `${seconds(apply.seconds)}, ${Math.round(apply.rss / 1e6)} MB`,
      peer: '',
      figure: `${Math.round(tenants.length / apply.seconds)} tenants/s`,
      limit: '',
      met: undefined,
    },
  ]
}

async function benchPlan(store: string, manifest: string): Promise<readonly Result[]> {
  const whole = median(
    Array.from({ length: TURNS }, () => timeOnce(ozgctl(['tenant', 'plan', '-f', manifest], store))),
  )
  const { compare, unchanged } = await timePlan(store, manifest)
  return [
    {
      what: `plan, nothing to change (${unchanged.toLocaleString('en')} tenants); the comparison alone`,
      ours: seconds(compare),
      peer: `whole: ${seconds(whole)}`,
      figure: times(compare / whole),
      limit: 'at most 0.1 ×',
      met: compare / whole <= 0.1,
    },
  ]
}

async function benchRemote(
  sandbox: RunningSandbox,
  register: string,
  manifest: string,
  tenants: readonly Tenant[],
) {
  const bodies = data('organizations.json')
  writeFileSync(bodies, JSON.stringify(wavesOf(tenants)))
  const rates: number[] = []
  const peers: number[] = []
  let requests = 0
  let took = 0
  for (let turn = 0; turn < TURNS; turn++) {
    await sandbox.reset()
    peers.push(poolRate(sandbox, bodies))
    await sandbox.reset()
    const store = storeWith('provision-remote.db', register)
    const before = await sandbox.requests()
    const args = ['tenant', 'apply', '-f', manifest, '--concurrency', String(CONCURRENCY)]
    const { command, args: all, env } = ozgctl(args, store)
    took = timeOnce({ command, args: all, env: { ...env, ...sandbox.env } })
    requests = (await sandbox.requests()) - before
    rates.push(requests / runSeconds(store, sandbox))
    await assertSame(store, tenants.length)
  }
  const ratio = median(rates) / median(peers)
  return {
    requests,
    results: [
      {
        what: `apply through Liferay's API, ${requests.toLocaleString('en')} requests, journal included (whole process ${seconds(took)})`,
        ours: `${Math.round(median(rates))} requests/s`,
        peer: `bare Pool: ${Math.round(median(peers))} requests/s`,
        figure: times(ratio),
        limit: 'at least 0.5 ×',
        met: ratio >= 0.5,
      },
    ] satisfies readonly Result[],
  }
}

/** The same bodies in the same order as the driver sends them: regions above, then their tenants. */
function wavesOf(tenants: readonly Tenant[]) {
  const signature = { key: '0'.repeat(32), by: 'bench@bench' }
  const own = new Set(tenants.map(({ ars }) => ars))
  const above = new Set<string>()
  for (const { ars } of tenants)
    for (let parent = parentOf(ars); parent !== undefined; parent = parentOf(parent))
      if (!own.has(parent)) above.add(parent)
  const structure = [...above].map((ars) => ({
    ars,
    body: JSON.stringify(toStructure(ars, `Region ${ars}`, parentOf(ars), signature.by)),
  }))
  const levels = ['land', 'kreis', 'verband'].map((level) =>
    structure.filter(({ ars }) => levelOf(ars) === level).map(({ ars, body }) => [ars, body]),
  )
  return [
    ...levels,
    tenants.map((tenant) => [
      tenant.ars,
      JSON.stringify(toOrganization(tenant, parentOf(tenant.ars), signature)),
    ]),
  ]
}

function poolRate(sandbox: RunningSandbox, bodies: string): number {
  const { url, clientId, clientSecret } = sandbox
  const peer = join(import.meta.dirname, 'peers', 'pool.ts')
  const args = [peer, url, clientId, clientSecret, bodies, String(CONCURRENCY)]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return (JSON.parse(stdout) as { rate: number }).rate
}

/** From the first intent to the last outcome, as the journal has it. */
function runSeconds(store: string, sandbox: RunningSandbox): number {
  const { command, args, env } = ozgctl(['run', 'show', '--only', 'failed', '--json'], store)
  const { stdout } = spawnSync(command, [...args], {
    env: { ...process.env, ...env, ...sandbox.env },
    encoding: 'utf8',
  })
  const { run } = JSON.parse(stdout) as { run: { startedAt: string; endedAt: string; state: string } }
  if (run.state !== 'done') throw new Error(`the run is ${run.state}`)
  return (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000
}

/** Whatever the speed: the portal has all of them. */
async function assertSame(path: string, count: number): Promise<void> {
  const store = await openStore(path)
  const found = (await readTenants(store)).filter(({ portal }) => portal === 'sandbox').length
  store.close()
  if (found !== count) throw new Error(`${found} of ${count} tenants are in the portal`)
}

async function benchBatch(
  sandbox: RunningSandbox,
  register: string,
  manifest: string,
  single: number,
): Promise<readonly Result[]> {
  await sandbox.reset()
  const store = storeWith('provision-batch.db', register)
  const before = await sandbox.requests()
  const { command, args, env } = ozgctl(['tenant', 'apply', '-f', manifest], store)
  const took = timeOnce({
    command,
    args,
    env: { ...env, ...sandbox.env, OZGCTL_SANDBOX_BATCH_IMPORT: 'true' },
  })
  const requests = (await sandbox.requests()) - before
  await assertSame(store, 10_981)
  const ratio = single / requests
  return [
    {
      what: `the same with batch import (whole process ${seconds(took)})`,
      ours: `${requests.toLocaleString('en')} requests`,
      peer: `one by one: ${single.toLocaleString('en')}`,
      figure: `${times(ratio)} fewer`,
      limit: 'at least 5 ×',
      met: ratio >= 5,
    },
  ]
}
