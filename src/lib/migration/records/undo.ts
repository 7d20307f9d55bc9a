import type { Attempt } from '../../journal/executor.ts'
import { hashOf } from './digest.ts'
import { attemptOf } from './interrupted.ts'
import type { KeptEntry, Ledger, RecordState, TransferRow } from './ledger.ts'
import type { RecordOutcome, RecordSource, RecordTarget } from './model.ts'
import { hasContentOf, hashThere, isEqualHash, mapped, type Transfer, untilStop } from './place.ts'
import { asWritten } from './reconcile.ts'
import { cutTail } from './tail.ts'
import { together } from './together.ts'

const PAGE = 500
const AT_ONCE = 8
/** So many are named. */
const NAMED = 20

type Undo = Pick<Transfer, 'target' | 'ledger' | 'signal' | 'stop' | 'progress'> & {
  readonly states: readonly RecordState[]
  readonly options: Pick<Transfer['options'], 'fields'>
  /** Opens what a transfer that did not come to its end was reading. */
  readonly source: () => Promise<RecordSource>
}

/** Why a record stays in the target. */
const STAYS = {
  changed: 'changed since it was written, and left as it is',
  there: 'still there although the target says that it has taken it away',
  perhaps: 'perhaps written when the run was interrupted, and left as it is',
}
type Stays = keyof typeof STAYS

/** What a target has to be able to do so that records can be taken away one by one. */
export type Removing = Required<Pick<RecordTarget, 'find' | 'remove'>>

export const canRemove = (target: RecordTarget): target is RecordTarget & Removing =>
  target.find !== undefined && target.remove !== undefined

/**
 * Takes away what a transfer wrote, the last record first, as far as it is as it was written: what somebody has changed
 * since stays, and is named. What is not there any more is taken away; a page that was under way when the process died
 * is done again.
 */
export async function removeCreated(undo: Undo): Promise<Attempt> {
  const { target, ledger, stop } = undo
  const row = ledger.read()
  if (row === undefined) return { kind: 'done' }
  try {
    const attempt = canRemove(target) ? await removeEach(undo, target, row) : await putBack(undo, row)
    // The page that was under way has been looked at, too: nothing of this transfer is open any more.
    if (attempt.kind === 'done' && isUnderWay(row)) await ledger.commit(row, [], { phase: 'verify' })
    return attempt
  } catch (error) {
    return attemptOf(error, stop)
  }
}

async function removeEach(undo: Undo, target: Removing, row: TransferRow): Promise<Attempt> {
  const { ledger, signal, stop, progress, states } = undo
  const reading = untilStop({ signal, stop })
  const left = new Left()
  let done = 0
  for (let before = endOf(ledger); ; ) {
    const page = ledger.backwards(states, before, PAGE)
    const last = page.at(-1)
    if (last === undefined) break
    before = last.id
    const { results: outcomes, failed } = await together(page, AT_ONCE, (entry) =>
      removeOne(target, entry, row.counts.names, signal, reading),
    )
    await ledger.removed(page.filter((_, at) => outcomes[at]?.kind === 'done').map(({ id }) => id))
    page.forEach(({ key }, at) => {
      const outcome = outcomes[at]
      if (outcome?.kind === 'stays') left.add(outcome.why, key)
    })
    done += page.length
    progress(done)
    if (failed !== undefined) throw failed.error
    for (const outcome of outcomes) {
      switch (outcome?.kind) {
        case 'done':
        case 'stays':
        case undefined:
          break
        case 'refused':
          return { kind: 'failed', reason: outcome.reason }
        case 'later':
          return outcome
        case 'unknown':
          return { kind: 'later', reason: outcome.reason, afterMs: null }
      }
    }
    if (stop.aborted) return { kind: 'unfinished' }
  }
  if (isUnderWay(row)) for (const key of await perhapsWritten(undo, target, row)) left.add('perhaps', key)
  return left.text === '' ? { kind: 'done' } : { kind: 'failed', reason: left.text }
}

/** Whether a page may have been written in part, of which nothing is in the ledger. */
export const isUnderWay = ({ phase }: Pick<TransferRow, 'phase'>): boolean =>
  phase === 'copy' || phase === 'compare'

