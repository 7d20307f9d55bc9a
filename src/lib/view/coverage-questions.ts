import type { ExplainedCandidate, ExplainedOffer, Verdict } from '../coverage/explain.ts'
import type { Flaechendeckung, OzgFlaechendeckung } from '../coverage/flaechendeckung.ts'
import type { Gap } from '../coverage/gaps.ts'
import type {
  CoverageCheck,
  CoverageExplanation,
  CoverageFlaechendeckung,
  CoverageGaps,
} from '../coverage/questions.ts'
import type { RegionCoverage } from '../coverage/report.ts'
import { coverageHead, questionLine, SOURCE_NAMES } from './coverage.ts'
import { formatNumber, formatPercent, type Lang } from './lang.ts'
import { showNumber } from './region.ts'
import type { Cell, Column } from './table.ts'

const text = (de: string, en = de): Readonly<Record<Lang, string>> => ({ de, en })
const ref = ({ key, name }: { readonly key: string; readonly name: string }) => ({ ars: key, name })

/** `coverage gaps --json`. */
export function gapsJson({ data, region, gaps }: CoverageGaps) {
  return {
    ...coverageHead(data),
    ars: region.key,
    name: region.name,
    total: data.scope.length,
    missing: gaps.length,
    gaps: gaps.map(({ ozg, best, elsewhere }) => ({
      ozgId: ozg.id,
      name: ozg.name,
      themenfeld: ozg.themenfeld,
      lage: ozg.lage,
      leikaKeys: ozg.keys,
      best,
      elsewhere: { count: elsewhere.count, nearest: elsewhere.nearest.map(ref) },
    })),
  }
}

export const gapColumns: readonly Column<Gap>[] = [
  { key: 'themenfeld', title: text('Themenfeld'), value: ({ ozg }) => ozg.themenfeld ?? '–' },
  { key: 'ozg_id', whole: true, title: text('OZG-ID'), value: ({ ozg }) => ozg.id },
  { key: 'name', title: text('OZG-Leistung'), value: ({ ozg }) => ozg.name },
  {
    key: 'best_reifegrad',
    title: text('bisher', 'so far'),
    value: ({ best }) => best?.reifegrad ?? null,
    show: (value) => (value === null ? '–' : String(value)),
  },
  {
    key: 'best_source',
    title: text('von', 'from'),
    value: ({ best }) => best?.source ?? '',
    show: (value, lang) => (value === '' ? '' : SOURCE_NAMES[value as keyof typeof SOURCE_NAMES][lang]),
  },
  {
    key: 'elsewhere',
    title: text('andere', 'others'),
    value: ({ elsewhere }) => elsewhere.count,
    show: showNumber,
  },
  {
    key: 'nearest',
    title: text('am nächsten', 'nearest'),
    value: ({ elsewhere }) => elsewhere.nearest.map(({ name }) => name).join(', '),
  },
]

export function gapsSummary({ data, region, gaps }: CoverageGaps, lang: Lang): string {
  const total = formatNumber(data.scope.length, lang)
  const missing = formatNumber(gaps.length, lang)
  const reachable = gaps.filter(({ elsewhere }) => elsewhere.count > 0).length
  return `${questionLine(data, lang)}\n${
    lang === 'de'
      ? `${region.name}: ${missing} von ${total} fehlen; ${formatNumber(reachable, lang)} davon bietet eine andere Behörde schon an`
      : `${region.name}: ${missing} of ${total} are missing; ${formatNumber(reachable, lang)} of them another authority offers already`
  }\n`
}

const VERDICTS: Readonly<Record<Verdict | 'no-offer', Readonly<Record<Lang, string>>>> = {
  counts: text('zählt', 'counts'),
  'not-in-view': text('nicht in dieser Sicht', 'not in this view'),
  'key-not-in-scope': text('Schlüssel zählt hier nicht', 'key not in scope'),
  'reifegrad-too-low': text('Reifegrad zu niedrig', 'Reifegrad too low'),
  'not-yet-valid': text('gilt noch nicht', 'not yet valid'),
  expired: text('abgelaufen', 'expired'),
  'no-offer': text('kein Angebot', 'no offer'),
}

/** `coverage explain --json`. */
export function explainJson({ data, region, ozg, explanation }: CoverageExplanation) {
  return {
    ...coverageHead(data),
    ars: region.key,
    name: region.name,
    ozgId: ozg.id,
    ozgName: ozg.name,
    covered: explanation.covered,
    source: explanation.source,
    leikaKeys: explanation.keys,
    offeredKeys: explanation.offeredKeys,
    candidates: explanation.candidates.map(({ key, name, source, inView, offers }) => ({
      ars: key,
      name,
      source,
      inView,
      offers: offers.map(({ offer, verdict, sharedBy }) => ({
        leikaKey: offer.key,
        reifegrad: offer.reifegrad,
        assumed: offer.assumed,
        url: offer.url,
        authority: offer.authority,
        validFrom: offer.validFrom,
        validTo: offer.validTo,
        verdict,
        sharedBy,
      })),
    })),
  }
}

