import { badInput } from '../../errors.ts'
import type { Defect, DefectLog } from '../../input/defects.ts'
import { isJsonObject, type Json, jsonArray, jsonText } from '../../input/json.ts'
import type { InputSource } from '../../input/source.ts'
import { type LeikaKey, parseLeikaKey } from '../../leika/key.ts'
import { isTypisierung } from '../../leika/typisierung.ts'
import type { Bundle, Catalog, Leistung, OzgLeistung } from '../model.ts'
import { capped, OZG_ID, oneLine, orNull, plainText, sdgCodes } from './fields.ts'

type JsonObject = { readonly [key: string]: Json }

const SDG_LIST = 'urn:xoev-de:fim:codeliste:sdginformationsbereich'
/** What the FIM portal writes where a Leistung has no title. */
const NO_TITLE = 'Kein Titel'

/**
 * Reads Leistungen as the FIM portal's interface delivers them: a page (`PaginatedResult` of `LeistungStammtextOut`)
 * or its bare items. Pages may overlap and several Redaktionen describe one key, so repeated keys are normal.
 * FIM-Portal API 0.24.
 * @throws OzgctlError 65 for JSON of another shape
 */
export function readFimJson(document: Json, source: InputSource, defects: DefectLog): Catalog {
  const items = itemsOf(document, source.name)
  const ozgLeistungen: OzgLeistung[] = []
  const leistungen: Leistung[] = []
  const bundles: Bundle[] = []
  items.forEach((item, index) => {
    source.record()
    const report = (action: Defect['action'], reason: string, field: string, value: string): void =>
      defects.add({ action, reason, place: { file: source.name }, field: `items[${index}].${field}`, value })
    const keys = keysOf(item, report)
    const template = leistungOf(item, report)
    for (const key of keys) leistungen.push({ ...template, key })
    for (const entry of jsonArray(item.ozg).filter(isJsonObject)) {
      const ozg = ozgOf(entry)
      if (!OZG_ID.test(ozg.id)) {
        report('kept', 'ozg-invalid', 'ozg.id', ozg.id)
        continue
      }
      ozgLeistungen.push(ozg)
      const key = meantKey(keys, jsonText(entry.leistungsschluessel))
      if (key !== undefined) bundles.push({ ozgId: ozg.id, key })
      else if (keys.size > 0)
        report('kept', 'bundle-unknown', 'ozg.leistungsschluessel', jsonText(entry.leistungsschluessel))
    }
  })
  return { ozgLeistungen, leistungen, bundles }
}

type Report = (action: Defect['action'], reason: string, field: string, value: string) => void

function itemsOf(document: Json, file: string): readonly JsonObject[] {
  const items = isJsonObject(document) ? document.items : document
  if (Array.isArray(items) && items.every((item) => isJsonObject(item) && 'leistungsschluessel' in item))
    return items.filter(isJsonObject)
  const found = Array.isArray(items) ? items.find(isJsonObject) : document
  const names = isJsonObject(found)
    ? `an object with ${Object.keys(found).slice(0, 6).join(', ')}`
    : Array.isArray(items)
      ? 'a list'
      : typeof document
  throw badInput(
    'JSON_UNKNOWN',
    `this JSON is no page of Leistungen of the FIM portal but ${names}`,
    { file, line: 1 },
    ['Expected {"items": [{"leistungsschluessel": […], …}]} as GET /api/v0/leistung-stammtexte answers.'],
  )
}

function keysOf(item: JsonObject, report: Report): ReadonlySet<LeikaKey> {
  const given = item.leistungsschluessel
  const texts = typeof given === 'string' ? [given] : jsonArray(given).map(jsonText)
  if (texts.length === 0)
    report('rejected', 'leika-key-missing', 'leistungsschluessel', jsonText(item.leistung_id))
  const parsed = texts.map((text) => ({ text, key: parseLeikaKey(text) }))
  const keys = parsed.flatMap(({ key }) => (key.ok ? [key.value] : []))
  for (const { text, key } of parsed) {
    if (!key.ok) report(keys.length > 0 ? 'kept' : 'rejected', key.reason, 'leistungsschluessel', text)
  }
  return new Set(keys)
}

/** Which of the item's keys an OZG-Leistung belongs to; it says so where there are several. OzgOut of API 0.24. */
function meantKey(keys: ReadonlySet<LeikaKey>, said: string): LeikaKey | undefined {
  const key = parseLeikaKey(said)
  if (key.ok && keys.has(key.value)) return key.value
  const [only] = keys
  return keys.size === 1 ? only : undefined
}

function leistungOf(item: JsonObject, report: Report): Omit<Leistung, 'key'> {
  const title = oneLine(jsonText(item.title))
  const name = oneLine(jsonText(item.leistungsbezeichnung)) || (title === NO_TITLE ? '' : title)
  if (name === '') report('kept', 'name-missing', 'title', title)
  const typen = jsonArray(item.typisierung).map(jsonText)
  for (const typ of typen) if (!isTypisierung(typ)) report('kept', 'typ-unknown', 'typisierung', typ)
  const classes = jsonArray(item.klassifizierung).filter(isJsonObject)
  return {
    name,
    name2: orNull(oneLine(jsonText(item.leistungsbezeichnung_2))),
    typen: [...new Set(typen.filter(isTypisierung))],
    synonyms: [],
    kurztext: orNull(capped(plainText(jsonText(item.kurztext)))),
    rechtsgrundlage: orNull(capped(plainText(jsonText(item.rechtsgrundlagen)))),
    sdg: sdgCodes(
      classes
        .filter((entry) => jsonText(entry.list_uri).startsWith(SDG_LIST))
        .map((entry) => jsonText(entry.value)),
    ),
  }
}

/** OzgOut: the interface knows the Themenfeld, but no Lage. */
function ozgOf(entry: JsonObject): OzgLeistung {
  return {
    id: jsonText(entry.id),
    name: oneLine(jsonText(entry.leistung)),
    themenfeld: orNull(oneLine(jsonText(entry.themenfeld_label))),
    lage: null,
  }
}
