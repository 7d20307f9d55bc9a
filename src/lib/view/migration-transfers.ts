import type { Verdict } from '../migration/records/reconciliation.ts'
import type { TransferReport } from '../migration/records/report.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import { neutralTerminal } from './neutral.ts'

const VERDICTS: Readonly<Record<Verdict, Words>> = {
  same: { de: 'beide Seiten gleich', en: 'both sides are the same' },
  more: {
    de: 'jeder Datensatz gleich, im Ziel sind weitere',
    en: 'each record is the same, the target has more',
  },
  'by-key': {
    de: 'jeder Datensatz gleich, was im Ziel sonst ist wurde nicht verglichen',
    en: 'each record is the same, what else the target has was not compared',
  },
  different: { de: 'nicht gleich', en: 'not the same' },
  'not-compared': { de: 'nicht verglichen', en: 'not compared' },
}

/** What of a figure is not measured is no zero. */
const NOT_MEASURED: Words = { de: 'nicht gemessen', en: 'not measured' }

const FIGURES = {
  missing: { de: 'fehlt', en: 'missing' },
  different: { de: 'anders', en: 'different' },
  twice: { de: 'doppelt', en: 'twice' },
  extra: { de: 'nicht in der Quelle', en: 'not at the source' },
} satisfies Readonly<Record<string, Words>>

type Figure = keyof typeof FIGURES
const FIGURE_NAMES = Object.keys(FIGURES) as Figure[]

/** What a transfer did and found, in one line. */
export function transferLine(one: TransferReport, lang: Lang): string {
  const { records, counts, reconciliation } = one
  const written = records.created + records.replaced + records.written + records.same
  const done = {
    de: `${formatNumber(counts.read, lang)} gelesen, ${formatNumber(written, lang)} geschrieben, ${formatNumber(records.quarantined, lang)} beiseitegelegt`,
    en: `${formatNumber(counts.read, lang)} read, ${formatNumber(written, lang)} written, ${formatNumber(records.quarantined, lang)} set aside`,
  }[lang]
  const sides =
    reconciliation === null
      ? []
      : [`${reconciliation.source.count} → ${reconciliation.target?.count ?? '?'}`, found(one, lang)]
  return neutralTerminal(
    `${one.name}, ${one.step}: ${[done, sides.join(', ')].filter((part) => part !== '').join('; ')}`,
  )
}

function found({ reconciliation, verdict, records }: TransferReport, lang: Lang): string {
  const words = VERDICTS[verdict][lang]
  if (verdict === 'same' && records.quarantined > 0)
    return { de: `ohne das Beiseitegelegte ${words}`, en: `without what was set aside ${words}` }[lang]
  const wrong = FIGURE_NAMES.flatMap((name) => {
    const count = reconciliation?.[name] ?? 0
    return count === 0 ? [] : [`${formatNumber(count, lang)} ${FIGURES[name][lang]}${keysOf(name)}`]
  })
  return wrong.length === 0 ? words : `${words}: ${wrong.join(', ')}`

  function keysOf(name: Figure): string {
    const keys = (reconciliation?.samples ?? []).filter(({ what }) => what === name).map(({ key }) => key)
    return keys.length === 0 ? '' : ` (${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', …' : ''})`
  }
}

interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const HEAD: readonly Words[] = [
  { de: 'Mandant', en: 'Tenant' },
  { de: 'Schritt', en: 'Step' },
  { de: 'gelesen', en: 'read' },
  { de: 'neu', en: 'created' },
  { de: 'ersetzt', en: 'replaced' },
  { de: 'geschrieben, ob neu nicht gesagt', en: 'written, not said whether new' },
  { de: 'war schon da', en: 'there already' },
  { de: 'beiseite', en: 'set aside' },
  { de: 'vielleicht mehrmals gesendet', en: 'perhaps sent more than once' },
  { de: 'Quelle', en: 'Source' },
  { de: 'Ziel', en: 'Target' },
  ...FIGURE_NAMES.map((name) => FIGURES[name]),
  { de: 'Vergleich', en: 'Comparison' },
]

/** Transfers for the change record: only what was measured. */
export const transfersTable = (transfers: readonly TransferReport[], lang: Lang): Table => ({
  head: HEAD.map((words) => words[lang]),
  rows: transfers.map(({ name, step, counts, records, reconciliation, verdict }) => [
    name,
    step,
    ...[
      counts.read,
      records.created,
      records.replaced,
      records.written,
      records.same,
      records.quarantined,
      counts.repeated,
    ].map((count) => formatNumber(count, lang)),
    side(reconciliation?.source ?? null, lang),
    side(reconciliation?.target ?? null, lang),
    ...FIGURE_NAMES.map((figure) => measured(reconciliation?.[figure] ?? null, lang)),
    VERDICTS[verdict][lang],
  ]),
})

const measured = (count: number | null, lang: Lang): string =>
  count === null ? NOT_MEASURED[lang] : formatNumber(count, lang)

const side = (found: { readonly count: number; readonly digest: string } | null, lang: Lang): string =>
  found === null ? NOT_MEASURED[lang] : `${formatNumber(found.count, lang)} (${found.digest.slice(0, 12)})`

/** Records that are not as they should be, the first few. */
export const differencesTable = (transfers: readonly TransferReport[], lang: Lang): Table => ({
  head: [
    HEAD[0]?.[lang] ?? '',
    { de: 'Datensatz', en: 'Record' }[lang],
    { de: 'Befund', en: 'Finding' }[lang],
  ],
  rows: transfers.flatMap(({ name, reconciliation }) =>
    (reconciliation?.samples ?? []).map(({ key, what }) => [name, key, FIGURES[what][lang]]),
  ),
})