type ExplainRow = { readonly candidate: ExplainedCandidate; readonly offered: ExplainedOffer | undefined }

/** A row for each offer, and one for each region that has none. */
export function explainRows({ explanation }: CoverageExplanation): readonly ExplainRow[] {
  return explanation.candidates.flatMap((candidate): ExplainRow[] =>
    candidate.offers.length === 0
      ? [{ candidate, offered: undefined }]
      : candidate.offers.map((offered) => ({ candidate, offered })),
  )
}

const offerCell =
  (value: (offered: ExplainedOffer) => Cell) =>
  ({ offered }: ExplainRow): Cell =>
    offered === undefined ? '' : value(offered)

export const explainColumns: readonly Column<ExplainRow>[] = [
  {
    key: 'source',
    title: text('Ebene', 'source'),
    value: ({ candidate }) => candidate.source,
    show: (value, lang) => SOURCE_NAMES[value as keyof typeof SOURCE_NAMES][lang],
  },
  { key: 'ars', whole: true, title: text('ARS'), value: ({ candidate }) => candidate.key },
  { key: 'name', title: text('Region', 'region'), value: ({ candidate }) => candidate.name },
  {
    key: 'leika_key',
    whole: true,
    title: text('LeiKa-Schlüssel', 'LeiKa key'),
    value: offerCell(({ offer }) => offer.key),
  },
  {
    key: 'reifegrad',
    title: text('Reifegrad'),
    value: offerCell(({ offer }) => `${offer.reifegrad}${offer.assumed ? ' (angenommen)' : ''}`),
  },
  {
    key: 'valid',
    title: text('gültig', 'valid'),
    value: offerCell(({ offer }) =>
      offer.validFrom === null && offer.validTo === null
        ? ''
        : `${offer.validFrom ?? ''} – ${offer.validTo ?? ''}`.trim(),
    ),
  },
  { key: 'url', title: text('Adresse', 'URL'), value: offerCell(({ offer }) => offer.url) },
  {
    key: 'verdict',
    whole: true,
    title: text('Urteil', 'verdict'),
    value: ({ offered }) => offered?.verdict ?? 'no-offer',
    show: (value, lang) => VERDICTS[value as keyof typeof VERDICTS][lang],
  },
  {
    key: 'rule',
    rare: true,
    title: text('Regel', 'rule'),
    value: offerCell(({ sharedBy }) => (sharedBy === null ? '' : (sharedBy.rule ?? NO_RULES))),
    show: (value, lang) => (value === NO_RULES ? WITHOUT_RULES[lang] : String(value)),
  },
]

// No name of a rule: those are labels.
const NO_RULES = '*'
/** What shares in a network that has no rules. */
const WITHOUT_RULES = text('alle mit allen', 'all with all')

export function explainSummary({ data, region, ozg, explanation }: CoverageExplanation, lang: Lang): string {
  const min = data.question.minReifegrad ?? 2
  const keys = `${explanation.offeredKeys.length}/${explanation.keys.length}`
  const verdict = explanation.covered
    ? lang === 'de'
      ? `gedeckt (${SOURCE_NAMES[explanation.source ?? 'own'].de})`
      : `covered (${SOURCE_NAMES[explanation.source ?? 'own'].en})`
    : lang === 'de'
      ? 'nicht gedeckt'
      : 'not covered'
  const detail =
    lang === 'de'
      ? `${keys} Schlüssel mit Angebot ab Reifegrad ${min}, Regel ${data.question.rule}`
      : `${keys} keys with an offer from Reifegrad ${min}, rule ${data.question.rule}`
  return `${ozg.id} ${ozg.name} in ${region.name}: ${verdict}; ${detail}\n`
}

const showPercent = (value: Cell, lang: Lang): string =>
  formatPercent(typeof value === 'number' ? value / 100 : null, lang)
const percentOf = (count: number, total: number): number =>
  total === 0 ? 0 : Math.floor((count / total) * 1000 + 1e-9) / 10

const checkRow = (row: RegionCoverage) => ({
  ars: row.region.key,
  name: row.region.name,
  covered: row.covered,
  total: row.total,
  percent: percentOf(row.covered, row.total),
})

