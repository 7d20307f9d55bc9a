import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Secret } from '../../../src/lib/config/secret.ts'
import {
  type KeptEntry,
  Ledger,
  type LedgerEntry,
  RECORD_STATES,
  type RecordState,
} from '../../../src/lib/migration/records/ledger.ts'
import { openStore } from '../../../src/lib/store/sqlite.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { temporaryStore } from '../../support/store.ts'

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

/** All that a ledger tells, with ids counted from its first entry. */
function told(ledger: Ledger) {
  const { first = 0, last = 0 } = ledger.span() ?? {}
  const counted = (entries: Iterable<KeptEntry>) =>
    [...entries].map(({ id, key, state, pass, hash }) => [
      id - first,
      key,
      state,
      pass,
      Buffer.from(hash).toString(),
    ])
  return {
    row: ledger.read(),
    entries: last - first,
    seen: [null, 1, 2].map((pass) => counted(ledger.seen(pass))),
    counts: ledger.counts(),
    setAside: counted(ledger.setAside(9)),
    backwards: counted(ledger.backwards(RECORD_STATES, Number.MAX_SAFE_INTEGER, 9)),
    unseen: ledger.unseen(2),
    found: ['a', 'c'].map((key) => counted([ledger.find(key) ?? []].flat())),
  }
}

const entry = (key: string, state: RecordState, hash = key): LedgerEntry => ({
  key,
  hash: Buffer.from(hash),
  contentHash: null,
  state,
  reason: null,
})

/** The life of a transfer, and what its ledger tells after each step. */
async function* life(ledger: Ledger) {
  const begun = await ledger.begin()
  yield told(ledger)
  const once = [entry('a', 'created'), entry('b', 'quarantined'), entry('a', 'created', 'other')]
  const first = await ledger.commit(begun, once, { pass: 2, cursor: '7' })
  yield told(ledger)
  const second = await ledger.commit(first, [entry('a', 'replaced', 'new'), entry('c', 'quarantined')], {
    phase: 'compare',
  })
  yield told(ledger)
  await ledger.commit(second, [entry('d', 'written')], {}, [ledger.find('c')?.id ?? 0])
  yield told(ledger)
  await ledger.removed([ledger.find('a')?.id ?? 0])
  yield told(ledger)
  await ledger.restart(second)
  yield told(ledger)
}

test('what one transfer keeps concerns no other, of the same run or of another', async () => {
  const ledgers = async () => {
    const store = await temporaryStore()
    store.db.exec('PRAGMA foreign_keys = OFF')
    return (run: number, ordinal: number) => new Ledger(store, run, ordinal)
  }
  const alone = []
  for await (const step of life((await ledgers())(1, 1))) alone.push(step)
  expect(alone.map(({ counts }) => counts)).toMatchObject([
    { created: 0, quarantined: 0, removed: 0 },
    { created: 1, quarantined: 1, removed: 0 },
    { created: 1, quarantined: 1, removed: 0 },
    { created: 1, quarantined: 1, removed: 0 },
    { created: 0, quarantined: 1, removed: 1 },
    { created: 0, quarantined: 0, removed: 0 },
  ])
  const a = [0, 'a', 'created', 2, 'new']
  const b = [1, 'b', 'quarantined', 1, 'b']
  const d = [3, 'd', 'written', 2, 'd']
  // The target has not what was written of c.
  const c = [2, 'c', 'quarantined', 2, '']
  expect(alone.at(3)).toMatchObject({
    entries: 3,
    seen: [[a, d], [], [a, d]],
    setAside: [c],
    backwards: [d, c, b, a],
    unseen: 0,
    found: [[a], [c]],
  })
  expect(alone.at(1)?.seen).toEqual([[[0, 'a', 'created', 1, '']], [[0, 'a', 'created', 1, '']], []])
  expect(alone.at(1)?.unseen).toBe(1)
  const ledger = await ledgers()
  const others = [ledger(1, 0), ledger(1, 2), ledger(2, 1)]
  for (const other of others) {
    const row = await other.commit(await other.begin(), [entry('a', 'same'), entry('c', 'written')], {
      pass: 3,
    })
    await other.commit(row, [entry('d', 'quarantined')], { cursor: '9' })
  }
  const before = others.map(told)
  const beside = []
  for await (const step of life(ledger(1, 1))) {
    beside.push(step)
    expect(others.map(told)).toEqual(before)
  }
  expect(beside).toEqual(alone)
})
