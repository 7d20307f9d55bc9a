import { createHash } from 'node:crypto'
import { fieldOf, isRecord } from '../../connector/probe/json.ts'
import type { HttpAnswer } from '../../http/client.ts'
import { withoutTail } from '../../text.ts'
import { basePath, type RecordClient } from './client.ts'
import { fieldsOf, remoteContent } from './document.ts'
import { ask, askFor, badRecords, jsonOf, saysMissing } from './exchange.ts'
import type { Content, JsonObject } from './model.ts'

/** A document or folder of a CMIS repository. */
export interface CmisObject {
  readonly id: string
  readonly name: string
  readonly isDocument: boolean
  /** By the ids of properties; dates are milliseconds, as the browser binding has them (§5.2). */
  readonly fields: JsonObject
}

export interface CmisPage {
  readonly objects: readonly CmisObject[]
  readonly hasMore: boolean
}

/** Which repository, and which folder in it, beginning with a slash. */
export interface CmisPlace {
  readonly repository: string | undefined
  readonly folder: string
}

/** What the service document says of the repository. */
interface Found {
  /** Path of its root folder, and its own. */
  readonly root: string
  readonly repository: string
  readonly canOrder: boolean
}

type Query = Readonly<Record<string, string>>

/**
 * One folder of a repository by CMIS 1.1, browser binding. Source: OASIS CMIS 1.1 §5. Addresses of the service document
 * are taken by their path alone: behind a proxy repositories name hosts that do not exist, and credentials go to no
 * other host than that of the connector.
 */
export class CmisRepository {
  readonly client: RecordClient
  readonly #place: CmisPlace
  #paths: Promise<Found> | undefined

  constructor(client: RecordClient, place: CmisPlace) {
    this.client = client
    this.#place = place
  }

  /** Path of an object by its names, below the folder. */
  async pathOf(names: readonly string[], query: Query, signal: AbortSignal): Promise<string> {
    const { root } = await this.#found(signal)
    const folders = this.#place.folder.split('/').filter((name) => name !== '')
    const path = [...folders, ...names].map((name) => `/${encodeURIComponent(name)}`).join('')
    return withQuery(root + path, query)
  }

  /** Path of an object by its id (§5.3). */
  async pathOfId(id: string, query: Query, signal: AbortSignal): Promise<string> {
    const { root } = await this.#found(signal)
    return withQuery(root, { objectId: id, ...query })
  }

  /** The children of the folder (`children`, §5.4). @param orderBy `none` leaves the order to the repository */
  async children(skip: number, most: number, orderBy: string, signal: AbortSignal): Promise<CmisPage> {
    const { canOrder } = await this.#found(signal)
    const query = {
      cmisselector: 'children',
      succinct: 'true',
      skipCount: String(skip),
      maxItems: String(most),
      // One that cannot, refuses (§2.2.3.1.1).
      ...(orderBy === 'none' || !canOrder ? {} : { orderBy }),
    }
    const path = await this.pathOf([], query, signal)
    const value = await askFor(
      this.client,
      { method: 'GET', path },
      signal,
      `folder ${this.#place.folder}`,
      isObjectNotFound,
    )
    return this.#page(fieldOf(value, 'objects'), fieldOf(value, 'hasMoreItems'), 'object')
  }

  /** The object of a name in the folder; by its path, which is true at once. */
  async byName(name: string, signal: AbortSignal): Promise<CmisObject | undefined> {
    const path = await this.pathOf([name], { cmisselector: 'object', succinct: 'true' }, signal)
    const found = await ask(this.client, { method: 'GET', path }, signal, isObjectNotFound)
    return found.kind === 'missing' ? undefined : this.#object(found.value)
  }

  /** Answers of a query (§5.4); an index can lag behind. */
  async query(statement: string, signal: AbortSignal): Promise<CmisPage> {
    const { repository } = await this.#found(signal)
    const form = {
      cmisaction: 'query',
      statement,
      searchAllVersions: 'false',
      maxItems: '100',
      succinct: 'true',
    }
    const value = await askFor(
      this.client,
      { method: 'POST', path: repository, ...formOf(form) },
      signal,
      'query',
      isObjectNotFound,
    )
    return this.#page(fieldOf(value, 'results'), fieldOf(value, 'hasMoreItems'), undefined)
  }

