import type { Context } from '../../context.ts'
import { contentHash, hashOf } from './digest.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { DataRecord, Json, JsonObject, RecordSource, RecordTarget } from './model.ts'

/** How a collection is to be copied. */
export interface TransferOptions {
  /** Names of the fields of the target with those of the source; undefined copies all fields. */
  readonly fields: Readonly<Record<string, string>> | undefined
  /** Whether the order of the source is kept. */
  readonly ordered: boolean
  /** Calls of the target at once, where the order does not matter. */
  readonly concurrency: number
  /** So many records may be set aside. */
  readonly tolerate: number
  /** The source is read so often at most, until it stays as it is. */
  readonly passes: number
  /** Whether the target is read afterwards and held against the source. */
  readonly verify: boolean
  /** Whether the target may have records that the source has not. */
  readonly shared: boolean
  /** So many records are read from either side; one more is an error. */
  readonly most: number
}

/** Both ends of a transfer, and what it needs besides. */
export interface Transfer {
  readonly source: RecordSource
  readonly target: RecordTarget
  readonly ledger: Ledger
  readonly options: TransferOptions
  readonly context: Pick<Context, 'sleep' | 'random'>
  /** Ends requests that are not ours any more. */
  readonly signal: AbortSignal
  /** Ends the transfer where it can go on. What only reads ends with it at once. */
  readonly stop: AbortSignal
  /** Is told how many records have been dealt with. */
  readonly progress: (done: number) => void
}

/** A record with the names that its fields have in the target. */
export function mapped(record: DataRecord, names: TransferOptions['fields']): DataRecord {
  if (names === undefined) return record
  const fields = Object.entries(names).flatMap(([to, from]) => {
    const value = Object.hasOwn(record.fields, from) ? record.fields[from] : undefined
    return value === undefined ? [] : [[to, value] as const]
  })
  return { ...record, fields: Object.fromEntries(fields) }
}

/** Those fields of a record that have these names; a target adds some of its own. */
function only(fields: JsonObject, names: Iterable<string>): JsonObject {
  // Field by field, for one may be called `__proto__`.
  const kept: [string, Json][] = []
  for (const name of names) if (Object.hasOwn(fields, name)) kept.push([name, fields[name] ?? null])
  return Object.fromEntries(kept)
}

/** A record of the target as it is hashed, to be held against the ledger. @param names of the fields that were written */
export const hashThere = (there: DataRecord, names: Iterable<string>): Buffer =>
  hashOf({ ...there, fields: only(there.fields, names) })

/** Whether the file of a record is the one that was written. @throws HttpFailure when not all of it comes */
export async function hasContentOf(
  { contentHash: wanted }: Pick<LedgerEntry, 'contentHash'>,
  { content }: DataRecord,
  signal: AbortSignal,
): Promise<boolean> {
  if (wanted === null) return true
  return content !== undefined && isEqualHash(await contentHash(content, signal), wanted)
}

export const isEqualHash = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Ends what only reads: nobody waits for it once the transfer is to stop. */
export const untilStop = ({ signal, stop }: Pick<Transfer, 'signal' | 'stop'>): AbortSignal =>
  AbortSignal.any([signal, stop])
