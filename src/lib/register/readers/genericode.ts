import { badInput, usageError } from '../../errors.ts'
import type { Defect, DefectLog } from '../../input/defects.ts'
import { type CodeList, type CodeListRow, genericodeHandlers, nameColumn } from '../../input/genericode.ts'
import type { InputSource } from '../../input/source.ts'
import { readXml } from '../../input/xml.ts'
import { type Ags, type Ars, agsOf, isGemeindefrei, parseAgs, parseArs } from '../../region/key.ts'
import type { Region } from '../../region/model.ts'
import type { RegisterPart, RegisterRow } from './register-part.ts'

const DESTATIS = 'urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:'

/**
 * Reads the code lists Regionalschlüssel (ARS) and AGS of Destatis in genericode 1.0. The ARS list also holds city
 * districts of Hamburg, Bremen and Berlin, marked by a Hinweis: they are no municipalities and are counted apart.
 * @param arsByAgs the former register's keys; an AGS alone does not say the Verband
 * @throws OzgctlError 65 for another code list, 64 for a list of AGS when there is no former register
 */
export async function readRegionCodeList(
  source: InputSource,
  text: AsyncIterable<string>,
  defects: DefectLog,
  arsByAgs: ReadonlyMap<Ags, Ars>,
): Promise<RegisterPart> {
  const rows: RegisterRow[] = []
  let districts = 0
  await readXml(source, text, (root) =>
    genericodeHandlers(source, root, (row, list) => {
      if (row.cell('Hinweis').startsWith('Stadt-/Ortsteil')) {
        districts++
        return
      }
      const region =
        listKind(list, source.name, arsByAgs) === 'rs' ? fromArs(row, list) : fromAgs(row, list, arsByAgs)
      const place = { file: source.name, line: row.line }
      if ('reason' in region) defects.add({ ...region, place })
      else rows.push({ region, place })
    }),
  )
  if (source.facts.records === 0)
    throw badInput('GENERICODE_EMPTY', 'the code list holds no rows', { file: source.name }, [
      'Fetch the list again.',
    ])
  return { rows, complete: false, ignored: districts > 0 ? { 'stadt-ortsteil': districts } : {} }
}

function listKind(list: CodeList, file: string, former: ReadonlyMap<Ags, Ars>): 'rs' | 'ags' {
  if (list.canonicalUri === `${DESTATIS}rs`) return 'rs'
  if (list.canonicalUri === `${DESTATIS}ags`) {
    if (former.size > 0) return 'ags'
    throw usageError(
      'REGISTER_NEEDED',
      `${file} lists AGS, which do not say to which Verband a Gemeinde belongs`,
      ['Import a GV100AD or a list of Regionalschlüssel first.'],
    )
  }
  throw badInput(
    'CODE_LIST_UNKNOWN',
    `this is the code list ${list.canonicalUri || '(unnamed)'}, not one of municipalities`,
    { file },
    [`Expected ${DESTATIS}rs or ${DESTATIS}ags.`],
  )
}

type Rejected = Omit<Defect, 'place'>

function fromArs(row: CodeListRow, list: CodeList): Region | Rejected {
  const value = row.cell(list.keyColumn)
  const ars = parseArs(value)
  return ars.ok
    ? gemeinde(ars.value, row.cell(nameColumn(list)))
    : rejected(ars.reason, list.keyColumn, value)
}

function fromAgs(row: CodeListRow, list: CodeList, arsByAgs: ReadonlyMap<Ags, Ars>): Region | Rejected {
  const value = row.cell(list.keyColumn)
  const ags = parseAgs(value)
  if (!ags.ok) return rejected(parseArs(value).ok ? 'ars-in-ags-column' : ags.reason, list.keyColumn, value)
  const ars = arsByAgs.get(ags.value) ?? kreisfreieArs(ags.value)
  return ars === undefined
    ? rejected('ars-unknown', list.keyColumn, value)
    : gemeinde(ars, row.cell(nameColumn(list)))
}

/** A kreisfreie Stadt (…000) has no Verband, so its ARS follows from its AGS. */
function kreisfreieArs(ags: Ags): Ars | undefined {
  return ags.endsWith('000') ? (`${ags.slice(0, 5)}0000000` as Ars) : undefined
}

function rejected(reason: string, field: string, value: string): Rejected {
  return { action: 'rejected', reason, field, value }
}

function gemeinde(ars: Ars, name: string): Region {
  return {
    key: ars,
    level: 'gemeinde',
    ags: agsOf(ars),
    name: name.replace(/\s+/g, ' '),
    type: null,
    inhabitants: null,
    areaHa: null,
    postcode: null,
    seat: null,
    gemeindefrei: isGemeindefrei(ars),
    carriedOver: [],
  }
}
