import type { Attempt } from '../../journal/executor.ts'
import type { TransferCounts } from './counts.ts'
import { attemptOf, failing, Interrupted } from './interrupted.ts'
import type { TransferRow } from './ledger.ts'
import type { RecordPage } from './model.ts'
import { type Transfer, untilStop } from './place.ts'
import { Reading } from './reading.ts'
import { reconcile } from './reconcile.ts'
import { known, sorted } from './sort.ts'
import { cutAll, cutTail } from './tail.ts'
import { faultsOf, type Written, writePage } from './write-page.ts'

/**
 * Copies a collection, page by page: writes the records, then keeps what became of them together with where the next page
 * begins. A page that was under way when the process died is done again, each record in the way that its target can bear.
 * Then reads the source again until nothing in it has changed, and holds both sides against each other.
 */
export async function transfer(place: Transfer): Promise<Attempt> {
  const { ledger } = place
  try {
    const begun = ledger.read()
    let row = begun ?? (await ledger.begin())
    let inDoubt = begun !== undefined
    for (;;) {
      switch (row.phase) {
        case 'copy':
          if (inDoubt) await cutTail(place, row)
          row = await copy(place, row, inDoubt)
          inDoubt = false
          break
        case 'compare':
          row = await compare(place, row, inDoubt)
          inDoubt = false
          break
        case 'verify':
          return await verify(place, row)
        case 'done':
          return { kind: 'done' }
      }
    }
  } catch (error) {
    return attemptOf(error, place.stop)
  }
}

/** @param inDoubt whether records of the page under way may have been written */
async function copy(place: Transfer, from: TransferRow, inDoubt: boolean): Promise<TransferRow> {
  const { source, target, ledger, options, stop, progress } = place
  const signal = untilStop(place)
  const reading = new Reading('source', options.most, from.counts.read)
  let row = from
  let isInDoubt = inDoubt
  let next: Promise<RecordPage> | undefined = source.page(row.cursor, signal)
  while (next !== undefined) {
    const page: RecordPage = await next
    const { open, doubles, settled } = known(place, page, isInDoubt, row.cursor)
    reading.took(page, open.length + settled)
    const names = namesIn(options, row.counts.names, page)
    // While one page is written the next is on its way.
    next = page.next === null ? undefined : source.page(page.next, signal)
    next?.catch(() => undefined)
    const written = await writePage(place, { records: open, next: null }, isInDoubt)
    await keepOfPart(place, row, written)
    isInDoubt = false
    const counts = counted(row.counts, names, page, written.repeated)
    const mark = (await target.mark?.()) ?? null
    const isLast = page.next === null
    const further = isLast
      ? { phase: 'compare' as const, cursor: null, pass: row.pass + 1 }
      : { cursor: page.next }
    row = await ledger.commit(row, [...written.entries, ...doubles, ...faultsOf(page)], {
      counts,
      mark,
      ...further,
    })
    progress(counts.read)
    if (stop.aborted && !isLast) throw new Interrupted({ kind: 'unfinished' })
  }
  return row
}

/** Reads the source again and writes what is new or different, until a pass finds nothing. */
async function compare(place: Transfer, from: TransferRow, inDoubt: boolean): Promise<TransferRow> {
  const { source, target, ledger, options, stop } = place
  const signal = untilStop(place)
  let reading = new Reading('source', options.most)
  let isInDoubt = inDoubt
  for (let row = from; ; ) {
    const { pass } = row
    const page: RecordPage = await source.page(row.cursor, signal)
    const { seen, open, doubles, changed } = await sorted(place, page, pass, row.cursor)
    reading.took(page, seen.length + open.length)
    const names = namesIn(options, row.counts.names, { records: open })
    if (open.length > 0 && target.repeatable === 'rewind') {
      if (isOver(row, options.passes)) {
        await ledger.commit(row, [], { counts: { ...row.counts, since: pass } })
        throw changing(open.length, pass)
      }
      return writeAnew(place, row, changed)
    }
    const written = await writePage(place, { records: open, next: null }, isInDoubt)
    // What of this page is in the ledger with this pass would count as seen before.
    await keepOfPart(place, row, { ...written, entries: [] })
    isInDoubt = false
    const entries = [...seen, ...written.entries, ...doubles, ...faultsOf(page)]
    const found = row.counts.found + written.entries.filter(({ state }) => state !== 'quarantined').length
    const counts = {
      ...row.counts,
      names,
      changed: row.counts.changed + changed,
      repeated: row.counts.repeated + written.repeated,
      found,
    }
    if (page.next !== null) row = await ledger.commit(row, entries, { counts, cursor: page.next })
    else if (found === 0) return ledger.commit(row, entries, { counts, cursor: null, phase: 'verify' })
    else {
      // A retry reads it as often again.
      const since = isOver(row, options.passes) ? pass : counts.since
      row = await ledger.commit(row, entries, nextPass(pass, { ...counts, found: 0, since }))
      if (since === pass) throw changing(found, pass)
      reading = new Reading('source', options.most)
    }
    if (stop.aborted) throw new Interrupted({ kind: 'unfinished' })
  }
}

