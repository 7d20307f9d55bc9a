import { fieldOf, isRecord } from '../../connector/probe/json.ts'
import { integer, optional, type SettingsShape, type SettingsValues, text } from '../../connector/settings.ts'
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
  withContent,
} from './document.ts'
import { absent, askFor, badRecords, jsonOf, refused, removal, settled } from './exchange.ts'
import { mediaTypeOf } from './media-types.ts'
import type { Content, DataRecord, JsonObject, RecordOutcome, RecordSource, RecordTarget } from './model.ts'
import { type FormPart, multipartForm } from './multipart.ts'
import { isScalar, scalarText } from './scalar.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_:]{0,199}$/
const ID = /^[A-Za-z0-9-]{1,100}$/

const shared = {
  objectType: text('Internal name of the object type, as it stands behind FROM in a search.', NAME),
  folder: optional(text('Id of the folder or register that documents are in, or are written to.', ID)),
  folderProperty: optional(
    text('Property by which a search knows the folder of a document.', NAME),
    'system:SDSTA_ID',
  ),
  nameProperty: optional(
    text(
      'Property that holds the name of the file where the service does not describe files (not verified).',
      NAME,
    ),
  ),
  pageSize: optional(integer('How many documents are asked for at a time.', 1, 1000), 100),
}

/** Settings of enaio as source and as target. */
export const enaioSettings = {
  source: {
    ...shared,
    keyProperty: optional(text('Property that tells documents apart.', NAME), 'system:objectId'),
    orderBy: optional(
      text(
        'Property that documents are in order of, so that no page shows one twice; none leaves the order to the system (not verified).',
        NAME,
      ),
      'system:objectId',
    ),
  },
  target: {
    ...shared,
    objectTypeId: text('Id of the object type, e.g. 262146.', ID),
    keyProperty: text('Property that the key is written to, and found by.', NAME),
  },
} satisfies Readonly<Record<'source' | 'target', SettingsShape>>

export type EnaioSourceSettings = SettingsValues<typeof enaioSettings.source>
export type EnaioTargetSettings = SettingsValues<typeof enaioSettings.target>

type Shared = Pick<
  EnaioTargetSettings,
  'objectType' | 'folder' | 'folderProperty' | 'nameProperty' | 'pageSize'
>

/**
 * Documents by the DMS service of the gateway (`/api/dms/objects`): search, files, new documents as an EnaioMCPServer in
 * public use asks for them. Not verified: ORDER BY and more than one page in a search, `contentStreams` in its answers
 * (they are as those of yuuvis), whether a search knows a document at once, and DELETE (as that of yuuvis). Older
 * installations with `/osrest/api/documents` alone are not spoken to.
 */
export function enaioSource(settings: EnaioSourceSettings, client: RecordClient): RecordSource {
  const { objectType, folder, folderProperty, orderBy, keyProperty } = settings
  const where = folder === undefined ? '' : ` WHERE ${folderProperty} IN (@folder)`
  const order = orderBy === 'none' ? '' : ` ORDER BY ${orderBy}`
  const statement = `SELECT * FROM ${objectType}${where}${order}`
  return {
    page: async (cursor, signal) => {
      const at = placeIn(client, cursor, 0)
      const parameters = folder === undefined ? {} : { folder }
      const { items, hasMore } = await search(client, settings, statement, parameters, at.count, signal)
      const [first] = items
      const isLast = !hasMore || first === undefined
      return {
        ...recordsOf(items, keyProperty),
        next: isLast ? null : cursorBehind(client, at, at.count + items.length, first.id),
      }
    },
    close: async () => undefined,
  }
}

/** An object type that documents are written to; see `enaioSource` for what is not verified. */
export function enaioTarget(settings: EnaioTargetSettings, client: RecordClient): RecordTarget {
  const { objectType, folder, folderProperty, nameProperty, pageSize, keyProperty } = settings
  const listed = { objectType, folder, folderProperty, nameProperty, pageSize, keyProperty }
  return documentTarget({
    create: (record, signal) => create(client, settings, record, signal),
    find: async (key, signal) => {
      const statement = `SELECT * FROM ${objectType} WHERE ${keyProperty}=@key`
      const hits = await allHits(client, (_, before) =>
        search(client, settings, statement, { key }, before, signal),
      )
      return onlyOne(client, hits, keyProperty, key)
    },
    remove: async ({ id }, signal) => {
      const path = `${basePath(client)}${OBJECTS}/${encodeURIComponent(id)}`
      const answer = await client.http.sendWithin({ method: 'DELETE', path, headers: client.headers }, signal)
      return removal(client, answer) ?? absent(answer)
    },
    page: enaioSource({ ...listed, orderBy: 'system:objectId' }, client).page,
  })
}

const OBJECTS = '/api/dms/objects'

