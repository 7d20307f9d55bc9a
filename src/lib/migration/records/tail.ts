import { hashOf } from './digest.ts'
import { failing } from './interrupted.ts'
import type { TransferRow } from './ledger.ts'
import type { RecordPage } from './model.ts'
import { hashThere, isEqualHash, mapped, type Transfer, untilStop } from './place.ts'

/** Both ends of a transfer that appends to a file. */
type Tail = Pick<Transfer, 'source' | 'target' | 'ledger' | 'signal' | 'stop'> & {
  readonly options: Pick<Transfer['options'], 'fields'>
}

const CHANGED = 'somebody else has changed the target meanwhile: move it away, or put it back as it was'

/**
 * Puts a file back to where it stood after the last page that is done: what a process that died had appended after it is
 * cut off. Only that: each record in the file is one that was written, or one of the page that was under way.
 * @throws Interrupted when there is something of somebody else
 */
export async function cutTail(place: Tail, row: TransferRow): Promise<void> {
  const { target } = place
  if (target.rewind === undefined) return
  if (await isLonger(place, row)) await refuseForeign(place, row)
  await target.rewind(row.mark)
}

/** Puts a file back to its beginning. @throws Interrupted when somebody else has changed it */
export async function cutAll({ target }: Transfer, row: TransferRow): Promise<void> {
  const isUntouched = (await target.isEmpty?.()) === true || (await target.mark?.()) === row.mark
  if (!isUntouched) throw failing(CHANGED)
  await target.rewind?.(null)
}

const isLonger = async ({ target }: Tail, { mark }: TransferRow): Promise<boolean> =>
  (await target.isEmpty?.()) !== true && (await target.mark?.()) !== mark

async function refuseForeign(place: Tail, row: TransferRow): Promise<void> {
  const { source, target, ledger, options } = place
  const signal = untilStop(place)
  const underWay = await source.page(row.cursor, signal)
  const ours = new Map(
    underWay.records.map((one) => {
      const record = mapped(one, options.fields)
      return [one.key, { hash: hashOf(record), names: Object.keys(record.fields) }] as const
    }),
  )
  let faults = 0
  for (let cursor: string | null = null; target.page !== undefined; ) {
    const page: RecordPage = await target.page(cursor, signal)
    for (const there of page.records) {
      const entry = ledger.find(there.key) ?? ours.get(there.key)
      const names = ours.get(there.key)?.names ?? row.counts.names
      if (entry === undefined || !isEqualHash(hashThere(there, names), entry.hash)) throw failing(CHANGED)
    }
    faults += page.faults?.length ?? 0
    // The last line may be cut in its middle.
    if (faults > 1) throw failing(CHANGED)
    if (page.next === null) return
    cursor = page.next
  }
}
