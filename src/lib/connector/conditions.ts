import { parseDuration } from '../text.ts'
import { type JsonPath, parseJsonPath } from './json-path.ts'
import { SEVERITIES, type Severity } from './model.ts'
import { integer, type Misread, no, noText, type Reading, type Setting, size } from './settings.ts'

/** What an operator wants of an answer of HTTP. */
export interface HttpCondition {
  readonly subject: Subject
  readonly test: Test
  readonly severity: Severity
}

/** What is looked at. */
export type Subject =
  | { readonly of: 'status' }
  | { readonly of: 'header'; readonly name: string }
  | { readonly of: 'json'; readonly text: string; readonly path: JsonPath }
  | { readonly of: 'text' }
  /** Milliseconds from the begin of the request to the end of the answer. */
  | { readonly of: 'responseTime' }
  | { readonly of: 'bodySize' }

type Plain = string | number | boolean | null

/** What it has to be. */
export type Test =
  | { readonly is: 'equals'; readonly value: Plain }
  | { readonly is: 'oneOf'; readonly values: readonly Plain[] }
  | { readonly is: 'contains' | 'lacks' | 'like'; readonly text: string }
  | { readonly is: 'atLeast' | 'atMost'; readonly number: number }
  | { readonly is: 'exists'; readonly wanted: boolean }

const SUBJECTS = ['status', 'header', 'json', 'text', 'responseTime', 'bodySize'] as const
const TESTS = ['equals', 'oneOf', 'contains', 'lacks', 'like', 'atLeast', 'atMost', 'exists'] as const

const PLAIN = { type: ['string', 'number', 'boolean', 'null'] }
const TEST_SCHEMAS = {
  equals: { description: 'It is just this.', ...PLAIN },
  oneOf: { description: 'It is one of these.', type: 'array', minItems: 1, items: PLAIN },
  contains: { description: 'This text stands in it.', type: 'string', minLength: 1 },
  lacks: { description: 'This text does not stand in it.', type: 'string', minLength: 1 },
  like: { description: 'It is like this; * stands for anything.', type: 'string', minLength: 1 },
  atLeast: { description: 'A number that is not smaller.', type: 'number' },
  atMost: { description: 'A number that is not larger.', type: 'number' },
  exists: { description: 'Whether it is there at all.', type: 'boolean' },
}

const CONDITION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    status: {
      description: 'Status of the answer, or several.',
      anyOf: [
        { type: 'integer', minimum: 100, maximum: 599 },
        { type: 'array', minItems: 1, items: { type: 'integer', minimum: 100, maximum: 599 } },
      ],
    },
    header: { description: 'Name of a header; with one test.', type: 'string', pattern: '^[A-Za-z0-9-]+$' },
    json: {
      description: 'A value in the JSON, e.g. $.components.db.status (RFC 9535, one value); with one test.',
      type: 'string',
      minLength: 1,
    },
    text: { description: 'The answer as text; with one test.', const: 'body' },
    responseTime: {
      description: 'It takes at most so long, e.g. 500ms.',
      type: 'string',
      pattern: '^[0-9]+(ms|s|m)$',
    },
    bodySize: {
      description: 'It is at most so large, e.g. 500kB.',
      type: 'string',
      pattern: '^[0-9]+(B|kB|MB|GB)$',
    },
    ...TEST_SCHEMAS,
    severity: { description: 'What it is when this is not met.', enum: SEVERITIES, default: 'critical' },
  },
}

/** A list of conditions, each a map with what is looked at, one test and a severity. */
export function conditions(description: string): Setting<readonly HttpCondition[]> {
  return {
    description,
    need: 'required',
    schema: { type: 'array', minItems: 1, items: CONDITION_SCHEMA },
    read: (value) => {
      if (!Array.isArray(value) || value.length === 0) return no('must be a list of conditions')
      const found: HttpCondition[] = []
      for (const [at, item] of value.entries()) {
        const reading = readCondition(item)
        if (!reading.ok) return { ...reading, at: [at, ...(reading.at ?? [])] }
        found.push(reading.value)
      }
      return { ok: true, value: found }
    },
  }
}

