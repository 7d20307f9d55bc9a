import type { Context } from '../context.ts'
import { badInput } from '../errors.ts'
import type { Delimiter } from '../input/csv-header.ts'
import { decode, type Encoding, xmlEncoding } from '../input/decode.ts'
import { type Defect, DefectLog, hintFor } from '../input/defects.ts'
import { type ContentKind, recognise } from '../input/recognise.ts'
import { type InputSource, openSources, type SourceFacts, totalBytes } from '../input/source.ts'
import type { Store } from '../store/sqlite.ts'
import {
  activeSnapshot,
  addSnapshot,
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
  /** Reads one file; must consume its whole text. */
  read(input: InputText, defects: DefectLog): Promise<void>
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
 * @throws OzgctlError 65 and nothing changed, when a file cannot be used, no row can, `strict` is hurt, or the
 * import is suspiciously small
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
  refuseEmpty(
    main.reduce((sum, name) => sum + (counts[name] ?? 0), 0),
    defects,
  )
  if (options.strict === true) refuseDefects(defects)
  const former = await activeSnapshot(store, job.kind)
  if (options.allowShrink !== true) for (const name of main) refuseShrink(counts[name] ?? 0, former, name)
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
  const snapshot = await (dryRun ? previewSnapshot(store, found) : addSnapshot(store, found, write))
  return { snapshot, former, dryRun, samples: defects.samples }
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
