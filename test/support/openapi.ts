import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { root } from './cli.ts'

const folder = join(root, '..', 'shared', 'specs', 'liferay')

/** Whether Liferay's OpenAPI files lie beside the checkout; tests on them say so when they are skipped. */
export const hasLiferaySpecs = existsSync(folder)

export interface ApiRequest {
  readonly method: string
  /** With query, as it is sent. */
  readonly path: string
  readonly contentType?: string | undefined
  readonly body?: string | undefined
}

export interface ApiAnswer {
  readonly status: number
  readonly contentType?: string | undefined
  readonly body: string
}

/** An OpenAPI 3.0 file, as far as it is used here. */
export interface OpenApiFile {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly allOf?: readonly Schema[]
  readonly discriminator?: object
  readonly readOnly?: boolean
  readonly writeOnly?: boolean
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

type Direction = 'request' | 'answer'

/** An operation with what is needed to check an exchange with it. */
interface Route {
  readonly method: string
  readonly template: string
  readonly operation: Operation
  readonly file: CompiledFile
}

/**
 * Liferay's batch engine takes the items themselves, although its file calls the body an ImportTask
 * (learn.liferay.com, Batch Engine API Basics): an array of what the class name in the path stands for.
 */
const BATCH_IMPORT = /\/import-task\/\{className\}$/

/** The mapper of exceptions: `com.liferay.portal.vulcan.jaxrs.exception.mapper.Problem`, which no file describes. */
const PROBLEM: Schema = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { type: 'string', pattern: '^[A-Z_]+$' },
    title: { type: 'string' },
    type: { type: 'string' },
    detail: { type: 'string' },
  },
}

/**
 * Checks requests and answers against OpenAPI files, more strictly than these ask for: what a schema does not have is
 * an error, and so is a read-only property in a request or a write-only one in an answer. Objects whose kind is told
 * by a discriminator may have further properties.
 */
export class OpenApi {
  readonly #routes: readonly Route[]
  readonly #classes: ReadonlyMap<string, CompiledFile>

  constructor(files: readonly OpenApiFile[]) {
    const compiled = files.map((file) => new CompiledFile(file))
    this.#routes = compiled
      .flatMap((file) =>
        Object.entries(file.paths).flatMap(([template, item]) =>
          Object.entries(item).map(([method, operation]) => ({
            method: method.toUpperCase(),
            template,
            operation,
            file,
          })),
        ),
      )
      // `organizations/batch` is no organization with the id `batch`.
      .sort((a, b) => parametersIn(a.template) - parametersIn(b.template))
    this.#classes = new Map(compiled.flatMap((file) => file.classes().map((name) => [name, file])))
  }

  /** What is wrong with a request; empty when the files allow it. */
  requestErrors(request: ApiRequest): readonly string[] {
    const found = this.#route(request)
    if ('errors' in found) return found.errors
    const { operation } = found
    const known = operation.parameters?.filter((one) => one.in === 'query') ?? []
    const given = [...new URL(request.path, 'http://portal').searchParams.keys()]
    const errors = [
      ...given
        .filter((name) => !known.some((one) => one.name === name))
        .map((name) => `query: no parameter ${name}`),
      ...known
        .filter((one) => one.required === true && !given.includes(one.name))
        .map((one) => `query: ${one.name} is missing`),
      ...this.#bodyErrors(found, request),
    ]
    return errors.map((error) => `${request.method} ${found.template}: ${error}`)
  }

  /** What is wrong with the answer to a request; empty when the files allow it. A 401 is never wrong: RFC 6750 leaves it open. */
  answerErrors(request: ApiRequest, answer: ApiAnswer): readonly string[] {
    const found = this.#route(request)
    if ('errors' in found) return found.errors
    const { status } = answer
    const described = found.operation.responses[status] ?? found.operation.responses.default
    if (status === 401) return []
    const errors =
      status >= 400
        ? contentErrors(found.file, { [JSON_TYPE]: { schema: PROBLEM } }, answer, 'answer')
        : described === undefined
          ? [`no answer ${status}`]
          : contentErrors(found.file, described.content ?? {}, answer, 'answer')
    return errors.map((error) => `${request.method} ${found.template} ${status}: ${error}`)
  }

  #route({ method, path }: ApiRequest): Route | { readonly errors: readonly string[] } {
    const { pathname } = new URL(path, 'http://portal')
    const here = this.#routes.filter(({ template }) => patternOf(template).test(pathname))
    // Methods of another path do not count: the one with the fewest parameters is meant. Names do not tell paths apart.
    const template = here[0]?.template
    const route = here.find((one) => isSamePath(one.template, template) && one.method === method)
    if (route !== undefined) return route
    const what = template === undefined ? 'no such path' : `${template} has no such method`
    return { errors: [`${method} ${pathname}: ${what}`] }
  }

  #bodyErrors({ method, template, operation, file }: Route, request: ApiRequest): readonly string[] {
    const content = operation.requestBody?.content
    if (content === undefined) return request.body === undefined ? [] : ['body: none is taken']
    if (request.body === undefined) return ['body: is missing']
    if (method === 'GET' || !BATCH_IMPORT.test(template) || request.contentType !== JSON_TYPE)
      return contentErrors(file, content, { ...request, body: request.body }, 'request')
    const { pathname } = new URL(request.path, 'http://portal')
    const className = decodeURIComponent(pathname.split('/').at(-1) ?? '')
    const owner = this.#classes.get(className)
    if (owner === undefined) return [`path: no schema is of the class ${className}`]
    const items = { type: 'array', items: { $ref: refOf(className.split('.').at(-1) ?? '') } }
    return contentErrors(
      owner,
      { [JSON_TYPE]: { schema: items } },
      { ...request, body: request.body },
      'request',
    )
  }
}

