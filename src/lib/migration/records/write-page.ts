import pLimit from 'p-limit'
import { backoffMs } from '../../journal/backoff.ts'
import type { Attempt } from '../../journal/executor.ts'
import { contentHash, hashedContent, hashOf } from './digest.ts'
import type { LedgerEntry, RecordState } from './ledger.ts'
import type { DataRecord, RecordOutcome, RecordPage } from './model.ts'
import { isEqualHash, mapped, only, type Transfer } from './place.ts'

/** A write of records is given up after so many attempts; a resume tries again. */
const MAX_ATTEMPTS = 6

/** The work on a page came to a stop; the page is not done. */
export class Interrupted extends Error {
  readonly attempt: Attempt

  constructor(attempt: Attempt) {
    super('interrupted')
    this.attempt = attempt
  }
}

interface Written {
  readonly entries: readonly LedgerEntry[]
  readonly repeated: number
}

/**
 * Writes the records of a page, each so that the target has it once.
 * @param inDoubt whether they may have been written before
 * @throws Interrupted when not all of them can be settled now
 */
export async function writePage(place: Transfer, page: RecordPage, inDoubt: boolean): Promise<Written> {
  const { target, options } = place
  const batches: (readonly DataRecord[])[] = []
  for (let at = 0; at < page.records.length; at += target.batch)
    batches.push(page.records.slice(at, at + target.batch))
  const isSerial = options.ordered || target.repeatable === 'rewind'
  const limit = pLimit(isSerial ? 1 : options.concurrency)
  const written = await Promise.all(batches.map((batch) => limit(() => writeBatch(place, batch, inDoubt))))
  const faults = (page.faults ?? []).map(({ key, reason }) =>
    entryOf({ key, fields: {} }, 'quarantined', reason),
  )
  return {
    entries: [...written.flatMap(({ entries }) => entries), ...faults],
    repeated: written.reduce((sum, one) => sum + one.repeated, 0),
  }
}

async function writeBatch(place: Transfer, batch: readonly DataRecord[], inDoubt: boolean): Promise<Written> {
  const { target, context, signal, stop, options } = place
  const entries = new Map<string, LedgerEntry>()
  let open: readonly DataRecord[] = batch.map((one) => {
    const record = mapped(one, options.fields)
    return record.content === undefined ? record : { ...record, content: hashedContent(record.content) }
  })
  const order = open.map(({ key }) => key)
  let isInDoubt = inDoubt
  let repeated = 0
  for (let attempt = 1; open.length > 0; attempt++) {
    if (target.repeatable === 'look-up') open = await notThere(place, open, entries)
    if (open.length === 0) break
    if (isInDoubt && target.repeatable === 'none') repeated += open.length
    if (signal.aborted) throw new Interrupted({ kind: 'unfinished' })
    const outcomes = await target.write(open, signal)
    const waiting = settle(open, outcomes, entries)
    open = waiting.records
    isInDoubt = waiting.inDoubt
    if (open.length === 0) break
    if (stop.aborted || signal.aborted) throw new Interrupted({ kind: 'unfinished' })
    if (attempt >= MAX_ATTEMPTS)
      throw new Interrupted({ kind: 'later', reason: waiting.reason, afterMs: waiting.afterMs })
    await context.sleep(waiting.afterMs ?? backoffMs(attempt, context.random), stop)
  }
  return { entries: order.flatMap((key) => entries.get(key) ?? []), repeated }
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
        open.push(record)
        afterMs = outcome.afterMs === null ? afterMs : Math.max(afterMs ?? 0, outcome.afterMs)
        reason = outcome.reason
        break
      case 'unknown':
        open.push(record)
        inDoubt = true
        reason = outcome.reason
        break
    }
  })
  return { records: open, afterMs: afterMs as number | null, inDoubt, reason }
}

const SILENT: RecordOutcome = { kind: 'unknown', reason: 'the target said nothing about it' }

/** Records that a target which can be asked does not have yet; what it has is settled. */
async function notThere(
  { target, signal, options }: Transfer,
  records: readonly DataRecord[],
  entries: Map<string, LedgerEntry>,
): Promise<readonly DataRecord[]> {
  const limit = pLimit(options.ordered ? 1 : options.concurrency)
  const open = await Promise.all(
    records.map((record) =>
      limit(async () => {
        const there = await target.find?.(record.key, signal)
        if (there === undefined) return [record]
        const isSame = isPartOf(record, there) && (await hasSameContent(record, there, signal))
        const entry = isSame
          ? entryOf(record, 'same', null)
          : entryOf(record, 'quarantined', 'the target has another record under this key')
        entries.set(record.key, entry)
        return []
      }),
    ),
  )
  return open.flat()
}

/** Whether the target has every field as it is to be written; it may have more of its own. */
function isPartOf({ fields }: DataRecord, there: DataRecord): boolean {
  const same = { key: '', fields: only(there.fields, Object.keys(fields)) }
  return isEqualHash(hashOf({ key: '', fields }), hashOf(same))
}

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
