import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conditions } from '../../src/lib/connector/conditions.ts'
import { parseJsonPath, valueAt } from '../../src/lib/connector/json-path.ts'
import { conditionIds, isLike, judge } from '../../src/lib/connector/judge.ts'

const setting = conditions('')
const read = (...items: readonly unknown[]) => {
  const reading = setting.read(items)
  if (!reading.ok) throw new Error(`${reading.message} at ${JSON.stringify(reading.at ?? [])}`)
  return reading.value
}

const measured = {
  milliseconds: 1500,
  reply: {
    url: new URL('http://x/'),
    status: 200,
    headers: { 'content-type': 'application/json', 'x-version': '7.2' },
    body: Buffer.from('{"status":"UP","nested":{"a b":[{"n":1},{"n":2}]},"none":null,"count":"12"}'),
    cut: false,
  },
}

test.each<readonly [condition: object, met: boolean, expected: string, seen: string]>([
  [{ status: 200 }, true, 'HTTP 200', 'HTTP 200'],
  [{ status: [201, 204] }, false, 'HTTP 201 or 204', 'HTTP 200'],
  [{ header: 'Content-Type', contains: 'json' }, true, 'content-type contains "json"', '"application/json"'],
  [{ header: 'x-missing', exists: false }, true, 'x-missing is not there', 'missing'],
  [{ header: 'x-version', atLeast: 7 }, true, 'x-version at least 7', '"7.2"'],
  [{ json: 'status', equals: 'UP' }, true, 'status is "UP"', '"UP"'],
  [{ json: '$.status', oneOf: ['DOWN', 'WARN'] }, false, '$.status is one of "DOWN", "WARN"', '"UP"'],
  [{ json: "$.nested['a b'][-1].n", equals: 2 }, true, "$.nested['a b'][-1].n is 2", '2'],
  [{ json: '$.nested', exists: true }, true, '$.nested is there', 'an object with a b'],
  [{ json: '$.none', equals: null }, true, '$.none is null', 'null'],
  [{ json: '$.toString', exists: true }, false, '$.toString is there', 'missing'],
  [{ json: '$.count', atMost: 11 }, false, '$.count at most 11', '"12"'],
  [{ json: '$.status', atLeast: 1 }, false, '$.status at least 1', '"UP"'],
  [
    { text: 'body', like: '{"status":"*",*}' },
    true,
    'the text is like "{\\"status\\":\\"*\\",*}"',
    expect.anything() as never,
  ],
  [{ text: 'body', lacks: 'UP' }, false, 'the text does not contain "UP"', expect.anything() as never],
  [{ responseTime: '1s' }, false, 'answered within 1000 ms', '1500 ms'],
  [{ bodySize: '1kB' }, true, 'size at most 1000 bytes', '75 bytes'],
])('%j', (condition, met, expected, seen) => {
  const [only] = read(condition)
  if (only === undefined) throw new Error('no condition')
  expect(judge(only, measured)).toEqual({ met, expected, seen, severity: 'critical' })
})

test.each<readonly [items: unknown, message: string]>([
  ['no list', 'must be a list of conditions at []'],
  [[], 'must be a list of conditions at []'],
  [['x'], 'must be a map at [0]'],
  [[{}], 'must look at one of: status, header, json, text, responseTime, bodySize at [0]'],
  [
    [{ status: 200, text: 'body', contains: 'x' }],
    'must look at one of: status, header, json, text, responseTime, bodySize at [0]',
  ],
  [[{ status: 200 }, { json: '$..a', equals: 1 }], 'must be a path to one value at [1,"json"]'],
  [[{ status: 99 }], 'must be a status of HTTP, or a list of them at [0,"status"]'],
  [[{ status: 200, equals: 200 }], 'equals does not go with status at [0]'],
  [[{ header: 'a b', exists: true }], 'must be the name of a header at [0,"header"]'],
  [[{ json: '$.a' }], 'needs one of: equals, oneOf, contains, lacks, like, atLeast, atMost, exists at [0]'],
  [
    [{ json: '$.a', equals: 1, atMost: 2 }],
    'needs one of: equals, oneOf, contains, lacks, like, atLeast, atMost, exists at [0]',
  ],
  [[{ json: '$.a', equals: {} }], 'must be a plain value at [0,"equals"]'],
  [[{ json: '$.a', contains: '' }], 'must be a text at [0,"contains"]'],
  [[{ text: 'x', contains: 'y' }], 'must be the word body at [0,"text"]'],
  [[{ responseTime: 5 }], 'must be a length of time at [0,"responseTime"]'],
  [[{ bodySize: '1 MB' }], 'must be a size at [0,"bodySize"]'],
  [[{ status: 200, severity: 'fatal' }], 'must be one of: warning, critical at [0,"severity"]'],
  [[{ status: 200, sevrity: 'warning' }], 'there is no such field at [0,"sevrity"]'],
])('%j is refused', (items, message) => {
  const reading = setting.read(items)
  expect(reading.ok ? 'read' : `${reading.message} at ${JSON.stringify(reading.at ?? [])}`).toBe(message)
})

test('several on one subject have numbers', () => {
  expect(
    conditionIds(read({ status: 200 }, { json: 'a', exists: true }, { json: 'b', exists: true })),
  ).toEqual(['status', 'json', 'json-2'])
})

test('a pattern is like what a regular expression says', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (text, pattern) => {
      const parts = pattern.split('*').map((part) => part.replaceAll('.', '\\.'))
      expect(isLike(text.replaceAll('*', 'c'), pattern)).toBe(
        new RegExp(`^${parts.join('.*')}$`, 's').test(text.replaceAll('*', 'c')),
      )
    }),
  )
})

test('paths are those of RFC 9535 to one value', () => {
  expect(parseJsonPath("$['it\\'s'][0]")).toEqual(["it's", 0])
  expect(parseJsonPath('$')).toEqual([])
  for (const bad of ['$.', '$..a', '$.*', '$[*]', '$[1:2]', '$[?@.a]', 'a b', '$.a.', '$[01x]', "$['a'"])
    expect.soft(parseJsonPath(bad), bad).toBeUndefined()
  expect(valueAt({ __proto__: { a: 1 } }, ['a'])).toBeUndefined()
  expect(valueAt([1, 2], ['length'])).toBeUndefined()
})
