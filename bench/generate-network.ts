import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gv100adUtf8 } from '../fixtures/formats/gv100ad.ts'
import { LAENDER } from '../src/lib/region/model.ts'

const KREISE = 400
const KREISFREI = 107
const GEMEINDEN = 10_981
const OZG_LEISTUNGEN = 557
const KEYS = 4_813
const VERBAND_SIZE = 5

const digits = (value: number, width: number): string => String(value).padStart(width, '0')

/** A register and a catalogue as large and as nested as the real ones, made up, so that anyone can repeat the bench. */
export interface Network {
  readonly files: { readonly register: string; readonly ozg: string; readonly leika: string }
  /** Raw register keys of the Gemeinden. */
  readonly gemeinden: readonly string[]
  /** Regions that offer something: Gemeinden, Verbände, counties, Länder and the Bund. */
  readonly offering: readonly string[]
  readonly keys: readonly string[]
}

/** Writes the files of a network into a folder. */
export function generateNetwork(folder: string): Network {
  const regions = makeRegions()
  const files = {
    register: join(folder, 'register.txt'),
    ozg: join(folder, 'ozg.csv'),
    leika: join(folder, 'leika.csv'),
  }
  const unit = (key: string) => ({ key, name: `Region ${key}`, seat: '' })
  writeFileSync(
    files.register,
    gv100adUtf8({
      state: '2023-11-30',
      laender: Object.entries(LAENDER).map(([key, name]) => ({ key, name, seat: '' })),
      bezirke: [],
      kreise: regions.kreise.map((key) => ({ ...unit(key), type: '44' })),
      verbaende: regions.verbaende.map((key) => ({ ...unit(key), type: key[5] === '5' ? '52' : '50' })),
      gemeinden: regions.gemeinden.map((key, at) => [
        key,
        `Gemeinde ${key}`,
        '63',
        1000,
        1000 + at,
        500,
        '49565',
        false,
        '2345',
        '3104',
        '26403',
        '025',
      ]),
    }),
  )
  const keys = Array.from({ length: KEYS }, (_, at) => `99${digits(at * 1009 + 1_000_000, 12)}`)
  writeFileSync(
    files.ozg,
    table(
      ['ozg_id', 'ozg_leistung', 'themenfeld', 'lage'],
      Array.from({ length: OZG_LEISTUNGEN }, (_, at) => [
        ozgId(at),
        `OZG-Leistung ${at}`,
        `Themenfeld ${at % 14}`,
        `Lage ${at % 55}`,
      ]),
    ),
  )
  writeFileSync(
    files.leika,
    table(
      [
        'leika_key',
        'bezeichnung',
        'typ',
        'ozg_id',
        'ozg_leistung',
        'themenfeld',
        'lage',
        'rechtsgrundlage',
      ].concat(['gesetze', 'gesetze_kurz', 'relevance1', 'relevance2']),
      keys.map((key, at) => [
        key,
        `Leistung ${at}`,
        '2b',
        ozgId(at % OZG_LEISTUNGEN),
        `OZG-Leistung ${at % OZG_LEISTUNGEN}`,
        `Themenfeld ${at % 14}`,
        `Lage ${at % 55}`,
        ...['', '', '', '', ''],
      ]),
    ),
  )
  // A Verband 0000 is the kreisfreie Stadt itself.
  const verbaende = regions.verbaende.filter((key) => !key.endsWith('0000'))
  const offering = ['000000000000', ...Object.keys(LAENDER), ...regions.kreise, ...verbaende]
  return { files, gemeinden: regions.gemeinden, offering: [...offering, ...regions.gemeinden], keys }
}

const ozgId = (at: number): string => String(10_000 + at)

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((cells) => `${cells.join(';')}\n`).join('')
}

function makeRegions() {
  const kreise = Array.from(
    { length: KREISE },
    (_, at) => `${digits((at % 16) + 1, 2)}0${digits(Math.floor(at / 16) + 1, 2)}`,
  )
  const gemeinden: string[] = []
  const verbaende = new Set<string>()
  const add = (key: string): void => {
    gemeinden.push(key)
    verbaende.add(key.slice(0, 9))
  }
  for (const kreis of kreise.slice(0, KREISFREI)) add(`${kreis}0000000`)
  const counties = kreise.slice(KREISFREI)
  for (let at = 0; gemeinden.length < GEMEINDEN; at++) {
    const kreis = counties[at % counties.length] ?? ''
    const number = Math.floor(at / counties.length) + 1
    // Every third Gemeinde is verbandsfrei, the others share Verbände.
    const verband =
      number % 3 === 0 ? `0${digits(number, 3)}` : `5${digits(400 + Math.floor(number / VERBAND_SIZE), 3)}`
    add(kreis + verband + digits(number, 3))
  }
  return { kreise, gemeinden: gemeinden.sort(), verbaende: [...verbaende].sort() }
}