async function search(
  client: RecordClient,
  settings: Shared,
  statement: string,
  parameters: Readonly<Record<string, string>>,
  skip: number,
  signal: AbortSignal,
) {
  const query = {
    statement,
    skipCount: skip,
    limit: settings.pageSize,
    handleDeletedDocuments: 'DELETED_DOCUMENTS_EXCLUDE',
    options: { Rights: 0, Baseparams: 1, RegisterContext: 0, FileInfo: 1 },
    parameters,
  }
  const request = {
    method: 'POST',
    path: `${basePath(client)}${OBJECTS}/search`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  } as const
  const value = await askFor(client, request, signal, 'search of the DMS service')
  const list = fieldOf(value, 'objects')
  if (!Array.isArray(list)) throw badRecords(client, 'answers without a list of objects')
  const items = list.map((one: unknown) => objectIn(client, settings, one))
  // Where it does not say whether there are more, only an empty page is the last.
  return { items, hasMore: items.length > 0 && fieldOf(value, 'hasMoreItems') !== false }
}

function objectIn(client: RecordClient, { nameProperty }: Shared, value: unknown): FoundDocument {
  const properties = fieldOf(value, 'properties')
  const entries = isRecord(properties) ? Object.entries(properties) : []
  const fields = fieldsOf(entries.map(([name, property]) => [name, fieldOf(property, 'value')] as const))
  const { 'system:objectId': id } = fields
  if (!isScalar(id) || id === '')
    throw badRecords(client, 'answers with an object that has no system:objectId')
  const streams = fieldOf(value, 'contentStreams')
  const isPlain = Array.isArray(streams) && streams.length === 0
  return {
    id: scalarText(id),
    fields,
    content: isPlain ? undefined : contentIn(client, scalarText(id), fields, streams, nameProperty),
  }
}

/** The first file. Where the service describes none, there may be one nevertheless: to ask for it tells. */
function contentIn(
  client: RecordClient,
  id: string,
  fields: JsonObject,
  streams: unknown,
  nameProperty: string | undefined,
): Content {
  const stream: unknown = Array.isArray(streams) ? streams[0] : undefined
  const given = [fieldOf(stream, 'fileName'), nameProperty === undefined ? undefined : fields[nameProperty]]
  const name = given.find((one): one is string => typeof one === 'string' && one !== '') ?? id
  const type = fieldOf(stream, 'mimeType')
  const length = fieldOf(stream, 'length')
  return remoteContent(client, {
    path: `${basePath(client)}${OBJECTS}/${encodeURIComponent(id)}/contents/file/1`,
    name,
    type: typeof type === 'string' ? type : mediaTypeOf(name),
    length: typeof length === 'number' && Number.isSafeInteger(length) && length >= 0 ? length : undefined,
  })
}

/** Refers from the description of a document to its file. */
const CID = 'cid_document'

/** One form with the description as JSON and the file; 422 is a description that is not taken. */
async function create(
  client: RecordClient,
  settings: EnaioTargetSettings,
  record: DataRecord,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  const { objectTypeId, folder, keyProperty } = settings
  const { fields, key, content } = record
  const odd = oddField(fields)
  if (odd !== undefined) return refused(`${odd} holds what no property can hold`)
  const properties = {
    'system:objectTypeId': objectTypeId,
    ...(folder === undefined ? {} : { 'system:parentId': folder }),
    ...fields,
    [keyProperty]: key,
  }
  const streams = content === undefined ? [] : [{ mimeType: content.type, fileName: content.name, cid: CID }]
  const data = {
    objects: [
      {
        properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value }])),
        ...(streams.length === 0 ? {} : { contentStreams: streams }),
      },
    ],
  }
  const description: FormPart = {
    name: 'data',
    type: 'application/json; charset=utf-8',
    body: JSON.stringify(data),
  }
  const post = (file: readonly FormPart[]) => {
    const { type, body } = multipartForm([description, ...file])
    const headers = { ...client.headers, 'content-type': type }
    const path = `${basePath(client)}${OBJECTS}?minimalResponse=true`
    return client.http.send({ method: 'POST', path, headers, body }, signal)
  }
  const answer =
    content === undefined
      ? await post([])
      : await withContent(content, signal, (body) =>
          post([{ name: CID, id: CID, type: content.type, fileName: content.name, body }]),
        )
  const outcome = settled(client, answer)
  if (outcome !== undefined) return outcome
  const list = fieldOf(jsonOf(answer), 'objects')
  const made: unknown = Array.isArray(list) ? list[0] : undefined
  const id = fieldOf(fieldOf(fieldOf(made, 'properties'), 'system:objectId'), 'value')
  // A page of a log-in says yes, too.
  return isScalar(id)
    ? { kind: 'done', created: true }
    : { kind: 'unknown', reason: `${client.http.origin} answers ${answer.status} and names no document` }
}
