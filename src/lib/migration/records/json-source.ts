import { valueAt } from '../../connector/json-path.ts'
import { address, optional, type SettingsValues } from '../../connector/settings.ts'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { HttpAnswer } from '../../http/client.ts'
import { HttpFailure } from '../../http/failure.ts'
import { pauseText } from '../../text.ts'
import { accessSettings, headers } from '../request.ts'
import { group, isMap } from '../settings.ts'
import type { RecordClient } from './client.ts'
import type { DataRecord, Json, RecordPage, RecordSource } from './model.ts'
import { jsonPath, nextCursor, type Paging, pageUrl, pagingSettings } from './paging.ts'

/** A collection of JSON objects that is read over HTTP. */
export const jsonSourceSettings = {
  url: address('Address of the collection.'),
  paging: optional(group('How it is read in pages; all at once where nothing is said.', pagingSettings)),
  records: optional(
    jsonPath('Where the list of records stands in the answer; the whole answer where nothing is said.'),
  ),
  key: optional(jsonPath('Where the key stands in a record.'), ['id']),
  headers: optional(headers('Headers. Secrets have no place here: name credentials.'), {}),
  ...accessSettings,
}

export type JsonSourceValues = SettingsValues<typeof jsonSourceSettings>

export function jsonSource(values: JsonSourceValues, { http, headers: own }: RecordClient): RecordSource {
  const {
    url,
    paging = {
      style: 'none',
      size: 500,
      sizeParameter: undefined,
      parameter: undefined,
      first: 1,
      next: undefined,
    },
    records,
    key,
  } = values
  return {
    page: async (cursor, signal) => {
      const at = pageUrl(url, paging, cursor)
      const answer = await http.read(
        { method: 'GET', path: `${at.pathname}${at.search}`, headers: { ...values.headers, ...own } },
        signal,
      )
      return pageIn(answer, {
        paging,
        base: url,
        cursor,
        records: records ?? (paging.style === 'odata' ? ['value'] : []),
        key,
        afterMs: http.waitAsked(answer),
      })
    },
    close: async () => undefined,
  }
}

interface Reading {
  readonly paging: Paging
  readonly base: URL
  readonly cursor: string | null
  readonly records: readonly (string | number)[]
  readonly key: readonly (string | number)[]
  /** What the answer asks to wait, in milliseconds. */
  readonly afterMs: number | null
}

function pageIn(answer: HttpAnswer, reading: Reading): RecordPage {
  const where = `${reading.base.origin}${reading.base.pathname}`
  refuseStatus(answer, where, reading.afterMs)
  const body = parsed(answer.text)
  const list = valueAt(body, reading.records)
  if (!Array.isArray(list)) throw badRecords(where, 'its answer holds no list of records')
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  list.forEach((fields: Json, at) => {
    const key = keyOf(valueAt(fields, reading.key))
    if (isMap(fields) && key !== undefined) records.push({ key, fields })
    else faults.push({ key: `page ${reading.cursor ?? '0'}, record ${at}`, reason: 'it has no key' })
  })
  try {
    return { records, faults, next: nextCursor(reading, answer, body, list.length) }
  } catch (error) {
    throw badRecords(where, error instanceof Error ? error.message : String(error))
  }
}

const MAX_KEY = 500
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROLS = /[\u0000-\u001f\u007f]/

/** A key is a short text or a number. */
export function keyOf(value: unknown): string | undefined {
  const key = typeof value === 'number' && Number.isFinite(value) ? String(value) : value
  return typeof key === 'string' && key !== '' && key.length <= MAX_KEY && !CONTROLS.test(key)
    ? key
    : undefined
}

export const badRecords = (where: string, what: string): OzgctlError =>
  new OzgctlError('BAD_RECORDS', `${where}: ${what}`, {
    exit: EXIT.unavailable,
    suggestions: ['Look at what it answers, and at the settings of the step.'],
  })

/**
 * Whether an answer says that there is no such record. That a proxy has no way to the system, or that the system is being
 * started, is a 404, too: such a page comes from neither, for it is no JSON and not empty.
 */
export const isAbsent = ({ status, text: body }: HttpAnswer): boolean =>
  (status === 404 || status === 410) && (body.trim() === '' || parsed(body) !== undefined)

/** Whether a page for people stands in the place of an answer, as of a log-in. */
export const isPage = ({ headers: { 'content-type': type }, text: body }: HttpAnswer): boolean =>
  /^text\/html\b/i.test([type ?? ''].flat()[0] ?? '') && parsed(body) === undefined

/**
 * @param afterMs what the answer asks to wait
 * @throws HttpFailure for what may pass, OzgctlError for what will not
 */
export function refuseStatus(answer: HttpAnswer, where: string, afterMs: number | null): void {
  const { status } = answer
  if (status >= 200 && status < 300) return
  if (status === 401 || status === 403)
    throw new OzgctlError('UNAUTHORISED', `${where} answered ${status}`, {
      exit: EXIT.unauthorised,
      suggestions: ['Look at the credentials that the step names: ozgctl auth status'],
    })
  if (status === 408 || status === 429 || status >= 500)
    throw new HttpFailure('protocol', 'no', `${where} answered ${status}${pauseText(afterMs)}`, { afterMs })
  if ((status === 404 || status === 410) && !isAbsent(answer))
    throw new HttpFailure('protocol', 'no', `${where} answered ${status}, and not by the system itself`)
  throw badRecords(where, `it answered ${status}`)
}

/** JSON, or undefined for what is none. */
export function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}
