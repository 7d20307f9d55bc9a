import { type Documents, fieldIn, jsonIn, type KeptDocument, type Value } from './documents.ts'
import type { StandInReply, StandInRequest } from './http-stand-in.ts'

const ROOT = '/dms/r/akten'
const HAL = { 'content-type': 'application/hal+json' }
const PROPERTIES = ['aktenzeichen', 'betreff', 'schlagworte']

const failed = (status: number, reason: string): StandInReply => ({ status, headers: HAL, body: { reason } })
const links = (hrefs: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(hrefs).map(([name, href]) => [name, { href }]))

/** The documents of one repository: search, files, new ones and taking away, as dvelop-sdk-node asks for them. */
export function dvelopDocuments(documents: Documents): (request: StandInRequest) => StandInReply {
  /** Files that wait for their document. */
  const waiting = new Map<string, Uint8Array>()
  return (request) => {
    const { method, path, headers, bytes } = request
    // DMSApp API 2.15: a write without its origin is refused.
    if (method !== 'GET' && headers.origin !== `http://${headers.host}`) return { status: 403 }
    if (method === 'GET' && path === ROOT) return about()
    if (method === 'GET' && path === `${ROOT}/srm`) return search(documents, request.query)
    if (method === 'POST' && path === `${ROOT}/blob/chunk`) {
      const location = `${path}/${waiting.size + 1}`
      waiting.set(location, bytes)
      return { status: 201, headers: { location } }
    }
    if (method === 'POST' && path === `${ROOT}/o2m`) return create(documents, waiting, request.body)
    const [, id = '', rest] = /^\/dms\/r\/akten\/o2m\/([^/]+)(\/v\/current\/b\/main\/c)?$/.exec(path) ?? []
    const document = documents.get(id)
    if (document === undefined) return failed(404, 'no such document')
    if (method === 'DELETE') return remove(documents, document, request.body)
    if (rest === undefined) return { status: 200, headers: HAL, body: itemOf(document) }
    return { status: 200, headers: { 'content-type': document.type }, body: document.bytes }
  }
}

const about = (): StandInReply => {
  const hrefs = { source: `${ROOT}/source`, chunkedupload: `${ROOT}/blob/chunk` }
  return { status: 200, headers: HAL, body: { _links: links(hrefs), id: 'akten' } }
}

function search(documents: Documents, query: URLSearchParams): StandInReply {
  if (query.get('sourceid') !== `${ROOT}/source`) return failed(400, 'no such source')
  const categories = jsonIn(query.get('sourcecategories') ?? '["bauakte","post"]')
  const wanted = Object.entries(Object(jsonIn(query.get('sourceproperties') ?? '{}')))
  const all = (Array.isArray(categories) ? categories : [])
    .flatMap((category) => documents.in(String(category)))
    .filter((document) => wanted.every(([name, values]) => matches(propertiesOf(document)[name], values)))
  const page = Number(query.get('page') ?? 1)
  const size = Number(query.get('pagesize') ?? 25)
  const items = all.slice((page - 1) * size, page * size)
  const next = page * size < all.length ? { next: `${ROOT}/srm?page=${page + 1}` } : {}
  return { status: 200, headers: HAL, body: { _links: links(next), page, items: items.map(itemOf) } }
}

/** As the search does: capitals are small letters, and `*` is anything. */
function matches(value: Value | undefined, wanted: unknown): boolean {
  const [first] = Array.isArray(wanted) ? wanted : []
  const text = String(value).toLowerCase()
  const [begin = '', ...others] = String(first).toLowerCase().split('*')
  const end = others.pop()
  if (end === undefined) return text === begin
  let at = begin.length
  for (const part of others) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.startsWith(begin) && text.length - end.length >= at && text.endsWith(end)
}

const propertiesOf = ({ name, bytes, fields }: KeptDocument): Readonly<Record<string, Value>> => ({
  ...fields,
  property_filename: name,
  property_size: String(bytes?.length ?? 0),
})

function itemOf(document: KeptDocument) {
  const self = `${ROOT}/o2m/${document.id}`
  const sourceProperties = Object.entries(propertiesOf(document)).map(([key, value]) =>
    Array.isArray(value)
      ? { key, values: Object.fromEntries(value.map((one, at) => [at + 1, one])), isMultiValue: true }
      : { key, value, isMultiValue: false },
  )
  const hrefs = { self, mainblobcontent: `${self}/v/current/b/main/c`, delete: self }
  return { _links: links(hrefs), id: document.id, sourceProperties, sourceCategories: [document.folder] }
}

function create(documents: Documents, waiting: Map<string, Uint8Array>, text: string): StandInReply {
  const body = jsonIn(text)
  const folder = String(fieldIn(body, 'sourceCategory'))
  if (!documents.hasFolder(folder)) return failed(400, `no category ${folder}`)
  const location = String(fieldIn(body, 'contentLocationUri'))
  const bytes = waiting.get(location)
  const given = fieldIn(fieldIn(body, 'sourceProperties'), 'properties')
  const fields: [string, Value][] = []
  for (const one of Array.isArray(given) ? given : []) {
    const key = String(fieldIn(one, 'key'))
    const values = fieldIn(one, 'values')
    if (!PROPERTIES.includes(key)) return failed(400, `no property ${key}`)
    if (!Array.isArray(values)) return failed(400, `no values of ${key}`)
    fields.push([key, key === 'schlagworte' ? values.map(String) : String(values[0])])
  }
  if (bytes === undefined) return failed(400, 'no file waits there')
  waiting.delete(location)
  const name = String(fieldIn(body, 'filename'))
  const type = 'application/octet-stream'
  const { id } = documents.add({ folder, name, type, bytes, fields: Object.fromEntries(fields) })
  return { status: 201, headers: { location: `${ROOT}/o2m/${id}?sourceid=${ROOT}/source` } }
}

function remove(documents: Documents, { id }: KeptDocument, text: string): StandInReply {
  if (typeof fieldIn(jsonIn(text), 'reason') !== 'string') return failed(400, 'no reason')
  documents.remove(id)
  return { status: 200 }
}
