import { describe, expect, it } from 'vitest'
import { answer, faultServer, head, raw } from './fault-server.ts'
import { outcome, testClient } from './http.ts'
import { hasLiferaySpecs, liferayApi, OpenApi } from './openapi.ts'
import { recorder, violations } from './recorder.ts'

const json = (value: unknown) => ({ contentType: 'application/json', body: JSON.stringify(value) })
const JSON_OF = (schema: object) => ({ content: { 'application/json': { schema } } })
const THING = { $ref: '#/components/schemas/Thing' }
const ID = { name: 'id', in: 'path', required: true }

/** A file with one of everything that Liferay's files have. */
const API = new OpenApi([
  {
    paths: {
      '/things/{id}': {
        get: { parameters: [ID], responses: { default: JSON_OF(THING) } },
        delete: { parameters: [ID], responses: { 204: {}, 200: JSON_OF({ type: 'boolean' }) } },
      },
      '/things/batch': { post: { requestBody: JSON_OF(THING), responses: { default: {} } } },
      '/things': {
        get: {
          parameters: [
            { name: 'page', in: 'query' },
            { name: 'site', in: 'query', required: true },
          ],
          responses: { default: JSON_OF({ type: 'array', items: THING }) },
        },
        post: { requestBody: JSON_OF(THING), responses: { default: JSON_OF(THING) } },
      },
      '/import-task/{id}': { get: { parameters: [ID], responses: { default: {} } } },
      '/import-task/{className}': {
        post: { requestBody: JSON_OF({ type: 'object', properties: {} }), responses: { default: {} } },
      },
      '/files/{id}': {
        put: {
          requestBody: { content: { 'multipart/form-data': { schema: THING } } },
          responses: { default: {} },
        },
      },
      '/shapes': { post: { requestBody: JSON_OF({ $ref: '#/components/schemas/Circle' }), responses: {} } },
    },
    components: {
      schemas: {
        Thing: {
          type: 'object',
          required: ['name', 'id'],
          properties: {
            id: { type: 'integer', format: 'int64', readOnly: true },
            name: { type: 'string' },
            secret: { type: 'string', writeOnly: true },
            kind: { type: 'string', enum: ['a', 'b'] },
            at: { type: 'string', format: 'date-time' },
            count: { type: 'integer', format: 'int32', minimum: 0 },
            anything: { type: 'object' },
            names: { type: 'object', additionalProperties: { type: 'string' } },
            parent: THING,
            'x-class-name': { type: 'string', readOnly: true, default: 'org.example.Thing' },
          },
        },
        Shape: { type: 'object', properties: { colour: { type: 'string' } } },
        Circle: {
          type: 'object',
          allOf: [
            { $ref: '#/components/schemas/Shape' },
            { type: 'object', properties: { radius: { type: 'number' } } },
          ],
        },
      },
    },
  },
])

const post = (value: unknown) => API.requestErrors({ method: 'POST', path: '/things', ...json(value) })
const got = (status: number, value: unknown) =>
  API.answerErrors({ method: 'GET', path: '/things/1' }, { status, ...json(value) })

