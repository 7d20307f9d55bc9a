import { expect, test } from 'vitest'
import { migrationWorld } from '../support/migration.ts'
import { type RecordServer, recordServer } from '../support/record-server.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * Between the last write and the comparison, the target becomes another one. Whatever it has then, nobody certifies
 * that it has what the source has, unless it has.
 */
type Lie = (target: RecordServer['target'], at: number) => void

const LIES: Readonly<Record<string, Lie>> = {
  'loses one': (target, at) => target.splice(at, 1),
  'has one twice': (target, at) => target.push({ ...target[at] }),
  'loses one and has another twice': (target, at) => {
    target[at] = { ...target[(at + 1) % target.length] }
  },
  'has changed one': (target, at) => {
    target[at] = { ...target[at], name: 'Möller' }
  },
  'has changed one to the text of its number': (target, at) => {
    target[at] = { ...target[at], amount: String(target[at]?.amount) }
  },
  'has swapped what two say': (target, at) => {
    const other = (at + 1) % target.length
    const [one, two] = [target[at], target[other]]
    target[at] = { ...two, id: one?.id ?? '' }
    target[other] = { ...one, id: two?.id ?? '' }
  },
  'has one more': (target) => target.push({ id: 'new', name: 'new', amount: 1 }),
  'has another one instead': (target, at) => {
    target[at] = { id: 'new', name: 'new', amount: 1 }
  },
  'has nothing': (target) => target.splice(0),
}
const COUNT = 5

async function compared(lie: Lie | undefined, at: number, direct: boolean) {
  const records = upTo(COUNT).map((number) => ({ id: `r${number}`, name: 'Müller', amount: number }))
  const server = await recordServer(records)
  let lied = false
  server.fate = ({ method, path }) => {
    // The first look at the whole target, when all has been written.
    if (lied || method !== 'GET' || !path.startsWith('/listed') || server.target.length < COUNT) return 'do'
    lied = true
    lie?.(server.target, at)
    return 'do'
  }
  const process = await (await migrationWorld(1)).process()
  const list = `list: { url: "${server.url}/listed/offset", records: $.items, paging: { style: offset, size: 3 } }`
  const item = direct ? `item: "${server.url}/target/\${record.key}"` : 'method: POST, idempotencyHeader: Key'
  const status = await process.run(`
steps:
  - id: copy
    kind: records.transfer
    from: { kind: json-http, url: "${server.url}/source/offset", records: $.items, paging: { style: offset, size: 2 } }
    to: { kind: json-http, url: "${server.url}/target", ${item}, ${list} }
`)
  return { lied, transfer: status.transfers[0], state: status.tenants[0]?.state }
}

test('what the comparison certifies is so', async () => {
  const honest = await compared(undefined, 0, true)
  expect(honest).toMatchObject({ lied: true, state: 'done', transfer: { clean: true } })
  const all = pairs(pairs(Object.entries(LIES), [0, 2, COUNT - 1]), [true, false])
  for (const [[[name, lie], at], direct] of drawn('lies', all, 20)) {
    const { lied, transfer } = await compared(lie, at, direct)
    expect(lied, name).toBe(true)
    const { clean, reconciliation } = transfer ?? {}
    expect(clean, `${name}, at ${at}`).toBe(false)
    expect(reconciliation?.missing ?? 0, name).toBeGreaterThanOrEqual(0)
  }
}, 300_000)
