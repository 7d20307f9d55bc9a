import { Readable } from 'node:stream'
import { readDocument } from '../src/lib/input/document.ts'
import { LocalPortal } from '../src/lib/portal/local.ts'
import { openStore } from '../src/lib/store/sqlite.ts'
import { readManifests } from '../src/lib/tenant/manifest.ts'
import { planTenants } from '../src/lib/tenant/plan.ts'
import { loadTenantRegions } from '../src/lib/tenant/regions.ts'
import { median } from './timing.ts'

const TURNS = 5

/** Seconds that the comparison of a manifest with the local portal takes by itself, both being in memory. */
export async function timePlan(path: string, manifest: string) {
  const store = await openStore(path)
  const portal = new LocalPortal(store, 'local', { actor: 'bench', host: 'bench', now: () => new Date(0) })
  const wanted = await readManifests(
    [await readDocument(manifest, Readable.from([]), 1 << 28)],
    await loadTenantRegions(store),
  )
  const tenants = []
  for await (const page of portal.list()) tenants.push(...page)
  const state = { networks: await portal.networks(), tenants }
  const took: number[] = []
  let unchanged = 0
  for (let turn = 0; turn < TURNS; turn++) {
    const started = performance.now()
    const plan = planTenants(wanted, state, { maxDelete: 0, formerKeys: new Map() })
    took.push((performance.now() - started) / 1000)
    unchanged = plan.unchanged
    if (plan.tenants.length > 0) throw new Error(`${plan.tenants.length} changes where none should be`)
  }
  store.close()
  return { compare: median(took), unchanged }
}
