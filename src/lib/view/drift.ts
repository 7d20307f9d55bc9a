import { unreachable } from '../errors.ts'
import type { FieldValue, Plan, TenantChange } from '../tenant/plan.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import { tenantCount } from './plan.ts'
import type { Column } from './table.ts'

/**
 * Who is to say: `portal` was changed there since ozgctl wrote it, `manifest` was not applied yet, `missing` is not in
 * the portal, `extra` is not in the manifest, `unmanaged` is in both and not adopted.
 */
type DriftKind = 'portal' | 'manifest' | 'missing' | 'extra' | 'unmanaged'

const KINDS: Readonly<Record<DriftKind, Words>> = {
  portal: { de: 'im Portal geändert', en: 'changed in the portal' },
  manifest: { de: 'noch nicht angewendet', en: 'not applied yet' },
  missing: { de: 'fehlt im Portal', en: 'missing in the portal' },
  extra: { de: 'nicht in der Datei', en: 'not in the file' },
  unmanaged: { de: 'nicht übernommen', en: 'not adopted' },
}

interface DriftRow {
  readonly kind: DriftKind
  readonly key: string
  readonly name: string
  readonly field: string
  readonly portal: FieldValue
  readonly manifest: FieldValue
}

const text = (value: FieldValue): string =>
  value === null ? '' : typeof value === 'string' ? value : value.join(', ')

const columns: readonly Column<DriftRow>[] = [
  {
    key: 'drift',
    title: { de: 'Abweichung', en: 'drift' },
    value: (row) => row.kind,
    show: (value, lang) => KINDS[value as DriftKind][lang],
  },
  { key: 'ars', whole: true, title: { de: 'ARS', en: 'ARS' }, value: (row) => row.key },
  { key: 'name', title: { de: 'Name', en: 'name' }, value: (row) => row.name },
  { key: 'field', title: { de: 'Feld', en: 'field' }, value: (row) => row.field },
  { key: 'portal', title: { de: 'Portal', en: 'portal' }, value: (row) => text(row.portal) },
  { key: 'manifest', title: { de: 'Datei', en: 'file' }, value: (row) => text(row.manifest) },
]

/** Every difference between portal and manifest. */
export function driftTable(plan: Plan) {
  return { rows: driftRows(plan), columns }
}

function driftRows(plan: Plan): readonly DriftRow[] {
  const row = (
    kind: DriftKind,
    { ars, name }: { readonly ars: string; readonly name: string },
  ): DriftRow => ({
    kind,
    key: ars,
    name,
    field: '',
    portal: null,
    manifest: null,
  })
  return [
    ...plan.networks.flatMap(({ kind, network, fields }): readonly DriftRow[] => {
      const { anchor: ars, name } = network
      if (kind === 'network-create') return [row('missing', { ars, name })]
      return fields.map(({ field, from, to }) => ({
        ...row('manifest', { ars, name }),
        field,
        portal: from,
        manifest: to,
      }))
    }),
    ...plan.tenants.flatMap((change) => tenantRows(change, row)),
    ...plan.unmanaged.map(({ value }) => row('unmanaged', value)),
    ...plan.leftAlone.map((tenant) => row('extra', tenant)),
  ]
}

function tenantRows(
  change: TenantChange,
  row: (kind: DriftKind, tenant: { readonly ars: string; readonly name: string }) => DriftRow,
): readonly DriftRow[] {
  switch (change.kind) {
    case 'create':
      return [row('missing', change.tenant)]
    case 'delete':
      return [row('extra', change.tenant)]
    case 'change':
    case 'move':
    case 'suspend':
      return change.fields.map(({ field, from, to }) => ({
        ...row(change.changedOutside ? 'portal' : 'manifest', change.tenant),
        field,
        portal: from,
        manifest: to,
      }))
    default:
      return unreachable(change)
  }
}

const COUNTED: readonly DriftKind[] = ['portal', 'manifest', 'missing', 'extra', 'unmanaged']

function counts(plan: Plan): Readonly<Record<DriftKind, number>> {
  const keys = Map.groupBy(driftRows(plan), ({ kind }) => kind)
  const count = (kind: DriftKind): number => new Set(keys.get(kind)?.map(({ key }) => key)).size
  return Object.fromEntries(COUNTED.map((kind) => [kind, count(kind)])) as Record<DriftKind, number>
}

/** The last line: how many, of each kind. */
export function driftSummary(plan: Plan, lang: Lang): string {
  const found = Object.entries(counts(plan)).filter(([, count]) => count > 0)
  const words = found.map(([kind, count]) => `${formatNumber(count, lang)} ${KINDS[kind as DriftKind][lang]}`)
  const fine = { de: 'wie in der Datei', en: 'as in the file' }[lang]
  return `Portal ${plan.portal}: ${words.join(', ')}; ${tenantCount(plan.unchanged, lang)} ${fine}\n`
}

/** Instead of a table when nothing differs. */
export function noDrift(plan: Plan, lang: Lang): string {
  const tenants = tenantCount(plan.unchanged, lang)
  return {
    de: `Keine Abweichung: ${tenants} wie in der Datei\n`,
    en: `No drift: ${tenants} as in the file\n`,
  }[lang]
}

/** `drift --json`. */
export function driftJson(plan: Plan) {
  return {
    schemaVersion: 1,
    portal: plan.portal,
    counts: { ...counts(plan), unchanged: plan.unchanged },
    drift: driftRows(plan).map(({ kind, key, name, field, portal, manifest }) => ({
      kind,
      ars: key,
      name,
      field: field === '' ? null : field,
      portal,
      manifest,
    })),
  }
}
