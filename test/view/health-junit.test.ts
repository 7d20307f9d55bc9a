import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { healthJunit } from '../../src/lib/view/health-junit.ts'
import { neutralTerminal, neutralXml } from '../../src/lib/view/neutral.ts'
import {
  conditionOf,
  DAY_MS,
  EVIL,
  exchangeOf,
  healthOf,
  hostile,
  hostileResult,
  NOON,
  resultOf,
} from '../support/health.ts'

const schema = fileURLToPath(new URL('../support/junit.xsd', import.meta.url))
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0

/** What xmllint has against a document; empty when it is valid. */
function xmllint(text: string): string {
  const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', schema, '-'], {
    input: text,
    encoding: 'utf8',
  })
  return status === 0 ? '' : stderr
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** The root of a document. @throws Error where it is not well-formed */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const parser = new SaxesParser({ xmlns: false })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const last = open.at(-1)
    if (last !== undefined) last.text += text
  })
  parser.on('closetag', () => void open.pop())
  // As a reader of the file gets it: what has no UTF-8 is gone by then.
  parser.write(Buffer.from(xml).toString()).close()
  const [document] = root.children
  if (document === undefined) throw new Error('there is no root')
  return document
}

const cases = (xml: string): readonly Element[] => parse(xml).children.flatMap(({ children }) => children)

const rich = resultOf(
  healthOf({
    connector: 'pay',
    service: 'critical',
    certificate: 'warning',
    summary: 'status: expected HTTP 200, saw HTTP 503',
    tenants: 22,
    since: { service: { at: NOON - DAY_MS, before: 'ok' } },
    conditions: [
      conditionOf(),
      conditionOf({ id: 'text', met: false, expected: 'a <b> & "c"', seen: 'x', hint: 'Ask them.' }),
    ],
    exchanges: [
      exchangeOf(),
      exchangeOf({
        httpStatus: null,
        phases: { resolve: 3 },
        failed: { phase: 'connect', fault: 'refused', message: '' },
      }),
    ],
    durationMs: 1234.56,
  }),
  healthOf({
    connector: 'late',
    isNotAsked: true,
    tenants: 0,
    since: { service: { at: NOON - DAY_MS, before: 'critical' } },
  }),
  healthOf({ connector: 'pay', id: 'pay-2', service: 'warning', tenants: 0 }),
  healthOf({ connector: 'dms', service: 'unknown', summary: 'there are no credentials', tenants: 0 }),
)