function readCondition(value: unknown): Reading<HttpCondition> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return no('must be a map')
  const fields = new Map<string, unknown>(Object.entries(value))
  const unknown = [...fields.keys()].find(
    (name) => ![...SUBJECTS, ...TESTS, 'severity'].some((known) => known === name),
  )
  if (unknown !== undefined) return { ...no('there is no such field'), at: [unknown] }
  const subjects = SUBJECTS.filter((name) => fields.has(name))
  const [name] = subjects
  if (name === undefined || subjects.length > 1) return no(`must look at one of: ${SUBJECTS.join(', ')}`)
  const severity = fields.get('severity') ?? 'critical'
  const known = SEVERITIES.find((word) => word === severity)
  if (known === undefined) return { ...no(`must be one of: ${SEVERITIES.join(', ')}`), at: ['severity'] }
  const tests = TESTS.filter((test) => fields.has(test))
  const reading = readSubject(name, fields.get(name), tests, fields)
  return reading.ok ? { ok: true, value: { ...reading.value, severity: known } } : reading
}

type Looked = Pick<HttpCondition, 'subject' | 'test'>

function readSubject(
  name: (typeof SUBJECTS)[number],
  value: unknown,
  tests: readonly (typeof TESTS)[number][],
  fields: ReadonlyMap<string, unknown>,
): Reading<Looked> {
  const at = (misread: Misread): Misread => ({ ...misread, at: [name] })
  const withTest = (subject: Subject): Reading<Looked> => {
    const [test] = tests
    if (test === undefined || tests.length > 1) return no(`needs one of: ${TESTS.join(', ')}`)
    const read = readTest(test, fields.get(test))
    return read.ok ? { ok: true, value: { subject, test: read.value } } : { ...read, at: [test] }
  }
  const alone = (subject: Subject, test: Test): Reading<Looked> =>
    tests.length > 0 ? no(`${tests[0]} does not go with ${name}`) : { ok: true, value: { subject, test } }
  switch (name) {
    case 'status': {
      const codes = Array.isArray(value) ? (value as unknown[]) : [value]
      const status = integer('', 100, 599)
      if (codes.length === 0 || !codes.every((code) => status.read(code).ok))
        return at(no('must be a status of HTTP, or a list of them'))
      return alone({ of: 'status' }, { is: 'oneOf', values: codes as readonly number[] })
    }
    case 'header':
      return typeof value === 'string' && /^[A-Za-z0-9-]+$/.test(value)
        ? withTest({ of: 'header', name: value.toLowerCase() })
        : at(no('must be the name of a header'))
    case 'json': {
      const path = typeof value === 'string' ? parseJsonPath(value) : undefined
      return path === undefined
        ? at(no('must be a path to one value', "It is like $.components.db.status or $['a b'][0]."))
        : withTest({ of: 'json', text: String(value), path })
    }
    case 'text':
      return value === 'body' ? withTest({ of: 'text' }) : at(no('must be the word body'))
    case 'responseTime': {
      const limit = typeof value === 'string' ? parseDuration(value) : undefined
      return limit === undefined
        ? at(no('must be a length of time', 'It is like 500ms or 2s.'))
        : alone({ of: 'responseTime' }, { is: 'atMost', number: limit })
    }
    case 'bodySize': {
      const limit = size('').read(value)
      return limit.ok ? alone({ of: 'bodySize' }, { is: 'atMost', number: limit.value }) : at(limit)
    }
  }
}

const isPlain = (value: unknown): value is Plain =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

function readTest(name: (typeof TESTS)[number], value: unknown): Reading<Test> {
  switch (name) {
    case 'equals':
      return isPlain(value) ? { ok: true, value: { is: name, value } } : no('must be a plain value')
    case 'oneOf':
      return Array.isArray(value) && value.length > 0 && value.every(isPlain)
        ? { ok: true, value: { is: name, values: value } }
        : no('must be a list of plain values')
    case 'contains':
    case 'lacks':
    case 'like':
      return typeof value === 'string' && value !== ''
        ? { ok: true, value: { is: name, text: value } }
        : noText
    case 'atLeast':
    case 'atMost':
      return typeof value === 'number'
        ? { ok: true, value: { is: name, number: value } }
        : no('must be a number')
    case 'exists':
      return typeof value === 'boolean'
        ? { ok: true, value: { is: name, wanted: value } }
        : no('must be true or false')
  }
}
