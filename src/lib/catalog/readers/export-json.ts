import { badInput } from '../../errors.ts'
import type { Defect, DefectLog } from '../../input/defects.ts'
import { isJsonObject, type Json, jsonArray, jsonText } from '../../input/json.ts'
import type { InputSource } from '../../input/source.ts'
import { parseLeikaKey } from '../../leika/key.ts'
import { isTypisierung } from '../../leika/typisierung.ts'
import type { Bundle, Catalog, Leistung, OzgLeistung } from '../model.ts'
import { OZG_ID, oneLine, orNull, sdgCodes, splitList } from './fields.ts'

type JsonObject = { readonly [key: string]: Json }

/** Whether a document is what `catalog export --output json` writes. */
export function isExportJson(document: Json): document is JsonObject {
  return (
    isJsonObject(document) && ['ozgLeistungen', 'leistungen', 'bundles'].every((part) => part in document)
  )
}

/**
 * Reads an exported catalogue back to what it was.
 * @throws OzgctlError 65 when a newer version has written it
 */
export function readExportJson(document: JsonObject, source: InputSource, defects: DefectLog): Catalog {
  if (document.schemaVersion !== 1)
    throw badInput(
      'EXPORT_VERSION',
      'this export is of another schemaVersion than 1',
      { file: source.name },
      ['Import it with the version of ozgctl that has written it, or a newer one.'],
    )
  const report = (action: Defect['action'], reason: string, field: string, value: string): void =>
    defects.add({ action, reason, place: { file: source.name }, field, value })
  const read = <T>(part: string, one: (item: JsonObject, at: string) => T | undefined): readonly T[] =>
    jsonArray(document[part])
      .map((item) => (isJsonObject(item) ? item : {}))
      .flatMap((item, at) => {
        source.record()
        return one(item, `${part}[${at}]`) ?? []
      })

  const leistungen = read('leistungen', (item, at): Leistung | undefined => {
    const key = parseLeikaKey(jsonText(item.leikaKey))
    if (!key.ok) {
      report('rejected', key.reason, `${at}.leikaKey`, jsonText(item.leikaKey))
      return undefined
    }
    const typen = texts(item.typen)
    const unknown = typen.find((typ) => !isTypisierung(typ))
    if (unknown !== undefined) report('kept', 'typ-unknown', `${at}.typen`, unknown)
    return {
      key: key.value,
      name: text(item.name),
      name2: orNull(text(item.name2)),
      typen: typen.filter(isTypisierung),
      synonyms: texts(item.synonyms),
      kurztext: orNull(text(item.kurztext)),
      rechtsgrundlage: orNull(text(item.rechtsgrundlage)),
      sdg: sdgCodes(texts(item.sdg)),
    }
  })
  const ozgLeistungen = read('ozgLeistungen', (item, at): OzgLeistung | undefined => {
    const id = jsonText(item.ozgId)
    if (!OZG_ID.test(id)) {
      report('rejected', 'ozg-invalid', `${at}.ozgId`, id)
      return undefined
    }
    return {
      id,
      name: text(item.name),
      themenfeld: orNull(text(item.themenfeld)),
      lage: orNull(text(item.lage)),
    }
  })
  const keys = new Set(leistungen.map(({ key }) => key))
  const ids = new Set(ozgLeistungen.map(({ id }) => id))
  const bundles = read('bundles', (item, at): Bundle | undefined => {
    const ozgId = jsonText(item.ozgId)
    const key = parseLeikaKey(jsonText(item.leikaKey))
    if (key.ok && keys.has(key.value) && ids.has(ozgId)) return { ozgId, key: key.value }
    report('rejected', 'bundle-unknown', at, `${ozgId} ${jsonText(item.leikaKey)}`)
    return undefined
  })
  return { ozgLeistungen, leistungen, bundles }
}

const text = (value: Json | undefined): string => oneLine(jsonText(value))

const texts = (value: Json | undefined): readonly string[] => [
  ...new Set(jsonArray(value).flatMap((part) => splitList(jsonText(part)))),
]