test('a run reads like this', () => {
  const tenants = Array.from({ length: 20 }, (_, at) => `Gemeinde ${at + 1}`).join(', ')
  expect(healthJunit(rich)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ozgctl health check" tests="5" failures="1" errors="2" time="2.500">
  <testsuite name="dms" tests="1" failures="0" errors="1" skipped="0" time="0.120" timestamp="2026-11-24T12:00:00">
    <testcase classname="health.dms" name="https://dms.example.de/health service [dms-1]" time="0.120">
      <error type="unknown" message="there are no credentials"></error>
    </testcase>
  </testsuite>
  <testsuite name="late" tests="1" failures="0" errors="1" skipped="0" time="0.000" timestamp="2026-11-24T12:00:00">
    <testcase classname="health.late" name="https://late.example.de/health service [late-1]" time="0.000">
      <error type="not-asked" message="not asked: the time was over before its turn"></error>
    </testcase>
  </testsuite>
  <testsuite name="pay" tests="3" failures="1" errors="0" skipped="0" time="1.355" timestamp="2026-11-24T12:00:00">
    <testcase classname="health.pay" name="https://pay.example.de/health certificate [pay-1]" time="0.000">
      <system-out>WARNING: status: expected HTTP 200, saw HTTP 503
tenants: ${tenants} and 2 more</system-out>
    </testcase>
    <testcase classname="health.pay" name="https://pay.example.de/health service [pay-1]" time="1.235">
      <failure type="critical" message="status: expected HTTP 200, saw HTTP 503">since 2026-11-23 12:00 UTC
text (critical): expected a &lt;b&gt; &amp; &quot;c&quot;, saw x
  Ask them.
request https://dms.example.de/health, HTTP 200, resolve 1 ms, connect 2 ms, tls 30 ms, request 1 ms, firstByte 80 ms, body 4 ms
request https://dms.example.de/health, failed in connect, resolve 3 ms
tenants: ${tenants} and 2 more</failure>
    </testcase>
    <testcase classname="health.pay" name="https://pay.example.de/health service [pay-2]" time="0.120">
      <system-out>WARNING: service is warning</system-out>
    </testcase>
  </testsuite>
</testsuites>
`)
})

describe('what CI servers make of a part', () => {
  test.each([
    ['ok', 'passed', '0', '0'],
    ['warning', 'system-out', '0', '0'],
    ['critical', 'failure', '1', '0'],
    ['unknown', 'error', '0', '1'],
  ] as const)('%s: %s', (service, expected, failures, errors) => {
    const xml = healthJunit(resultOf(healthOf({ service })))
    expect(cases(xml)[0]?.children[0]?.name ?? 'passed').toBe(expected)
    expect(parse(xml).attributes).toMatchObject({ tests: '1', failures, errors })
    expect(parse(xml).children[0]?.attributes).toMatchObject({ tests: '1', failures, errors })
  })

  test('two endpoints of one address have names of their own, the same in every run', () => {
    const [a, b] = [healthOf({ id: 'a' }), healthOf({ id: 'b' })]
    const names = (xml: string) => cases(xml).map(({ attributes }) => attributes.name)
    expect(names(healthJunit(resultOf(b, a)))).toEqual([
      'https://dms.example.de/health service [a]',
      'https://dms.example.de/health service [b]',
    ])
    expect(names(healthJunit(resultOf(b)))).toEqual(['https://dms.example.de/health service [b]'])
  })

  test('of many conditions fifty are told, and how many more there are', () => {
    const conditions = Array.from({ length: 60 }, () => conditionOf({ met: false }))
    const [part] = cases(healthJunit(resultOf(healthOf({ service: 'critical', conditions, tenants: 0 }))))
    const lines = part?.children[0]?.text.split('\n') ?? []
    expect(lines).toHaveLength(51)
    expect(lines.at(-1)).toBe('... and 10 more conditions')
  })
})

describe('text from outside', () => {
  const evil = resultOf(
    healthOf({
      connector: EVIL,
      url: EVIL,
      service: 'critical',
      summary: EVIL,
      conditions: [conditionOf({ id: EVIL, met: false, expected: EVIL, seen: EVIL })],
      exchanges: [exchangeOf({ name: EVIL, target: EVIL })],
      tenants: 0,
    }),
  )
  const shown = neutralTerminal(EVIL.toWellFormed()).replace('\uFFFE', '\\ufffe')

  test('stays text', () => {
    const [part] = cases(healthJunit(evil))
    expect(part?.attributes.name).toBe(`${shown} service [${EVIL}-1]`.replace(EVIL, shown))
    expect(part?.children[0]?.attributes.message).toBe(shown)
    expect(part?.children[0]?.text.split('\n')[0]).toBe(
      `${shown} (critical): expected ${shown}, saw ${shown}`,
    )
  })

  test('is shortened', () => {
    const [part] = cases(healthJunit(resultOf(healthOf({ service: 'critical', summary: 'x'.repeat(5000) }))))
    expect(part?.children[0]?.attributes.message).toBe(`${'x'.repeat(999)}…`)
  })

  test('is well-formed XML, whatever it is', () => {
    fc.assert(
      fc.property(hostileResult, (result) => {
        const xml = healthJunit(result)
        expect(xml).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\uFFFE\uFFFF]|\]\]>/u)
        expect(parse(xml).attributes.tests).toBe(String(cases(xml).length))
      }),
    )
  })

  test('is the same again once it is read, and plain text stays as it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const read = parse(`<a b="${neutralXml(text)}">${neutralXml(text)}</a>`)
        const expected = neutralTerminal(text.toWellFormed())
          .replaceAll('\uFFFE', '\\ufffe')
          .replaceAll('\uFFFF', '\\uffff')
        expect(read.attributes.b).toBe(expected)
        expect(read.text).toBe(expected)
      }),
    )
    expect(neutralXml('ä b 😀')).toBe('ä b 😀')
  })
})

describe.skipIf(!hasXmllint)('by the schema (needs xmllint)', () => {
  test('a run with everything in it is valid, and one with nothing', () => {
    expect(xmllint(healthJunit(rich))).toBe('')
    expect(xmllint(healthJunit(resultOf()))).toBe('')
  })

  test('hostile texts are valid', () => {
    for (const result of fc.sample(hostileResult, 20)) expect(xmllint(healthJunit(result))).toBe('')
  })

  test('it would say what is wrong', () => {
    const wrong = healthJunit(rich).replace('tests="5"', 'tests="five"')
    expect(xmllint(wrong)).toContain("'five' is not a valid value")
  })
})
