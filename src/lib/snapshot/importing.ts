import type { Context } from '../context.ts'
import { badInput, type OzgctlError } from '../errors.ts'
import type { Delimiter } from '../input/csv-header.ts'
import { decode, type Encoding, xmlEncoding } from '../input/decode.ts'
import { type Defect, DefectLog, hintFor } from '../input/defects.ts'
import type { InputLimits } from '../input/limits.ts'
import { type ContentKind, recognise } from '../input/recognise.ts'
import { type InputSource, openSources, type SourceFacts, totalBytes } from '../input/source.ts'
import type { Store } from '../store/sqlite.ts'
import type { Amount } from '../text.ts'
import {
  activeSnapshot,
  addSnapshotAfter,
  type ImportSummary,
  type NewSnapshot,
  previewSnapshot,
  type Snapshot,
  type SnapshotKind,
} from './snapshots.ts'

export interface ImportOptions {
  readonly files: readonly string[]
  /** What a text without byte order mark and declaration is written in; seen from the bytes where it is not given. */
  readonly encoding?: Encoding | undefined
  readonly delimiter?: Delimiter | undefined
  /** Read and check everything, write nothing. */
  readonly dryRun?: boolean
  /** Refuse the import when a single row is rejected. */
  readonly strict?: boolean
  /** How many rows may be rejected, or which share of all; a tenth where nothing is said. */
  readonly maxRejects?: Amount | undefined
  /** Accept an import with less than a tenth of what the former one had. */
  readonly allowShrink?: boolean
  /** Sees every defect as it is found, e.g. to write it to a file. */
  readonly onDefect?: (defect: Defect) => void
  /** Called when everything has been read and checked, before anything is written. */
  readonly onChecked?: () => void
}

export interface ImportResult {
  /** In a dry run the snapshot as it would be, not active. */
  readonly snapshot: Snapshot
  readonly former: Snapshot | undefined
  readonly dryRun: boolean
  /** A few defects of each reason. */
  readonly samples: readonly Defect[]
}

/** A file that has been opened and recognised; its text can be read once. */
export interface InputText {
  readonly source: InputSource
  readonly kind: ContentKind
  readonly text: AsyncIterable<string>
  readonly delimiter: Delimiter | undefined
}

/** What one kind of import does with the files; the frame around it is the same for all. */
export interface ImportJob {
  readonly kind: SnapshotKind
  /**
   * Name in `counts` of what the snapshot is about; an import without any is refused, and one that shrinks to less than
   * a tenth as well. With several names one of them must be there and none may shrink.
   */
  readonly mainCount: string | readonly string[]
  readonly limits: InputLimits
  /** Reads one file; must consume its whole text. */
  read(input: InputText, defects: DefectLog): Promise<void>
  /** What else speaks against taking the place of the former snapshot. */
  refuse?(former: Snapshot): Promise<OzgctlError | undefined>
  /** Called once when all files are read, before anything is written. */
  finish(defects: DefectLog): Promise<ImportOutcome>
}

export interface ImportOutcome {
  readonly counts: Readonly<Record<string, number>>
  readonly ignored: Readonly<Record<string, number>>
  /** Writes the rows; runs inside the snapshot's transaction and must be synchronous. */
  write(snapshot: number): void
}

/**
 * Imports files as one snapshot: everything is read and checked first, then written and activated in one transaction.
 * A dry run ends before that.
 * @throws OzgctlError 65 and nothing changed, when a file cannot be used, no row can or too many cannot, `strict` is
 * hurt, or the import is suspiciously small
 */
export async function runImport(
  context: Context,
  store: Store,
  options: ImportOptions,
  job: ImportJob,
): Promise<ImportResult> {
  const defects = new DefectLog(options.onDefect)
  const sources = await readAll(context, options, job, defects)
  const { counts, ignored, write } = await job.finish(defects)
  const summary = { counts, ignored, rejected: defects.summary('rejected'), kept: defects.summary('kept') }
  const main = [job.mainCount].flat()
  const used = main.reduce((sum, name) => sum + (counts[name] ?? 0), 0)
  refuseEmpty(used, defects)
  if (options.strict === true) refuseDefects(defects)
  refuseRejects(rowsOf(summary, sources, used), defects, options.maxRejects)
  const compared = async (): Promise<Snapshot | undefined> => {
    const former = await activeSnapshot(store, job.kind)
    if (options.allowShrink !== true) for (const name of main) refuseShrink(counts[name] ?? 0, former, name)
    const refusal = former === undefined ? undefined : await job.refuse?.(former)
    if (refusal !== undefined) throw refusal
    return former
  }
  let former = await compared()
  options.onChecked?.()
  const found: NewSnapshot = {
    kind: job.kind,
    createdAt: context.now().toISOString(),
    actor: context.actor,
    host: context.host,
    sources,
    summary,
  }
  const dryRun = options.dryRun === true
  if (dryRun)
    return { snapshot: await previewSnapshot(store, found), former, dryRun, samples: defects.samples }
  for (;;) {
    const snapshot = await addSnapshotAfter(store, former, found, write)
    if (snapshot !== undefined) return { snapshot, former, dryRun, samples: defects.samples }
    // Another import has become active meanwhile: what speaks against taking its place has to be asked again.
    former = await compared()
  }
}

