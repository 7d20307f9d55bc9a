import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { healthNagios } from '../../src/lib/view/health-nagios.ts'
import { neutralPerfLabel, neutralPlugin } from '../../src/lib/view/neutral.ts'
import { DAY_MS, EVIL, healthOf, hostile, hostileResult, NOON, resultOf, tlsOf } from '../support/health.ts'

/** Performance data as a strict reader of the guideline takes them: nothing may be left over. */
function perfdata(line: string): readonly { readonly label: string; readonly value: string }[] {
  const found: { label: string; value: string }[] = []
  let rest = line
  while (rest !== '') {
    const number = String.raw`-?\d+(?:\.\d+)?`
    const range = `(?:${number}:?)?`
    const match = new RegExp(
      `^(?:'([^'=|]+)'|([^\\s'=|]+))=(${number}s?(?:;${range}){0,2}(?:;(?:${number})?){0,2})(?: |$)`,
    ).exec(rest)
    if (match === null) throw new Error(`no performance data: ${rest}`)
    found.push({ label: match[1] ?? match[2] ?? '', value: match[3] ?? '' })
    rest = rest.slice(match[0].length)
  }
  return found
}

function read(output: string) {
  const [first = '', ...long] = output.slice(0, -1).split('\n')
  const [text = '', data = '', ...more] = first.split(' | ')
  return { first, text, data: perfdata(data), more, long }
}

describe('a run where all is well', () => {
  test('is one line with totals, times and days', () => {
    const dms = healthOf({ connector: 'dms', certificate: 'ok', tls: [tlsOf('dms.example.de:443', 90, 400)] })
    expect(healthNagios(resultOf(dms, healthOf({ connector: 'pay', durationMs: 2041.5678 })))).toBe(
      'OK - services: 2 ok; certificates: 1 ok | ok=2;;;0;2 warning=0;;;0;2 critical=0;;;0;2 unknown=0;;;0;2 ' +
        'certificates_warning=0;;;0;2 certificates_critical=0;;;0;2 checks=2;;;0 time=2.500s;;;0 ' +
        "'dms time'=0.120s;;;0 'dms certificate_days'=90;30:;7: 'pay time'=2.042s;;;0\n",
    )
  })

  test('says when there is nothing to check', () => {
    expect(read(healthNagios(resultOf())).text).toBe('UNKNOWN - there is nothing to check')
  })
})

describe('a run with trouble', () => {
  const broken = resultOf(
    healthOf({
      connector: 'dms',
      service: 'critical',
      summary: 'dms.example.de refuses connections',
      tenants: 12,
      since: { service: { at: NOON - DAY_MS, before: 'ok' } },
    }),
    healthOf({
      connector: 'late',
      isNotAsked: true,
      since: { service: { at: NOON - DAY_MS, before: 'critical' } },
    }),
    healthOf({ connector: 'pay', certificate: 'warning', tls: [tlsOf('pay.example.de:443', 12.5)] }),
    healthOf({ connector: 'portal', certificate: 'ok' }),
  )

  test('begins with status and counts, parts apart, and names the worst', () => {
    expect(read(healthNagios(broken)).text).toBe(
      'CRITICAL - services: 1 critical, 1 unknown, 2 ok; certificates: 1 warning, 1 ok; dms: dms.example.de refuses connections',
    )
  })

  test('has a line for each part that is not well, worst first', () => {
    expect(read(healthNagios(broken)).long).toEqual([
      '[CRITICAL] dms, service, since 2026-11-23 12:00 UTC, 12 tenants: dms.example.de refuses connections (https://dms.example.de/health)',
      '[UNKNOWN] late, service, 1 tenant: not asked: the time was over before its turn (https://late.example.de/health)',
      '[WARNING] pay, certificate, 1 tenant: certificate is warning (https://pay.example.de/health)',
    ])
  })

  test('measures nothing where nothing was asked', () => {
    const labels = read(healthNagios(broken)).data.map(({ label }) => label)
    expect(labels.filter((label) => label.includes(' '))).toEqual([
      'dms time',
      'pay time',
      'pay certificate_days',
      'portal time',
    ])
  })

  test.each([
    ['critical', 'CRITICAL'],
    ['unknown', 'UNKNOWN'],
    ['warning', 'WARNING'],
  ] as const)('that is %s begins with %s', (service, word) => {
    expect(healthNagios(resultOf(healthOf({ service })))).toMatch(
      new RegExp(`^${word} - services: 1 ${service}`),
    )
  })
})

