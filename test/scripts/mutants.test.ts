import { describe, expect, test } from 'vitest'
import { mutantsOf, mutated } from '../../scripts/mutants.ts'

const changes = (source: string): readonly string[] =>
  mutantsOf(source).map((mutant) => mutated(source, mutant))

describe('changes that tests should notice', () => {
  const EACH: readonly (readonly [string, readonly string[]])[] = [
    ['x = a < b', ['x = a <= b']],
    ['x = a === b', ['x = a !== b']],
    ['x = a && b', ['x = a || b']],
    ['x = a ?? b', ['x = a']],
    ['x -= a', ['x += a']],
    ['x++', ['x--']],
    ['x = !a', ['x = a']],
    ['x = a ? b : c', ['x = !(a) ? b : c']],
    ['if (a) x = b', ['if (false) x = b', 'if (true) x = b']],
    ['x = true', ['x = false']],
    ['x = 3', ['x = 4']],
    ['x = list.some(a)', ['x = list.every(a)']],
    ['x = a.toString()', []],
    ['x = Math.ceil(a)', ['x = Math.floor(a)']],
    ['await lease.renew()', [';']],
    ['if (a) lease.renew()', ['if (false) lease.renew()', 'if (true) lease.renew()', 'if (a) ;']],
    [
      'x = `UPDATE t SET a = ? WHERE b = ? AND epoch = ?`',
      [
        'x = `UPDATE t SET a = ? WHERE (b = ? OR 1) AND epoch = ?`',
        'x = `UPDATE t SET a = ? WHERE b = ? AND (epoch = ? OR 1)`',
      ],
    ],
    [
      "x = `SELECT (SELECT a FROM t WHERE b = 1) FROM u\n WHERE c IN (${d.map(() => `'?'`)}, 'x OR')\n ORDER BY e`",
      [
        "x = `SELECT (SELECT a FROM t WHERE (b = 1 OR 1)) FROM u\n WHERE c IN (${d.map(() => `'?'`)}, 'x OR')\n ORDER BY e`",
        "x = `SELECT (SELECT a FROM t WHERE b = 1) FROM u\n WHERE (c IN (${d.map(() => `'?'`)}, 'x OR') OR 1)\n ORDER BY e`",
      ],
    ],
    ["x = 'bread AND butter'", []],
    ['type T = 1 | 2', []],
  ]
  test.each(EACH)('%s', (source, expected) => expect(changes(source)).toEqual(expected))

  test('each says its line', () => {
    expect(mutantsOf('x = 1\n\ny = 2\n').map(({ line, from, to }) => [line, from, to])).toEqual([
      [1, '1', '2'],
      [3, '2', '3'],
    ])
  })

  test('what does not parse is told', () => {
    expect(() => mutantsOf('x = (')).toThrow()
  })
})
