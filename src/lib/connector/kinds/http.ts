import { conditions, type HttpCondition } from '../conditions.ts'
import { conditionIds, judge } from '../judge.ts'
import { defineKind } from '../kind.ts'
import type { Probe } from '../probe/probe.ts'
import { choice, optional, type Reading, type Setting, size, text } from '../settings.ts'

/** Whatever speaks HTTP, judged by conditions that the operator writes. */
export const http = defineKind({
  id: 'http',
  title: 'HTTP with conditions of your own',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source: 'RFC 9110; the conditions are the operator’s',
  healthy:
    'All conditions hold that the connector names. A status alone says little: name something that only the real system answers.',
  settings: {
    method: optional(choice('Method of the request.', ['GET', 'HEAD', 'POST']), 'GET'),
    headers: optional(headers('Headers of the request. Secrets have no place here: name credentials.'), {}),
    body: optional(text('Body of the request.')),
    maxBody: optional(size('More than this is not read of an answer.'), 1_000_000),
    conditions: conditions('What has to hold, all of them.'),
  },
  conditions: {
    status: 'The status of the answer.',
    header: 'A header of the answer.',
    json: 'A value in the JSON of the answer.',
    text: 'The text of the answer.',
    'response-time': 'How long it took, from the begin of the request to the end of the answer.',
    'body-size': 'How large the answer was.',
  },
  check: async (probe, { method, headers, body, maxBody, conditions }) => {
    const reply = await probe.http('request', {
      url: probe.url,
      method,
      headers: { ...headers, ...(await probe.basic()) },
      body,
      maxBytes: maxBody,
    })
    judgeAll(probe, conditions, { reply, milliseconds: lastMilliseconds(probe) })
  },
})

function judgeAll(probe: Probe, all: readonly HttpCondition[], measured: Parameters<typeof judge>[1]): void {
  const ids = conditionIds(all)
  for (const [at, condition] of all.entries()) probe.expect(ids[at] ?? '', judge(condition, measured))
}

function lastMilliseconds(probe: Probe): number {
  const { request = 0, firstByte = 0, body = 0 } = probe.exchanges.at(-1)?.phases ?? {}
  return request + firstByte + body
}

/** What carries secrets, or belongs to the connection. */
const OWN_HEADERS =
  /^(authorization|proxy-authorization|cookie|host|connection|content-length|transfer-encoding)$|key|token|secret/i

function headers(description: string): Setting<Readonly<Record<string, string>>> {
  return {
    description,
    need: 'required',
    schema: {
      type: 'object',
      additionalProperties: { type: 'string' },
      propertyNames: { pattern: '^[A-Za-z0-9-]+$' },
    },
    read: (value): Reading<Readonly<Record<string, string>>> => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return { ok: false, message: 'must be a map of headers' }
      for (const [name, content] of Object.entries(value)) {
        if (!/^[A-Za-z0-9-]+$/.test(name) || typeof content !== 'string' || !/^[\x20-\x7e]*$/.test(content))
          return { ok: false, message: 'is no header', at: [name] }
        if (OWN_HEADERS.test(name))
          return {
            ok: false,
            message: 'may not stand here',
            at: [name],
            hint: 'Secrets come from credentials; the rest is set by itself.',
          }
      }
      return { ok: true, value: value as Readonly<Record<string, string>> }
    },
  }
}