describe('a request', () => {
  it('is right when path, query and body are', () => {
    expect(
      post({ name: 'n', kind: 'a', secret: 's', at: '2026-11-23T12:00:00Z', parent: { name: 'p' } }),
    ).toEqual([])
    expect(API.requestErrors({ method: 'GET', path: '/things?site=1&page=2' })).toEqual([])
    expect(API.requestErrors({ method: 'GET', path: '/things/a%2Fb' })).toEqual([])
    for (const anything of ['text', 1, null, { a: [1] }]) expect(post({ name: 'n', anything })).toEqual([])
    expect(post({ name: 'n', names: { de: 'x' } })).toEqual([])
  })

  it.each([
    ['a property that is not described', { name: 'n', nmae: 'n' }, 'body: no property nmae'],
    ['one deep inside', { name: 'n', parent: { name: 'p', x: 1 } }, 'body/parent: no property x'],
    ['one that only the server sets', { name: 'n', id: 1 }, 'body: no property id'],
    ['a missing property', {}, "body: must have required property 'name'"],
    ['another type', { name: 1 }, 'body/name: must be string'],
    ['null', { name: null }, 'body/name: must be string'],
    [
      'a value that is none of a list',
      { name: 'n', kind: 'c' },
      'body/kind: must be equal to one of the allowed values',
    ],
    ['another form', { name: 'n', at: '23.11.2026' }, 'body/at: must match format "date-time"'],
    ['a number that is too large', { name: 'n', count: 2 ** 31 }, 'body/count: must match format "int32"'],
    ['a number that is too small', { name: 'n', count: -1 }, 'body/count: must be >= 0'],
    ['another type in a map', { name: 'n', names: { de: 1 } }, 'body/names/de: must be string'],
    ['a list for an object', [{ name: 'n' }], 'body: must be object'],
  ])('is wrong with %s', (_, body, error) => {
    expect(post(body)).toEqual([`POST /things: ${error}`])
  })

  it.each([
    ['GET', '/nothing', 'GET /nothing: no such path'],
    ['GET', '/things/1/2', 'GET /things/1/2: no such path'],
    ['PATCH', '/things/1', 'PATCH /things/1: /things/{id} has no such method'],
    // A fixed segment goes before a parameter, whatever methods either has.
    ['GET', '/things/batch', 'GET /things/batch: /things/batch has no such method'],
    ['GET', '/things?site=1&pageSize=2', 'GET /things: query: no parameter pageSize'],
    ['GET', '/things', 'GET /things: query: site is missing'],
    ['POST', '/things', 'POST /things: body: is missing'],
  ])('is wrong as %s %s', (method, path, error) => {
    expect(API.requestErrors({ method, path })).toEqual([error])
  })

  it('is wrong with a body that nobody takes, of another type, or that is no JSON', () => {
    expect(API.requestErrors({ method: 'GET', path: '/things/1', ...json({}) })).toEqual([
      'GET /things/{id}: body: none is taken',
    ])
    const text = (contentType: string | undefined) =>
      API.requestErrors({ method: 'POST', path: '/things', contentType, body: '{' })
    expect(text('application/json; charset=utf-8')).toEqual(['POST /things: body: is no JSON'])
    expect(text('text/plain')).toEqual(['POST /things: content type: text/plain is none of application/json'])
    expect(text(undefined)).toEqual(['POST /things: content type: none is none of application/json'])
    expect(
      API.requestErrors({
        method: 'PUT',
        path: '/files/1',
        contentType: 'multipart/form-data; boundary=x',
        body: 'x',
      }),
    ).toEqual([])
  })

  it('may have what any part of an allOf describes, and no more', () => {
    const shape = (value: unknown) => API.requestErrors({ method: 'POST', path: '/shapes', ...json(value) })
    expect(shape({ colour: 'red', radius: 1 })).toEqual([])
    expect(shape({ colour: 'red', side: 1 })).toEqual(['POST /shapes: body: no property side'])
  })

  it('may have a method of the same path with other names', () => {
    expect(API.requestErrors({ method: 'GET', path: '/import-task/1' })).toEqual([])
  })

  it('to the batch engine holds a list of what the class name stands for', () => {
    const imported = (name: string, value: unknown) =>
      API.requestErrors({ method: 'POST', path: `/import-task/${name}`, ...json(value) })
    expect(imported('org.example.Thing', [{ name: 'a' }, { name: 'b' }])).toEqual([])
    expect(imported('org.example.Thing', [{ name: 'a' }, { nmae: 'b' }])).toEqual([
      "POST /import-task/{className}: body/1: must have required property 'name'",
      'POST /import-task/{className}: body/1: no property nmae',
    ])
    expect(imported('org.example.Nothing', [])).toEqual([
      'POST /import-task/{className}: path: no schema is of the class org.example.Nothing',
    ])
  })
})

describe('an answer', () => {
  it('is right when it is as described', () => {
    expect(got(200, { id: 1, name: 'n', 'x-class-name': 'org.example.Thing' })).toEqual([])
    const gone = { method: 'DELETE', path: '/things/1' }
    expect(API.answerErrors(gone, { status: 204, body: '' })).toEqual([])
    expect(API.answerErrors(gone, { status: 200, ...json(true) })).toEqual([])
  })

  it.each([
    [
      'a property that only the client sends',
      200,
      { id: 1, name: 'n', secret: 's' },
      'body: no property secret',
    ],
    ['a missing property', 200, { name: 'n' }, "body: must have required property 'id'"],
    ['the status of a problem as a number', 404, { status: 404 }, 'body/status: must be string'],
    ['a problem with further properties', 400, { status: 'BAD_REQUEST', code: 1 }, 'body: no property code'],
  ])('is wrong with %s', (_, status, body, error) => {
    expect(got(status, body)).toEqual([`GET /things/{id} ${status}: ${error}`])
  })

  it('may be a problem, also where no file says so', () => {
    expect(got(409, { status: 'CONFLICT', title: 'Taken', type: 'x', detail: 'y' })).toEqual([])
  })

  it('to somebody unknown may be anything: RFC 6750 does not say', () => {
    expect(got(401, { error: 'invalid_token' })).toEqual([])
  })

  it('is wrong when it is missing, not described, or a page', () => {
    const thing = { method: 'GET', path: '/things/1' }
    expect(API.answerErrors(thing, { status: 200, body: '' })).toEqual([
      'GET /things/{id} 200: body: is missing',
    ])
    expect(API.answerErrors(thing, { status: 200, contentType: 'text/html', body: '<p>' })).toEqual([
      'GET /things/{id} 200: content type: text/html is none of application/json',
    ])
    expect(API.answerErrors({ method: 'DELETE', path: '/things/1' }, { status: 202, body: '' })).toEqual([
      'DELETE /things/{id} 202: no answer 202',
    ])
  })
})

