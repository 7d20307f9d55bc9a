import pLimit from 'p-limit'
import { contentHash, hashOf, SetDigest } from './digest.ts'
import type { LedgerEntry, TransferRow } from './ledger.ts'
import type { DataRecord, RecordPage } from './model.ts'
import { isEqualHash, only, type Transfer } from './place.ts'
import type { Reconciliation, Side } from './report.ts'

export interface Reconciled {
  readonly report: Reconciliation
  /** Why it is not as it should be; undefined when it is. */
  readonly problem: string | undefined
}

const SAMPLES = 20
const FINDS = 16

/** Reads the target and holds it against what the source had in the last pass: number, hash, and each single record. */
export async function reconcile(place: Transfer, { pass, counts }: TransferRow): Promise<Reconciled> {
  const { ledger, target, options } = place
  const source = sourceSide(place, pass)
  const gone = ledger.unseen(pass)
  const names = new Set(counts.names)
  const found = new Findings(place, names, pass)
  const isRead = options.verify && (target.page !== undefined || target.find !== undefined)
  if (isRead && target.page !== undefined) await byPages(place, target.page, found)
  else if (isRead && target.find !== undefined) await byKeys(place, target.find, pass, found)
  const missing = isRead ? source.count - found.side.count - found.different : 0
  const { different, extra, samples } = found
  const report: Reconciliation = {
    source,
    target: isRead ? { count: found.side.count + different, digest: found.side.toString() } : null,
    missing,
    different,
    extra,
    gone,
    samples,
  }
  const problem =
    missing > 0 || different > 0
      ? `the target is not as the source: ${missing} records are missing, ${different} are different`
      : undefined
  return { report, problem }
}

function sourceSide({ ledger }: Transfer, pass: number): Side {
  const digest = new SetDigest()
  for (const { hash } of ledger.seen(pass)) digest.add(hash)
  return { count: digest.count, digest: digest.toString() }
}

class Findings {
  /** Records of the target that are as they should be. */
  readonly side = new SetDigest()
  different = 0
  extra = 0
  readonly samples: { key: string; what: string }[] = []
  readonly #place: Transfer
  readonly #names: ReadonlySet<string>
  readonly #pass: number

  constructor(place: Transfer, names: ReadonlySet<string>, pass: number) {
    this.#pass = pass
    this.#place = place
    this.#names = names
  }

  async add(there: DataRecord, entry: ReturnType<Transfer['ledger']['find']>): Promise<void> {
    if (entry === undefined || entry.state === 'quarantined' || entry.state === 'removed') {
      this.extra++
      return
    }
    // Gone from the source since it was copied: told apart from the rest.
    if (entry.pass !== this.#pass) return
    const hash = hashOf({ ...there, fields: only(there.fields, this.#names) })
    if (isEqualHash(hash, entry.hash) && (await this.#hasContent(there, entry))) this.side.add(entry.hash)
    else {
      this.different++
      this.sample(there.key, 'different')
    }
  }

  sample(key: string, what: string): void {
    if (this.samples.length < SAMPLES) this.samples.push({ key, what })
  }

  async #hasContent({ content }: DataRecord, entry: LedgerEntry): Promise<boolean> {
    if (entry.contentHash === null) return true
    return (
      content !== undefined && isEqualHash(await contentHash(content, this.#place.signal), entry.contentHash)
    )
  }
}

async function byPages(
  { ledger, signal }: Transfer,
  page: NonNullable<Transfer['target']['page']>,
  found: Findings,
): Promise<void> {
  for (let cursor: string | null = null; ; ) {
    const read: RecordPage = await page(cursor, signal)
    for (const record of read.records) await found.add(record, ledger.find(record.key))
    if (read.next === null || read.next === cursor) return
    cursor = read.next
  }
}

async function byKeys(
  { ledger, signal }: Transfer,
  find: NonNullable<Transfer['target']['find']>,
  pass: number,
  found: Findings,
): Promise<void> {
  const limit = pLimit(FINDS)
  let group: LedgerEntry[] = []
  const ask = async (): Promise<void> => {
    await Promise.all(
      group.map((entry) =>
        limit(async () => {
          const there = await find(entry.key, signal)
          if (there === undefined) found.sample(entry.key, 'missing')
          else await found.add(there, { ...entry, pass })
        }),
      ),
    )
    group = []
  }
  for (const entry of ledger.seen(pass)) {
    group.push(entry)
    if (group.length >= 10 * FINDS) await ask()
  }
  await ask()
}