/**
 * Keys of the page that was under way which the target has just so: written before the process died, or there before.
 * @throws HttpFailure, OzgctlError when the source cannot say which they are
 */
async function perhapsWritten(
  { ledger, options, source: opened, signal, stop }: Undo,
  target: Removing,
  { cursor }: TransferRow,
): Promise<readonly string[]> {
  const reading = untilStop({ signal, stop })
  const source = await opened()
  try {
    const page = await source.page(cursor, reading)
    const { results, failed } = await together(page.records, AT_ONCE, async (one) => {
      if (ledger.find(one.key) !== undefined) return undefined
      const there = await target.find(one.key, reading)
      const record = mapped(one, options.fields)
      const isSame =
        there !== undefined && isEqualHash(hashThere(there, Object.keys(record.fields)), hashOf(record))
      return isSame ? one.key : undefined
    })
    if (failed !== undefined) throw failed.error
    return results.filter((key) => key !== undefined)
  } finally {
    await source.close()
  }
}

const endOf = (ledger: Ledger): number => (ledger.span()?.last ?? 0) + 1

/** What is left in the target, and why. */
class Left {
  readonly #keys = new Map<Stays, string[]>()

  add(why: Stays, key: string): void {
    const keys = this.#keys.get(why) ?? []
    keys.push(key)
    this.#keys.set(why, keys)
  }

  /** Empty where nothing is left. */
  get text(): string {
    return [...this.#keys]
      .map(([why, keys]) => {
        const more = keys.length > NAMED ? `, and ${keys.length - NAMED} more` : ''
        return `${STAYS[why]}: ${keys.slice(0, NAMED).join(', ')}${more}`
      })
      .join('; ')
  }
}

/** @param reading ends a look; what takes away is not ended */
async function removeOne(
  target: Removing,
  entry: KeptEntry,
  names: readonly string[],
  signal: AbortSignal,
  reading: AbortSignal,
): Promise<RecordOutcome | { readonly kind: 'stays'; readonly why: Stays }> {
  const there = await target.find(entry.key, reading)
  if (there === undefined) return { kind: 'done', created: null }
  const isOurs =
    isEqualHash(hashThere(there, names), entry.hash) && (await hasContentOf(entry, there, reading))
  if (!isOurs) return { kind: 'stays', why: 'changed' }
  const outcome = await target.remove(entry.key, signal)
  if (outcome.kind !== 'done') return outcome
  // Some say yes and do not do it.
  return (await target.find(entry.key, reading)) === undefined ? outcome : { kind: 'stays', why: 'there' }
}

/** A file loses all that was appended, when nothing else has been done to it. */
async function putBack(undo: Undo, row: TransferRow): Promise<Attempt> {
  const { target, ledger, signal, stop, states, options } = undo
  if (isUnderWay(row) && (await target.isEmpty?.()) !== true) {
    const source = await undo.source()
    try {
      await cutTail({ source, target, ledger, options, signal, stop }, row)
    } finally {
      await source.close()
    }
  }
  // One that is gone, or empty, holds nothing of anybody.
  if ((await target.isEmpty?.()) !== true) {
    const what = await changedIn({ target, ledger, signal, stop }, row)
    if (what !== undefined) return { kind: 'failed', reason: `${STAYS.changed}: ${what}` }
    await target.rewind?.(null)
  }
  for (;;) {
    const page = ledger.backwards(states, endOf(ledger), PAGE)
    if (page.length === 0) return { kind: 'done' }
    await ledger.removed(page.map(({ id }) => id))
  }
}

/** What somebody else has done to a file; undefined for nothing. */
async function changedIn(
  place: Pick<Undo, 'target' | 'ledger' | 'signal' | 'stop'>,
  row: TransferRow,
): Promise<string | undefined> {
  const options = { verify: true, shared: false, most: Number.MAX_SAFE_INTEGER }
  const { problem } = await asWritten({ ...place, options }, row)
  if (problem !== undefined) return problem
  const isAsLong = (await place.target.mark?.()) === row.mark
  return isAsLong ? undefined : 'it is longer or shorter than it was'
}
