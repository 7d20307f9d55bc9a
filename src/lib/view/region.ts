import type { Level } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import type { RegionChange, RegionDiff, RegionRef } from '../register/diff.ts'
import { formatNumber, type Lang } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import type { Cell, Column } from './table.ts'

const LEVEL_NAMES: Readonly<Record<Level, Readonly<Record<Lang, string>>>> = {
  bund: { de: 'Bund', en: 'Bund' },
  land: { de: 'Land', en: 'Land' },
  bezirk: { de: 'Bezirk', en: 'Bezirk' },
  kreis: { de: 'Kreis', en: 'Kreis' },
  verband: { de: 'Verband', en: 'Verband' },
  gemeinde: { de: 'Gemeinde', en: 'Gemeinde' },
}

export const showNumber = (value: Cell, lang: Lang): string =>
  typeof value === 'number' ? formatNumber(value, lang) : '–'

export const regionColumns: readonly Column<Region>[] = [
  { key: 'ars', whole: true, title: { de: 'ARS', en: 'ARS' }, value: (row) => row.key },
  {
    key: 'level',
    title: { de: 'Ebene', en: 'level' },
    value: (row) => row.level,
    show: (value, lang) => LEVEL_NAMES[value as Level][lang],
  },
  { key: 'ags', title: { de: 'AGS', en: 'AGS' }, value: (row) => row.ags, csvOnly: true },
  { key: 'name', title: { de: 'Name', en: 'name' }, value: (row) => row.name },
  { key: 'type', title: { de: 'Art', en: 'type' }, value: (row) => row.type },
  {
    key: 'inhabitants',
    title: { de: 'Einwohner', en: 'inhabitants' },
    value: (row) => row.inhabitants,
    show: showNumber,
  },
  { key: 'postcode', title: { de: 'PLZ', en: 'post code' }, value: (row) => row.postcode, csvOnly: true },
  {
    key: 'gemeindefrei',
    rare: true,
    title: { de: 'gemeindefrei', en: 'gemeindefrei' },
    value: (row) => String(row.gemeindefrei),
    show: (value, lang) => (value === 'true' ? { de: 'ja', en: 'yes' }[lang] : ''),
  },
  {
    key: 'carried_over',
    rare: true,
    title: { de: 'aus früherem Stand', en: 'carried over' },
    value: (row) => row.carriedOver.join(', '),
    show: (value, lang) => fieldNames(String(value).split(', '), lang),
  },
]

const FIELD_NAMES: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
  name: { de: 'Name', en: 'name' },
  type: { de: 'Art', en: 'type' },
  inhabitants: { de: 'Einwohner', en: 'inhabitants' },
  areaHa: { de: 'Fläche', en: 'area' },
  postcode: { de: 'PLZ', en: 'post code' },
  seat: { de: 'Sitz', en: 'seat' },
}

const fieldNames = (fields: readonly string[], lang: Lang): string =>
  fields.map((field) => FIELD_NAMES[field]?.[lang] ?? field).join(', ')

/** A region as JSON shows it. */
export function regionJson(region: Region) {
  const { key, ...rest } = region
  return { ars: key, ...rest }
}

const CHANGE_NAMES = {
  added: { de: 'neu', en: 'added' },
  dissolved: { de: 'aufgelöst', en: 'dissolved' },
  'key-changed': { de: 'neuer Schlüssel', en: 'key changed' },
  renamed: { de: 'umbenannt', en: 'renamed' },
} as const
type ChangeName = keyof typeof CHANGE_NAMES
export type Change = {
  readonly change: ChangeName
  readonly from: RegionRef | null
  readonly to: RegionRef | null
}

