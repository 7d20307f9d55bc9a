import { join } from 'node:path'
import { ozgctl } from './cli.ts'

/** Imports the fixtures into a new store and makes the portals of the county of Osnabrück. @returns the store's path */
export async function quickstartStore(folder: string): Promise<string> {
  const store = join(folder, 'ozgctl.db')
  const env = { OZGCTL_STORE: store }
  const network = join(folder, 'network.yaml')
  for (const args of [
    ['region', 'import', 'fixtures/region/GV100AD_osnabrueck_301123.txt'],
    ['catalog', 'import', 'fixtures/catalog/ozg_leistungen.csv', 'fixtures/catalog/leika_leistungen.csv'],
    ['offer', 'import', 'fixtures/offer/offers.csv'],
    ['tenant', 'seed', '--in', '03459', '--out', network],
    ['tenant', 'apply', '-f', network],
  ]) {
    const run = await ozgctl(args, { env })
    if (run.code !== 0) throw new Error(`ozgctl ${args.join(' ')}: ${run.stderr}`)
  }
  return store
}