test('of several endpoints of a connector the slowest and the first certificate to end count', () => {
  const { data } = read(
    healthNagios(
      resultOf(
        healthOf({ id: 'a', durationMs: 300, tls: [tlsOf('a:443', 50, 20.999)] }),
        healthOf({ id: 'b', durationMs: 900, tls: [tlsOf('b:443', -3.5), tlsOf('c:443', 8)] }),
      ),
    ),
  )
  expect(data.slice(-2)).toEqual([
    { label: 'dms time', value: '0.900s;;;0' },
    { label: 'dms certificate_days', value: '-3.5;30:;7:' },
  ])
})

describe('bounds', () => {
  const many = resultOf(
    ...Array.from({ length: 3000 }, (_, at) =>
      healthOf({
        connector: `connector-${String(3000 - at).padStart(4, '0')}`,
        service: 'critical',
        summary: 'ß'.repeat(450),
        tls: [tlsOf('x:443', 5)],
      }),
    ),
  )
  const { first, text, data, long } = read(healthNagios(many))

  test('the first line has at most 8,000 bytes, whole data only, connectors by name', () => {
    expect(Buffer.byteLength(first)).toBeLessThanOrEqual(8000)
    expect(Buffer.byteLength(first)).toBeGreaterThan(7900)
    expect(data[8]?.label).toBe('connector-0001 time')
    expect(text).toHaveLength(500)
  })

  test('fifty lines follow, and how many more there are', () => {
    expect(long).toHaveLength(51)
    expect(long.at(-1)).toBe('... and 2950 more')
    expect(Math.max(...long.map((line) => line.length))).toBe(400)
  })
})

describe('text from outside', () => {
  test('neither ends the text nor the line nor opens a tag', () => {
    const result = resultOf(healthOf({ service: 'critical', summary: EVIL, url: EVIL, connector: EVIL }))
    const { text, data, more, long } = read(healthNagios(result))
    expect(more).toEqual([])
    expect(text).toMatch(
      /a¦b'"\\\\x0a\\x0d\\x09\\x00\\x1b\[2J‹b›&x;\]\]›\{\}=#\\x85\\u202e\\u2028\uFFFE� ä€😀$/,
    )
    expect(data.at(-1)?.label).toBe('a_b_________2J_b__x_____________ ___ time')
    expect(long).toHaveLength(1)
  })

  test('two names that come to the same label are measured once', () => {
    const result = resultOf(healthOf({ connector: 'a=b', durationMs: 1 }), healthOf({ connector: 'a|b' }))
    expect(read(healthNagios(result)).data.slice(8)).toEqual([{ label: 'a_b time', value: '0.001s;;;0' }])
  })

  test('whatever it is, the answer is read as it was meant', () => {
    fc.assert(
      fc.property(hostileResult, (result) => {
        const { text, data, more, long } = read(healthNagios(result))
        expect(more).toEqual([])
        expect(text).toMatch(/^(OK|WARNING|CRITICAL|UNKNOWN) - /)
        expect(new Set(data.map(({ label }) => label)).size).toBe(data.length)
        for (const line of [text, ...long]) expect(line).not.toMatch(/[|<>\p{Cc}\p{Cs}]/u)
      }),
    )
  })

  test('plain text stays as it is', () => {
    expect(neutralPlugin('saw "UP", 5 % (ä)')).toBe('saw "UP", 5 % (ä)')
    expect(neutralPerfLabel('dms-1 time')).toBe('dms-1 time')
    fc.assert(
      fc.property(hostile, (text) => {
        expect(neutralPlugin(text)).not.toMatch(/[|<>\p{Cc}\p{Cs}]/u)
        expect(neutralPerfLabel(text)).toMatch(/^[\w.:/ -]*$/)
      }),
    )
  })
})
