import { type Documents, fieldIn, jsonIn, type KeptDocument, readForm, type Value } from './documents.ts'
import type { StandInReply, StandInRequest } from './http-stand-in.ts'

const OBJECTS = '/api/dms/objects'
/** Id of the object type `Dokument`. */
const TYPE_ID = '262146'
const PROPERTIES = ['Aktenzeichen', 'Betreff', 'Schlagworte']
const OWN = ['system:objectTypeId', 'system:parentId']

const failed = (status: number, message: string): StandInReply => ({ status, body: { status, message } })

/** The objects of the DMS service: search, files, new ones and taking away. */
export function enaioDocuments(
  documents: Documents,
  request: StandInRequest,
): StandInReply | Promise<StandInReply> {
  const { method, path } = request
  if (method === 'POST' && path === `${OBJECTS}/search`) return search(documents, jsonIn(request.body))
  if (method === 'POST' && path === OBJECTS) return create(documents, request)
  const [, id = '', file] = /^\/api\/dms\/objects\/([^/]+)(\/contents\/file\/1)?$/.exec(path) ?? []
  const document = documents.get(id)
  if (document === undefined) return failed(404, 'no such object')
  if (method === 'DELETE') {
    documents.remove(id)
    return { status: 200 }
  }
  if (file === undefined) return { status: 200, body: { objects: [objectOf(document)], hasMoreItems: false } }
  return { status: 200, headers: { 'content-type': document.type }, body: document.bytes }
}

/** `SELECT * FROM Dokument`, with a condition for one property and an order. */
const STATEMENT = /^SELECT \* FROM (\w+)(?: WHERE ([\w:]+)(?:=@key| IN \(@folder\)))?(?: ORDER BY ([\w:]+))?$/

function search(documents: Documents, body: unknown): StandInReply {
  const query = fieldIn(body, 'query')
  const [found, type = '', property, order] = STATEMENT.exec(String(fieldIn(query, 'statement'))) ?? []
  if (found === undefined || !documents.hasFolder(type)) return failed(400, 'no such statement')
  const parameters = fieldIn(query, 'parameters')
  const wanted = String(fieldIn(parameters, 'key') ?? fieldIn(parameters, 'folder')).toLowerCase()
  // It does not tell capitals from small letters.
  const hits = documents
    .in(type)
    .filter(
      (document) => property === undefined || String(propertyOf(document, property)).toLowerCase() === wanted,
    )
  const sorted =
    order === undefined
      ? hits
      : hits.toSorted((a, b) => (String(propertyOf(a, order)) < String(propertyOf(b, order)) ? -1 : 1))
  const skip = Number(fieldIn(query, 'skipCount') ?? 0)
  const objects = sorted.slice(skip, skip + Number(fieldIn(query, 'limit') ?? 100))
  const hasMoreItems = skip + objects.length < sorted.length
  return { status: 200, body: { objects: objects.map(objectOf), numItems: objects.length, hasMoreItems } }
}

const valuesOf = ({ id, fields, created }: KeptDocument): Readonly<Record<string, Value>> => ({
  'system:SDSTA_ID': '4711',
  ...fields,
  'system:objectId': id,
  'system:objectTypeId': TYPE_ID,
  'system:creationDate': created,
})

const propertyOf = (document: KeptDocument, property: string): Value =>
  Object.entries(valuesOf(document)).find(([name]) => name === property)?.[1] ?? null

const objectOf = (document: KeptDocument) => ({
  properties: Object.fromEntries(
    Object.entries(valuesOf(document)).map(([name, value]) => [name, { value }] as const),
  ),
  contentStreams: [{ fileName: document.name, mimeType: document.type, length: document.bytes?.length ?? 0 }],
})

async function create(documents: Documents, { headers, bytes }: StandInRequest): Promise<StandInReply> {
  const form = await readForm(headers['content-type'], bytes).catch(() => undefined)
  const list = fieldIn(jsonIn(String(form?.get('data'))), 'objects')
  const described: unknown = Array.isArray(list) ? list[0] : undefined
  const properties = Object.entries(Object(fieldIn(described, 'properties')))
  const odd = properties.find(([name]) => !PROPERTIES.includes(name) && !OWN.includes(name))
  if (odd !== undefined) return failed(422, `no property ${odd[0]}`)
  const values = properties.map(([name, property]) => [name, plain(fieldIn(property, 'value'))] as const)
  const { 'system:objectTypeId': type, 'system:parentId': parent, ...fields } = Object.fromEntries(values)
  if (type !== TYPE_ID) return failed(422, `no object type ${String(type)}`)
  const streams = fieldIn(described, 'contentStreams')
  const file = form?.get(String(fieldIn(Array.isArray(streams) ? streams[0] : undefined, 'cid')))
  if (!(file instanceof File)) return failed(422, 'no file')
  const document = documents.add({
    folder: 'Dokument',
    name: file.name,
    type: file.type,
    bytes: new Uint8Array(await file.arrayBuffer()),
    fields: { ...fields, ...(parent === undefined ? {} : { 'system:SDSTA_ID': parent }) },
  })
  return { status: 200, body: { objects: [{ properties: { 'system:objectId': { value: document.id } } }] } }
}

/** What a property can hold; anything else is nothing. */
function plain(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return Array.isArray(value) ? value.map(String) : null
}
