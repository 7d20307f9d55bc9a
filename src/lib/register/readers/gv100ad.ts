import { badInput } from '../../errors.ts'
import type { DefectLog } from '../../input/defects.ts'
import { linesOf } from '../../input/lines.ts'
import type { InputSource } from '../../input/source.ts'
import { agsOf, isGemeindefrei, parseArs } from '../../region/key.ts'
import type { Region } from '../../region/model.ts'
import type { RegisterPart } from './register-part.ts'

// Record description of the GV100AD, fields EF1 to EF9 and EF12; positions from 0, in characters.
const WIDTH = 220
const SATZARTEN = new Set(['10', '20', '30', '40', '50', '60'])

/** Textkennzeichen EF7 in words. */
const TYPES: Readonly<Record<string, string>> = {
  '41': 'Kreisfreie Stadt',
  '42': 'Stadtkreis',
  '43': 'Kreis',
  '44': 'Landkreis',
  '45': 'Regionalverband',
  '50': 'Verbandsfreie Gemeinde',
  '51': 'Amt',
  '52': 'Samtgemeinde',
  '53': 'Verbandsgemeinde',
  '54': 'Verwaltungsgemeinschaft',
  '55': 'Kirchspielslandgemeinde',
  '56': 'Verwaltungsverband',
  '57': 'VG-Trägermodell',
  '58': 'Erfüllende Gemeinde',
  '60': 'Markt',
  '61': 'Kreisfreie Stadt',
  '62': 'Stadtkreis',
  '63': 'Stadt',
  '64': 'Kreisangehörige Gemeinde',
  '65': 'Gemeindefreies Gebiet (bewohnt)',
  '66': 'Gemeindefreies Gebiet (unbewohnt)',
  '67': 'Große Kreisstadt',
}

/** Whether a first line looks like the Gemeindeverzeichnis: Satzart 10 to 60 and a date. */
export function isGv100ad(head: string): boolean {
  return /^[1-6]0(19|20)\d{2}[01]\d[0-3]\d\d{2}/.test(head.replace(/^\uFEFF/, ''))
}

/**
 * Reads the Gemeindeverzeichnis GV100AD (Destatis, GV-ISys).
 * @throws OzgctlError 65 naming the line when a line has not 220 characters or an unknown Satzart
 */
export async function readGv100ad(
  source: InputSource,
  text: AsyncIterable<string>,
  defects: DefectLog,
): Promise<RegisterPart> {
  const regions: Region[] = []
  let regionenBw = 0
  for await (const { line, number } of linesOf(text, source.name)) {
    if (line === '') continue
    checkLine(line, number, source.name)
    source.facts.records++
    if (line.startsWith('30')) {
      regionenBw++
      continue
    }
    const region = parseRow(line, number, source.name, defects)
    if (region !== undefined) regions.push(region)
  }
  return { regions, complete: true, ignored: regionenBw > 0 ? { 'satzart-30-region': regionenBw } : {} }
}

function checkLine(line: string, number: number, file: string): void {
  const place = { file, line: number }
  if (line.length !== WIDTH) {
    throw badInput('GV100AD_WIDTH', `the line has ${line.length} characters instead of ${WIDTH}`, place, [
      'The file was cut off, or an editor or a spreadsheet changed it: fetch it again.',
    ])
  }
  if (!SATZARTEN.has(line.slice(0, 2)))
    throw badInput('GV100AD_SATZART', `unknown Satzart ${JSON.stringify(line.slice(0, 2))}`, place)
}

function parseRow(line: string, number: number, file: string, defects: DefectLog): Region | undefined {
  const field = (start: number, end: number): string => line.slice(start, end).trim()
  const satzart = line.slice(0, 2)
  const key = keyOf(satzart, line)
  const reject = (reason: string, column: number, name: string): undefined => {
    defects.add({
      action: 'rejected',
      reason,
      place: { file, line: number, column },
      field: name,
      value: line.slice(10, 22),
    })
  }
  // A Gemeinde's key is complete; the others are its prefixes and are checked by filling them up.
  const parsed = parseArs(key.padEnd(12, '0'))
  if (key.length !== KEY_LENGTH[satzart] || !parsed.ok)
    return reject(parsed.ok ? 'region-invalid' : parsed.reason, 11, 'EF3')
  const name = field(22, 72)
  if (name === '') return reject('name-missing', 23, 'EF5')
  const gemeinde = satzart === '60'
  return {
    key,
    level: LEVEL[satzart] ?? 'gemeinde',
    ags: gemeinde ? agsOf(parsed.value) : null,
    name,
    type: TYPES[field(122, 124)] ?? null,
    inhabitants: gemeinde ? Number(field(139, 150)) : null,
    areaHa: gemeinde ? Number(field(128, 139)) : null,
    postcode: gemeinde ? field(165, 170) || null : null,
    seat: field(72, 122) || null,
    gemeindefrei: gemeinde && (isGemeindefrei(key) || /^6[56]$/.test(field(122, 124))),
    carriedOver: [],
  }
}

const LEVEL: Readonly<Record<string, Region['level']>> = {
  '10': 'land',
  '20': 'bezirk',
  '40': 'kreis',
  '50': 'verband',
  '60': 'gemeinde',
}
const KEY_LENGTH: Readonly<Record<string, number>> = { '10': 2, '20': 3, '40': 5, '50': 9, '60': 12 }

function keyOf(satzart: string, line: string): string {
  const key = line.slice(10, 18).trim()
  const verband = line.slice(18, 22).trim()
  // ARS = first five digits of the AGS, Verband, last three digits of the AGS.
  return satzart === '60' ? key.slice(0, 5) + verband + key.slice(5) : key + verband
}
