import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTooDeep, readExactJson } from '../../src/lib/input/exact-json.ts'
import { canonicalNumber } from '../../src/lib/text.ts'

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(''))
const whole = fc.oneof(
  fc.constant('0'),
  fc.tuple(fc.integer({ min: 1, max: 9 }), digits(0, 25)).map(([first, rest]) => `${first}${rest}`),
)
/** Every way in which JSON writes a number. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    whole,
    fc.option(digits(1, 25)),
    fc.option(fc.tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), digits(1, 4))),
  )
  .map(
    ([sign, before, after, power]) =>
      `${sign}${before}${after === null ? '' : `.${after}`}${power === null ? '' : power.join('')}`,
  )

const written = (text: string): string | undefined => JSON.stringify(readExactJson(text)?.value)

describe('numbers stay as they are written', () => {
  it.each([
    '-0',
    '0',
    '-0.5',
    '0.10',
    '100',
    '9007199254740992',
    '9007199254740993',
    '340282366920938463463374607431768211456',
    '1e999',
    '2E-7',
    '0.0000001',
    '0.000001',
    '1.7976931348623157e+308',
    '0.1000000000000000055511151231257827',
  ])('%s', (number) => {
    for (const text of [number, `[${number}]`, `{"a":${number},"b":[true,${number}]}`])
      expect(written(text)).toBe(text)
    expect(written(`[ 1,\n\t${number}\r]`)).toBe(`[1,${number}]`)
  })

  it('whatever number it is', () => {
    fc.assert(
      fc.property(fc.array(numberText), fc.constantFrom('', ' ', '\n', '\t'), (numbers, blank) => {
        const text = `{"a":${blank}[${numbers.join(`${blank},${blank}`)}${blank}]}`
        expect(written(text)).toBe(`{"a":[${numbers.join(',')}]}`)
      }),
      { numRuns: 2000 },
    )
  })

  it('and are numbers of JavaScript where these say the same', () => {
    expect(readExactJson('[1,-2.5,1e21,1e+21,12345678901234567000]')?.value).toEqual([
      1,
      -2.5,
      JSON.rawJSON('1e21'),
      1e21,
      12345678901234567000,
    ])
  })

  it('texts that look like numbers are nothing else than texts', () => {
    fc.assert(
      fc.property(numberText, fc.string(), (number, around) => {
        const value = { [`${around} ${number}`]: [` ${number}`, `:${number}`, around] }
        expect(readExactJson(JSON.stringify(value))).toEqual({ value, twice: [] })
      }),
    )
  })
})

describe('one number has one text to compare', () => {
  it.each([
    ['1.0', '1'],
    ['10e-1', '1'],
    ['0.001E3', '1'],
    ['-0', '0'],
    ['0e99', '0'],
    ['0.0000001', '1e-7'],
    ['1e21', '1e+21'],
    ['12345678901234567890', '1234567890123456789e1'],
    ['1e400', '1e400'],
    ['100e99999999999999999999', '1e100000000000000000001'],
  ])('%s is %s', (number, text) => {
    expect(canonicalNumber(number)).toBe(text)
  })

  it('and no other number has it', () => {
    const value = fc.tuple(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.integer({ min: -40, max: 40 }),
    )
    const scaled = ([number, power]: readonly [bigint, number]): bigint => number * 10n ** BigInt(power + 40)
    fc.assert(
      fc.property(value, value, fc.nat({ max: 5 }), (one, other, zeros) => {
        const text = canonicalNumber(`${one[0]}e${one[1]}`)
        expect(canonicalNumber(`${one[0]}.${'0'.repeat(zeros + 1)}e${one[1]}`)).toBe(text)
        expect(canonicalNumber(`${one[0]}${'0'.repeat(zeros)}E${one[1] - zeros}`)).toBe(text)
        expect(canonicalNumber(`${other[0]}e${other[1]}`) === text).toBe(scaled(one) === scaled(other))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a name that is there twice', () => {
  it.each([
    ['{"a":1,"a":2}', [['a']]],
    ['{"a":1,"\\u0061":2}', [['a']]],
    ['[{"b":{"c":1,"c":1}},{"c":1}]', [[0, 'b', 'c']]],
    ['{"x":[{},{"__proto__":1,"__proto__":2}],"x":0}', [['x', 1, '__proto__'], ['x']]],
    ['{"a" : 1 , "a"\n: [1,2,{"a":3}] }', [['a']]],
    ['{"a\\"":1,"a\\\\":2,"a\\"" :3}', [['a"']]],
    ['{"a":"\\":","b":"\\\\","c":"a:a\\":"}', []],
    ['{"a":{"a":{"a":1}},"b":{"a":[{"a":1},{"a":1}]}}', []],
    ['["a","a",{"a":"a"}]', []],
  ])('%s', (text, twice) => {
    expect(readExactJson(text)?.twice).toEqual(twice)
  })

  it.each([' ', '\t', '\n', '\r', '\r\n  '])(
    'is found behind a blank, whatever texts look like: %j',
    (blank) => {
      const text = `{"a"${blank}:"x","a"${blank}:"y","b":"\\":"}`
      expect(readExactJson(text)?.twice).toEqual([['a']])
    },
  )

  it('is none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readExactJson(text)?.twice).toEqual([])
      }),
    )
  })
})

describe('what is no JSON, or none that can be handled', () => {
  it.each(['', '{', '{"a":1}}', '01', '1.', '.5', '+1', 'NaN', '"\u0000"', "{'a':1}", '{"a":1,}'])(
    '%s',
    (text) => {
      expect(readExactJson(text)).toBeUndefined()
    },
  )

  it('a mark at the front is none of it', () => {
    expect(readExactJson('\uFEFF{"a":1.0}')?.value).toEqual({ a: JSON.rawJSON('1.0') })
    expect(readExactJson('\uFEFF\uFEFF1')).toBeUndefined()
  })

  it.each([499, 500, 501, 5000])('%i lists in each other', (levels) => {
    const read = readExactJson(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(isTooDeep(read?.value)).toBe(levels > 500)
  })

  it.each(['[', '{"a":'])('a million of %s', (open) => {
    const text = `${open.repeat(1_000_000)}1.0${(open === '[' ? ']' : '}').repeat(1_000_000)}`
    const read = readExactJson(text)
    expect(read === undefined || isTooDeep(read.value)).toBe(true)
  })
})