describe('the recorder', () => {
  it('passes both sides on as they are, and notes them', async () => {
    const server = await faultServer([
      answer(200, '{"id":1,"name":"Bersenbrück"}', { 'content-type': 'application/json', 'x-a': 'b' }),
    ])
    const between = await recorder(server.origin.href)
    const { client } = testClient(new URL(between.url))
    const headers = { 'content-type': 'application/json', authorization: 'Bearer t' }
    const answered = await client.send({
      method: 'POST',
      path: '/things?x=1',
      headers,
      body: '{"name":"Bersenbrück"}',
    })
    expect([answered.status, answered.text, answered.headers['x-a']]).toEqual([
      200,
      '{"id":1,"name":"Bersenbrück"}',
      'b',
    ])
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/things?x=1', headers, body: '{"name":"Bersenbrück"}' },
    ])
    expect(between.exchanges).toEqual([
      {
        request: {
          method: 'POST',
          path: '/things?x=1',
          contentType: 'application/json',
          body: '{"name":"Bersenbrück"}',
        },
        answer: { status: 200, contentType: 'application/json', body: '{"id":1,"name":"Bersenbrück"}' },
      },
    ])
    expect(violations(API, between.exchanges)).toEqual(['POST /things: query: no parameter x'])
  })

  it('passes a broken connection on, and notes nothing', async () => {
    const server = await faultServer([raw([head(200, { 'content-length': '9' }), '{'], 'reset')])
    const between = await recorder(server.origin.href)
    const { client } = testClient(new URL(between.url))
    expect(await outcome(client.send({ method: 'GET', path: '/things' }))).toBe('reset, sent: maybe')
    expect(server.requests.length).toBe(1)
    expect(between.exchanges).toEqual([])
  })
})

describe.skipIf(!hasLiferaySpecs)("Liferay's OpenAPI files (need them beside the checkout)", () => {
  const ORGANIZATION = '/o/headless-admin-user/v1.0/organizations/by-external-reference-code/03459'
  const put = (value: unknown) =>
    liferayApi().requestErrors({ method: 'PUT', path: ORGANIZATION, ...json(value) })

  it('allow an organization with a parent and custom fields of any value', () => {
    const organization = {
      name: 'Landkreis Osnabrück',
      parentOrganization: { externalReferenceCode: '03' },
      customFields: [{ name: 'ozgctl', customValue: { data: 'text' } }],
    }
    expect(put(organization)).toEqual([])
    const import_ =
      '/o/headless-batch-engine/v1.0/import-task/com.liferay.headless.admin.user.dto.v1_0.Organization'
    expect(
      liferayApi().requestErrors({
        method: 'POST',
        path: `${import_}?createStrategy=INSERT&importStrategy=ON_ERROR_CONTINUE`,
        ...json([organization, { ...organization, numberOfUsers: 1 }]),
      }),
    ).toEqual([
      'POST /o/headless-batch-engine/v1.0/import-task/{className}: body/1: no property numberOfUsers',
    ])
  })

  it('allow nothing else', () => {
    const template = ORGANIZATION.replace('03459', '{externalReferenceCode}')
    expect(put({ name: 'n', keyword: 'k', customFields: [{ name: 'a', value: 1 }] })).toEqual([
      `PUT ${template}: body/customFields/0: no property value`,
      `PUT ${template}: body: no property keyword`,
    ])
    expect(liferayApi().requestErrors({ method: 'GET', path: `${ORGANIZATION}?fields=name` })).toEqual([
      `GET ${template}: query: no parameter fields`,
    ])
    expect(liferayApi().requestErrors({ method: 'GET', path: '/o/headless-site/v1.0/sites' })).toEqual([
      'GET /o/headless-site/v1.0/sites: /o/headless-site/v1.0/sites has no such method',
    ])
  })
})
