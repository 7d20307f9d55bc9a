import { OzgctlError } from '../../errors.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { Attempt } from '../../journal/executor.ts'
import { hashOf } from './digest.ts'
import type { LedgerEntry, TransferCounts, TransferRow } from './ledger.ts'
import type { DataRecord, RecordPage } from './model.ts'
import { isEqualHash, mapped, type Transfer } from './place.ts'
import { reconcile } from './reconcile.ts'
import { Interrupted, writePage } from './write-page.ts'

/**
 * Copies a collection, page by page: writes the records, then keeps what became of them together with where the next page
 * begins. A page that was under way when the process died is done again, each record in the way that its target can bear.
 * Then reads the source again until nothing in it has changed, and holds both sides against each other.
 */
export async function transfer(place: Transfer): Promise<Attempt> {
  const { ledger, target } = place
  try {
    const begun = ledger.read()
    let row = begun ?? (await ledger.begin())
    let inDoubt = begun !== undefined
    for (;;) {
      switch (row.phase) {
        case 'copy':
          if (inDoubt) await target.rewind?.(row.mark)
          row = await copy(place, row, inDoubt)
          inDoubt = true
          break
        case 'compare':
          row = await compare(place, row)
          break
        case 'verify': {
          const attempt = await verify(place, row)
          return attempt
        }
        case 'done':
          return { kind: 'done' }
      }
    }
  } catch (error) {
    if (error instanceof Interrupted) return error.attempt
    if (error instanceof HttpFailure) return { kind: 'later', reason: error.message, afterMs: null }
    // Of this collection only: other tenants may have better ones.
    if (error instanceof OzgctlError && error.code === 'BAD_RECORDS')
      return { kind: 'failed', reason: error.message }
    throw error
  }
}

/** @param inDoubt whether records of the page under way may have been written */
async function copy(place: Transfer, from: TransferRow, inDoubt: boolean): Promise<TransferRow> {
  const { source, target, ledger, signal, stop, progress } = place
  let row = from
  let isInDoubt = inDoubt
  let next: Promise<RecordPage> | undefined = source.page(row.cursor, signal)
  const ring = new Ring(row.cursor)
  while (next !== undefined) {
    const page: RecordPage = await next
    ring.refuse(page.next)
    // While one page is written the next is on its way.
    next = page.next === null ? undefined : source.page(page.next, signal)
    next?.catch(() => undefined)
    const { entries, repeated } = await writePage(place, page, isInDoubt)
    isInDoubt = false
    const counts = counted(place, row.counts, page, repeated)
    const mark = (await target.mark?.()) ?? null
    const isLast = page.next === null
    const further = isLast
      ? { phase: 'compare' as const, cursor: null, pass: row.pass + 1 }
      : { cursor: page.next }
    row = await ledger.commit(row, entries, { counts, mark, ...further })
    progress(counts.read)
    if (stop.aborted && !isLast) throw new Interrupted({ kind: 'unfinished' })
  }
  return row
}

/** Reads the source again and writes what is new or different, until a pass finds nothing. */
async function compare(place: Transfer, from: TransferRow): Promise<TransferRow> {
  const { source, target, ledger, options, signal, stop } = place
  let row = from
  for (;;) {
    let found = 0
    const ring = new Ring(row.cursor)
    do {
      const page: RecordPage = await source.page(row.cursor, signal)
      ring.refuse(page.next)
      const { seen, open } = sorted(place, page, row.pass)
      if (open.length > 0 && target.repeatable === 'rewind' && row.pass <= options.passes) {
        // What has been appended cannot be changed: it is written anew.
        await target.rewind?.(null)
        return ledger.restart({
          ...row,
          counts: { ...row.counts, changed: row.counts.changed + open.length },
        })
      }
      const { entries, repeated } = await writePage(place, { records: open, next: null }, true)
      found += entries.filter(({ state }) => state !== 'quarantined').length
      const counts = {
        ...row.counts,
        changed: row.counts.changed + entries.length,
        repeated: row.counts.repeated + repeated,
      }
      row = await ledger.commit(row, [...seen, ...entries], { counts, cursor: page.next })
      if (stop.aborted) throw new Interrupted({ kind: 'unfinished' })
    } while (row.cursor !== null)
    if (found === 0) return ledger.commit(row, [], { phase: 'verify' })
    if (row.pass > options.passes)
      throw new Interrupted({
        kind: 'failed',
        reason: `the source changes while it is read: ${found} records in pass ${row.pass}`,
      })
    row = await ledger.commit(row, [], { pass: row.pass + 1 })
  }
}

/** What of a page is as it was copied, and what is new or different. */
function sorted({ ledger, options }: Transfer, page: RecordPage, pass: number) {
  const seen: LedgerEntry[] = []
  const open: DataRecord[] = []
  const here = new Set<string>()
  for (const record of page.records) {
    const former = ledger.find(record.key)
    // The source has it twice: the first one of a pass counts.
    if (here.has(record.key) || former?.pass === pass) continue
    here.add(record.key)
    const isSame = former !== undefined && isEqualHash(former.hash, hashOf(mapped(record, options.fields)))
    if (isSame && former.state !== 'quarantined') seen.push(former)
    else open.push(record)
  }
  return { seen, open }
}

async function verify(place: Transfer, row: TransferRow): Promise<Attempt> {
  const { ledger, options } = place
  const { report, problem } = await reconcile(place, row)
  const { quarantined } = ledger.counts()
  const reason = quarantined > options.tolerate ? `${quarantined} records were set aside` : problem
  if (reason === undefined) {
    await ledger.commit(row, [], { phase: 'done', report })
    return { kind: 'done' }
  }
  // A retry reads the source again and writes what is missing.
  await ledger.commit(row, [], { phase: 'compare', pass: row.pass + 1, cursor: null, report })
  return { kind: 'failed', reason }
}

const MAX_NAMES = 1000

function counted(
  { options }: Transfer,
  counts: TransferCounts,
  page: RecordPage,
  repeated: number,
): TransferCounts {
  const names = new Set(counts.names)
  // Where fields are named, these are all; else every record may have one that no other has.
  if (options.fields !== undefined) for (const name of Object.keys(options.fields)) names.add(name)
  else
    for (const { fields } of page.records)
      for (const name in fields) if (!names.has(name) && names.size < MAX_NAMES) names.add(name)
  return {
    read: counts.read + page.records.length + (page.faults?.length ?? 0),
    pages: counts.pages + 1,
    repeated: counts.repeated + repeated,
    changed: counts.changed,
    names: names.size === counts.names.length ? counts.names : [...names].sort(),
  }
}

/**
 * Finds a source whose pages lead in a ring, which would be read for ever: a cursor is held against one that is moved on
 * ever more seldom (Brent's algorithm), so that nothing grows with the number of pages.
 */
class Ring {
  #kept: string | null
  #left = 1
  #power = 1

  constructor(first: string | null) {
    this.#kept = first
  }

  refuse(cursor: string | null): void {
    if (cursor === null) return
    if (cursor === this.#kept)
      throw new Interrupted({ kind: 'failed', reason: 'the pages of the source lead in a ring' })
    if (--this.#left > 0) return
    this.#power *= 2
    this.#left = this.#power
    this.#kept = cursor
  }
}
