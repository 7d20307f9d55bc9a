import type { Affects, Category, Evidence, System } from '../connector/systems/model.ts'
import type { Lang, Words } from './lang.ts'
import type { Column } from './table.ts'

const text = (de: string, en = de): Words => ({ de, en })

/** `connector systems --json`. */
export const systemsJson = (systems: readonly System[]) => ({ schemaVersion: 1, systems })

const CATEGORY: Readonly<Record<Category, Words>> = {
  fachverfahren: text('Fachverfahren'),
  finance: text('Finanzen', 'finance'),
  dms: text('DMS'),
  'form-server': text('Formulare', 'forms'),
  payment: text('Bezahlung', 'payment'),
  identity: text('Nutzerkonto', 'account'),
  catalogue: text('Katalog', 'catalogue'),
  transport: text('Transport', 'transport'),
  portal: text('Portal', 'portal'),
  module: text('Modul', 'module'),
}

const EVIDENCE: Readonly<Record<Evidence, Words>> = {
  standard: text('Standard', 'standard'),
  vendor: text('Hersteller', 'vendor'),
  observed: text('beobachtet', 'observed'),
  none: text('nichts öffentlich', 'nothing public'),
}

export const systemColumns: readonly Column<System>[] = [
  { key: 'id', whole: true, title: text('Id', 'id'), value: ({ id }) => id },
  { key: 'title', title: text('System', 'system'), value: ({ title }) => title },
  {
    key: 'category',
    title: text('Bereich', 'category'),
    value: ({ category }) => category,
    show: (value, lang) => CATEGORY[value as Category][lang],
  },
  { key: 'kind', title: text('Art', 'kind'), value: ({ kind }) => kind },
  {
    key: 'evidence',
    title: text('bekannt durch', 'known by'),
    value: ({ evidence }) => evidence,
    show: (value, lang) => EVIDENCE[value as Evidence][lang],
  },
]

export const systemsLine = (systems: readonly System[], lang: Lang): string =>
  lang === 'de' ? `${systems.length} Systeme\n` : `${systems.length} systems\n`

/** All that is known of a system; like the rest of the documentation in English. */
export function systemText(system: System): string {
  const { id, title, vendor, kind, alternatives, defaults, evidence, sources, healthy, affects, remarks } =
    system
  return [
    `${title} (${id})`,
    `  by        ${vendor}`,
    `  kind      ${kind}, or ${alternatives.join(', ')}`,
    `  healthy   ${healthy}`,
    `  known     ${EVIDENCE[evidence].en}`,
    ...sources.map((source) => `            ${source}`),
    ...Object.entries(defaults).map(([name, value]) => `  default   ${name}: ${JSON.stringify(value)}`),
    `  without   ${affectedWords(affects)}`,
    ...(remarks === '' ? [] : [`  remark    ${remarks}`]),
    '',
  ].join('\n')
}

function affectedWords(affects: Affects): string {
  if (affects === 'all') return 'no online service of the tenant works'
  if (affects === 'none') return 'no service counts as down, unless the manifest says so'
  return `OZG-Leistungen ${[...affects.ozg, ...affects.leistungen].join(', ')} do not work`
}
