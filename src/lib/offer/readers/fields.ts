import type { Place } from '../../errors.ts'
import type { Defect, DefectLog } from '../../input/defects.ts'
import { parseLeikaKey } from '../../leika/key.ts'
import { parseRegionKey } from '../../region/key.ts'
import { isSpreadsheetNumber } from '../../result.ts'
import { MAX_REIFEGRAD, type Offer } from '../model.ts'

/** Takes the offers that a reader finds, one by one. */
export type OfferSink = (offer: Offer, place: Place) => void

export interface ReaderOptions {
  /** For rows without a Reifegrad; undefined where none may be assumed. */
  readonly assumedReifegrad: number | undefined
  readonly defects: DefectLog
  readonly sink: OfferSink
}

/** An offer as a source has it: texts, not yet checked. */
export interface RawOffer {
  readonly region: string
  readonly key: string
  /** Undefined where the source has no such field. */
  readonly reifegrad: string | undefined
  readonly url: string
  readonly authority: string
  readonly validFrom: string
  readonly validTo: string
}

/** What a source calls the fields of an offer. */
export type FieldNames = Readonly<Record<keyof RawOffer, string>>

/** Where a raw offer stands. */
export interface Origin {
  readonly place: Place
  readonly names: FieldNames
  /** Number of a column by its name; only a table has them. */
  readonly columnNumber?: (name: string) => number | undefined
}

/** Checks one offer and hands it on, or reports the first thing that makes it unusable. */
export function takeOffer(raw: RawOffer, origin: Origin, options: ReaderOptions): void {
  const offer = checkOffer(raw, options.assumedReifegrad)
  if ('problem' in offer) {
    report('rejected', offer.problem, raw, offer.field, origin, options.defects)
    return
  }
  if (offer.url === '' && raw.url !== '') report('kept', 'url-invalid', raw, 'url', origin, options.defects)
  options.sink(offer, origin.place)
}

function report(
  action: Defect['action'],
  reason: string,
  raw: RawOffer,
  field: keyof RawOffer,
  { place, names, columnNumber }: Origin,
  defects: DefectLog,
): void {
  const name = names[field]
  defects.add({
    action,
    reason,
    place: { ...place, column: columnNumber?.(name) },
    field: name,
    value: raw[field] ?? '',
  })
}

interface Problem {
  readonly problem: string
  readonly field: keyof RawOffer
}

function checkOffer(raw: RawOffer, assumed: number | undefined): Offer | Problem {
  const region = parseRegionKey(raw.region)
  if (!region.ok) return { problem: region.reason, field: 'region' }
  const key = parseLeikaKey(raw.key)
  if (!key.ok) return { problem: key.reason, field: 'key' }
  const reifegrad = readReifegrad(raw.reifegrad, assumed)
  if (typeof reifegrad === 'string') return { problem: reifegrad, field: 'reifegrad' }
  const validFrom = readDay(raw.validFrom)
  if (validFrom === undefined) return { problem: 'day-invalid', field: 'validFrom' }
  const validTo = readDay(raw.validTo)
  if (validTo === undefined) return { problem: 'day-invalid', field: 'validTo' }
  if (validFrom !== null && validTo !== null && validTo < validFrom)
    return { problem: 'ends-before-it-begins', field: 'validTo' }
  return {
    region: region.value,
    key: key.value,
    ...reifegrad,
    url: /^https?:\/\/\S{1,2000}$/i.test(raw.url) ? raw.url : '',
    authority: raw.authority,
    validFrom,
    validTo,
  }
}

type Reifegrad = Pick<Offer, 'reifegrad' | 'assumed'>

function readReifegrad(text: string | undefined, assumed: number | undefined): Reifegrad | string {
  if (text === undefined || text === '')
    return assumed === undefined ? 'reifegrad-missing' : { reifegrad: assumed, assumed: true }
  if (!/^\d$/.test(text)) return isSpreadsheetNumber(text) ? 'excel-number' : 'reifegrad-invalid'
  const value = Number(text)
  return value > MAX_REIFEGRAD ? 'reifegrad-invalid' : { reifegrad: value, assumed: false }
}

/** A day as `2026-12-31` or `31.12.2026`. @returns null for an empty text, undefined for what is no day */
export function readDay(text: string): string | null | undefined {
  if (text === '') return null
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)
  const iso =
    german === null ? text : `${german[3]}-${german[2]?.padStart(2, '0')}-${german[1]?.padStart(2, '0')}`
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return undefined
  const day = new Date(`${iso}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(iso) ? iso : undefined
}
