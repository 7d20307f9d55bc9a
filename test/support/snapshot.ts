import type { NewSnapshot, SnapshotKind } from '../../src/lib/snapshot/snapshots.ts'

/** A snapshot to write, with these counts. */
export function newSnapshot(kind: SnapshotKind, counts: Readonly<Record<string, number>> = {}): NewSnapshot {
  const none = { total: 0, byReason: {} }
  return {
    kind,
    createdAt: '2026-11-23T12:00:00.000Z',
    actor: 'tester',
    host: 'test',
    sources: [],
    summary: { counts, rejected: none, kept: none, ignored: {} },
  }
}