/** Whether the source has been read as often as it is to be. */
const isOver = ({ pass, counts }: TransferRow, passes: number): boolean => pass - counts.since >= passes

/** The end of a pass is the begin of the next, in one write: what this pass has seen is no double then. */
const nextPass = (pass: number, counts: TransferCounts) => ({ counts, cursor: null, pass: pass + 1 })

/** Keeps what is settled of a page that is not done, so that it is not done again. @throws what the page ended with */
async function keepOfPart(
  { ledger, target, signal }: Transfer,
  row: TransferRow,
  { entries, repeated, open }: Written,
): Promise<void> {
  if (open === undefined) return
  // What is not ours any more is written down by somebody else.
  if (!signal.aborted) {
    const mark = (await target.mark?.()) ?? row.mark
    await ledger.commit(row, entries, {
      mark,
      counts: { ...row.counts, repeated: row.counts.repeated + repeated },
    })
  }
  throw open
}

/** What has been appended cannot be changed: it is all written again. */
async function writeAnew(place: Transfer, row: TransferRow, changed: number): Promise<TransferRow> {
  await cutAll(place, row)
  return place.ledger.restart({ ...row, counts: { ...row.counts, changed: row.counts.changed + changed } })
}

const changing = (found: number, pass: number): Interrupted =>
  failing(`the source changes while it is read: ${found} records in pass ${pass}`)

async function verify(place: Transfer, row: TransferRow): Promise<Attempt> {
  const { ledger, options } = place
  const { report, problem, again } = await reconcile(place, row)
  const { quarantined } = ledger.counts()
  const setAside = quarantined > options.tolerate ? `${quarantined} records were set aside` : undefined
  const problems = [setAside, problem].filter((one) => one !== undefined)
  if (problems.length === 0) {
    await ledger.commit(row, [], { phase: 'done', report })
    return { kind: 'done' }
  }
  // A retry reads the source again and writes what the target has not as it should be.
  const counts = { ...row.counts, since: row.pass }
  await ledger.commit(row, [], { phase: 'compare', pass: row.pass + 1, cursor: null, counts, report }, again)
  return { kind: 'failed', reason: problems.join('; ') }
}

const MAX_NAMES = 1000

/**
 * Names of fields that the target is asked for when it is held against the source.
 * @throws Interrupted when there are too many of them to be kept
 */
function namesIn(
  { fields }: Pick<Transfer['options'], 'fields'>,
  known: readonly string[],
  { records }: Pick<RecordPage, 'records'>,
): readonly string[] {
  const names = new Set(known)
  // Where fields are named, these are all; else every record may have one that no other has.
  if (fields !== undefined) for (const name of Object.keys(fields)) names.add(name)
  else for (const record of records) for (const name in record.fields) names.add(name)
  if (names.size > MAX_NAMES)
    throw failing(`the records have more than ${MAX_NAMES} fields: say with fields which are meant`)
  return names.size === known.length ? known : [...names].sort()
}

const counted = (
  counts: TransferCounts,
  names: readonly string[],
  page: RecordPage,
  repeated: number,
): TransferCounts => ({
  ...counts,
  read: counts.read + page.records.length + (page.faults?.length ?? 0),
  pages: counts.pages + 1,
  repeated: counts.repeated + repeated,
  names,
})
