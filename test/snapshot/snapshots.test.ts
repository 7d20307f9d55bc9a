import { describe, expect, test } from 'vitest'
import {
  activeSnapshot,
  addSnapshot,
  findSnapshot,
  listSnapshots,
  previewSnapshot,
  requireActive,
  snapshotPair,
} from '../../src/lib/snapshot/snapshots.ts'
import { failure } from '../support/failure.ts'
import { newSnapshot } from '../support/snapshot.ts'
import { temporaryStore } from '../support/store.ts'

const nothing = () => undefined

test('snapshots are numbered by kind, and the last one is active', async () => {
  const store = await temporaryStore()
  for (const kind of ['region', 'catalog', 'region'] as const)
    await addSnapshot(store, newSnapshot(kind), nothing)
  const ids = async (kind: 'region' | 'catalog' | 'offer') =>
    (await listSnapshots(store, kind)).map(({ id, active }) => `${id}${active ? '*' : ''}`)
  expect(await ids('region')).toEqual(['region-1', 'region-2*'])
  expect(await ids('catalog')).toEqual(['catalog-1*'])
  expect(await ids('offer')).toEqual([])
  expect((await activeSnapshot(store, 'region'))?.id).toBe('region-2')
  expect(await activeSnapshot(store, 'offer')).toBeUndefined()
})

test('a snapshot reads back with its whole record', async () => {
  const store = await temporaryStore()
  const written = await addSnapshot(
    store,
    {
      ...newSnapshot('region', { gemeinde: 37 }),
      sources: [{ name: 'a.txt', format: 'gv100ad', encoding: 'utf-8', bytes: 1, sha256: 'x', records: 2 }],
    },
    nothing,
  )
  expect(await activeSnapshot(store, 'region')).toEqual(written)
  expect(written).toMatchObject({
    id: 'region-1',
    kind: 'region',
    active: true,
    createdAt: '2026-11-23T12:00:00.000Z',
    actor: 'tester',
    host: 'test',
    counts: { gemeinde: 37 },
    rejected: { total: 0, byReason: {} },
    kept: { total: 0, byReason: {} },
    ignored: {},
  })
})

test('a snapshot whose rows cannot be written leaves the former one active', async () => {
  const store = await temporaryStore()
  await addSnapshot(store, newSnapshot('region'), nothing)
  const broken = addSnapshot(store, newSnapshot('region'), () => {
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  expect((await listSnapshots(store, 'region')).map(({ id, active }) => [id, active])).toEqual([
    ['region-1', true],
  ])
})

test('a preview is what would be written, and writes nothing', async () => {
  const store = await temporaryStore()
  await addSnapshot(store, newSnapshot('region'), nothing)
  expect(await previewSnapshot(store, newSnapshot('region', { gemeinde: 1 }))).toMatchObject({
    id: 'region-2',
    active: false,
    counts: { gemeinde: 1 },
  })
  expect(await listSnapshots(store, 'region')).toHaveLength(1)
})

test.each([
  ['region', 'NO_REGION_SNAPSHOT', 'no register of municipalities has been imported into the store PATH yet'],
  ['catalog', 'NO_CATALOG_SNAPSHOT', 'no service catalogue has been imported into the store PATH yet'],
  ['offer', 'NO_OFFER_SNAPSHOT', 'no list of offers has been imported into the store PATH yet'],
] as const)('without a %s snapshot the command that imports one is named', async (kind, code, message) => {
  const store = await temporaryStore()
  const error = await failure(() => requireActive(store, kind))
  expect({
    code: error.code,
    exit: error.exit,
    message: error.message,
    suggestions: error.suggestions,
  }).toEqual({
    code,
    exit: 64,
    message: message.replace('PATH', store.path),
    suggestions: [`Run: ozgctl ${kind} import FILE`],
  })
})

describe('a snapshot is found', () => {
  async function three() {
    const store = await temporaryStore()
    for (let at = 0; at < 3; at++) await addSnapshot(store, newSnapshot('region'), nothing)
    return store
  }

  test('by its name or its number', async () => {
    const store = await three()
    const found = async (reference: string) => (await findSnapshot(store, 'region', reference)).id
    expect(await found('region-2')).toBe('region-2')
    expect(await found('2')).toBe('region-2')
    expect((await requireActive(store, 'region')).id).toBe('region-3')
  })

  test.each(['4', 'catalog-1', '-1', '0', ''])('but not as %j', async (reference) => {
    const store = await three()
    expect(await failure(() => findSnapshot(store, 'region', reference))).toMatchObject({
      code: 'SNAPSHOT_UNKNOWN',
      exit: 64,
      message: `there is no snapshot "${reference}"`,
      suggestions: ['There are: region-1, region-2, region-3'],
    })
  })

  test('in pairs: those named, one named and the newest, or the last two', async () => {
    const store = await three()
    const pair = async (from?: string, to?: string) =>
      (await snapshotPair(store, 'region', from, to)).map(({ id }) => id)
    expect(await pair()).toEqual(['region-2', 'region-3'])
    expect(await pair('1')).toEqual(['region-1', 'region-3'])
    expect(await pair('3', '1')).toEqual(['region-3', 'region-1'])
  })

  test('a pair needs two', async () => {
    const store = await temporaryStore()
    expect(await failure(() => snapshotPair(store, 'region'))).toMatchObject({
      message: 'a comparison needs two snapshots; there is none',
      suggestions: ['Run: ozgctl region import FILE'],
    })
    await addSnapshot(store, newSnapshot('region'), nothing)
    expect((await failure(() => snapshotPair(store, 'region'))).message).toBe(
      'a comparison needs two snapshots; there is one',
    )
  })
})
