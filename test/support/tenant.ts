import { join } from 'node:path'
import { OzgctlError, type Problem } from '../../src/lib/errors.ts'
import { LocalPortal } from '../../src/lib/portal/local.ts'
import { type Network, NO_DETAILS, type Tenant } from '../../src/lib/portal/model.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { root } from './cli.ts'
import { temporaryStore, testContext } from './store.ts'

/** Landkreis and Stadt Osnabrück, Giebel (gemeindefrei), Hanau. */
export const REGISTER = join(root, 'fixtures', 'region', 'GV100AD_osnabrueck_301123.txt')
/** The same Gemeinden in 2026: Hanau is kreisfrei. */
export const REGISTER_2026 = join(root, 'fixtures', 'region', 'regionalschluessel_2026.xml')

/** A store with these registers, the last one active. */
export async function storeWithRegister(...files: readonly string[]): Promise<Store> {
  const store = await temporaryStore()
  for (const file of files.length > 0 ? files : [REGISTER])
    await importRegions(testContext(), store, { files: [file] })
  return store
}

export const NETWORK: Network = {
  account: 'lkos',
  name: 'Landkreis Osnabrück',
  anchor: '03459',
  sharing: null,
}

export const BRAMSCHE: Tenant = {
  ars: '034590014014',
  account: 'lkos',
  slug: 'bramsche',
  name: 'Bramsche',
  hosts: ['bramsche.example'],
  modules: ['OR-Connect'],
  ...NO_DETAILS,
  state: 'active',
}

export const MELLE: Tenant = {
  ...BRAMSCHE,
  ars: '034590024024',
  slug: 'melle',
  name: 'Melle',
  hosts: ['melle.example'],
}

export function localPortal(store: Store): LocalPortal {
  return new LocalPortal(store, 'local', testContext())
}

/** All tenants of a portal by key. */
export async function tenantsOf(portal: LocalPortal): Promise<readonly Tenant[]> {
  const found = []
  for await (const page of portal.list()) found.push(...page.map((kept) => kept.value))
  return found
}

/** `line:column path code` of everything that is wrong with a document. */
export async function problemsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof OzgctlError && error.problems.length > 0) return error.problems.map(brief)
    throw error
  }
  return []
}

const brief = ({ place, path, code }: Problem): string =>
  `${place.line ?? '?'}:${place.column ?? '?'} ${path} ${code}`
