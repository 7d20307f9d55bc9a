import { SetDigest } from './digest.ts'
import { Interrupted } from './interrupted.ts'
import type { KeptEntry, TransferRow } from './ledger.ts'
import { Marks } from './marks.ts'
import type { DataRecord, RecordPage, RecordTarget } from './model.ts'
import { hasContentOf, hashThere, isEqualHash, type Transfer, untilStop } from './place.ts'
import { Reading } from './reading.ts'
import type { Comparison, Reconciliation, Sample, Side } from './reconciliation.ts'
import { together } from './together.ts'

export interface Reconciled {
  readonly report: Reconciliation
  /** Why it is not as it should be; undefined when it is, as far as it was looked at. */
  readonly problem: string | undefined
  /** Ids of the entries that a retry has to write again. */
  readonly again: Iterable<number>
}

const SAMPLES = 20
const FINDS = 16

type Place = Pick<Transfer, 'target' | 'ledger' | 'signal' | 'stop'> & {
  readonly options: Pick<Transfer['options'], 'verify' | 'shared' | 'most'>
}

/**
 * Reads the target and holds it against what the source had in the last pass, both ways: each record of the source is
 * there, once and just so, and nothing else is. What was not looked at is unknown (null) and never zero.
 */
export function reconcile(place: Place, { pass, counts }: TransferRow): Promise<Reconciled> {
  return holdAgainst(place, pass, counts.names)
}

/** Holds the target against all that was written, whatever the source has by now. */
export function asWritten(place: Place, { counts }: TransferRow): Promise<Reconciled> {
  return holdAgainst(place, null, counts.names)
}

/** @param pass of the source whose records have to be there; null for those of any pass */
async function holdAgainst(place: Place, pass: number | null, names: readonly string[]): Promise<Reconciled> {
  const { ledger, target, options } = place
  const source = sourceSide(place, pass)
  const span = ledger.span()
  const marks = (): Marks => new Marks(span?.first ?? 0, span?.last ?? 0)
  const found = new Findings(untilStop(place), names, pass, marks)
  const compared = await look(place, pass, found)
  const missing = compared === 'no' ? null : found.missing(ledger.seen(pass), source.count)
  const report: Reconciliation = {
    compared,
    source,
    target: compared === 'no' ? null : sideOf(found.side),
    missing,
    different: compared === 'no' ? null : found.different,
    twice: compared === 'whole' ? found.twice : null,
    extra: compared === 'whole' ? found.extra : null,
    gone: pass === null ? 0 : ledger.unseen(pass),
    samples: found.samples,
  }
  return {
    report,
    problem: problemOf(report, options.shared),
    again: compared === 'no' ? [] : found.again(ledger.seen(pass), canMend(target)),
  }
}

/** Whether a record that is there otherwise becomes right by being written again. */
const canMend = ({ repeatable }: RecordTarget): boolean => repeatable === 'by-key' || repeatable === 'rewind'

function problemOf(
  { missing, different, twice, extra }: Reconciliation,
  isShared: boolean,
): string | undefined {
  const figures: readonly (readonly [number | null, string])[] = [
    [missing, 'missing'],
    [different, 'different'],
    [twice, 'there twice'],
    [isShared ? 0 : extra, 'not at the source'],
  ]
  const wrong = figures.flatMap(([count, what]) =>
    count === null || count === 0 ? [] : [`${count} ${what}`],
  )
  return wrong.length === 0 ? undefined : `the target is not as the source: ${wrong.join(', ')}`
}

const sideOf = (digest: SetDigest): Side => ({ count: digest.count, digest: digest.toString() })

function sourceSide({ ledger }: Place, pass: number | null): Side {
  const digest = new SetDigest()
  for (const { hash } of ledger.seen(pass)) digest.add(hash)
  return sideOf(digest)
}

async function look(place: Place, pass: number | null, found: Findings): Promise<Comparison> {
  const { target, options } = place
  if (!options.verify) return 'no'
  if (target.page !== undefined) {
    await byPages(place, target.page, found)
    return 'whole'
  }
  if (target.find === undefined) return 'no'
  await byKeys(place, target.find, pass, found)
  return 'by-key'
}

