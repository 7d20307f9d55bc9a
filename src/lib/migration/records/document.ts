import { createHash } from 'node:crypto'
import { HttpFailure } from '../../http/failure.ts'
import type { HttpBody } from '../../http/streamed.ts'
import type { RecordClient } from './client.ts'
import { badRecords, printable, writing } from './exchange.ts'
import type {
  Content,
  DataRecord,
  Json,
  JsonObject,
  RecordOutcome,
  RecordSource,
  RecordTarget,
} from './model.ts'

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
    const { status, body, cancel } = await client.http.stream({ method: 'GET', path, headers }, signal)
    if (status !== 200) {
      cancel()
      const what = `${client.http.origin} answers ${status} when asked for the file ${printable(content.name)}`
      throw new HttpFailure('protocol', 'no', what)
    }
    return exactly(content, body, client.http.origin)
  },
})

/** Hands bytes on, and fails when there are more or fewer than the source said: half a document looks like a whole one. */
async function* exactly(
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

export type Scalar = boolean | number | string

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'

/** The values that a document can have in a property: one, several, or none; anything else is left out. */
export function fieldsOf(entries: Iterable<readonly [string, unknown]>): JsonObject {
  const fields: [string, Json][] = []
  for (const [name, value] of entries) {
    if (value === null || isScalar(value)) fields.push([name, value])
    else if (Array.isArray(value) && value.every(isScalar)) fields.push([name, value])
  }
  return Object.fromEntries(fields)
}

/** The values of a field as texts, none for null; undefined for what no property can hold. */
export function valuesOf(value: Json): readonly string[] | undefined {
  if (value === null) return []
  if (isScalar(value)) return [String(value)]
  return Array.isArray(value) && value.every(isScalar) ? value.map(String) : undefined
}

/** The first field that is no value of a property; undefined when all are. */
export const oddField = (fields: JsonObject): string | undefined =>
  Object.entries(fields).find(([, value]) => valuesOf(value) === undefined)?.[0]

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

/** The key of a document. @throws OzgctlError BAD_RECORDS for one without */
export function keyIn(
  client: RecordClient,
  { id, fields }: Pick<FoundDocument, 'id' | 'fields'>,
  property: string,
): string {
  const value = fields[property]
  if (isScalar(value) && value !== '') return String(value)
  throw badRecords(
    client,
    `has a document without ${property}: ${printable(id)}`,
    'Name another property in keyProperty.',
  )
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
  const same = hits.filter(({ fields }) => String(fields[property]) === key)
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
  remove(document: FoundDocument, signal: AbortSignal): Promise<RecordOutcome>
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
      return document === undefined ? GONE : remove(document, signal)
    }),
  close: async () => undefined,
})

/** It is not there, whoever took it away. */
export const GONE: RecordOutcome = { kind: 'done', created: null }
