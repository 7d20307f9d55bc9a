import type { ExactJson, ExactNumber } from '../../input/exact-json.ts'

/** A value that JSON can say. */
export type Json = ExactJson
export interface JsonObject {
  readonly [name: string]: Json
}

/** A value of a field that is neither a list nor made of others. */
export type Scalar = boolean | number | string | ExactNumber

/** One record on its way from a source to a target. */
export interface DataRecord {
  /** What tells it from the others of its collection, on both sides. */
  readonly key: string
  readonly fields: JsonObject
  /** The file of a document; missing for plain records. */
  readonly content?: Content
}

/** Bytes of a document, fetched when they are written and never kept in memory as a whole. */
export interface Content {
  /** Media type, e.g. `application/pdf`. */
  readonly type: string
  /** File name, as the source has it. */
  readonly name: string
  /** In bytes; undefined where the source does not say. */
  readonly length: number | undefined
  /** Whether it is on this machine, so that it can be read once more to see whether it is still the same. */
  readonly isNear?: boolean
  /** Begins at the first byte with each call. @throws HttpFailure when the source does not deliver all of it */
  open(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

export interface RecordPage {
  readonly records: readonly DataRecord[]
  /** What stood there and is no record, with why; it is set aside and told. */
  readonly faults?: readonly { readonly key: string; readonly reason: string }[]
  /** Where the next page begins; null after the last. Opaque, at most 4 kB, the same after a restart. */
  readonly next: string | null
}

/** A collection that is read page by page. */
export interface RecordSource {
  /**
   * One page. Reading is repeated by itself where the other side is busy for a moment.
   * @param cursor `next` of the page before, null for the first
   * @throws HttpFailure, OzgctlError BAD_RECORDS when the answer is not what the source was said to give
   */
  page(cursor: string | null, signal: AbortSignal): Promise<RecordPage>
  close(): Promise<void>
}

/**
 * Why the same record can be written twice and is there once: the target keeps one for each key (PUT to an address
 * made of it), knows a repeated request by its idempotency key, or can be asked for a record by its key before
 * another is written, or can be put back to where it was (a file that is cut). `none`: it cannot.
 */
export type Repeatable = 'by-key' | 'idempotency-key' | 'look-up' | 'rewind' | 'none'

/** What became of one record. */
export type RecordOutcome =
  /** @property created whether it was not there before; null where the target does not say */
  | { readonly kind: 'done'; readonly created: boolean | null }
  /** It will never take this record; the reason is for people. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Certainly not written, but it may work later. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | null }
  /** Perhaps written. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly afterMs?: number }

/** A collection that is written to. */
export interface RecordTarget {
  readonly repeatable: Repeatable
  /** The most records in one call of `write`. */
  readonly batch: number
  /** Whether records of one call are kept in their order. */
  readonly ordered: boolean
  /**
   * A record as the target can keep it, e.g. with texts for numbers, whatever its fields are called: this is written, and
   * held against what it has then. All of the record where nothing is said.
   */
  readonly keeps?: (record: DataRecord) => DataRecord
  /**
   * Writes records and says what became of each, in the same order. Rejects only when no other record will fare
   * better, e.g. without valid credentials.
   */
  write(records: readonly DataRecord[], signal: AbortSignal): Promise<readonly RecordOutcome[]>
  /** The record of a key as the target has it, or undefined. Missing where the target cannot be asked. */
  readonly find?: (key: string, signal: AbortSignal) => Promise<DataRecord | undefined>
  /** Pages of what the target has, to compare. Missing where it cannot be listed. */
  readonly page?: RecordSource['page']
  /** Where it stands, to be kept with each page; of a target that can be put back. */
  readonly mark?: () => Promise<string>
  /** Whether nothing is in it yet; of a target that can be put back, which must not take away what others wrote. */
  readonly isEmpty?: () => Promise<boolean>
  /** Puts it back to a mark: what was written after it is gone. null: to its beginning. */
  readonly rewind?: (mark: string | null) => Promise<void>
  /** Takes a record away again; one that is not there is no error. Missing where the target cannot. */
  readonly remove?: (key: string, signal: AbortSignal) => Promise<RecordOutcome>
  close(): Promise<void>
}
