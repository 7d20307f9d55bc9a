import { asideKey, placeOn } from './aside.ts'
import { contentHash, hashOf } from './digest.ts'
import type { KeptEntry, LedgerEntry } from './ledger.ts'
import type { DataRecord, RecordPage } from './model.ts'
import { isEqualHash, mapped, type Transfer, untilStop } from './place.ts'
import { ContentRefused } from './refused.ts'

/**
 * What of a page is to be copied in the first pass. That each record of a million is looked for in the ledger would take
 * long: only a page that begins with a known one, and one that goes into a file, which cannot be changed behind its end.
 * @param inDoubt whether a part of this page may have been settled before
 * @returns how many of them are settled, of a page that was under way
 */
export function known(
  place: Transfer,
  { records }: Pick<RecordPage, 'records'>,
  inDoubt: boolean,
  cursor: string | null,
): {
  readonly open: readonly DataRecord[]
  readonly doubles: readonly LedgerEntry[]
  readonly settled: number
} {
  const { ledger, target } = place
  const [first] = records
  const isLookedFor =
    inDoubt || target.repeatable === 'rewind' || (first !== undefined && ledger.find(first.key) !== undefined)
  const here = new Set<string>()
  const open: DataRecord[] = []
  const doubles: LedgerEntry[] = []
  let settled = 0
  for (const [at, record] of records.entries()) {
    const former = isLookedFor ? ledger.find(record.key) : undefined
    const double = (): LedgerEntry => doubleOf(place, record, former, placeOn(cursor, at))
    if (here.has(record.key)) doubles.push(double())
    else if (former === undefined) open.push(record)
    else if (inDoubt) settled++
    else doubles.push(double())
    here.add(record.key)
  }
  return { open, doubles, settled }
}

/** What of a page is as it was copied, what is new or different, and what this pass has seen before. */
export async function sorted(
  place: Transfer,
  { records }: Pick<RecordPage, 'records'>,
  pass: number,
  cursor: string | null,
): Promise<{
  readonly seen: readonly LedgerEntry[]
  readonly open: readonly DataRecord[]
  readonly doubles: readonly LedgerEntry[]
  /** How many the source did not have before, or had otherwise. */
  readonly changed: number
}> {
  const seen: LedgerEntry[] = []
  const open: DataRecord[] = []
  const doubles: LedgerEntry[] = []
  const here = new Set<string>()
  let changed = 0
  for (const [at, record] of records.entries()) {
    const former = place.ledger.find(record.key)
    // The first one of a pass counts.
    if (here.has(record.key) || former?.pass === pass) {
      doubles.push(doubleOf(place, record, former, placeOn(cursor, at)))
      continue
    }
    here.add(record.key)
    const isSame =
      former !== undefined && isAs(place, record, former) && (await hasSameBytes(place, record, former))
    if (isSame && former.state !== 'quarantined') seen.push(former)
    else open.push(record)
    if (!isSame && former?.hash.length !== 0) changed++
  }
  return { seen, open, doubles, changed }
}

/** A record whose key another one has: keys have to tell records apart, so it is set aside. */
function doubleOf(
  place: Transfer,
  record: DataRecord,
  former: KeptEntry | undefined,
  where: string,
): LedgerEntry {
  // Nobody has read the bytes of files yet.
  const isKnown = former !== undefined && record.content === undefined
  const contents = !isKnown ? '' : `, with ${isAs(place, record, former) ? 'the same' : 'other'} contents`
  return {
    key: asideKey(`${record.key}#twice`, where),
    hash: hashOf(mapped(record, place.options.fields)),
    contentHash: null,
    state: 'quarantined',
    reason: `the source has this key twice${contents}; the first one counts`,
  }
}

const isAs = ({ options }: Transfer, record: DataRecord, { hash }: Pick<LedgerEntry, 'hash'>): boolean =>
  isEqualHash(hash, hashOf(mapped(record, options.fields)))

/** Whether a file on this machine still holds what was copied: another one of the same length looks the same. */
async function hasSameBytes(
  place: Transfer,
  { content }: DataRecord,
  { contentHash: copied }: Pick<LedgerEntry, 'contentHash'>,
): Promise<boolean> {
  if (content?.isNear !== true || copied === null) return true
  try {
    return isEqualHash(await contentHash(content, untilStop(place)), copied)
  } catch (error) {
    // It is written again, and that says what is wrong with it.
    if (error instanceof ContentRefused) return false
    throw error
  }
}
