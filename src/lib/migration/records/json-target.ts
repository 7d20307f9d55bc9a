import { createHash } from 'node:crypto'
import { excerpt } from '../../config/secret.ts'
import { type JsonPath, valueAt } from '../../connector/json-path.ts'
import {
  address,
  choice,
  integer,
  no,
  optional,
  type Setting,
  type SettingsValues,
  text,
  yesNo,
} from '../../connector/settings.ts'
import { OzgctlError, unreachable } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { HttpAnswer, HttpClient } from '../../http/client.ts'
import { denialOf } from '../../http/denial.ts'
import { HttpFailure } from '../../http/failure.ts'
import { readExactJson } from '../../input/exact-json.ts'
import { pauseText } from '../../text.ts'
import { accessSettings, headers, notFoundSetting } from '../request.ts'
import { group } from '../settings.ts'
import { expandText, type Lookup, pathsIn, TemplateError } from '../template.ts'
import type { RecordClient } from './client.ts'
import {
  doubtful,
  GONE,
  isOwnJson,
  isPage,
  later,
  type OwnAnswer,
  otherThanJson,
  refused,
  saysMissing,
} from './exchange.ts'
import { badRecords, jsonSource, jsonSourceSettings, recordIn, refuseStatus } from './json-source.ts'
import type { DataRecord, JsonObject, RecordOutcome, RecordTarget } from './model.ts'
import { jsonPath } from './paging.ts'
import { isScalar, keyOf, scalarText } from './scalar.ts'

/** A text with ${record.key} in it, looked at when there is a record. */
function recordAddress(description: string): Setting<string> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', pattern: '^(https?://|\\$\\{connector\\.)' },
    read: (value) =>
      typeof value === 'string' && /^(https?:\/\/|\$\{connector\.)/.test(value)
        ? { ok: true, value }
        : no('must be an address', 'It is like https://host.example.de/records/${record.key}.'),
  }
}

/** What a text says about the record. */
const recordPaths = (text: string): readonly string[] =>
  pathsIn(text).filter((path) => path.startsWith('record.'))

export const jsonTargetSettings = {
  url: address('Address of the collection.'),
  item: optional(recordAddress('Address of one record, with ${record.key} in it.')),
  method: optional(
    choice('PUT writes to the address of the record, POST to that of the collection.', ['PUT', 'POST']),
    'PUT',
  ),
  batch: optional(
    integer('So many records in one request, as a list; 1 writes each by itself.', 1, 10_000),
    1,
  ),
  wrap: optional(text('Name of the field that the list of a batch stands in.')),
  upsert: optional(yesNo('Whether the target keeps one record for each key, whatever is sent.'), false),
  idempotencyHeader: optional(
    text('Header by which the target knows a repeated request.', /^[A-Za-z0-9-]+$/),
  ),
  results: optional(
    group('Where the answer to a batch says what became of each record.', {
      list: jsonPath('Way to the list.'),
      key: jsonPath('Way to the key in an entry.'),
      status: jsonPath('Way to the status in an entry, as in HTTP.'),
      reason: optional(jsonPath('Way to the reason in an entry.')),
    }),
  ),
  notFound: notFoundSetting,
  list: optional(group('How the target is read afterwards, to compare.', jsonSourceSettings)),
  headers: optional(headers('Headers. Secrets have no place here: name credentials.'), {}),
  ...accessSettings,
}

export type JsonTargetValues = SettingsValues<typeof jsonTargetSettings>

