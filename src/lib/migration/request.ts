import { conditions, type HttpCondition } from '../connector/conditions.ts'
import { valueAt } from '../connector/json-path.ts'
import { judge } from '../connector/judge.ts'
import {
  address,
  choice,
  no,
  optional,
  type Setting,
  type SettingsValues,
  text,
} from '../connector/settings.ts'
import type { HttpAnswer, HttpRequest } from '../http/client.ts'
import { readExactJson } from '../input/exact-json.ts'
import { hasControls } from '../text.ts'
import type { RecordClient } from './records/client.ts'
import { isScalar, scalarText } from './records/scalar.ts'
import { filePath, isMap, json } from './settings.ts'
import { LOGINS } from './work.ts'

/** What carries secrets, or belongs to the connection. */
const OWN_HEADERS =
  /^(authorization|proxy-authorization|cookie|host|connection|content-length|transfer-encoding)$|api-?key|token|secret|password/i

export function headers(description: string): Setting<Readonly<Record<string, string>>> {
  return {
    description,
    need: 'required',
    schema: {
      type: 'object',
      additionalProperties: { type: 'string' },
      propertyNames: { pattern: '^[A-Za-z0-9-]+$' },
    },
    read: (value) => {
      if (!isMap(value)) return no('must be a map of headers')
      for (const [name, content] of Object.entries(value)) {
        if (!/^[A-Za-z0-9-]+$/.test(name) || typeof content !== 'string' || !/^[\x20-\x7e]*$/.test(content))
          return { ...no('is no header'), at: [name] }
        if (OWN_HEADERS.test(name))
          return {
            ...no('may not stand here', 'Secrets come from credentials; the rest is set by itself.'),
            at: [name],
          }
      }
      return { ok: true, value: value as Readonly<Record<string, string>> }
    },
  }
}

/** As whom a server is asked. */
export const accessSettings = {
  credentials: optional(text('Profile whose credentials are for this server.')),
  login: optional(
    choice('How they are sent: as name and password, or the secret as a token.', LOGINS),
    'basic',
  ),
  ca: optional(filePath('File with authorities to trust, PEM, beside the migration.')),
}

/** Whose word it is that something is not there. */
export const notFoundSetting = optional(
  choice(
    'Which answer of 404 or 410 says that it is not there: one with JSON, for proxies and servers that are being started answer with pages; or any.',
    ['json', 'any'],
  ),
  'json',
)

/** A request as an operator writes it. */
export const requestSettings = {
  method: optional(choice('Method.', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), 'GET'),
  url: address('Address.'),
  headers: optional(headers('Headers. Secrets have no place here: name credentials.'), {}),
  body: optional(json('Body: a text is sent as it is, anything else as JSON.')),
  ...accessSettings,
  expect: optional(
    conditions(
      'What has to hold of the answer, all of them; a status from 200 to 299 where nothing is said.',
    ),
  ),
}

export type RequestValues = SettingsValues<typeof requestSettings>

/** The request as it is sent. */
export function requestOf(
  { method, url, headers: own, body }: RequestValues,
  client: RecordClient,
): HttpRequest {
  const isText = typeof body === 'string'
  return {
    method,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
      ...own,
      ...client.headers,
    },
    body: body === undefined ? undefined : isText ? body : JSON.stringify(body),
  }
}

/** What does not hold of an answer; empty when all is well. */
export function unmet(answer: HttpAnswer, expect: readonly HttpCondition[] | undefined): readonly string[] {
  if (expect === undefined)
    return answer.status >= 200 && answer.status < 300 ? [] : [`status ${answer.status}, not 200 to 299`]
  const measured = {
    reply: {
      url: new URL('http://answer.invalid/'),
      status: answer.status,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
      ),
      body: Buffer.from(answer.text),
      cut: false,
    },
    milliseconds: 0,
  }
  return expect
    .map((condition) => judge(condition, measured))
    .filter(({ met }) => !met)
    .map(({ expected, seen }) => `${expected}: ${seen}`)
}

/** A value of a JSON answer as a text; undefined where it is missing, no plain value, or too long to be meant. */
export function textAt(body: string, path: readonly (string | number)[]): string | undefined {
  const value = valueAt(readExactJson(body)?.value, path)
  const text = isScalar(value) ? scalarText(value) : ''
  return text === '' || text.length > MAX_VALUE || hasControls(text) ? undefined : text
}

const MAX_VALUE = 1000
