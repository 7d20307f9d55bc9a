import type { CatalogDiff } from '../catalog/diff.ts'
import type { Bundle, Catalog, Leistung, OzgLeistung } from '../catalog/model.ts'
import type { CatalogRow } from '../catalog/rows.ts'
import type { Hit } from '../catalog/search.ts'
import type { CatalogEntry } from '../catalog/show.ts'
import { formatLeikaKey } from '../leika/key.ts'
import { formatNumber, type Lang } from './lang.ts'
import type { Column } from './table.ts'
import { wrap } from './wrap.ts'

const text = (de: string, en = de): Readonly<Record<Lang, string>> => ({ de, en })

const ozgJson = ({ id, name, themenfeld, lage }: OzgLeistung) => ({
  ozgId: id,
  name,
  themenfeld,
  lage,
})

const leistungJson = ({ key, ...rest }: Leistung) => ({ leikaKey: key, ...rest })

/** `catalog list --json`: a row for each Leistung in each of its OZG-Leistungen. */
export const catalogRowJson = ({ ozg, leistung }: CatalogRow) => ({
  ozg: ozg === null ? null : ozgJson(ozg),
  leistung: leistung === null ? null : leistungJson(leistung),
})

export const catalogColumns: readonly Column<CatalogRow>[] = [
  { key: 'ozg_id', whole: true, title: text('OZG-ID'), value: ({ ozg }) => ozg?.id ?? '' },
  { key: 'ozg_leistung', title: text('OZG-Leistung'), value: ({ ozg }) => ozg?.name ?? '' },
  {
    key: 'leika_key',
    whole: true,
    title: text('LeiKa-Schlüssel', 'LeiKa key'),
    value: ({ leistung }) => leistung?.key ?? '',
  },
  { key: 'bezeichnung', title: text('Leistung'), value: ({ leistung }) => leistung?.name ?? '' },
  { key: 'typ', title: text('Typ'), value: ({ leistung }) => leistung?.typen.join(', ') ?? '' },
  { key: 'themenfeld', title: text('Themenfeld'), value: ({ ozg }) => ozg?.themenfeld ?? '', csvOnly: true },
  { key: 'lage', title: text('Lage'), value: ({ ozg }) => ozg?.lage ?? '', csvOnly: true },
]

export function listSummary(rows: readonly CatalogRow[], snapshot: string, lang: Lang): string {
  const ozg = new Set(rows.flatMap((row) => (row.ozg === null ? [] : [row.ozg.id]))).size
  const leistungen = new Set(rows.flatMap((row) => (row.leistung === null ? [] : [row.leistung.key]))).size
  return `${snapshot}: ${formatNumber(ozg, lang)} OZG-Leistungen, ${formatNumber(leistungen, lang)} Leistungen\n`
}

/** Columns of `catalog export --output csv`; `catalog import` reads them back, see `readers/export-table.ts`. */
export const exportColumns: readonly Column<CatalogRow>[] = (
  [
    ['leika_key', ({ leistung }) => leistung?.key],
    ['bezeichnung', ({ leistung }) => leistung?.name],
    ['bezeichnung2', ({ leistung }) => leistung?.name2],
    ['typ', ({ leistung }) => leistung?.typen.join(', ')],
    ['synonyme', ({ leistung }) => leistung?.synonyms.join('|')],
    ['kurztext', ({ leistung }) => leistung?.kurztext],
    ['rechtsgrundlage', ({ leistung }) => leistung?.rechtsgrundlage],
    ['sdg', ({ leistung }) => leistung?.sdg.join('|')],
    ['ozg_id', ({ ozg }) => ozg?.id],
    ['ozg_leistung', ({ ozg }) => ozg?.name],
    ['themenfeld', ({ ozg }) => ozg?.themenfeld],
    ['lage', ({ ozg }) => ozg?.lage],
  ] as const satisfies readonly (readonly [string, (row: CatalogRow) => string | null | undefined])[]
).map(([key, value]) => ({ key, title: text(key), value: (row) => value(row) ?? '' }))

/** `catalog export --output json`. */
export function exportJson(snapshot: string, { ozgLeistungen, leistungen, bundles }: Catalog) {
  return {
    schemaVersion: 1,
    snapshot,
    ozgLeistungen: ozgLeistungen.map(ozgJson),
    leistungen: leistungen.map(leistungJson),
    bundles: bundles.map(({ ozgId, key }) => ({ ozgId, leikaKey: key })),
  }
}

/** `catalog show --json`. */
export function entryJson(snapshot: string, entry: CatalogEntry) {
  const head = { schemaVersion: 1, snapshot, kind: entry.kind }
  return entry.kind === 'ozg'
    ? { ...head, ozg: ozgJson(entry.ozg), leistungen: entry.leistungen.map(leistungJson) }
    : {
        ...head,
        leistung: leistungJson(entry.leistung),
        ozgLeistungen: entry.ozgLeistungen.map(ozgJson),
        parents: entry.parents.map(leistungJson),
      }
}