async function readAll(
  context: Context,
  options: ImportOptions,
  job: ImportJob,
  defects: DefectLog,
): Promise<SourceFacts[]> {
  const sources: SourceFacts[] = []
  context.progress.start(`reading ${options.files.join(', ')}`, totalBytes(options.files))
  try {
    for await (const source of openSources(options.files, {
      onBytes: (read) => context.progress.update(read),
      stdin: context.stdin,
      limits: job.limits,
    })) {
      sources.push(source.facts)
      const kind = recognise(source)
      const text = decode(
        source,
        kind === 'xml' && options.encoding === undefined ? xmlEncoding(source) : undefined,
        options.encoding,
      )
      await job.read({ source, kind, text, delimiter: options.delimiter }, defects)
    }
  } finally {
    context.progress.stop()
  }
  return sources
}

function refuseEmpty(count: number, defects: DefectLog): void {
  if (count > 0) return
  const first = firstRejected(defects)
  throw badInput(
    'NOTHING_USABLE',
    first === undefined
      ? 'the input holds no record of this kind'
      : `no row can be used; the first is rejected as ${first.reason}: ${JSON.stringify(first.value)}`,
    first?.place ?? {},
    first === undefined
      ? ['Check that this is the right file: every kind has its own import.']
      : [...nextSteps(first), 'See all of them with --rejects FILE.'],
  )
}

function refuseDefects(defects: DefectLog): void {
  const { total, byReason } = defects.summary('rejected')
  if (total === 0) return
  const first = firstRejected(defects)
  const reasons = Object.entries(byReason).map(([reason, count]) => `${count} ${reason}`)
  throw badInput(
    'STRICT',
    `--strict: ${total} ${total === 1 ? 'row' : 'rows'} cannot be used (${reasons.join(', ')}); nothing was imported`,
    first?.place ?? {},
    [...nextSteps(first), 'See all of them with --rejects FILE.'],
  )
}

/**
 * Rows that could have been used. A record can hold several, as a Leistung for many regions, and several can be about
 * one thing, so neither the records nor what came of them is always the whole; the larger is nearer to it.
 */
function rowsOf(
  { rejected, ignored }: Pick<ImportSummary, 'rejected' | 'ignored'>,
  sources: readonly SourceFacts[],
  used: number,
): number {
  // Rows with another number of columns are not among the records.
  const records = sources.reduce(
    (sum, source) => sum + source.records,
    rejected.byReason['column-count'] ?? 0,
  )
  const besides = Object.values(ignored).reduce((sum, count) => sum + count, 0)
  return Math.max(records - besides, used + rejected.total)
}

const DEFAULT_MAX_REJECTS: Amount = { percent: 10 }

/** An import of which much is missing looks like the whole to everyone who reads it later. */
function refuseRejects(rows: number, defects: DefectLog, wanted: Amount | undefined): void {
  const { total, byReason } = defects.summary('rejected')
  const max = wanted ?? DEFAULT_MAX_REJECTS
  if ('count' in max ? total <= max.count : total * 100 <= rows * max.percent) return
  const first = firstRejected(defects)
  const reasons = Object.entries(byReason).map(([reason, count]) => `${count} ${reason}`)
  const allowed = 'count' in max ? String(max.count) : `${max.percent}%`
  throw badInput(
    'REJECTS_TOO_MANY',
    `${total} of ${rows} rows cannot be used (${reasons.join(', ')}), more than ${allowed}; nothing was imported`,
    first?.place ?? {},
    [
      ...nextSteps(first),
      'See all of them with --rejects FILE.',
      `If they may be left out, repeat with --max-rejects ${Math.ceil((total / rows) * 100)}%.`,
    ],
  )
}

const firstRejected = (defects: DefectLog): Defect | undefined =>
  defects.samples.find((defect) => defect.action === 'rejected')

function nextSteps(defect: Defect | undefined): readonly string[] {
  const hint = defect === undefined ? undefined : hintFor(defect.reason)
  return hint === undefined ? [] : [hint]
}

function refuseShrink(count: number, former: Snapshot | undefined, name: string): void {
  const before = former?.counts[name] ?? 0
  if (former === undefined || count * 10 >= before) return
  throw badInput(
    'SHRUNK',
    `the input has ${count} ${name}, ${former.id} has ${before}: it looks cut off; nothing was imported`,
    {},
    ['If it is meant, repeat with --allow-shrink.'],
  )
}
