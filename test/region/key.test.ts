import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  agsOf,
  BUND,
  candidatesOf,
  canonical,
  isGemeindefrei,
  isOwnVerband,
  levelOf,
  parseAgs,
  parseArs,
  parseRegionKey,
  printRegionKey,
} from '../../src/lib/region/key.ts'

const LENGTHS = [2, 3, 5, 9, 12]
const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`))
const lands = fc.integer({ min: 1, max: 16 }).map((land) => String(land).padStart(2, '0'))
const arsKeys = fc.tuple(lands, digits(10)).map(([land, rest]) => land + rest)
const prefixes = fc.tuple(arsKeys, fc.constantFrom(...LENGTHS)).map(([ars, length]) => ars.slice(0, length))

/** What a parser makes of a text: the value, or why not. */
const outcome = (parsed: { ok: true; value: string } | { ok: false; reason: string }): string =>
  parsed.ok ? parsed.value : parsed.reason

describe('a region key', () => {
  test('prints as twelve digits that read back as the same key, for any prefix', () => {
    fc.assert(
      fc.property(prefixes, (prefix) => {
        const key = canonical(prefix)
        expect(parseRegionKey(prefix)).toEqual({ ok: true, value: key })
        expect(printRegionKey(key)).toHaveLength(12)
        expect(parseRegionKey(printRegionKey(key))).toEqual({ ok: true, value: key })
        expect(canonical(key)).toBe(key)
        expect([0, ...LENGTHS]).toContain(key.length)
      }),
    )
  })

  test.each([
    ['03', '03'],
    ['034', '034'],
    ['03459', '03459'],
    ['034595402', '034595402'],
    ['034590014014', '034590014014'],
    ['034590000000', '03459'],
    ['030000000000', '03'],
    ['034040000000', '03404'],
    ['03404', '03404'],
    ['020000000000', '02'],
    ['034595402000', '034595402'],
    ['000000000000', ''],
    ['000', ''],
    ['DE', ''],
    ['DE03459', '03459'],
    [' 03459 ', '03459'],
    ['urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:03459', '03459'],
    ['', 'region-missing'],
    ['  ', 'region-missing'],
    ['3459', 'leading-zero-lost'],
    ['34590014014', 'leading-zero-lost'],
    ['3', 'leading-zero-lost'],
    ['34', 'leading-zero-lost'],
    ['345', 'land-unknown'],
    ['17', 'leading-zero-lost'],
    ['170', 'land-unknown'],
    ['990014014012', 'land-unknown'],
    ['03459014', 'ags-instead-of-ars'],
    ['3459014', 'leading-zero-lost'],
    ['034595402001034', 'region-invalid'],
    ['3,4590014014E+10', 'excel-number'],
    ['3.46E+10', 'excel-number'],
    ['Bramsche', 'region-invalid'],
    ['03459-014', 'region-invalid'],
    ['０３', 'region-invalid'],
  ])('%j is %j', (text, expected) => {
    expect(outcome(parseRegionKey(text))).toBe(expected)
  })

  test('never gets a digit that was not there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), digits(12), digits(11), digits(8), digits(4)), (text) => {
        const parsed = parseRegionKey(text)
        if (parsed.ok) expect(text.replace(/\D/g, '').startsWith(parsed.value)).toBe(true)
      }),
    )
  })

  test('its level follows from its length', () => {
    expect(['', '03', '034', '03459', '034595402', '034595402001'].map(levelOf)).toEqual([
      'bund',
      'land',
      'bezirk',
      'kreis',
      'verband',
      'gemeinde',
    ])
  })
})

describe('an ARS', () => {
  test('reads back as it was printed', () => {
    fc.assert(
      fc.property(arsKeys, (ars) => {
        expect(parseArs(ars)).toEqual({ ok: true, value: ars })
        expect(parseArs(` ${ars}\t`)).toEqual({ ok: true, value: ars })
      }),
    )
  })

  test.each([
    ['34590014014', 'leading-zero-lost'],
    ['3.45900140E+10', 'excel-number'],
    ['', 'region-missing'],
    ['03459014', 'ags-instead-of-ars'],
    ['03459', 'region-invalid'],
    ['DE', 'region-invalid'],
    ['170000000000', 'land-unknown'],
    ['03459001401A', 'region-invalid'],
  ])('%j is none: %s', (text, reason) => {
    expect(parseArs(text)).toEqual({ ok: false, reason })
  })
})

describe('an AGS', () => {
  test('is the ARS without its Verband and reads back as it was printed', () => {
    fc.assert(
      fc.property(arsKeys, (text) => {
        const ars = parseArs(text)
        if (!ars.ok) throw new Error(text)
        const ags = agsOf(ars.value)
        expect(ags).toBe(text.slice(0, 5) + text.slice(9))
        expect(parseAgs(ags)).toEqual({ ok: true, value: ags })
      }),
    )
  })

  test.each([
    ['03459014', '03459014'],
    ['3459014', 'leading-zero-lost'],
    ['11000000', '11000000'],
    ['034590014014', 'region-invalid'],
    ['0345901', 'region-invalid'],
    ['3.46E+06', 'excel-number'],
    ['17459014', 'land-unknown'],
    ['', 'region-missing'],
  ])('%j is %j', (text, expected) => {
    expect(outcome(parseAgs(text))).toBe(expected)
  })
})

describe('the regions whose offers reach a region', () => {
  const names = (key: string) =>
    candidatesOf(key).map(({ key: region, source }) => `${region || 'DE'} ${source}`)

  test('of a Gemeinde in a Samtgemeinde', () => {
    expect(names('034595402001')).toEqual([
      '034595402001 own',
      '034595402 verband',
      '03459 kreis',
      '034 bezirk',
      '03 land',
      'DE bund',
    ])
  })

  test('of a verbandsfreie Gemeinde: its Verband is itself', () => {
    expect(names('034590014014')).toEqual([
      '034590014014 own',
      '034590014 own',
      '03459 kreis',
      '034 bezirk',
      '03 land',
      'DE bund',
    ])
  })

  test('of a kreisfreie Stadt: its county is itself, under one key', () => {
    expect(names('034040000000')).toEqual(['03404 own', '034 bezirk', '03 land', 'DE bund'])
  })

  test('of a Stadtstaat, which is everything at once', () => {
    expect(names('020000000000')).toEqual(['02 own', 'DE bund'])
    expect(names('110000000000')).toEqual(['11 own', 'DE bund'])
  })

  test('of a gemeindefreies Gebiet', () => {
    expect(names('031519501501')).toEqual([
      '031519501501 own',
      '031519501 own',
      '03151 kreis',
      '031 bezirk',
      '03 land',
      'DE bund',
    ])
  })

  test('of a county, a Land and the Bund', () => {
    expect(names('03459')).toEqual(['03459 own', '034 bezirk', '03 land', 'DE bund'])
    expect(names('03')).toEqual(['03 own', 'DE bund'])
    expect(names('')).toEqual(['DE bund'])
  })

  test('are its own prefixes, each once, from the most to the least specific, from itself to the Bund', () => {
    const order = ['own', 'verband', 'kreis', 'bezirk', 'land', 'bund']
    fc.assert(
      fc.property(fc.oneof(arsKeys, prefixes), (key) => {
        const candidates = candidatesOf(key)
        const keys = candidates.map((candidate) => candidate.key)
        expect(keys[0]).toBe(canonical(key))
        expect(keys.at(-1)).toBe(BUND)
        expect(new Set(keys).size).toBe(keys.length)
        for (const candidate of keys) expect(key.startsWith(candidate)).toBe(true)
        const lengths = keys.map((candidate) => candidate.length)
        expect(lengths).toEqual([...lengths].sort((a, b) => b - a))
        const ranks = candidates.map(({ source }) => order.indexOf(source))
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
        expect(candidates.filter(({ source }) => source === 'bund')).toEqual([{ key: BUND, source: 'bund' }])
      }),
    )
  })

  test('hold those of every region above it, so that what reaches a county reaches its Gemeinden', () => {
    fc.assert(
      fc.property(arsKeys, fc.constantFrom(2, 3, 5, 9), (ars, length) => {
        const below = candidatesOf(ars).map(({ key }) => key)
        for (const { key } of candidatesOf(ars.slice(0, length))) expect(below).toContain(key)
      }),
    )
  })
})

test('the Verband number says who a Gemeinde belongs to', () => {
  expect(['034590014014', '034595402001', '031519501501'].map(isOwnVerband)).toEqual([true, false, true])
  expect(['034590014014', '034595402001', '031519501501'].map(isGemeindefrei)).toEqual([false, false, true])
})
