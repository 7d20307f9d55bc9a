import { printPlace } from '../errors.ts'
import type { Defect } from '../input/defects.ts'
import type { ImportResult } from '../snapshot/importing.ts'
import type { Snapshot } from '../snapshot/snapshots.ts'
import { formatNumber, formatTime, type Lang } from './lang.ts'
import { neutralCsv, neutralTerminal } from './neutral.ts'
import type { Column } from './table.ts'

/** Fixed part of `import --json` for every kind. */
export function importJson({ snapshot, former, dryRun }: ImportResult) {
  return {
    schemaVersion: 1,
    ...(dryRun ? { dryRun } : {}),
    snapshot: snapshot.id,
    former: former?.id ?? null,
    counts: snapshot.counts,
    rejected: snapshot.rejected,
    kept: snapshot.kept,
    ignored: snapshot.ignored,
    sources: snapshot.sources,
  }
}

const WORDS = {
  rejected: { de: 'nicht verwendbar', en: 'rejected' },
  kept: { de: 'trotzdem übernommen', en: 'kept all the same' },
  records: { de: 'Datensätze', en: 'records' },
  ignored: { de: 'gehört nicht dazu', en: 'not part of it' },
  active: { de: 'ist jetzt aktiv', en: 'is now active' },
  before: { de: 'vorher', en: 'before' },
  dryRun: { de: 'Probelauf: es wird nichts geschrieben', en: 'Dry run: nothing is written' },
  wouldBe: { de: 'Probelauf, nichts geschrieben;', en: 'Dry run, nothing written;' },
  wouldBeActive: { de: 'wäre jetzt aktiv', en: 'would now be active' },
} as const

/** What a snapshot counts, in words; terms of art are the same in both languages. */
const COUNT_NAMES: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
  land: { de: 'Länder', en: 'Länder' },
  bezirk: { de: 'Bezirke', en: 'Bezirke' },
  kreis: { de: 'Kreise', en: 'Kreise' },
  verband: { de: 'Verbände', en: 'Verbände' },
  gemeinde: { de: 'Gemeinden', en: 'Gemeinden' },
  gemeindefrei: { de: 'davon gemeindefrei', en: 'of them gemeindefrei' },
  inhabitants: { de: 'Einwohner', en: 'inhabitants' },
  ozgLeistungen: { de: 'OZG-Leistungen', en: 'OZG-Leistungen' },
  leistungen: { de: 'Leistungen', en: 'Leistungen' },
  offers: { de: 'Angebote', en: 'offers' },
  regions: { de: 'Gebiete', en: 'regions' },
  assumedReifegrad: { de: 'mit angenommenem Reifegrad', en: 'with an assumed Reifegrad' },
}

const countText = (name: string, count: number, lang: Lang): string =>
  `${formatNumber(count, lang)} ${COUNT_NAMES[name]?.[lang] ?? name}`

/** Summary of an import for people: sources, what was wrong with samples, counts; the snapshot last. */
export function importText({ snapshot, former, dryRun, samples }: ImportResult, lang: Lang): string {
  const lines = snapshot.sources.map(
    (source) =>
      `${neutralTerminal(source.name)}: ${source.format}, ${source.encoding}, ${formatNumber(source.records, lang)} ${WORDS.records[lang]}, sha256 ${source.sha256.slice(0, 12)}…`,
  )
  for (const action of ['rejected', 'kept'] as const) {
    for (const [reason, count] of Object.entries(snapshot[action].byReason)) {
      lines.push(`${formatNumber(count, lang)} × ${reason} (${WORDS[action][lang]})`)
      lines.push(
        ...samples
          .filter((sample) => sample.action === action && sample.reason === reason)
          .map((sample) => `    ${neutralTerminal(describe(sample))}`),
      )
    }
  }
  for (const [kind, count] of Object.entries(snapshot.ignored))
    lines.push(`${formatNumber(count, lang)} × ${kind} (${WORDS.ignored[lang]})`)
  const counts = Object.entries(snapshot.counts).map(([name, count]) => countText(name, count, lang))
  const since = former === undefined ? '' : ` (${WORDS.before[lang]}: ${former.id})`
  const result = dryRun
    ? `${WORDS.wouldBe[lang]} ${snapshot.id} ${WORDS.wouldBeActive[lang]}`
    : `${snapshot.id} ${WORDS.active[lang]}`
  const { total } = snapshot.rejected
  const left = total === 0 ? '' : `; ${formatNumber(total, lang)} ${WORDS.rejected[lang]}`
  return [...(dryRun ? [WORDS.dryRun[lang]] : []), ...lines, `${result}${since}: ${counts.join(', ')}${left}`]
    .map((line) => `${line}\n`)
    .join('')
}

function describe(defect: Defect): string {
  return `${printPlace(defect.place)}${defect.field} ${JSON.stringify(defect.value)}`
}

const CELLS = ['file', 'line', 'column', 'action', 'reason', 'field', 'value'] as const
export const REJECTS_HEADER = `${CELLS.join(';')}\n`

/** A line of the file that `--rejects` writes. */
export function rejectsLine(defect: Defect): string {
  const { place, action, reason, field, value } = defect
  const cells = [place.file, place.line, place.column, action, reason, field, value]
  return `${cells.map((cell) => neutralCsv(String(cell ?? ''))).join(';')}\n`
}

/** Columns of every `history`. */
export const historyColumns: readonly Column<Snapshot>[] = [
  { key: 'snapshot', title: { de: 'Stand', en: 'Snapshot' }, value: (row) => row.id },
  {
    key: 'active',
    title: { de: 'aktiv', en: 'active' },
    value: (row) => String(row.active),
    show: (value) => (value === 'true' ? '*' : ''),
  },
  {
    key: 'created_at',
    title: { de: 'wann (UTC)', en: 'when (UTC)' },
    value: (row) => row.createdAt,
    show: (value) => formatTime(String(value)),
  },
  { key: 'actor', title: { de: 'wer', en: 'who' }, value: (row) => row.actor },
  { key: 'host', title: { de: 'Rechner', en: 'host' }, value: (row) => row.host, csvOnly: true },
  {
    key: 'counts',
    title: { de: 'Inhalt', en: 'content' },
    value: (row) =>
      Object.entries(row.counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
    show: (value, lang) =>
      String(value)
        .split(', ')
        .map((part) => part.split(' '))
        .map(([count, name]) => (name === undefined ? count : countText(name, Number(count), lang)))
        .join(', '),
  },
  { key: 'rejected', title: { de: 'abgewiesen', en: 'rejected' }, value: (row) => row.rejected.total },
  {
    key: 'sources',
    title: { de: 'Quelle', en: 'source' },
    value: (row) => row.sources.map((source) => source.name).join(', '),
  },
  {
    key: 'sha256',
    title: { de: 'SHA-256', en: 'SHA-256' },
    value: (row) => row.sources.map((source) => source.sha256).join(', '),
    csvOnly: true,
  },
]

/** `history --json`. */
export function historyJson(snapshots: readonly Snapshot[]) {
  return {
    schemaVersion: 1,
    snapshots: snapshots.map(
      ({ id, active, createdAt, actor, host, counts, rejected, kept, ignored, sources }) => ({
        snapshot: id,
        active,
        createdAt,
        actor,
        host,
        counts,
        rejected,
        kept,
        ignored,
        sources,
      }),
    ),
  }
}
