import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Secret } from '../../../src/lib/config/secret.ts'
import { Ledger } from '../../../src/lib/migration/records/ledger.ts'
import { openStore } from '../../../src/lib/store/sqlite.ts'
import { temporaryFolder } from '../../support/folder.ts'

test('what a target says of a record is kept without secrets, and so is the report', async () => {
  new Secret('c4n4ry-of-a-target')
  const store = await openStore(join(temporaryFolder(), 'ozgctl.db'))
  store.db.exec('PRAGMA foreign_keys = OFF')
  const ledger = new Ledger(store, 1, 0)
  const entry = { key: 'a', hash: Buffer.from('h'), contentHash: null, state: 'quarantined' as const }
  await ledger.commit(await ledger.begin(), [{ ...entry, reason: 'no: c4n4ry-of-a-target' }], {
    phase: 'done',
    report: { samples: [{ key: 'a', what: 'c4n4ry-of-a-target' }] },
  })
  expect(ledger.setAside(1)).toMatchObject([{ key: 'a', reason: 'no: ***' }])
  expect(ledger.read()?.report).toEqual({ samples: [{ key: 'a', what: '***' }] })
  store.close()
})