export const regionDiffColumns: readonly Column<Change>[] = [
  {
    key: 'change',
    title: { de: 'Änderung', en: 'change' },
    value: (row) => row.change,
    show: (value, lang) => CHANGE_NAMES[value as ChangeName][lang],
  },
  {
    key: 'from_ars',
    whole: true,
    title: { de: 'ARS vorher', en: 'ARS before' },
    value: (row) => row.from?.key ?? null,
  },
  {
    key: 'from_name',
    title: { de: 'Name vorher', en: 'name before' },
    value: (row) => row.from?.name ?? null,
  },
  {
    key: 'to_ars',
    whole: true,
    title: { de: 'ARS nachher', en: 'ARS after' },
    value: (row) => row.to?.key ?? null,
  },
  { key: 'to_name', title: { de: 'Name nachher', en: 'name after' }, value: (row) => row.to?.name ?? null },
]

export function regionDiffRows(diff: RegionDiff): readonly Change[] {
  const changed = (change: ChangeName, list: readonly RegionChange[]): Change[] =>
    list.map((item) => ({ change, ...item }))
  return [
    ...diff.added.map((to) => ({ change: 'added' as const, from: null, to })),
    ...diff.dissolved.map((from) => ({ change: 'dissolved' as const, from, to: null })),
    ...changed('key-changed', diff.keyChanged),
    ...changed('renamed', diff.renamed),
  ]
}

/** How many of each, for the last line of `region diff`. */
export function regionDiffCounts(diff: RegionDiff, lang: Lang): string {
  const counts = [
    [diff.added, 'added'],
    [diff.dissolved, 'dissolved'],
    [diff.keyChanged, 'key-changed'],
    [diff.renamed, 'renamed'],
  ] as const
  return counts
    .map(([list, name]) => `${CHANGE_NAMES[name][lang]}: ${formatNumber(list.length, lang)}`)
    .join(', ')
}

const ref = (item: RegionRef) => ({ ars: item.key, name: item.name })
const refs = ({ from, to }: RegionChange) => ({ from: ref(from), to: ref(to) })

/** `region diff --json`. */
export function regionDiffJson(from: string, to: string, diff: RegionDiff) {
  return {
    schemaVersion: 1,
    from,
    to,
    counts: {
      added: diff.added.length,
      dissolved: diff.dissolved.length,
      renamed: diff.renamed.length,
      keyChanged: diff.keyChanged.length,
    },
    added: diff.added.map(ref),
    dissolved: diff.dissolved.map(ref),
    renamed: diff.renamed.map(refs),
    keyChanged: diff.keyChanged.map(refs),
  }
}

/** One region with the chain above it, as lines for people. */
export function regionText(region: Region, above: readonly Region[], lang: Lang): string {
  const rows: [string, string][] = [
    ['ARS', region.key],
    ...(region.ags === null ? [] : [['AGS', region.ags] as [string, string]]),
    [
      lang === 'de' ? 'Ebene' : 'Level',
      LEVEL_NAMES[region.level][lang] + (region.type === null ? '' : ` (${region.type})`),
    ],
    [lang === 'de' ? 'Einwohner' : 'Inhabitants', showNumber(region.inhabitants, lang)],
    ...(region.gemeindefrei
      ? [
          [
            '',
            lang === 'de'
              ? 'gemeindefreies Gebiet, keine Gemeinde'
              : 'gemeindefreies Gebiet, no municipality',
          ] as [string, string],
        ]
      : []),
    ...(region.carriedOver.length > 0
      ? [
          [lang === 'de' ? 'Aus früherem Stand' : 'Carried over', fieldNames(region.carriedOver, lang)] as [
            string,
            string,
          ],
        ]
      : []),
    ...above.map(
      (upper) => [LEVEL_NAMES[upper.level][lang], `${upper.key}  ${upper.name}`] as [string, string],
    ),
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${neutralTerminal(value)}\n`)
  return `${neutralTerminal(region.name)}\n${lines.join('')}`
}

/** A list of none, of a region that there is. */
export const noRegions = (lang: Lang): string =>
  ({ de: 'Keine Gebiete in dieser Auswahl.\n', en: 'No regions in this selection.\n' })[lang]
