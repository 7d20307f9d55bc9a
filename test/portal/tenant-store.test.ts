import { expect, test } from 'vitest'
import { NO_DETAILS } from '../../src/lib/portal/model.ts'
import { readTenants } from '../../src/lib/portal/tenant-store.ts'
import { temporaryStore } from '../support/store.ts'

test('tenants come with their network, by portal and key; older rows lack what came later', async () => {
  const store = await temporaryStore()
  store.db.exec(`
    INSERT INTO network VALUES ('local', 'lkos', '{"name":"Landkreis Osnabrück","anchor":"03459"}', 'k', 't', 'a');
    INSERT INTO tenant VALUES ('local', '034590014014', 'lkos',
      '{"slug":"bramsche","name":"Bramsche","hosts":["bramsche.example"],"modules":["OR-Connect"],"state":"active"}', 'k', 't', 'a');
    INSERT INTO tenant VALUES ('local', '03459', 'lkos',
      '{"slug":"osnabrueck","name":"Osnabrück","hosts":[],"modules":[],"state":"suspended"}', 'k', 't', 'a');`)
  const network = { account: 'lkos', name: 'Landkreis Osnabrück', anchor: '03459', sharing: null }
  expect(await readTenants(store)).toEqual([
    {
      portal: 'local',
      ars: '03459',
      account: 'lkos',
      network,
      slug: 'osnabrueck',
      name: 'Osnabrück',
      hosts: [],
      modules: [],
      ...NO_DETAILS,
      state: 'suspended',
    },
    {
      portal: 'local',
      ars: '034590014014',
      account: 'lkos',
      network,
      slug: 'bramsche',
      name: 'Bramsche',
      hosts: ['bramsche.example'],
      modules: ['OR-Connect'],
      ...NO_DETAILS,
      state: 'active',
    },
  ])
})