/** One entry as lines for people. @param width of the screen; longer texts go on below where they began */
export function entryText(entry: CatalogEntry, lang: Lang, width = Number.POSITIVE_INFINITY): string {
  const lines = entry.kind === 'ozg' ? ozgLines(entry, lang, width) : leistungLines(entry, lang, width)
  return lines.map((line) => `${line}\n`).join('')
}

function ozgLines(
  { ozg, leistungen }: CatalogEntry & { readonly kind: 'ozg' },
  lang: Lang,
  width: number,
): readonly string[] {
  return [
    ozg.name,
    ...labelled(
      [
        ['OZG-ID', ozg.id],
        ['Themenfeld', ozg.themenfeld],
        ['Lage', ozg.lage],
      ],
      width,
    ),
    ...labelled(
      leistungen.map(({ key, name, typen }) => [
        formatLeikaKey(key),
        `${name}${typen.length > 0 ? ` (Typ ${typen.join(', ')})` : ''}`,
      ]),
      width,
    ),
    `${formatNumber(leistungen.length, lang)} Leistungen`,
  ]
}

function leistungLines(
  { leistung, parents, ozgLeistungen }: CatalogEntry & { readonly kind: 'leistung' },
  lang: Lang,
  width: number,
): readonly string[] {
  return [
    leistung.name,
    ...labelled(
      [
        [lang === 'de' ? 'LeiKa-Schlüssel' : 'LeiKa key', formatLeikaKey(leistung.key)],
        ['Bezeichnung II', leistung.name2],
        ['Typ', leistung.typen.join(', ')],
        [lang === 'de' ? 'Synonyme' : 'Synonyms', leistung.synonyms.join(', ')],
        [lang === 'de' ? 'Kurztext' : 'Short text', leistung.kurztext],
        [lang === 'de' ? 'Rechtsgrundlage' : 'Legal basis', leistung.rechtsgrundlage],
        ['SDG', leistung.sdg.join(', ')],
        ...parents.map(
          ({ key, name }) =>
            [lang === 'de' ? 'gehört zu' : 'part of', `${formatLeikaKey(key)}  ${name}`] as const,
        ),
        ...ozgLeistungen.map(
          ({ id, name, themenfeld }) =>
            ['OZG-Leistung', `${id}  ${name}${themenfeld === null ? '' : ` (${themenfeld})`}`] as const,
        ),
      ],
      width,
    ),
  ]
}

function labelled(rows: readonly (readonly [string, string | null])[], width: number): readonly string[] {
  const shown = rows.filter(([, value]) => value !== null && value !== '')
  const longest = Math.max(...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => wrap(`  ${label.padEnd(longest)}  ${value}`, longest + 4, width))
}

export const hitJson = (hit: Hit) => ({
  kind: hit.kind,
  id: hit.kind === 'ozg' ? hit.ozg.id : hit.leistung.key,
  name: hit.kind === 'ozg' ? hit.ozg.name : hit.leistung.name,
  found: hit.found,
})

/** The last line of a search. */
export function hitSummary(hits: readonly Hit[], snapshot: string, lang: Lang): string {
  return `${snapshot}: ${formatNumber(hits.length, lang)} ${lang === 'de' ? 'Treffer' : 'found'}\n`
}

export const hitColumns: readonly Column<Hit>[] = [
  {
    key: 'kind',
    title: text('Art', 'kind'),
    value: ({ kind }) => kind,
    show: (value) => (value === 'ozg' ? 'OZG-Leistung' : 'Leistung'),
  },
  {
    key: 'id',
    whole: true,
    title: text('ID / LeiKa-Schlüssel', 'id / LeiKa key'),
    value: (hit) => hitJson(hit).id,
  },
  { key: 'name', title: text('Name', 'name'), value: (hit) => hitJson(hit).name },
  {
    key: 'found',
    title: text('gefunden in', 'found in'),
    value: ({ found }) => found,
    show: (value, lang) => FOUND_NAMES[value as Hit['found']][lang],
  },
]

const FOUND_NAMES: Readonly<Record<Hit['found'], Readonly<Record<Lang, string>>>> = {
  exact: text('Name, genau', 'name, exactly'),
  name: text('Name', 'name'),
  synonym: text('Synonym', 'synonym'),
  text: text('Text', 'text'),
}

export interface DiffRow {
  readonly what: 'ozgLeistung' | 'leistung' | 'bundle'
  readonly change: 'added' | 'removed' | 'changed'
  readonly id: string
  readonly name: string
  readonly fields: readonly string[]
}

