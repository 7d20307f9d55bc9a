import { backoffMs, LONGEST_PAUSE_MS } from '../../journal/backoff.ts'
import { asideKey } from './aside.ts'
import { contentHash, hashedContent, hashOf } from './digest.ts'
import { Interrupted } from './interrupted.ts'
import type { LedgerEntry, RecordState } from './ledger.ts'
import type { DataRecord, RecordOutcome, RecordPage } from './model.ts'
import { hashThere, isEqualHash, mapped, type Transfer, untilStop } from './place.ts'
import { ContentRefused } from './refused.ts'
import { together } from './together.ts'

/** A write of records is given up after so many attempts; a resume tries again. */
const MAX_ATTEMPTS = 6

/** What became of a page. */
export interface Written {
  readonly entries: readonly LedgerEntry[]
  /** So many records were sent again although they may have been written. */
  readonly repeated: number
  /** Why the page is not done; undefined when it is. */
  readonly open: unknown
}

/** What became of batches so far. */
interface Batch {
  readonly entries: Map<string, LedgerEntry>
  repeated: number
}

/**
 * Writes the records of a page, each so that the target has it once. When it comes back nothing is under way any more:
 * the first batch that cannot be settled now lets no other begin, and those that have begun are waited for.
 * @param inDoubt whether they may have been written before
 */
export async function writePage(place: Transfer, page: RecordPage, inDoubt: boolean): Promise<Written> {
  const { target, options } = place
  const batches: (readonly DataRecord[])[] = []
  for (let at = 0; at < page.records.length; at += target.batch)
    batches.push(page.records.slice(at, at + target.batch))
  const isSerial = options.ordered || target.repeatable === 'rewind'
  const done: Batch = { entries: new Map(), repeated: 0 }
  const { failed } = await together(batches, isSerial ? 1 : options.concurrency, (records) =>
    writeBatch(place, records, inDoubt, done),
  )
  return {
    entries: page.records.flatMap(({ key }) => done.entries.get(key) ?? []),
    repeated: done.repeated,
    open: failed?.error,
  }
}

/** What stands in a page and is no record. */
export const faultsOf = ({ faults = [] }: Pick<RecordPage, 'faults'>): readonly LedgerEntry[] =>
  faults.map(({ key, reason }) => entryOf({ key: asideKey(key), fields: {} }, 'quarantined', reason))

/**
 * @param done is told what becomes of the records, also when it does not come to its end
 * @throws Interrupted when not all of them can be settled now
 */
async function writeBatch(
  place: Transfer,
  records: readonly DataRecord[],
  inDoubt: boolean,
  done: Batch,
): Promise<void> {
  const { target, context, signal, stop, options } = place
  let open: readonly DataRecord[] = records.map((one) => {
    const record = mapped(one, options.fields)
    return record.content === undefined ? record : { ...record, content: hashedContent(record.content) }
  })
  let isInDoubt = inDoubt
  for (let attempt = 1; open.length > 0; attempt++) {
    if (target.repeatable === 'look-up') open = await notThere(place, open, done.entries)
    if (open.length === 0) return
    if (stop.aborted || signal.aborted) throw new Interrupted({ kind: 'unfinished' })
    if (isInDoubt && target.repeatable === 'none') done.repeated += open.length
    const outcomes = await target.write(open, signal)
    const waiting = settle(open, outcomes, done.entries)
    open = waiting.records
    isInDoubt = waiting.inDoubt
    if (open.length === 0) return
    const { reason, afterMs } = waiting
    if (attempt >= MAX_ATTEMPTS || (afterMs ?? 0) > LONGEST_PAUSE_MS)
      throw new Interrupted({ kind: 'later', reason, afterMs })
    await context.sleep(afterMs ?? backoffMs(attempt, context.random), stop)
  }
}

/** Keeps what was settled. @returns what has to be written again */
function settle(
  records: readonly DataRecord[],
  outcomes: readonly RecordOutcome[],
  entries: Map<string, LedgerEntry>,
) {
  const open: DataRecord[] = []
  let afterMs: number | null = null
  let inDoubt = false
  let reason = ''
  records.forEach((record, at) => {
    const outcome = outcomes[at] ?? SILENT
    switch (outcome.kind) {
      case 'done':
        entries.set(record.key, entryOf(record, stateOf(outcome.created), null))
        break
      case 'refused':
        entries.set(record.key, entryOf(record, 'quarantined', outcome.reason))
        break
      case 'later':
      case 'unknown':
        open.push(record)
        afterMs = longer(afterMs, outcome.afterMs ?? null)
        inDoubt ||= outcome.kind === 'unknown'
        reason = outcome.reason
        break
    }
  })
  return { records: open, afterMs: afterMs as number | null, inDoubt, reason }
}

const longer = (one: number | null, other: number | null): number | null =>
  one === null ? other : Math.max(one, other ?? 0)

const SILENT: RecordOutcome = { kind: 'unknown', reason: 'the target said nothing about it' }

/** Records that a target which can be asked does not have yet; what it has is settled. */
async function notThere(
  place: Transfer,
  records: readonly DataRecord[],
  entries: Map<string, LedgerEntry>,
): Promise<readonly DataRecord[]> {
  const { target, options } = place
  const signal = untilStop(place)
  const atOnce = options.ordered ? 1 : options.concurrency
  const { results, failed } = await together(records, atOnce, async (record) => {
    const there = await target.find?.(record.key, signal)
    if (there === undefined) return [record]
    entries.set(record.key, await heldAgainst(record, there, signal))
    return []
  })
  if (failed !== undefined) throw failed.error
  return results.flatMap((open) => open ?? [])
}

async function heldAgainst(record: DataRecord, there: DataRecord, signal: AbortSignal): Promise<LedgerEntry> {
  try {
    return isPartOf(record, there) && (await hasSameContent(record, there, signal))
      ? entryOf(record, 'same', null)
      : entryOf(record, 'quarantined', 'the target has another record under this key')
  } catch (error) {
    if (error instanceof ContentRefused) return entryOf(record, 'quarantined', error.message)
    throw error
  }
}

/** Whether the target has every field as it is to be written; it may have more of its own. */
const isPartOf = ({ fields }: DataRecord, there: DataRecord): boolean =>
  isEqualHash(hashOf({ key: '', fields }), hashThere({ key: '', fields: there.fields }, Object.keys(fields)))

async function hasSameContent(a: DataRecord, b: DataRecord, signal: AbortSignal): Promise<boolean> {
  if (a.content === undefined || b.content === undefined) return a.content === b.content
  return isEqualHash(await contentHash(a.content, signal), await contentHash(b.content, signal))
}

function entryOf(record: DataRecord, state: RecordState, reason: string | null): LedgerEntry {
  const { key, content } = record
  const digest =
    content !== undefined && 'digest' in content ? (content.digest as () => Buffer | undefined)() : undefined
  return { key, hash: hashOf(record), contentHash: digest ?? null, state, reason }
}

const stateOf = (created: boolean | null): RecordState =>
  created === null ? 'written' : created ? 'created' : 'replaced'
