import { createHash } from 'node:crypto'
import { isRecord } from '../../connector/probe/json.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { HttpBody, StreamedAnswer } from '../../http/streamed.ts'
import type { RecordClient } from './client.ts'
import { badRecords, GONE, jsonOf, later, printable, type Removal, reasonOf, writing } from './exchange.ts'
import type {
  Content,
  DataRecord,
  Json,
  JsonObject,
  RecordOutcome,
  RecordPage,
  RecordSource,
  RecordTarget,
} from './model.ts'
import { ContentRefused } from './refused.ts'
import { isScalar, scalarText } from './scalar.ts'

/** Where the file of a document is. */
export interface RemoteFile extends Omit<Content, 'open'> {
  /** With query. */
  readonly path: string
}

/** The file of a document that another system keeps. */
export const remoteContent = (client: RecordClient, { path, ...content }: RemoteFile): Content => ({
  ...content,
  open: async (signal) => {
    const headers = { ...client.headers, accept: '*/*' }
    const answer = await client.http.stream({ method: 'GET', path, headers }, signal)
    if (answer.status === 200) return exactly(content, answer.body, client.http.origin)
    throw await withoutFile(client, answer, `the file ${printable(content.name)}`)
  },
})

/**
 * What it means that there is no file: an answer of the system about this document (CMIS 1.1 §2.2.4.10.3: 409 constraint
 * for one without a file) is there next time, too. Pages of others, and what passes, are not about it.
 */
async function withoutFile(client: RecordClient, answer: StreamedAnswer, what: string): Promise<HttpFailure> {
  const { status } = answer
  const text = await beginOf(answer)
  const said = `${client.http.origin} answers ${reasonOf({ ...answer, text })} when asked for ${what}`
  const isAboutIt = status >= 400 && status < 500 && ![401, 408, 429].includes(status)
  const isOwn = status === 204 || (isAboutIt && isRecord(jsonOf({ text })))
  return isOwn ? new ContentRefused(said) : new HttpFailure('protocol', 'no', said)
}

/** Of an answer that says no. */
const LONGEST_NO = 65_536

async function beginOf({ body, cancel }: StreamedAnswer): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    parts.push(part)
    length += part.length
    if (length > LONGEST_NO) break
  }
  cancel()
  return Buffer.concat(parts).toString('utf8')
}

/** Hands bytes on, and fails when there are more or fewer than the source said: half a document looks like a whole one. */
export async function* exactly(
  { length, name }: Pick<Content, 'length' | 'name'>,
  chunks: AsyncIterable<Uint8Array>,
  origin: string,
): AsyncGenerator<Uint8Array> {
  let count = 0
  for await (const chunk of chunks) {
    count += chunk.length
    yield chunk
  }
  if (length === undefined || count === length) return
  const what = `${origin} sent ${count} bytes of the file ${printable(name)}, and said that it has ${length}`
  throw new HttpFailure('truncated', 'maybe', what)
}

/**
 * Opens the file of a record for one write, and lets go of it whatever became of that.
 * @throws HttpFailure when the source does not give it: nothing was written
 */
export async function withContent<T>(
  { length, open }: Content,
  signal: AbortSignal,
  work: (body: HttpBody) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  try {
    const chunks = await open(AbortSignal.any([signal, controller.signal]))
    return await work({ chunks, length })
  } finally {
    // A write that failed before its first byte has not touched the stream, which would hold a connection.
    controller.abort()
  }
}

/** What an answer has for the properties of a document, whatever it is: what no other system can hold is found out there. */
export const fieldsOf = (entries: Iterable<readonly [string, unknown]>): JsonObject =>
  Object.fromEntries([...entries].flatMap(([name, value]) => (isJson(value) ? [[name, value] as const] : [])))

/** Whether something that was read as JSON is there at all. */
const isJson = (value: unknown): value is Json =>
  value === null || isScalar(value) || (typeof value === 'object' && Object.values(value).every(isJson))

/** The values of a field as texts, none for null; undefined for what no property can hold. */
export function valuesOf(value: Json): readonly string[] | undefined {
  if (value === null) return []
  if (isScalar(value)) return [scalarText(value)]
  return Array.isArray(value) && value.every(isScalar) ? value.map(scalarText) : undefined
}

/** The first field that is no value of a property, or would arrive as another text; undefined when all are good. */
export const oddField = (fields: JsonObject): string | undefined =>
  Object.entries(fields).find(
    ([, value]) => valuesOf(value)?.every((text) => text.isWellFormed()) !== true,
  )?.[0]

/**
 * What is different in a document that is there already, seen from one that is to be written; undefined when its fields
 * are the same and its file is as long. Fields that are not to be written do not count.
 */
export function difference(wanted: DataRecord, there: DataRecord): string | undefined {
  for (const [name, value] of Object.entries(wanted.fields)) {
    const [left, right] = [valuesOf(value), valuesOf(there.fields[name] ?? null)]
    if (JSON.stringify(left) !== JSON.stringify(right)) return `another ${printable(name)}`
  }
  if (wanted.content === undefined) return there.content === undefined ? undefined : 'a file'
  if (there.content === undefined) return 'no file'
  const { length } = wanted.content
  if (length === undefined || there.content.length === undefined)
    return 'a file whose length cannot be compared'
  return length === there.content.length
    ? undefined
    : `a file of ${there.content.length} bytes, not ${length}`
}

