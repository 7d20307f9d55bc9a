import { fieldOf } from '../../connector/probe/json.ts'
import {
  choice,
  integer,
  optional,
  type SettingsShape,
  type SettingsValues,
  text,
} from '../../connector/settings.ts'
import type { RecordClient } from './client.ts'
import {
  type CmisObject,
  CmisRepository,
  formOf,
  isObjectNotFound,
  nameOfKey,
  quotedText,
} from './cmis-repository.ts'
import {
  cursorBehind,
  difference,
  documentTarget,
  type FoundDocument,
  oddField,
  onlyOne,
  placeIn,
  recordOf,
  recordsOf,
  valuesOf,
  withContent,
} from './document.ts'
import { absent, badRecords, GONE, jsonOf, refused, removal, settled } from './exchange.ts'
import type { DataRecord, JsonObject, RecordOutcome, RecordSource, RecordTarget } from './model.ts'
import { type FormPart, multipartForm } from './multipart.ts'

const PROPERTY = /^[A-Za-z_][A-Za-z0-9_:.-]{0,199}$/
const FOLDER = /^\/(?!\.\.?(?:\/|$))(?:[^/]+(?:\/(?!\.\.?(?:\/|$))[^/]+)*)?$/
const ORDER = /^[A-Za-z_][A-Za-z0-9_:.-]{0,199}( (ASC|DESC))?$/

const repository = optional(text('Id of the repository; may be left out where there is only one.'))
const pageSize = optional(integer('How many documents are asked for at a time.', 1, 1000), 100)

/** Settings of CMIS repositories as source and as target. */
export const cmisSettings = {
  source: {
    repository,
    folder: text(
      'Folder whose documents are read, from the root, e.g. /Bauakten; folders in it are not.',
      FOLDER,
    ),
    keyProperty: optional(
      text(
        'Property that tells documents apart; cmis:versionSeriesId stays the same over versions.',
        PROPERTY,
      ),
      'cmis:objectId',
    ),
    objectType: optional(text('Only documents of this type (cmis:objectTypeId).', PROPERTY)),
    orderBy: optional(
      text(
        'What documents are in order of, so that no page shows one twice; none leaves the order to the repository.',
        ORDER,
      ),
      'cmis:name',
    ),
    pageSize,
  },
  target: {
    repository,
    folder: text('Folder that documents are written to, from the root. It has to be there.', FOLDER),
    objectType: optional(text('Type of the documents (cmis:objectTypeId).', PROPERTY), 'cmis:document'),
    name: optional(
      choice(
        'What documents are called: by their key, which is found at once; by their file or by the field cmis:name, where they are found by a query for keyProperty, which can lag behind.',
        ['key', 'file', 'field'],
      ),
      'key',
    ),
    keyProperty: optional(text('Property that the key is written to.', PROPERTY)),
    versioning: optional(
      choice('State of the first version; what the repository does by itself where nothing is said.', [
        'none',
        'checkedout',
        'minor',
        'major',
      ]),
    ),
    pageSize,
  },
} satisfies Readonly<Record<'source' | 'target', SettingsShape>>

export type CmisSourceSettings = SettingsValues<typeof cmisSettings.source>
export type CmisTargetSettings = SettingsValues<typeof cmisSettings.target>

/** The documents of one folder. */
export function cmisSource(settings: CmisSourceSettings, client: RecordClient): RecordSource {
  const place = new CmisRepository(client, settings)
  return {
    page: async (cursor, signal) => {
      const at = placeIn(client, cursor, 0)
      const { objects, hasMore } = await place.children(at.count, settings.pageSize, settings.orderBy, signal)
      const documents = objects.filter(
        ({ isDocument, fields }) =>
          isDocument &&
          (settings.objectType === undefined || fields['cmis:objectTypeId'] === settings.objectType),
      )
      const found: FoundDocument[] = []
      for (const document of documents) found.push(await documentOf(place, document, signal))
      const [first] = objects
      const isLast = !hasMore || first === undefined
      return {
        ...recordsOf(found, settings.keyProperty),
        next: isLast ? null : cursorBehind(client, at, at.count + objects.length, first.id),
      }
    },
    close: async () => undefined,
  }
}

async function documentOf(
  place: CmisRepository,
  object: CmisObject,
  signal: AbortSignal,
): Promise<FoundDocument> {
  return { id: object.id, fields: object.fields, content: await place.contentOf(object, signal) }
}

/** A folder that documents are written to. */
export function cmisTarget(settings: CmisTargetSettings, client: RecordClient): RecordTarget {
  const place = new CmisRepository(client, settings)
  const { keyProperty, pageSize, repository, folder } = settings
  const find = async (key: string, signal: AbortSignal): Promise<FoundDocument | undefined> => {
    const object = await lookUp(place, settings, key, signal)
    return object === undefined ? undefined : documentOf(place, object, signal)
  }
  const listed = { repository, folder, pageSize, orderBy: 'cmis:name', objectType: undefined }
  return documentTarget({
    create: async (record, signal) => {
      const properties = propertiesOf(settings, record)
      if (typeof properties === 'string') return refused(properties)
      const { outcome, status } = await send(place, settings, properties, record, signal)
      return outcome.kind === 'refused' && status === 409
        ? settleConflict(await find(record.key, signal), record, outcome.reason)
        : outcome
    },
    find,
    remove: async ({ id }, signal) => {
      const path = await place.pathOfId(id, {}, signal)
      const form = formOf({ cmisaction: 'delete', allVersions: 'true' })
      const headers = { ...client.headers, ...form.headers }
      const answer = await client.http.sendWithin({ method: 'POST', path, body: form.body, headers }, signal)
      if (isObjectNotFound(answer)) return GONE
      return removal(client, answer) ?? absent(answer)
    },
    page: keyProperty === undefined ? undefined : cmisSource({ ...listed, keyProperty }, client).page,
  })
}