/** `coverage check --json`. */
export function checkJson({ data, min, passed, failed }: CoverageCheck) {
  return {
    ...coverageHead(data),
    min,
    met: failed.length === 0,
    checked: passed.length + failed.length,
    passed: passed.length,
    failed: failed.length,
    failing: failed.map(checkRow),
  }
}

export const checkColumns: readonly Column<RegionCoverage>[] = [
  { key: 'ars', whole: true, title: text('ARS'), value: ({ region }) => region.key },
  { key: 'name', title: text('Region', 'region'), value: ({ region }) => region.name },
  { key: 'covered', title: text('gedeckt', 'covered'), value: ({ covered }) => covered, show: showNumber },
  { key: 'total', title: text('von', 'of'), value: ({ total }) => total, show: showNumber },
  {
    key: 'percent',
    title: text('%'),
    value: (row) => percentOf(row.covered, row.total),
    show: showPercent,
  },
]

/** The result in a line; it stands before the failing regions, which come last. */
export function checkLine({ data, min, passed, failed }: CoverageCheck, lang: Lang): string {
  const checked = formatNumber(passed.length + failed.length, lang)
  const wanted = `${String(min).replace('.', lang === 'de' ? ',' : '.')} %`
  const from = data.question.minReifegrad ?? 2
  if (failed.length === 0)
    return lang === 'de'
      ? `Alle ${checked} Gemeinden erreichen ${wanted} ab Reifegrad ${from}.\n`
      : `All ${checked} Gemeinden reach ${wanted} from Reifegrad ${from}.\n`
  const short = formatNumber(failed.length, lang)
  return lang === 'de'
    ? `${short} von ${checked} Gemeinden erreichen ${wanted} ab Reifegrad ${from} nicht:\n`
    : `${short} of ${checked} Gemeinden fall short of ${wanted} from Reifegrad ${from}:\n`
}

const CLASS_NAMES: Readonly<Record<Flaechendeckung, Readonly<Record<Lang, string>>>> = {
  bundesweit: text('bundesweit flächendeckend'),
  landesweit: text('landesweit flächendeckend'),
  kreisweit: text('kreisweit flächendeckend'),
  'mindestens-eine': text('in mind. einer Kommune verfügbar'),
  keine: text('nicht verfügbar', 'not available'),
}

function classCounts(rows: readonly OzgFlaechendeckung[]): Readonly<Record<Flaechendeckung, number>> {
  const counts = { bundesweit: 0, landesweit: 0, kreisweit: 0, 'mindestens-eine': 0, keine: 0 }
  for (const row of rows) counts[row.class]++
  return counts
}

/** `coverage flaechendeckung --json`. */
export function flaechendeckungJson({ data, gemeinden, laender, rows }: CoverageFlaechendeckung) {
  return {
    ...coverageHead(data),
    gemeinden,
    laender,
    counts: classCounts(rows),
    ozgLeistungen: rows.map((row) => ({
      ozgId: row.ozg.id,
      name: row.ozg.name,
      themenfeld: row.ozg.themenfeld,
      class: row.class,
      gemeinden: row.gemeinden,
      inhabitants: row.inhabitants,
    })),
  }
}

export const flaechendeckungColumns: readonly Column<OzgFlaechendeckung>[] = [
  { key: 'ozg_id', whole: true, title: text('OZG-ID'), value: ({ ozg }) => ozg.id },
  { key: 'name', title: text('OZG-Leistung'), value: ({ ozg }) => ozg.name },
  { key: 'themenfeld', title: text('Themenfeld'), value: ({ ozg }) => ozg.themenfeld, csvOnly: true },
  {
    key: 'class',
    title: text('Flächendeckung'),
    value: (row) => row.class,
    show: (value, lang) => CLASS_NAMES[value as Flaechendeckung][lang],
  },
  { key: 'gemeinden', title: text('Gemeinden'), value: ({ gemeinden }) => gemeinden, show: showNumber },
  {
    key: 'inhabitants',
    title: text('Einwohner', 'inhabitants'),
    value: ({ inhabitants }) => inhabitants,
    show: showNumber,
  },
]

export function flaechendeckungSummary(
  { data, gemeinden, rows }: CoverageFlaechendeckung,
  lang: Lang,
): string {
  const counts = classCounts(rows)
  const classes = (Object.keys(CLASS_NAMES) as Flaechendeckung[]).map(
    (name) => `${formatNumber(counts[name], lang)} ${CLASS_NAMES[name][lang]}`,
  )
  return `${questionLine(data, lang)}\n${formatNumber(gemeinden, lang)} Gemeinden: ${classes.join(', ')}\n`
}