  /** The file of a document; undefined for one without. */
  async contentOf({ id, name, fields }: CmisObject, signal: AbortSignal): Promise<Content | undefined> {
    const length = fields['cmis:contentStreamLength']
    const type = fields['cmis:contentStreamMimeType']
    const fileName = fields['cmis:contentStreamFileName']
    // Where there is no content stream, these are not set (§2.1.4); some say -1.
    const knownLength = typeof length === 'number' && length >= 0 ? length : undefined
    if (knownLength === undefined && typeof type !== 'string') return undefined
    return remoteContent(this.client, {
      path: await this.pathOfId(id, { cmisselector: 'content' }, signal),
      type: typeof type === 'string' ? type : 'application/octet-stream',
      name: typeof fileName === 'string' && fileName !== '' ? fileName : name,
      length: knownLength,
    })
  }

  /** Asked once; again after a failure. */
  #found(signal: AbortSignal) {
    this.#paths ??= this.#findPaths(signal).catch((error: unknown) => {
      this.#paths = undefined
      throw error
    })
    return this.#paths
  }

  /** The service document is a map by repository id (§5.3.1). */
  async #findPaths(signal: AbortSignal): Promise<Found> {
    const path = `${basePath(this.client)}${this.client.url.search}`
    const found = await askFor(
      this.client,
      { method: 'GET', path },
      signal,
      'service document of CMIS',
      isObjectNotFound,
    )
    const ids = isRecord(found) ? Object.keys(found).filter((id) => isRecord(found[id])) : []
    const id = this.#place.repository ?? (ids.length === 1 ? ids[0] : undefined)
    const info = id === undefined ? undefined : fieldOf(found, id)
    const root = pathIn(fieldOf(info, 'rootFolderUrl'))
    const repository = pathIn(fieldOf(info, 'repositoryUrl'))
    const canOrder = fieldOf(fieldOf(info, 'capabilities'), 'capabilityOrderBy') !== 'none'
    if (root !== undefined && repository !== undefined) return { root, repository, canOrder }
    const wanted =
      this.#place.repository === undefined ? 'one repository' : `the repository ${this.#place.repository}`
    throw badRecords(
      this.client,
      `does not name ${wanted} with its addresses`,
      `There are: ${ids.slice(0, 10).join(', ')}`,
    )
  }

  #page(list: unknown, more: unknown, inside: string | undefined): CmisPage {
    if (!Array.isArray(list)) throw badRecords(this.client, 'answers without a list of objects')
    const objects = list.map((one: unknown) =>
      this.#object(inside === undefined ? one : fieldOf(one, inside)),
    )
    // It may be left out (§2.2.1.1): then only an empty page is the last.
    return { objects, hasMore: list.length > 0 && more !== false }
  }

  #object(value: unknown): CmisObject {
    const properties = fieldOf(value, 'succinctProperties')
    const fields = isRecord(properties) ? fieldsOf(Object.entries(properties)) : {}
    const { 'cmis:objectId': id, 'cmis:name': name } = fields
    if (typeof id !== 'string' || id === '' || typeof name !== 'string')
      throw badRecords(this.client, 'answers with an object that has no cmis:objectId or cmis:name')
    return { id, name, isDocument: fields['cmis:baseTypeId'] === 'cmis:document', fields }
  }
}

/**
 * Whether an answer says in the words of the browser binding that there is no such object (§5.2.10): 404 with
 * `{"exception": "objectNotFound"}`. Pages, and answers of a server before it, do not.
 */
export const isObjectNotFound = (answer: HttpAnswer): boolean =>
  saysMissing(answer) && fieldOf(jsonOf(answer), 'exception') === 'objectNotFound'

function pathIn(address: unknown): string | undefined {
  const url = typeof address === 'string' ? URL.parse(address) : null
  return url === null ? undefined : `${withoutTail(url.pathname, '/')}${url.search}`
}

function withQuery(path: string, query: Query): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`
}

/** A form without a file. */
export const formOf = (fields: Query) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})

/** A text in a statement: quotation mark and backslash are escaped (§2.1.14.2.1). */
export const quotedText = (text: string): string => `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`

/** Longer names are refused by some repositories. */
const LONGEST_NAME = 200

/**
 * The name of the document of a key: the key, with what no name can hold written as %XX (also the per cent sign, so that
 * two keys never have one name); a long one ends with its SHA-256.
 */
export function nameOfKey(key: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names must not hold them.
  const safe = key.replace(/[%/\\:*?"<>|\x00-\x1f\x7f]|^[ .]|[ .]$/g, (sign) => {
    const code = sign.charCodeAt(0).toString(16).toUpperCase()
    return `%${code.padStart(2, '0')}`
  })
  if (safe.length <= LONGEST_NAME) return safe
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 32)
  return `${safe.slice(0, LONGEST_NAME - 33).toWellFormed()}~${digest}`
}