const JSON_TYPE = 'application/json'

let loaded: OpenApi | undefined

/** The files of Liferay that lie beside the checkout; read once, for they are large. */
export function liferayApi(): OpenApi {
  loaded ??= new OpenApi(
    readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as OpenApiFile),
  )
  return loaded
}

function contentErrors(
  file: CompiledFile,
  content: Content,
  message: { readonly contentType?: string | undefined; readonly body: string },
  direction: Direction,
): readonly string[] {
  const described = Object.values(content).some(({ schema }) => schema !== undefined)
  if (message.body === '') return described ? ['body: is missing'] : []
  const type = message.contentType?.split(';')[0]?.trim().toLowerCase() ?? 'none'
  const media = content[type] ?? content['*/*']
  if (media === undefined) return [`content type: ${type} is none of ${Object.keys(content).join(', ')}`]
  // Of multipart, CSV and the like only the type is checked.
  if (media.schema === undefined || !/[/+]json$/.test(type)) return []
  let value: unknown
  try {
    value = JSON.parse(message.body)
  } catch {
    return ['body: is no JSON']
  }
  return file.errors(media.schema, value, direction)
}

/** The schemas of a file, made into JSON Schemas for either direction. */
class CompiledFile {
  readonly paths: OpenApiFile['paths']
  readonly #schemas: Readonly<Record<string, Schema>>
  readonly #ajv: Readonly<Record<Direction, Ajv2020>>
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(file: OpenApiFile) {
    this.paths = file.paths
    this.#schemas = file.components?.schemas ?? {}
    this.#ajv = { request: this.#ajvFor('request'), answer: this.#ajvFor('answer') }
  }

  /** Names of the Java classes that schemas stand for. */
  classes(): readonly string[] {
    return Object.values(this.#schemas).flatMap(({ properties }) => {
      const name = properties?.['x-class-name']?.default
      return typeof name === 'string' ? [name] : []
    })
  }

  errors(schema: Schema, value: unknown, direction: Direction): readonly string[] {
    const key = `${direction} ${JSON.stringify(schema)}`
    const validate =
      this.#validators.get(key) ?? this.#ajv[direction].compile(toJsonSchema(schema, direction, 'closed'))
    this.#validators.set(key, validate)
    validate(value)
    return (validate.errors ?? []).map(errorText)
  }

  #ajvFor(direction: Direction): Ajv2020 {
    const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false })
    ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/)
    ajv.addFormat('int32', { type: 'number', validate: (value) => Math.abs(value) < 2 ** 31 })
    ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger })
    ajv.addFormat('double', true)
    ajv.addFormat('binary', true)
    for (const [name, schema] of Object.entries(this.#schemas))
      for (const kind of KINDS) ajv.addSchema(toJsonSchema(schema, direction, kind), schemaId(name, kind))
    return ajv
  }
}

/**
 * A closed object has no properties but those that are described. The parts of an `allOf` are open: each knows only
 * its own.
 */
const KINDS = ['open', 'closed'] as const
type Kind = (typeof KINDS)[number]

const REF = '#/components/schemas/'
const refOf = (name: string): string => `${REF}${name}`
const schemaId = (name: string, kind: Kind): string => `${name}.${kind}`

function toJsonSchema(schema: Schema, direction: Direction, kind: Kind): Readonly<Record<string, unknown>> {
  if (schema.$ref !== undefined) return { $ref: schemaId(schema.$ref.slice(REF.length), kind) }
  const { type, properties, required, items, additionalProperties, allOf, discriminator } = schema
  const isObject = properties !== undefined || allOf !== undefined
  // The generator of Liferay writes a Java Object, which can be any value, as an object without properties.
  if (type === 'object' && !isObject && additionalProperties === undefined) return {}
  const hidden = Object.entries(properties ?? {})
    .filter(([, one]) => (direction === 'request' ? one.readOnly : one.writeOnly) === true)
    .map(([name]) => name)
  const visible = Object.entries(properties ?? {}).filter(([name]) => !hidden.includes(name))
  const { enum: values, format, pattern, minimum, maximum } = schema
  return withoutUndefined({
    type,
    enum: values,
    format,
    pattern,
    minimum,
    maximum,
    properties:
      properties &&
      Object.fromEntries(visible.map(([name, one]) => [name, toJsonSchema(one, direction, 'closed')])),
    required: required?.filter((name) => !hidden.includes(name)),
    items: items && toJsonSchema(items, direction, 'closed'),
    additionalProperties:
      typeof additionalProperties === 'object'
        ? toJsonSchema(additionalProperties, direction, 'closed')
        : additionalProperties,
    allOf: allOf?.map((one) => toJsonSchema(one, direction, 'open')),
    unevaluatedProperties: isObject && kind === 'closed' && discriminator === undefined ? false : undefined,
  })
}

const withoutUndefined = (object: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

function errorText({ instancePath, message = '', params, keyword }: ErrorObject): string {
  const place = `body${instancePath}`
  return keyword === 'unevaluatedProperties' || keyword === 'additionalProperties'
    ? `${place}: no property ${String(params.unevaluatedProperty ?? params.additionalProperty)}`
    : `${place}: ${message}`
}

const parametersIn = (template: string): number => template.split('{').length

const isSamePath = (a: string, b: string | undefined): boolean =>
  b !== undefined && patternOf(a).source === patternOf(b).source

function patternOf(template: string): RegExp {
  const parts = template.split(/\{[^}]*\}/).map((text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^/]+')}$`)
}