/** A document by its key: by its name where that is made of it, otherwise by a query. */
async function lookUp(
  place: CmisRepository,
  { name, keyProperty, objectType }: CmisTargetSettings,
  key: string,
  signal: AbortSignal,
): Promise<CmisObject | undefined> {
  if (name === 'key') {
    const found = await place.byName(nameOfKey(key), signal)
    // Some repositories take names for the same that differ in case only.
    return found?.name === nameOfKey(key) && found.isDocument ? found : undefined
  }
  if (keyProperty === undefined)
    throw badRecords(
      place.client,
      'cannot be asked for a document by its key',
      'Name keyProperty, or set name: key.',
    )
  const statement = `SELECT * FROM ${objectType} WHERE ${keyProperty} = ${quotedText(key)}`
  const { objects } = await place.query(statement, signal)
  return onlyOne(place.client, objects, keyProperty, key)
}

/** The properties that a document is made with, or why it cannot be made. */
function propertiesOf(
  { name, objectType, keyProperty }: CmisTargetSettings,
  { key, fields, content }: DataRecord,
): JsonObject | string {
  const odd = oddField(fields)
  if (odd !== undefined) return `${odd} holds what no property can hold`
  if (name !== 'key' && keyProperty === undefined)
    return 'keyProperty is not set: it could not be found again'
  if (name !== 'field' && fields['cmis:name'] !== undefined)
    return `cmis:name is made of the ${name}: set name: field`
  const names = { key: nameOfKey(key), file: content?.name, field: fields['cmis:name'] }
  if (typeof names[name] !== 'string' || names[name] === '')
    return `there is no ${name} to take cmis:name from`
  return {
    'cmis:objectTypeId': objectType,
    ...fields,
    'cmis:name': names[name],
    ...(keyProperty === undefined || keyProperty === 'cmis:name' ? {} : { [keyProperty]: key }),
  }
}

/** @property status of the answer: 409 is a conflict, of names above all */
interface Sent {
  readonly outcome: RecordOutcome
  readonly status: number
}

/** `createDocument` (§5.4); the file comes last, so that all else is known before. */
async function send(
  place: CmisRepository,
  { versioning }: CmisTargetSettings,
  properties: JsonObject,
  { content }: DataRecord,
  signal: AbortSignal,
): Promise<Sent> {
  const { client } = place
  const path = await place.pathOf([], {}, signal)
  const parts = [
    plain('cmisaction', 'createDocument'),
    plain('succinct', 'true'),
    ...(versioning === undefined ? [] : [plain('versioningState', versioning)]),
    ...Object.entries(properties).flatMap(([id, value], at) =>
      propertyParts(at, id, valuesOf(value) ?? [], Array.isArray(value)),
    ),
  ]
  const post = async (file: readonly FormPart[]) => {
    const { type, body } = multipartForm([...parts, ...file])
    const headers = { ...client.headers, 'content-type': type }
    return client.http.send({ method: 'POST', path, headers, body }, signal)
  }
  const answer =
    content === undefined
      ? await post([])
      : await withContent(content, signal, (body) =>
          post([{ name: 'content', type: content.type, fileName: content.name, body }]),
        )
  const { status } = answer
  const outcome = settled(client, answer)
  if (outcome !== undefined) return { outcome, status }
  const id = fieldOf(fieldOf(jsonOf(answer), 'succinctProperties'), 'cmis:objectId')
  if (typeof id === 'string') return { outcome: { kind: 'done', created: true }, status }
  // A page of a log-in says yes, too.
  const reason = `${client.http.origin} answers ${status} and names no document`
  return { outcome: { kind: 'unknown', reason }, status }
}

const plain = (name: string, body: string): FormPart => ({ name, type: 'text/plain; charset=utf-8', body })

/** One property: `propertyId[0]`, `propertyValue[0]`, or `propertyValue[0][0]` for several (§5.4). */
function propertyParts(
  at: number,
  id: string,
  values: readonly string[],
  isList: boolean,
): readonly FormPart[] {
  const name = (index: number): string => `propertyValue[${at}]${isList ? `[${index}]` : ''}`
  return [plain(`propertyId[${at}]`, id), ...values.map((value, index) => plain(name(index), value))]
}

/** There is something of this name: perhaps what an earlier write left. */
function settleConflict(there: FoundDocument | undefined, record: DataRecord, reason: string): RecordOutcome {
  if (there === undefined) return refused(reason)
  const what = difference(record, recordOf(record.key, there))
  return what === undefined
    ? { kind: 'done', created: false }
    : refused(`${reason}; a document of this key is there with ${what}`)
}
