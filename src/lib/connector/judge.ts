import type { HttpCondition, Subject, Test } from './conditions.ts'
import { valueAt } from './json-path.ts'
import type { HttpReply } from './probe/exchange.ts'
import { describe } from './probe/json.ts'
import type { Expectation } from './probe/target.ts'

/** An answer as conditions see it. */
export interface Measured {
  readonly reply: HttpReply
  readonly milliseconds: number
}

/** Ids of the conditions, in their order; of several on one subject all but the first have a number. */
export function conditionIds(all: readonly HttpCondition[]): readonly string[] {
  const counts = new Map<string, number>()
  return all.map(({ subject }) => {
    const name = NAMES[subject.of]
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name}-${count}`
  })
}

const NAMES: Readonly<Record<Subject['of'], string>> = {
  status: 'status',
  header: 'header',
  json: 'json',
  text: 'text',
  responseTime: 'response-time',
  bodySize: 'body-size',
}

/** Judges one condition. */
export function judge(condition: HttpCondition, measured: Measured): Expectation {
  const { subject, test, severity } = condition
  const value = lookedAt(subject, measured)
  return {
    met: passes(test, value),
    expected: `${subjectWords(subject)} ${testWords(test, subject)}`,
    seen: seenWords(subject, value),
    severity,
  }
}

function lookedAt(subject: Subject, { reply, milliseconds }: Measured): unknown {
  switch (subject.of) {
    case 'status':
      return reply.status
    case 'header':
      return reply.headers[subject.name]
    case 'json':
      return valueAt(jsonOf(reply.body), subject.path)
    case 'text':
      return reply.body.toString('utf8')
    case 'responseTime':
      return milliseconds
    case 'bodySize':
      return reply.body.length
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, '')) as unknown
  } catch {
    return undefined
  }
}

function passes(test: Test, value: unknown): boolean {
  switch (test.is) {
    case 'equals':
      return value === test.value
    case 'oneOf':
      return test.values.some((one) => one === value)
    case 'contains':
      return asText(value).includes(test.text)
    case 'lacks':
      return value !== undefined && !asText(value).includes(test.text)
    case 'like':
      return value !== undefined && isLike(asText(value), test.text)
    case 'atLeast':
      return asNumber(value) >= test.number
    case 'atMost':
      return asNumber(value) <= test.number
    case 'exists':
      return (value !== undefined) === test.wanted
  }
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

function asNumber(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
}

/** Whether a text is like a pattern with `*`; takes time in proportion to the text, whatever stands in it. */
export function isLike(text: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of parts) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

function subjectWords(subject: Subject): string {
  switch (subject.of) {
    case 'status':
      return 'HTTP'
    case 'header':
      return subject.name
    case 'json':
      return subject.text
    case 'text':
      return 'the text'
    case 'responseTime':
      return 'answered within'
    case 'bodySize':
      return 'size'
  }
}

function testWords(test: Test, { of }: Subject): string {
  switch (test.is) {
    case 'equals':
      return `is ${JSON.stringify(test.value)}`
    case 'oneOf':
      return of === 'status'
        ? test.values.join(' or ')
        : `is one of ${test.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'contains':
      return `contains ${JSON.stringify(test.text)}`
    case 'lacks':
      return `does not contain ${JSON.stringify(test.text)}`
    case 'like':
      return `is like ${JSON.stringify(test.text)}`
    case 'atLeast':
      return `at least ${test.number}`
    case 'atMost':
      return of === 'responseTime'
        ? `${test.number} ms`
        : of === 'bodySize'
          ? `at most ${test.number} bytes`
          : `at most ${test.number}`
    case 'exists':
      return test.wanted ? 'is there' : 'is not there'
  }
}

function seenWords({ of }: Subject, value: unknown): string {
  switch (of) {
    case 'status':
      return `HTTP ${String(value)}`
    case 'responseTime':
      return `${Math.round(Number(value))} ms`
    case 'bodySize':
      return `${String(value)} bytes`
    case 'header':
    case 'json':
    case 'text':
      return describe(value)
  }
}
