import { badInput } from '../../errors.ts'
import type { Defect, DefectLog } from '../../input/defects.ts'
import { linesOf } from '../../input/lines.ts'
import type { InputSource } from '../../input/source.ts'
import { type Ars, agsOf, isGemeindefrei, parseAgs, parseArs } from '../../region/key.ts'
import type { Region } from '../../region/model.ts'
import type { RegisterPart, RegisterRow } from './register-part.ts'

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
  return /^[1-6]0(19|20)\d{2}[01]\d[0-3]\d\d{2}/.test(head)
}

/**
 * Reads the Gemeindeverzeichnis GV100AD (Destatis, GV-ISys).
 * @throws OzgctlError 65 naming the line when a line has not 220 characters or an unknown Satzart, or when the file
 * ends in the middle of a county
 */
export async function readGv100ad(
  source: InputSource,
  text: AsyncIterable<string>,
  defects: DefectLog,
): Promise<RegisterPart> {
  const rows: RegisterRow[] = []
  const ending = new Ending()
  let regionenBw = 0
  for await (const { line, number } of linesOf(text, source.name)) {
    if (line === '') continue
    checkLine(line, number, source.name)
    source.record()
    if (line.startsWith('30')) {
      regionenBw++
      continue
    }
    ending.see(line, number)
    const region = parseRow(line, number, source.name, defects)
    if (region !== undefined) rows.push({ region, place: { file: source.name, line: number } })
  }
  ending.check(source.name)
  return { rows, complete: true, ignored: regionenBw > 0 ? { 'satzart-30-region': regionenBw } : {} }
}

/**
 * Finds out whether the file was cut off between two lines, which nothing else shows: it has no last line of its own.
 * The rows of a county stand together, its Verbände before its Gemeinden, so each of them must have a Gemeinde.
 */
class Ending {
  /** Levels above a Gemeinde since the last change of county that have none yet: key, name and line. */
  #open: { readonly key: string; readonly name: string; readonly line: number }[] = []
  #county = ''
  #last = 0

  see(line: string, number: number): void {
    const key = keyOf(line.slice(0, 2), line)
    const county = key.slice(0, 5)
    if (line.startsWith('60')) this.#open = this.#open.filter((upper) => !key.startsWith(upper.key))
    else {
      if (!county.startsWith(this.#county)) this.#open = []
      this.#open.push({ key, name: line.slice(22, 72).trim(), line: number })
    }
    this.#county = county
    this.#last = number
  }

  check(file: string): void {
    const [first] = this.#open
    if (first === undefined) return
    throw badInput(
      'GV100AD_TRUNCATED',
      `the file ends in the middle of a county: ${first.key} ${first.name} (line ${first.line}) has no Gemeinde`,
      { file, line: this.#last },
      ['Fetch the file again; the download was cut off.'],
    )
  }
}

function checkLine(line: string, number: number, file: string): void {
  const place = { file, line: number }
  if (line.length !== WIDTH) {
    throw badInput('GV100AD_WIDTH', `the line has ${line.length} characters instead of ${WIDTH}`, place, [
      'The file was cut off, or an editor or a spreadsheet changed it: fetch it again.',
    ])
  }
  if (!SATZARTEN.has(line.slice(0, 2)))
    throw badInput('GV100AD_SATZART', `unknown Satzart ${JSON.stringify(line.slice(0, 2))}`, place, [
      'Known are 10, 20, 30, 40, 50 and 60: fetch the file again.',
    ])
}

function parseRow(line: string, number: number, file: string, defects: DefectLog): Region | undefined {
  const field = (start: number, end: number): string => line.slice(start, end).trim()
  const satzart = line.slice(0, 2)
  const key = keyOf(satzart, line)
  const report = (
    action: Defect['action'],
    reason: string,
    [name, start, end]: readonly [string, number, number],
  ): undefined => {
    const place = { file, line: number, column: start + 1 }
    defects.add({ action, reason, place, field: name, value: line.slice(start, end) })
  }
  const figure = (name: string, start: number, end: number): number | null => {
    const value = field(start, end)
    if (/^\d+$/.test(value)) return Number(value)
    if (value !== '') report('kept', 'number-invalid', [name, start, end])
    return null
  }
  const whole = key.length === KEY_LENGTH[satzart]
  // A Gemeinde's key is complete; the others are its prefixes and are checked by filling them up.
  const parsed = whole || satzart !== '60' ? parseArs(key.padEnd(12, '0')) : parseAgs(field(10, 18))
  if (!whole || !parsed.ok)
    return report('rejected', parsed.ok ? 'region-invalid' : parsed.reason, ['EF3', 10, 22])
  const name = field(22, 72)
  if (name === '') return report('rejected', 'name-missing', ['EF5', 22, 72])
  const gemeinde = satzart === '60'
  return {
    key,
    level: LEVEL[satzart] ?? 'gemeinde',
    ags: gemeinde ? agsOf(key as Ars) : null,
    name,
    type: TYPES[field(122, 124)] ?? null,
    inhabitants: gemeinde ? figure('EF9', 139, 150) : null,
    areaHa: gemeinde ? figure('EF8', 128, 139) : null,
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