/** What the target was found to have. */
class Findings {
  /** All that it showed. */
  readonly side = new SetDigest()
  different = 0
  /** Further sights of a record. */
  twice = 0
  extra = 0
  readonly samples: Sample[] = []
  readonly #signal: AbortSignal
  readonly #names: readonly string[]
  readonly #pass: number | null
  /** Records of the source that it showed. */
  #present = 0
  readonly #seen: Marks
  readonly #same: Marks

  constructor(signal: AbortSignal, names: readonly string[], pass: number | null, marks: () => Marks) {
    this.#signal = signal
    this.#names = names
    this.#pass = pass
    this.#seen = marks()
    this.#same = marks()
  }

  /** @returns whether nothing was known of this record before */
  async add(there: DataRecord, entry: KeptEntry | undefined): Promise<boolean> {
    const hash = hashThere(there, this.#names)
    this.side.add(hash)
    if (entry === undefined) {
      this.#isExtra(there.key)
      return true
    }
    if (!this.#seen.add(entry.id)) {
      this.twice++
      this.#sample(there.key, 'twice')
      return false
    }
    const isPresent = this.#pass === null || entry.pass === this.#pass
    // What was set aside is told of as such.
    if (entry.state === 'quarantined' && isPresent) return true
    if (!isPresent || entry.state === 'removed') {
      this.#isExtra(there.key)
      return true
    }
    this.#present++
    if (isEqualHash(hash, entry.hash) && (await hasContentOf(entry, there, this.#signal)))
      this.#same.add(entry.id)
    else {
      this.different++
      this.#sample(there.key, 'different')
    }
    return true
  }

  /** How many of these the target did not show. @param count how many they are */
  missing(entries: Iterable<KeptEntry>, count: number): number {
    let missing = 0
    if (this.#present === count) return missing
    for (const { id, key } of entries)
      if (!this.#seen.has(id)) {
        missing++
        this.#sample(key, 'missing')
      }
    return missing
  }

  /** @param different also those that are there otherwise */
  *again(entries: Iterable<KeptEntry>, different: boolean): Generator<number> {
    for (const { id } of entries) if (different ? !this.#same.has(id) : !this.#seen.has(id)) yield id
  }

  #isExtra(key: string): void {
    this.extra++
    this.#sample(key, 'extra')
  }

  #sample(key: string, what: Sample['what']): void {
    if (this.samples.length < SAMPLES) this.samples.push({ key, what })
  }
}

async function byPages(
  place: Place,
  page: NonNullable<RecordTarget['page']>,
  found: Findings,
): Promise<void> {
  const { ledger, options } = place
  const signal = untilStop(place)
  const reading = new Reading('target', options.most)
  for (let cursor: string | null = null; ; ) {
    const read: RecordPage = await page(cursor, signal)
    let fresh = 0
    for (const record of read.records) if (await found.add(record, ledger.find(record.key))) fresh++
    // What is no record is not from the source either.
    for (const { key } of read.faults ?? []) if (await found.add({ key, fields: {} }, undefined)) fresh++
    reading.took(read, fresh)
    if (read.next === null) return
    if (place.stop.aborted) throw new Interrupted({ kind: 'unfinished' })
    cursor = read.next
  }
}

async function byKeys(
  place: Place,
  find: NonNullable<RecordTarget['find']>,
  pass: number | null,
  found: Findings,
): Promise<void> {
  const signal = untilStop(place)
  let group: KeptEntry[] = []
  const ask = async (): Promise<void> => {
    const { failed } = await together(group, FINDS, async (entry) => {
      const there = await find(entry.key, signal)
      if (there !== undefined) await found.add(there, entry)
    })
    if (failed !== undefined) throw failed.error
    group = []
  }
  for (const entry of place.ledger.seen(pass)) {
    group.push(entry)
    if (group.length >= 10 * FINDS) await ask()
  }
  await ask()
}