/** @param lookup for placeholders that are not about the record @param salt what tells this transfer from others */
export function jsonTarget(
  values: JsonTargetValues,
  client: RecordClient,
  lookup: Lookup,
  salt: string,
): RecordTarget {
  const { url, method, batch, upsert, idempotencyHeader } = values
  const { http, headers: own } = client
  const isOwn = (answer: HttpAnswer): boolean => values.notFound === 'any' || isOwnJson(answer)
  const send = new Sender(http, { ...values.headers, ...own }, idempotencyHeader, salt, isOwn)
  const item = values.item
  const itemPath = (record: Pick<DataRecord, 'key' | 'fields'>) => pathOf(item ?? '', record, lookup)
  // Who asks for a record, or takes it away, knows no more of it than its key.
  const isAsked = item !== undefined && recordPaths(item).every((path) => path === 'record.key')
  const isByKey = (method === 'PUT' && item !== undefined && batch === 1) || upsert
  const repeatable = isByKey
    ? 'by-key'
    : idempotencyHeader !== undefined && batch === 1
      ? 'idempotency-key'
      : isAsked
        ? 'look-up'
        : 'none'
  const canRepeat = repeatable === 'by-key' || repeatable === 'idempotency-key'
  const list = values.list === undefined ? undefined : jsonSource(values.list, client)
  return {
    repeatable,
    batch,
    ordered: true,
    write: async (records, signal) => {
      if (batch > 1) return send.batch(records, values, canRepeat, signal)
      return Promise.all(
        records.map((record) => {
          if (method !== 'PUT' || item === undefined)
            return send.one(record, method, `${url.pathname}${url.search}`, canRepeat, signal)
          const path = itemPath(record)
          return path instanceof TemplateError
            ? refused(path.message)
            : send.one(record, method, path, canRepeat, signal)
        }),
      )
    },
    ...(!isAsked
      ? {}
      : {
          find: async (key, signal) => {
            const path = itemPath({ key, fields: {} })
            if (path instanceof TemplateError) return undefined
            const answer = await http.read(
              { method: 'GET', path, headers: { ...values.headers, ...own } },
              signal,
            )
            if (saysMissing(answer) && isOwn(answer)) return undefined
            if (saysMissing(answer))
              throw new HttpFailure('protocol', 'no', `${url.origin} ${foreign(answer)}`)
            refuseStatus(answer, url.origin, http.waitAsked(answer))
            const { value, twice = [] } = readExactJson(answer.text) ?? {}
            const record = recordIn(
              value,
              key,
              twice.map((path) => String(path.at(-1))),
            )
            if (typeof record === 'string') throw badRecords(url.origin, `a record that it has: ${record}`)
            return record
          },
          remove: async (key, signal) => {
            const path = itemPath({ key, fields: {} })
            // What has no address was never written to one.
            return path instanceof TemplateError ? GONE : send.remove(path, signal)
          },
        }),
    ...(list === undefined ? {} : { page: list.page }),
    close: async () => undefined,
  }
}