/** Where a page begins: how many documents or pages come before it, and with which document the page before began. */
export interface PagePlace {
  readonly count: number
  readonly before: string | undefined
}

/**
 * @param first what counting begins with
 * @throws OzgctlError BAD_RECORDS for a cursor that this source did not make
 */
export function placeIn(client: RecordClient, cursor: string | null, first: number): PagePlace {
  if (cursor === null) return { count: first, before: undefined }
  const [, count, before] = /^(\d{1,12}) ([0-9a-f]{16})$/.exec(cursor) ?? []
  if (count === undefined) throw badRecords(client, 'never gave this place to go on from')
  return { count: Number(count), before }
}

/**
 * The cursor of the page behind one that is not empty.
 * @param begin id of the document that this page begins with
 * @throws OzgctlError BAD_RECORDS when the page before began with the same: a system that does not understand where to
 * go on from would give the same page for ever
 */
export function cursorBehind(client: RecordClient, place: PagePlace, count: number, begin: string): string {
  const mark = createHash('sha256').update(begin).digest('hex').slice(0, 16)
  if (mark !== place.before) return `${count} ${mark}`
  throw badRecords(client, 'gives the same page of documents again')
}

/** A document as a system has it. */
export interface FoundDocument {
  /** That of the system. */
  readonly id: string
  readonly fields: JsonObject
  readonly content: Content | undefined
}

export const recordOf = (key: string, { fields, content }: FoundDocument): DataRecord => ({
  key,
  fields,
  ...(content === undefined ? {} : { content }),
})

/** Documents by their keys; one without a key is set aside by its id. */
export function recordsOf(
  documents: readonly FoundDocument[],
  property: string | undefined,
): Pick<RecordPage, 'records' | 'faults'> {
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  for (const document of documents) {
    const value = property === undefined ? document.id : document.fields[property]
    const key = isScalar(value) ? scalarText(value) : ''
    if (key !== '' && key.isWellFormed()) records.push(recordOf(key, document))
    else
      faults.push({
        key: `document ${printable(document.id)}`,
        reason: `it has no ${property ?? 'id'} to be its key`,
      })
  }
  return { records, faults }
}

/**
 * The hit of a search whose key is exactly this: searches take some signs for wildcards, and capitals for small letters.
 * @throws OzgctlError BAD_RECORDS when there are several
 */
export function onlyOne<T extends Pick<FoundDocument, 'fields'>>(
  client: RecordClient,
  hits: readonly T[],
  property: string,
  key: string,
): T | undefined {
  const same = hits.filter(({ fields }) => {
    const value = fields[property]
    return isScalar(value) && scalarText(value) === key
  })
  if (same.length > 1) throw badRecords(client, `has ${same.length} documents of one key (${property})`)
  return same[0]
}

/** No key has so many pages of hits. */
const MOST_PAGES = 100

/** Everything that a search finds. @param page the next one, and whether another follows */
export async function allHits<T>(
  client: RecordClient,
  page: (
    number: number,
    before: number,
  ) => Promise<{ readonly items: readonly T[]; readonly hasMore: boolean }>,
): Promise<readonly T[]> {
  const hits: T[] = []
  for (let number = 0; number < MOST_PAGES; number++) {
    const { items, hasMore } = await page(number, hits.length)
    hits.push(...items)
    if (!hasMore) return hits
  }
  throw badRecords(client, 'has too many hits for one key')
}

/** What targets of documents have in common: they write one after another, and are asked by the key. */
export interface DocumentStore {
  create(record: DataRecord, signal: AbortSignal): Promise<RecordOutcome>
  /** The document of a key. */
  find(key: string, signal: AbortSignal): Promise<FoundDocument | undefined>
  /** Takes a document away that is there. */
  remove(document: FoundDocument, signal: AbortSignal): Promise<Removal>
  readonly page: RecordSource['page'] | undefined
}

export const documentTarget = ({ create, find, remove, page }: DocumentStore): RecordTarget => ({
  repeatable: 'look-up',
  batch: 1,
  ordered: true,
  write: async (records, signal) => {
    const outcomes: RecordOutcome[] = []
    for (const record of records) outcomes.push(await writing(() => create(record, signal)))
    return outcomes
  },
  find: async (key, signal) => {
    const document = await find(key, signal)
    return document === undefined ? undefined : recordOf(key, document)
  },
  ...(page === undefined ? {} : { page }),
  remove: (key, signal) =>
    writing(async () => {
      const document = await find(key, signal)
      if (document === undefined) return GONE
      const removal = await remove(document, signal)
      if (removal.kind !== 'absent') return removal
      // Only what the system gives when it is asked for its documents says so for certain.
      return (await find(key, signal)) === undefined ? GONE : later(removal.reason)
    }),
  close: async () => undefined,
})
