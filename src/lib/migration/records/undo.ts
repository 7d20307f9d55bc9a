import type { Attempt } from '../../journal/executor.ts'
import { attemptOf } from './interrupted.ts'
import type { KeptEntry, Ledger, RecordState, TransferRow } from './ledger.ts'
import type { RecordOutcome, RecordTarget } from './model.ts'
import { hasContentOf, hashThere, isEqualHash, type Transfer, untilStop } from './place.ts'
import { asWritten } from './reconcile.ts'
import { together } from './together.ts'

const PAGE = 500
const AT_ONCE = 8
/** So many are named. */
const NAMED = 20

type Undo = Pick<Transfer, 'target' | 'ledger' | 'signal' | 'stop' | 'progress'> & {
  readonly states: readonly RecordState[]
}

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
    return canRemove(target) ? await removeEach(undo, target, row) : await putBack(undo, row)
  } catch (error) {
    return attemptOf(error, stop)
  }
}

async function removeEach(
  { ledger, signal, stop, progress, states }: Undo,
  target: Removing,
  { counts }: TransferRow,
): Promise<Attempt> {
  const reading = untilStop({ signal, stop })
  const left: string[] = []
  let stays = 0
  let done = 0
  for (let before = endOf(ledger); ; ) {
    const page = ledger.backwards(states, before, PAGE)
    const last = page.at(-1)
    if (last === undefined) break
    before = last.id
    const { results: outcomes, failed } = await together(page, AT_ONCE, (entry) =>
      removeOne(target, entry, counts.names, signal, reading),
    )
    await ledger.removed(page.filter((_, at) => outcomes[at]?.kind === 'done').map(({ id }) => id))
    page.forEach(({ key }, at) => {
      if (outcomes[at]?.kind !== 'changed') return
      stays++
      if (left.length < NAMED) left.push(key)
    })
    done += page.length
    progress(done)
    if (failed !== undefined) throw failed.error
    for (const outcome of outcomes) {
      switch (outcome?.kind) {
        case 'done':
        case 'changed':
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
  return stays === 0 ? { kind: 'done' } : { kind: 'failed', reason: leftText(stays, left) }
}

const endOf = (ledger: Ledger): number => (ledger.span()?.last ?? 0) + 1

function leftText(stays: number, left: readonly string[]): string {
  const more = stays > left.length ? `, and ${stays - left.length} more` : ''
  return `changed since it was written, and left as it is: ${left.join(', ')}${more}`
}

/** @param reading ends a look; what takes away is not ended */
async function removeOne(
  target: Removing,
  entry: KeptEntry,
  names: readonly string[],
  signal: AbortSignal,
  reading: AbortSignal,
): Promise<RecordOutcome | { readonly kind: 'changed' }> {
  const there = await target.find(entry.key, reading)
  if (there === undefined) return { kind: 'done', created: null }
  const isOurs =
    isEqualHash(hashThere(there, names), entry.hash) && (await hasContentOf(entry, there, reading))
  return isOurs ? target.remove(entry.key, signal) : { kind: 'changed' }
}

/** A file loses all that was appended, when nothing else has been done to it. */
async function putBack({ target, ledger, signal, stop, states }: Undo, row: TransferRow): Promise<Attempt> {
  // One that is gone, or empty, holds nothing of anybody.
  if ((await target.isEmpty?.()) !== true) {
    const what = await changedIn({ target, ledger, signal, stop }, row)
    if (what !== undefined)
      return { kind: 'failed', reason: `changed since it was written, and left as it is: ${what}` }
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