export function catalogDiffRows(diff: CatalogDiff): readonly DiffRow[] {
  const rows = <T>(
    what: DiffRow['what'],
    changes: {
      readonly added: readonly T[]
      readonly removed: readonly T[]
      readonly changed?: readonly { readonly to: T; readonly fields: readonly string[] }[]
    },
    ref: (item: T) => Pick<DiffRow, 'id' | 'name'>,
  ): readonly DiffRow[] => [
    ...changes.added.map((item) => ({ what, change: 'added' as const, ...ref(item), fields: [] })),
    ...changes.removed.map((item) => ({ what, change: 'removed' as const, ...ref(item), fields: [] })),
    ...(changes.changed ?? []).map(({ to, fields }) => ({
      what,
      change: 'changed' as const,
      ...ref(to),
      fields,
    })),
  ]
  return [
    ...rows('ozgLeistung', diff.ozgLeistungen, ({ id, name }) => ({ id, name })),
    ...rows('leistung', diff.leistungen, ({ key, name }) => ({ id: key, name })),
    ...rows('bundle', diff.bundles, ({ ozgId, key }) => ({ id: `${ozgId} ${key}`, name: '' })),
  ]
}

const WHAT_NAMES: Readonly<Record<DiffRow['what'], Readonly<Record<Lang, string>>>> = {
  ozgLeistung: text('OZG-Leistung'),
  leistung: text('Leistung'),
  bundle: text('Zuordnung', 'bundle'),
}

const CHANGE_NAMES: Readonly<Record<DiffRow['change'], Readonly<Record<Lang, string>>>> = {
  added: text('neu', 'added'),
  removed: text('entfallen', 'removed'),
  changed: text('geändert', 'changed'),
}

const FIELD_NAMES: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
  name: text('Name', 'name'),
  name2: text('Bezeichnung II'),
  typen: text('Typ'),
  synonyms: text('Synonyme', 'synonyms'),
  kurztext: text('Kurztext', 'short text'),
  rechtsgrundlage: text('Rechtsgrundlage', 'legal basis'),
  sdg: text('SDG'),
  themenfeld: text('Themenfeld'),
  lage: text('Lage'),
}

export const catalogDiffColumns: readonly Column<DiffRow>[] = [
  {
    key: 'what',
    title: text('was', 'what'),
    value: ({ what }) => what,
    show: (value, lang) => WHAT_NAMES[value as DiffRow['what']][lang],
  },
  {
    key: 'change',
    title: text('Änderung', 'change'),
    value: ({ change }) => change,
    show: (value, lang) => CHANGE_NAMES[value as DiffRow['change']][lang],
  },
  { key: 'id', whole: true, title: text('ID / Schlüssel', 'id / key'), value: ({ id }) => id },
  { key: 'name', title: text('Name', 'name'), value: ({ name }) => name },
  {
    key: 'fields',
    title: text('Felder', 'fields'),
    value: ({ fields }) => fields.join(', '),
    show: (value, lang) =>
      String(value)
        .split(', ')
        .map((field) => FIELD_NAMES[field]?.[lang] ?? field)
        .join(', '),
  },
]

/** `catalog diff --json`. */
export function catalogDiffJson(from: string, to: string, diff: CatalogDiff) {
  const { ozgLeistungen, leistungen, bundles } = diff
  const changed = <T, J>(
    changes: readonly { readonly from: T; readonly to: T; readonly fields: readonly string[] }[],
    json: (item: T) => J,
  ) => changes.map(({ from: before, to: after, fields }) => ({ from: json(before), to: json(after), fields }))
  const bundleJson = ({ ozgId, key }: Pick<Bundle, 'ozgId'> & { readonly key: string }) => ({
    ozgId,
    leikaKey: key,
  })
  return {
    schemaVersion: 1,
    from,
    to,
    counts: {
      ozgLeistungen: countsOf(ozgLeistungen),
      leistungen: countsOf(leistungen),
      bundles: countsOf(bundles),
    },
    ozgLeistungen: {
      added: ozgLeistungen.added.map(ozgJson),
      removed: ozgLeistungen.removed.map(ozgJson),
      changed: changed(ozgLeistungen.changed, ozgJson),
    },
    leistungen: {
      added: leistungen.added.map(leistungJson),
      removed: leistungen.removed.map(leistungJson),
      changed: changed(leistungen.changed, leistungJson),
    },
    bundles: { added: bundles.added.map(bundleJson), removed: bundles.removed.map(bundleJson) },
  }
}

/** How many of each, for the last line of `catalog diff`. */
export function catalogDiffCounts(diff: CatalogDiff, lang: Lang): string {
  const part = (what: string, counts: ChangeCounts): string =>
    `${what}: ${(['added', 'removed', 'changed'] as const)
      .map((change) => `${formatNumber(counts[change], lang)} ${CHANGE_NAMES[change][lang]}`)
      .join(', ')}`
  return [
    part('OZG-Leistungen', countsOf(diff.ozgLeistungen)),
    part('Leistungen', countsOf(diff.leistungen)),
    part(lang === 'de' ? 'Zuordnungen' : 'bundles', countsOf(diff.bundles)),
  ].join('; ')
}

type ChangeCounts = Readonly<Record<DiffRow['change'], number>>

function countsOf(changes: {
  readonly added: readonly unknown[]
  readonly removed: readonly unknown[]
  readonly changed?: readonly unknown[]
}): ChangeCounts {
  return {
    added: changes.added.length,
    removed: changes.removed.length,
    changed: changes.changed?.length ?? 0,
  }
}
