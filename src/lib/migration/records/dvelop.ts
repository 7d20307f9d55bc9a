import { fieldOf, isRecord } from '../../connector/probe/json.ts'
import { integer, optional, type SettingsShape, type SettingsValues, text } from '../../connector/settings.ts'
import type { HttpAnswer, HttpRequest } from '../../http/client.ts'
import { basePath, type RecordClient } from './client.ts'
import {
  allHits,
  cursorBehind,
  documentTarget,
  type FoundDocument,
  fieldsOf,
  oddField,
  onlyOne,
  placeIn,
  recordsOf,
  remoteContent,
  valuesOf,
  withContent,
} from './document.ts'
import {
  absent,
  askFor,
  badRecords,
  GONE,
  jsonOf,
  later,
  type Removal,
  refused,
  removal,
  settled,
  writing,
} from './exchange.ts'
import { mediaTypeOf } from './media-types.ts'
import type { Content, DataRecord, RecordOutcome, RecordSource, RecordTarget } from './model.ts'
import { isScalar, scalarText } from './scalar.ts'

const ID = /^[^/?#\s]{1,200}$/

const shared = {
  repository: text('Id of the repository.', ID),
  sourceSystem: optional(
    text(
      'Source whose names for properties and categories are used; that of the repository where nothing is said.',
    ),
  ),
  nameProperty: optional(
    text('Property that holds the name of the file (not verified).'),
    'property_filename',
  ),
  lengthProperty: optional(
    text(
      'Property that holds the length of the file in bytes; without it files are compared by their bytes only.',
    ),
  ),
  pageSize: optional(integer('How many documents are asked for at a time.', 1, 1000), 100),
}

/** Settings of d.velop documents as source and as target. */
export const dvelopSettings = {
  source: {
    ...shared,
    category: optional(text('Only documents of this category.')),
    keyProperty: optional(
      text('Property that tells documents apart; the id of the document where nothing is said.'),
    ),
    sortProperty: optional(
      text(
        'Property that documents are in order of, so that no page shows one twice; the order of the system where nothing is said.',
      ),
    ),
  },
  target: {
    ...shared,
    category: text('Category of the documents.'),
    keyProperty: text('Property that the key is written to, and found by.'),
    reason: optional(text('Reason for taking a document away again.'), 'Undone by ozgctl'),
  },
} satisfies Readonly<Record<'source' | 'target', SettingsShape>>

export type DvelopSourceSettings = SettingsValues<typeof dvelopSettings.source>
export type DvelopTargetSettings = SettingsValues<typeof dvelopSettings.target>

/** What both need to know. */
type Shared = Pick<
  DvelopTargetSettings,
  'repository' | 'sourceSystem' | 'nameProperty' | 'lengthProperty' | 'pageSize'
>

/**
 * The documents of a repository, as `searchDmsObjects` of dvelop-sdk-node asks for them: `srm` with pages from 1, and
 * `_links.next` where there is another. How the system orders them without `sortProperty` is not verified.
 */
export function dvelopSource(settings: DvelopSourceSettings, client: RecordClient): RecordSource {
  const { category, keyProperty, sortProperty } = settings
  return {
    page: async (cursor, signal) => {
      const at = placeIn(client, cursor, 1)
      const query = {
        ...(category === undefined ? {} : { sourcecategories: JSON.stringify([category]) }),
        ...(sortProperty === undefined ? {} : { sourcepropertysort: sortProperty, ascending: 'true' }),
      }
      const { items, hasMore } = await search(client, settings, query, at.count, signal)
      const [first] = items
      const isLast = !hasMore || first === undefined
      return {
        ...recordsOf(items, keyProperty),
        next: isLast ? null : cursorBehind(client, at, at.count + 1, first.id),
      }
    },
    close: async () => undefined,
  }
}

/**
 * A category that documents are written to: the file first, to where it is kept for a while, and then the document
 * (`createDmsObject` of dvelop-sdk-node). Whether its search knows a document at once is not verified. Every write names
 * its origin, without which it is refused (DMSApp API 2.15, write access).
 */
export function dvelopTarget(settings: DvelopTargetSettings, client: RecordClient): RecordTarget {
  const { category, keyProperty, sourceSystem, repository, nameProperty, lengthProperty, pageSize } = settings
  const listed = { category, keyProperty, sourceSystem, repository, nameProperty, lengthProperty, pageSize }
  return documentTarget({
    create: (record, signal) => create(client, settings, record, signal),
    find: async (key, signal) => {
      const filter = {
        sourcecategories: JSON.stringify([category]),
        sourceproperties: JSON.stringify({ [keyProperty]: [key] }),
      }
      const hits = await allHits(client, (number) => search(client, settings, filter, number + 1, signal))
      return onlyOne(client, hits, keyProperty, key)
    },
    remove: ({ id }, signal) => removeVersions(client, settings, id, signal),
    page: dvelopSource({ ...listed, sortProperty: undefined }, client).page,
  })
}

const repositoryPath = (client: RecordClient, { repository }: Pick<Shared, 'repository'>): string =>
  `${basePath(client)}/dms/r/${encodeURIComponent(repository)}`

const HAL = { accept: 'application/hal+json' }

/** @param page from 1 */
async function search(
  client: RecordClient,
  settings: Shared,
  filter: Readonly<Record<string, string>>,
  page: number,
  signal: AbortSignal,
) {
  const { sourceSystem, repository, pageSize } = settings
  const query = new URLSearchParams({
    sourceid: sourceSystem ?? `/dms/r/${repository}/source`,
    ...filter,
    page: String(page),
    pagesize: String(pageSize),
  })
  const path = `${repositoryPath(client, settings)}/srm?${query}`
  const value = await askFor(
    client,
    { method: 'GET', path, headers: HAL },
    signal,
    `repository ${repository}`,
  )
  const list = fieldOf(value, 'items')
  if (!Array.isArray(list)) throw badRecords(client, 'answers without items')
  const items = list.map((item: unknown) => itemIn(client, settings, item))
  return { items, hasMore: items.length > 0 && hrefOf(value, 'next') !== undefined }
}

function hrefOf(value: unknown, name: string): string | undefined {
  const href = fieldOf(fieldOf(fieldOf(value, '_links'), name), 'href')
  return typeof href === 'string' ? href : undefined
}

/** Where a link leads: to the same host, for the credentials go along. */
function linked(client: RecordClient, value: unknown, name: string): string | undefined {
  const href = hrefOf(value, name)
  if (href === undefined) return undefined
  const url = URL.parse(href, client.url)
  if (url?.origin !== client.url.origin)
    throw badRecords(client, `leads to another host with its link ${name}`)
  return `${url.pathname}${url.search}`
}

function itemIn(
  client: RecordClient,
  { nameProperty, lengthProperty }: Shared,
  value: unknown,
): FoundDocument {
  const id = fieldOf(value, 'id')
  const properties = fieldOf(value, 'sourceProperties')
  if (typeof id !== 'string' || id === '' || !Array.isArray(properties))
    throw badRecords(client, 'answers with a document that has no id or no properties')
  const fields = fieldsOf(properties.flatMap((one: unknown) => propertyIn(one)))
  const path = linked(client, value, 'mainblobcontent')
  if (path === undefined) return { id, fields, content: undefined }
  const given = fields[nameProperty]
  const name = typeof given === 'string' && given !== '' ? given : id
  const length = lengthProperty === undefined ? undefined : fields[lengthProperty]
  const number = isScalar(length) ? Number(scalarText(length)) : Number.NaN
  const known = Number.isSafeInteger(number) && number >= 0 ? number : undefined
  return {
    id,
    fields,
    content: remoteContent(client, { path, name, type: mediaTypeOf(name), length: known }),
  }
}

/** `{key, value}`, or `{key, values}` with a list, or a map by number, where there can be several. */
function propertyIn(value: unknown): readonly (readonly [string, unknown])[] {
  const key = fieldOf(value, 'key')
  if (typeof key !== 'string') return []
  const several = fieldOf(value, 'values')
  if (Array.isArray(several)) return [[key, several]]
  if (isRecord(several)) return [[key, Object.values(several)]]
  return [[key, fieldOf(value, 'value') ?? null]]
}

/** @throws HttpFailure */
const send = (client: RecordClient, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
  const headers = {
    ...client.headers,
    ...HAL,
    origin: client.http.origin,
    'content-type': 'application/hal+json',
  }
  return client.http.sendWithin({ ...request, headers }, signal)
}

async function create(
  client: RecordClient,
  settings: DvelopTargetSettings,
  record: DataRecord,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  const { sourceSystem, repository, category, keyProperty } = settings
  const odd = oddField(record.fields)
  if (odd !== undefined) return refused(`${odd} holds what no property can hold`)
  const file =
    record.content === undefined ? NO_FILE : await storeFile(client, settings, record.content, signal)
  if (!file.ok) return file.outcome
  const properties = Object.entries({ ...record.fields, [keyProperty]: record.key }).flatMap(
    ([key, value]) => {
      const values = valuesOf(value) ?? []
      return values.length === 0 ? [] : [{ key, values }]
    },
  )
  const body = JSON.stringify({
    sourceId: sourceSystem ?? `/dms/r/${repository}/source`,
    sourceCategory: category,
    sourceProperties: { properties },
    ...file.fields,
  })
  const answer = await send(
    client,
    { method: 'POST', path: `${repositoryPath(client, settings)}/o2m`, body },
    signal,
  )
  // A page of a log-in says yes, too, but names no place.
  return (
    settled(client, answer) ??
    (locationOf(answer) === undefined
      ? { kind: 'unknown', reason: `${client.http.origin} answers ${answer.status} and names no document` }
      : { kind: 'done', created: true })
  )
}

/** What a new document says about its file, or why there can be no document. */
type Stored =
  | { readonly ok: true; readonly fields: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly outcome: RecordOutcome }

const NO_FILE: Stored = { ok: true, fields: {} }

/** Sends the file to where it waits for its document. Whatever goes wrong here, no document was made. */
async function storeFile(
  client: RecordClient,
  settings: DvelopTargetSettings,
  content: Content,
  signal: AbortSignal,
): Promise<Stored> {
  let location: string | undefined
  const outcome = await writing(async () => {
    const about = await askFor(
      client,
      { method: 'GET', path: repositoryPath(client, settings), headers: HAL },
      signal,
      `repository ${settings.repository}`,
    )
    const path = linked(client, about, 'chunkedupload')
    if (path === undefined) throw badRecords(client, 'does not say where files are sent to (chunkedupload)')
    const headers = {
      ...client.headers,
      ...HAL,
      origin: client.http.origin,
      'content-type': 'application/octet-stream',
    }
    const answer = await withContent(content, signal, (body) =>
      client.http.send({ method: 'POST', path, headers, body }, signal),
    )
    location = locationOf(answer)
    const reason = `${client.http.origin} answers ${answer.status} and does not say where the file is`
    return settled(client, answer) ?? { kind: 'unknown', reason }
  })
  if (location !== undefined)
    return { ok: true, fields: { filename: content.name, contentLocationUri: location } }
  return { ok: false, outcome: outcome.kind === 'unknown' ? later(outcome.reason) : outcome }
}

const LONGEST_LOCATION = 4096

function locationOf({ status, headers: { location } }: HttpAnswer): string | undefined {
  const isPlace = typeof location === 'string' && location !== '' && location.length <= LONGEST_LOCATION
  return status >= 200 && status < 300 && isPlace ? location : undefined
}

const MOST_VERSIONS = 1000

/** `deleteCurrentDmsObjectVersion` of dvelop-sdk-node, until the answer names no version before it. */
async function removeVersions(
  client: RecordClient,
  settings: DvelopTargetSettings,
  id: string,
  signal: AbortSignal,
): Promise<Removal> {
  const path = `${repositoryPath(client, settings)}/o2m/${encodeURIComponent(id)}`
  const body = JSON.stringify({ reason: settings.reason })
  for (let version = 1; version <= MOST_VERSIONS; version++) {
    const answer = await send(client, { method: 'DELETE', path, body }, signal)
    const outcome = removal(client, answer)
    if (outcome === undefined) return absent(answer)
    if (outcome.kind !== 'done') return outcome
    const rest = jsonOf(answer)
    if (hrefOf(rest, 'delete') === undefined && hrefOf(rest, 'deleteWithReason') === undefined) return GONE
  }
  return refused(`it has more than ${MOST_VERSIONS} versions`)
}
