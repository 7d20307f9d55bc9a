import { type Documents, type KeptDocument, readForm, type Value } from './documents.ts'
import type { StandInReply, StandInRequest } from './http-stand-in.ts'

/** Errors of the browser binding (CMIS 1.1 §5.2.10) by their status. */
const failed = (status: number, exception: string, message: string): StandInReply => ({
  status,
  body: { exception, message },
})

const TYPE = 'cmis:document'
const GIVEN = ['cmis:name', 'cmis:objectTypeId']

/** The documents of a repository: children, object, content, query, createDocument and delete. @param root its path */
export async function cmisDocuments(
  documents: Documents,
  request: StandInRequest,
  root: string,
): Promise<StandInReply> {
  if (request.method === 'GET') return read(documents, request, root)
  const form = await formOf(request)
  if (form === undefined) return failed(400, 'invalidArgument', 'no form')
  const action = textOf(form, 'cmisaction')
  if (action === 'query') return query(documents, textOf(form, 'statement'))
  if (action === 'createDocument') return create(documents, folderOf(request.path, root), form)
  if (action !== 'delete') return failed(405, 'notSupported', `${action} is nothing this stand-in does`)
  const document = at(documents, request, root)
  if (document === undefined) return failed(404, 'objectNotFound', 'no such object')
  documents.remove(document.id)
  return { status: 200 }
}

async function formOf({ headers, body, bytes }: StandInRequest): Promise<FormData | undefined> {
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded'))
    return readForm(type, bytes).catch(() => undefined)
  const form = new FormData()
  for (const [name, value] of new URLSearchParams(body)) form.append(name, value)
  return form
}

const textOf = (form: FormData, name: string): string => {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

const folderOf = (path: string, root: string): string => decodeURIComponent(path.slice(root.length))

/** What an address means: an object by its id, or by its path. */
function at(documents: Documents, { query, path }: StandInRequest, root: string): KeptDocument | undefined {
  const id = query.get('objectId')
  if (id !== null) return documents.get(id)
  const names = path.slice(root.length).split('/').map(decodeURIComponent)
  const folder = names.slice(0, -1).join('/')
  return documents.in(folder).find(({ name }) => name === names.at(-1))
}

function read(documents: Documents, request: StandInRequest, root: string): StandInReply {
  const selector = request.query.get('cmisselector')
  if (selector === 'children') {
    const folder = folderOf(request.path, root)
    if (!documents.hasFolder(folder)) return failed(404, 'objectNotFound', `no folder ${folder}`)
    return children(documents.in(folder), request.query)
  }
  const document = at(documents, request, root)
  if (document === undefined) return failed(404, 'objectNotFound', 'no such object')
  if (selector === 'content')
    return document.bytes === undefined
      ? failed(409, 'constraint', 'the document has no file')
      : { status: 200, headers: { 'content-type': document.type }, body: document.bytes }
  return { status: 200, body: objectOf(document) }
}

function children(all: readonly KeptDocument[], query: URLSearchParams): StandInReply {
  const sorted = all.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const skip = Number(query.get('skipCount') ?? 0)
  const most = Number(query.get('maxItems') ?? 100)
  const page = sorted.slice(skip, skip + most)
  const body = {
    objects: page.map((document) => ({ object: objectOf(document) })),
    hasMoreItems: skip + page.length < sorted.length,
    numItems: sorted.length,
  }
  return { status: 200, body }
}

const objectOf = ({ id, name, type, bytes, fields, created }: KeptDocument) => ({
  succinctProperties: {
    'cmis:objectId': id,
    'cmis:baseTypeId': TYPE,
    'cmis:objectTypeId': TYPE,
    'cmis:name': name,
    'cmis:creationDate': Date.parse(created),
    ...(bytes === undefined
      ? {}
      : {
          'cmis:contentStreamLength': bytes.length,
          'cmis:contentStreamMimeType': type,
          'cmis:contentStreamFileName': name,
        }),
    ...fields,
  },
})

/** `SELECT * FROM cmis:document WHERE property = 'text'`, and nothing else. */
function query(documents: Documents, statement: string): StandInReply {
  const [, property, quoted] =
    /^SELECT \* FROM cmis:document WHERE ([\w:]+) = '((?:[^\\']|\\.)*)'$/.exec(statement) ?? []
  if (property === undefined || quoted === undefined)
    return failed(400, 'invalidArgument', 'no such statement')
  const wanted = quoted.replace(/\\(.)/g, '$1')
  const all = ['/Bauakten', '/Ablage'].flatMap((folder) => documents.in(folder)).map(objectOf)
  const results = all.filter(
    ({ succinctProperties }) =>
      Object.entries(succinctProperties).find(([id]) => id === property)?.[1] === wanted,
  )
  return { status: 200, body: { results, hasMoreItems: false, numItems: results.length } }
}

async function create(documents: Documents, folder: string, form: FormData): Promise<StandInReply> {
  if (!documents.hasFolder(folder)) return failed(404, 'objectNotFound', `no folder ${folder}`)
  const properties = propertiesOf(form)
  const odd = Object.keys(properties).find((id) => !GIVEN.includes(id) && !id.startsWith('akten:'))
  if (odd !== undefined) return failed(409, 'constraint', `${odd} is no property of ${TYPE} that can be set`)
  const { 'cmis:name': name, 'cmis:objectTypeId': type, ...fields } = properties
  if (type !== TYPE) return failed(400, 'invalidArgument', `no type ${String(type)}`)
  if (typeof name !== 'string' || name.includes('/')) return failed(400, 'invalidArgument', 'no cmis:name')
  if (documents.in(folder).some((document) => document.name === name))
    return failed(409, 'nameConstraintViolation', `${name} exists already`)
  const file = form.get('content')
  const isFile = file instanceof File
  const document = documents.add({
    folder,
    name,
    type: isFile ? file.type : 'application/octet-stream',
    bytes: isFile ? new Uint8Array(await file.arrayBuffer()) : undefined,
    fields,
  })
  return { status: 201, body: objectOf(document) }
}

/** `propertyId[0]` with `propertyValue[0]`, or `propertyValue[0][0]` and so on for several values. */
function propertiesOf(form: FormData): Readonly<Record<string, Value>> {
  const properties: [string, Value][] = []
  for (let number = 0; form.has(`propertyId[${number}]`); number++) {
    const id = textOf(form, `propertyId[${number}]`)
    const single = form.get(`propertyValue[${number}]`)
    const several: string[] = []
    for (let index = 0; form.has(`propertyValue[${number}][${index}]`); index++)
      several.push(textOf(form, `propertyValue[${number}][${index}]`))
    properties.push([id, typeof single === 'string' ? single : several.length > 0 ? several : null])
  }
  return Object.fromEntries(properties)
}