/** The path of one record, or why it has none. */
function pathOf(
  template: string,
  { key, fields }: Pick<DataRecord, 'key' | 'fields'>,
  lookup: Lookup,
): string | TemplateError {
  try {
    const filled = expandText(template, (path) => {
      if (path[0] !== 'record') return lookup(path)
      const value = path[1] === 'key' ? key : fields[path[1] ?? '']
      return isScalar(value) && typeof value !== 'boolean' ? scalarText(value) : undefined
    })
    const url = new URL(filled)
    return `${url.pathname}${url.search}`
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}

class Sender {
  readonly #http: HttpClient
  readonly #headers: Readonly<Record<string, string>>
  readonly #idempotencyHeader: string | undefined
  readonly #salt: string
  readonly #isOwn: OwnAnswer

  constructor(
    http: HttpClient,
    headers: Readonly<Record<string, string>>,
    idempotencyHeader: string | undefined,
    salt: string,
    isOwn: OwnAnswer,
  ) {
    this.#isOwn = isOwn
    this.#http = http
    this.#headers = headers
    this.#idempotencyHeader = idempotencyHeader
    this.#salt = salt
  }

  async one(
    { key, fields }: DataRecord,
    method: 'PUT' | 'POST',
    path: string,
    canRepeat: boolean,
    signal: AbortSignal,
  ): Promise<RecordOutcome> {
    const answer = await this.#send(method, path, fields, key, canRepeat, signal)
    return 'kind' in answer ? answer : this.#outcome(answer, canRepeat)
  }

  async batch(
    records: readonly DataRecord[],
    values: JsonTargetValues,
    canRepeat: boolean,
    signal: AbortSignal,
  ): Promise<readonly RecordOutcome[]> {
    const { url, method, wrap, results } = values
    const list = records.map(({ fields }) => fields)
    const body = wrap === undefined ? list : { [wrap]: list }
    const answer = await this.#send(
      method,
      `${url.pathname}${url.search}`,
      body,
      records.map(({ key }) => key).join('\n'),
      canRepeat,
      signal,
    )
    if ('kind' in answer) return records.map(() => answer)
    if (answer.status >= 300 || results === undefined) {
      const outcome = this.#outcome(answer, canRepeat)
      return records.map(() => (outcome.kind === 'done' ? { kind: 'done', created: null } : outcome))
    }
    const entries = valueAt(readExactJson(answer.text)?.value, results.list)
    // By key and never by position: an answer may leave out some, or have them in another order.
    const byKey = new Map<string, RecordOutcome>()
    for (const entry of Array.isArray(entries) ? entries : []) {
      const key = keyOf(valueAt(entry, results.key))
      const reason = results.reason === undefined ? undefined : valueAt(entry, results.reason)
      if (key !== undefined)
        byKey.set(key, statusOutcome(numberAt(entry, results.status), reason, canRepeat, null))
    }
    return records.map(
      ({ key }) => byKey.get(key) ?? { kind: 'unknown', reason: 'the answer says nothing about it' },
    )
  }

  async remove(path: string, signal: AbortSignal): Promise<RecordOutcome> {
    const answer = await this.#send('DELETE', path, undefined, path, true, signal)
    if ('kind' in answer) return answer
    return saysMissing(answer) && this.#isOwn(answer) ? GONE : this.#outcome(answer, true)
  }

  async #send(
    method: 'PUT' | 'POST' | 'DELETE',
    path: string,
    body: JsonObject | readonly JsonObject[] | undefined,
    key: string,
    canRepeat: boolean,
    signal: AbortSignal,
  ): Promise<HttpAnswer | RecordOutcome> {
    try {
      if (signal.aborted) return { kind: 'later', reason: 'stopped before it was sent', afterMs: null }
      return await this.#http.send({
        method,
        path,
        headers: {
          ...this.#headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.#idempotencyHeader === undefined ? {} : { [this.#idempotencyHeader]: this.#key(key) }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error
      const isSafe = error.sent === 'no' || canRepeat
      return isSafe
        ? { kind: 'later', reason: error.message, afterMs: null }
        : { kind: 'unknown', reason: error.message }
    }
  }

  /** The same for every attempt at the same record of the same transfer. */
  #key(key: string): string {
    return createHash('sha256').update(`${this.#salt}\n${key}`).digest('hex').slice(0, 32)
  }

  #outcome(answer: HttpAnswer, canRepeat: boolean): RecordOutcome {
    const isForeign = saysMissing(answer) && !this.#isOwn(answer)
    // A log-in answers with a page, and says 200 to everything.
    if (isForeign || (answer.status < 300 && isPage(answer))) {
      const reason = `it ${foreign(answer)}`
      return canRepeat ? later(reason) : { kind: 'unknown', reason }
    }
    return statusOutcome(answer.status, undefined, canRepeat, this.#http.waitAsked(answer))
  }
}

/** What somebody else than the target may have answered. */
const foreign = (answer: HttpAnswer): string => `answered ${answer.status} with ${otherThanJson(answer)}`

function numberAt(entry: unknown, path: JsonPath): number {
  const value = valueAt(entry, path)
  return isScalar(value) ? Number(scalarText(value)) : Number.NaN
}

/** What a status says of a write. @param afterMs what the answer asks to wait */
function statusOutcome(
  status: number,
  said: unknown,
  canRepeat: boolean,
  afterMs: number | null,
): RecordOutcome {
  if (status === 201) return { kind: 'done', created: true }
  if (status === 200 || status === 204) return { kind: 'done', created: false }
  if (status > 200 && status < 300) return { kind: 'done', created: null }
  if (status === 401 || status === 403)
    throw new OzgctlError('UNAUTHORISED', `the target answered ${status}`, {
      exit: EXIT.unauthorised,
      suggestions: ['Look at the credentials that the step names: ozgctl auth status'],
    })
  const reason = reasonOf(status, said, afterMs)
  if (!(status >= 400)) return { kind: 'unknown', reason }
  const denial = denialOf(status)
  switch (denial) {
    case 'refused':
      return { kind: 'refused', reason }
    case 'later':
      return { kind: 'later', reason, afterMs }
    case 'unknown':
      return canRepeat ? { kind: 'later', reason, afterMs } : doubtful(reason, afterMs)
    default:
      return unreachable(denial)
  }
}

function reasonOf(status: number, said: unknown, afterMs: number | null): string {
  const what = Number.isNaN(status) ? 'without a status' : String(status)
  const words =
    typeof said === 'string' && said !== '' ? `: ${excerpt(said, 200).replace(/\p{Cc}/gu, ' ')}` : ''
  return `it answered ${what}${words}${pauseText(afterMs)}`
}
