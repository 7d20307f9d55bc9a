import { describe, expect, test } from 'vitest'
import type { RecordClient } from '../../../src/lib/migration/records/client.ts'
import { cmisSettings, cmisTarget } from '../../../src/lib/migration/records/cmis.ts'
import { dvelopSettings, dvelopTarget } from '../../../src/lib/migration/records/dvelop.ts'
import { enaioSettings, enaioTarget } from '../../../src/lib/migration/records/enaio.ts'
import { Ledger } from '../../../src/lib/migration/records/ledger.ts'
import type { DataRecord, RecordSource, RecordTarget } from '../../../src/lib/migration/records/model.ts'
import { transfer } from '../../../src/lib/migration/records/transfer.ts'
import { removeCreated } from '../../../src/lib/migration/records/undo.ts'
import { cmis } from '../../../src/lib/sandbox/stand-ins/cmis.ts'
import { dvelop } from '../../../src/lib/sandbox/stand-ins/dvelop.ts'
import { enaio } from '../../../src/lib/sandbox/stand-ins/enaio.ts'
import type { StandIn } from '../../../src/lib/sandbox/stand-ins/stand-in.ts'
import { migrationWorld } from '../../support/migration.ts'
import { basic, bearer, bytesOf, fileOf, recordSystem, SIGNAL, settingsOf } from '../../support/records.ts'

interface System {
  readonly standIn: StandIn
  readonly login: typeof basic
  readonly target: (client: RecordClient) => RecordTarget
  /** A property of its documents. */
  readonly field: string
}

const SYSTEMS: Readonly<Record<string, System>> = {
  cmis: {
    standIn: cmis,
    login: basic,
    target: (client) => cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage' }), client),
    field: 'akten:betreff',
  },
  dvelop: {
    standIn: dvelop,
    login: bearer,
    target: (client) => {
      const written = {
        repository: 'akten',
        category: 'post',
        keyProperty: 'aktenzeichen',
        lengthProperty: 'property_size',
      }
      return dvelopTarget(settingsOf(dvelopSettings.target, written), client)
    },
    field: 'betreff',
  },
  enaio: {
    standIn: enaio,
    login: basic,
    target: (client) => {
      const written = { objectType: 'Dokument', objectTypeId: '262146', keyProperty: 'Aktenzeichen' }
      return enaioTarget(settingsOf(enaioSettings.target, written), client)
    },
    field: 'Betreff',
  },
}

/** What the source has, all on one page. */
const sourceOf = (records: readonly DataRecord[]): RecordSource => ({
  page: async () => ({ records, next: null }),
  close: async () => undefined,
})

const OPTIONS = {
  fields: undefined,
  ordered: true,
  concurrency: 1,
  tolerate: 0,
  passes: 3,
  verify: true,
  shared: true,
  most: 1000,
}

const { signal } = new AbortController()

describe.each(Object.entries(SYSTEMS))(
  'documents of %s',
  (_name, { standIn, login, target: open, field }) => {
    test('that somebody has changed since stay, and are named', async () => {
      const { client } = await recordSystem(standIn, login)
      const target = open(client)
      const document = (key: string, betreff: string, text: string): DataRecord => ({
        key,
        fields: { [field]: betreff },
        content: fileOf(Buffer.from(text)),
      })
      const records = ['A-1', 'A-2', 'A-3', 'A-4'].map((key) => document(key, `Anbau ${key}`, `%PDF ${key}`))
      const process = await (await migrationWorld(1)).process()
      // A run with an item for the ledger to belong to.
      await process.run(
        'steps:\n  - { id: a, kind: tenant.set, set: { imprintUrl: "https://x.example.de/" } }\n',
      )
      const ledger = new Ledger(process.store, 1, 0)
      const place = { target, ledger, signal, stop: signal, progress: () => undefined }
      const copied = await transfer({
        ...place,
        source: sourceOf(records),
        options: OPTIONS,
        context: process.context,
      })
      expect(copied).toEqual({ kind: 'done' })

      const replace = async (one: DataRecord): Promise<void> => {
        await target.remove?.(one.key, SIGNAL)
        expect(await target.write([one], SIGNAL)).toEqual([{ kind: 'done', created: true }])
      }
      // As long as before, and other bytes; another property; taken away.
      await replace(document('A-2', 'Anbau A-2', '%PDF B-2'))
      await replace(document('A-3', 'Umbau', '%PDF A-3'))
      await target.remove?.('A-4', SIGNAL)

      const undo = {
        ...place,
        states: ['created'] as const,
        options: OPTIONS,
        source: async () => sourceOf(records),
      }
      expect(await removeCreated(undo)).toEqual({
        kind: 'failed',
        reason: 'changed since it was written, and left as it is: A-3, A-2',
      })
      expect(await target.find?.('A-1', SIGNAL)).toBeUndefined()
      expect(String(await bytesOf(await target.find?.('A-2', SIGNAL)))).toBe('%PDF B-2')
      expect((await target.find?.('A-3', SIGNAL))?.fields[field]).toBe('Umbau')

      for (const key of ['A-2', 'A-3']) await replace(document(key, `Anbau ${key}`, `%PDF ${key}`))
      expect(await removeCreated(undo)).toEqual({ kind: 'done' })
      expect(await target.find?.('A-2', SIGNAL)).toBeUndefined()
      expect(ledger.counts()).toMatchObject({ created: 0, removed: 4 })
    })
  },
)
