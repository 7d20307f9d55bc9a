import type { DefectLog } from '../../input/defects.ts'
import { type LeikaKey, parseLeikaKey } from '../../leika/key.ts'
import { isTypisierung } from '../../leika/typisierung.ts'
import type { Catalog, Leistung } from '../model.ts'
import { orNull, sdgCodes } from './fields.ts'

/** A Leistung as it stands in a transfer, its texts already plain. */
export interface XzufiLeistung {
  readonly file: string
  readonly line: number
  /** LeiKa keys as written. */
  readonly keys: readonly string[]
  /** modulText 02 and 03. */
  readonly name: string
  readonly name2: string
  readonly kurztext: string
  readonly rechtsgrundlage: string
  readonly synonyms: readonly string[]
  readonly typen: readonly string[]
  readonly sdg: readonly string[]
}

/**
 * Leistungen of one transfer, over all its files. An id is unique only together with its Redaktion
 * (schemeAgencyID); the last `schreibe` of an id counts, and `loesche` takes it out. Faults are reported at the end:
 * one in a record that a later one replaces is none.
 */
export class XzufiRecords {
  readonly #byId = new Map<string, XzufiLeistung>()
  #unnamed = 0

  /** @param id empty for a Leistung without one: nothing can replace it */
  write(agency: string, id: string, leistung: XzufiLeistung): void {
    this.#byId.set(id === '' ? `#${this.#unnamed++}` : recordId(agency, id), leistung)
  }

  remove(agency: string, id: string): void {
    this.#byId.delete(recordId(agency, id))
  }

  /** Every key with what its first record says; several Redaktionen with one key are for `mergeCatalogs`. */
  catalog(defects: DefectLog): Catalog {
    const leistungen: Leistung[] = []
    for (const record of this.#byId.values()) {
      const keys = keysOf(record, defects)
      if (keys.length === 0) continue
      const template = templateOf(record, defects)
      for (const key of keys) leistungen.push({ key, ...template })
    }
    return { ozgLeistungen: [], leistungen, bundles: [] }
  }
}

const recordId = (agency: string, id: string): string => `${agency}\n${id}`

function keysOf(record: XzufiLeistung, defects: DefectLog): readonly LeikaKey[] {
  const place = { file: record.file, line: record.line }
  const field = 'referenzLeiKa'
  if (record.keys.length === 0)
    defects.add({
      action: 'rejected',
      reason: 'leika-key-missing',
      place,
      field,
      value: record.name || record.name2,
    })
  const keys = new Set<LeikaKey>()
  const unusable: { reason: string; value: string }[] = []
  for (const value of record.keys) {
    const key = parseLeikaKey(value)
    if (key.ok) keys.add(key.value)
    else unusable.push({ reason: key.reason, value })
  }
  const action = keys.size > 0 ? 'kept' : 'rejected'
  for (const { reason, value } of unusable) defects.add({ action, reason, place, field, value })
  return [...keys]
}

function templateOf(record: XzufiLeistung, defects: DefectLog): Omit<Leistung, 'key'> {
  const place = { file: record.file, line: record.line }
  // FIM's rule for the title: module 02, else 03.
  const name = record.name || record.name2
  if (name === '')
    defects.add({ action: 'kept', reason: 'name-missing', place, field: 'modulText 02', value: '' })
  const unknown = record.typen.find((typ) => !isTypisierung(typ))
  if (unknown !== undefined)
    defects.add({ action: 'kept', reason: 'typ-unknown', place, field: 'typisierung', value: unknown })
  return {
    name,
    name2: orNull(record.name2),
    typen: [...new Set(record.typen.filter(isTypisierung))],
    synonyms: record.synonyms,
    kurztext: orNull(record.kurztext),
    rechtsgrundlage: orNull(record.rechtsgrundlage),
    sdg: sdgCodes(record.sdg),
  }
}
