import { valueAt } from '../../connector/json-path.ts'
import { address, optional, type SettingsValues } from '../../connector/settings.ts'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { HttpAnswer } from '../../http/client.ts'
import { HttpFailure } from '../../http/failure.ts'
import { isTooDeep, type ReadJson, readExactJson } from '../../input/exact-json.ts'
import { pauseText } from '../../text.ts'
import { accessSettings, headers } from '../request.ts'
import { group, isMap } from '../settings.ts'
import type { RecordClient } from './client.ts'
import { isOwnJson, otherThanJson, printable, saysMissing } from './exchange.ts'
import type { DataRecord, RecordPage, RecordSource } from './model.ts'
import { jsonPath, nextCursor, type Paging, pageUrl, pagingSettings } from './paging.ts'
import { keyOf } from './scalar.ts'

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
  const { value: body, twice } = readExactJson(answer.text) ?? NOTHING
  const list = valueAt(body, reading.records)
  if (!Array.isArray(list)) throw badRecords(where, 'its answer holds no list of records')
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  const doubled = byRecord(where, twice, reading.records)
  list.forEach((fields: unknown, at) => {
    const record = recordIn(fields, keyOf(valueAt(fields, reading.key)), doubled.get(at) ?? [])
    if (typeof record !== 'string') records.push(record)
    else faults.push({ key: `page ${reading.cursor ?? '0'}, record ${at}`, reason: record })
  })
  try {
    return { records, faults, next: nextCursor(reading, answer, body, list.length) }
  } catch (error) {
    throw badRecords(where, error instanceof Error ? error.message : String(error))
  }
}

const NOTHING = { value: null, twice: [] }

/** Names that are there twice, by the record that they are in. @throws OzgctlError BAD_RECORDS for one around the records */
function byRecord(
  where: string,
  twice: ReadJson['twice'],
  list: readonly (string | number)[],
): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>()
  for (const path of twice) {
    const name = printable(String(path.at(-1)))
    const at = list.every((step, index) => path[index] === step) ? path[list.length] : undefined
    if (typeof at !== 'number') throw badRecords(where, `its answer names ${JSON.stringify(name)} twice`)
    names.set(at, [...(names.get(at) ?? []), name])
  }
  return names
}

export const badRecords = (where: string, what: string): OzgctlError =>
  new OzgctlError('BAD_RECORDS', `${where}: ${what}`, {
    exit: EXIT.unavailable,
    suggestions: ['Look at what it answers, and at the settings of the step.'],
  })

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
  if (saysMissing(answer) && !isOwnJson(answer))
    throw new HttpFailure('protocol', 'no', `${where} answered ${status} with ${otherThanJson(answer)}`)
  throw badRecords(where, `it answered ${status}`)
}

/** A record as it was read, or what is wrong with it. @param twice names that its objects hold twice */
export function recordIn(
  fields: unknown,
  key: string | undefined,
  twice: readonly string[],
): DataRecord | string {
  const [name] = twice
  if (!isMap(fields)) return 'it is no JSON object'
  if (name !== undefined) return `it names ${JSON.stringify(name)} twice`
  if (isTooDeep(fields)) return 'its values are nested too deeply'
  return key === undefined ? 'it has no key' : { key, fields }
}
