import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { costOf } from '../../scripts/regex-cost.ts'
import { type Accepted, regexErrors } from '../../scripts/regexes.ts'
import { root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('the cost of a regular expression', () => {
  it.each<[string, string, RegExp]>([
    ['loops within a loop', 'exponential', /^(a+)+$/],
    ['two ways through a loop', 'exponential', /^(?:\w|\d)*!$/],
    ['loops side by side', 'polynomial', /^\s*\s*$/],
    ['loops with something between that fits into both', 'polynomial', /^[^@]+\.[^@]+$/],
    ['a loop behind an option', 'polynomial', /^\d*,?[\d,]*x$/],
    ['a loop in a group', 'polynomial', /^(?:x|[a-z]+)[a-z]*;$/],
    ['a loop that is searched for', 'polynomial', /\/+$/],
    ['a loop that can begin within itself', 'polynomial', /\beyJ[\w-]{10,}\./],
    ['a loop behind what is in it', 'polynomial', /[/:?#].*$/],
    ['a loop behind a letter in any case', 'polynomial', /x[a-z]*;/i],
    ['within a look-ahead', 'polynomial', /(?=(\d{3})+(?!\d))/],
    ['more than a thousand times', 'polynomial', /^a{1,100000}a{1,100000}$/],
    ['a loop behind a group of which one way begins the line', 'polynomial', /(?:^|-)-+$/],
    ['the begin of any line, with lines in the loop', 'polynomial', /^x[^y]*y/m],
    ['an anchor', 'linear', /^\/+$/],
    ['the begin of any line', 'linear', /^NSpid:(.*)$/m],
    ['nothing behind the loop', 'linear', /[^a-z0-9]+/g],
    ['what is between fits into one only', 'linear', /^[a-z]+\.[a-z]+$/],
    ['labels', 'linear', /^[a-z]+(?:\.[a-z]+)*$/],
    ['a loop that cannot begin within itself', 'linear', /\$\{[^{}]*\}/g],
    ['a loop of few', 'linear', /<title[^>]{0,200}>/i],
    ['a sticky one', 'linear', /\d+x/y],
    ['a group of which every way is anchored or foreign', 'linear', /(^|\n)SSH-[^\n]*\n/],
  ])('%s: %s', (_what, cost, { source, flags }) => {
    expect(costOf(source, flags)).toBe(cost)
  })

  it('sees the difference between an address that was costly and one that is not', () => {
    expect(costOf('^[^\\s@<>"]{1,64}@[^\\s@<>"]+\\.[^\\s@<>"]+$', '')).toBe('polynomial')
    expect(costOf('^[^\\s@<>"]{1,64}@(?:[^\\s@<>".]+\\.)+[^\\s@<>".]+$', '')).toBe('linear')
  })
})

describe('the regular expressions of src', () => {
  it('are linear, or bounded for a reason', () => {
    expect(regexErrors(join(root, 'src'))).toEqual([])
  })
})

function errorsOf(files: Readonly<Record<string, string>>, accepted: readonly Accepted[] = []) {
  const src = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true })
    writeFileSync(join(src, name), text)
  }
  return regexErrors(src, accepted)
}

test('what costs too much is told with its place', () => {
  const text = `const a = "/x+$/"\n// /y+$/\nconst fine = /^z+$/\nexport const b = <T,>(x: T) => [a, fine, /\\/+$/.test(String(x))]\n`
  expect(errorsOf({ 'lib/a.ts': text })).toEqual([
    'src/lib/a.ts:4 takes the square of the length of a text, or more: /\\/+$/',
  ])
})

test('what is put together is not known', () => {
  expect(
    errorsOf({ 'a.ts': 'export const of = (s: string) => [new RegExp(`^${s}$`), RegExp(s)]\n' }),
  ).toEqual([
    'src/a.ts:1 is put together, and nobody knows what it costs: RegExp(s)',
    'src/a.ts:1 is put together, and nobody knows what it costs: new RegExp(`^${s}$`)',
  ])
})

test('what is accepted must be there, as it is, and must need it', () => {
  const files = { 'a.ts': 'export const a = [/x+$/, /^y$/]\n' }
  const of = (expression: string, file = 'a.ts') => ({ file, expression, why: 'its text is short' })
  expect(errorsOf(files, [of('/x+$/')])).toEqual([])
  expect(errorsOf(files, [of('/x+$/'), of('/^y$/'), of('/z+$/'), of('/x+$/', 'b.ts')])).toEqual([
    'scripts/regexes.ts accepts what is not in src/a.ts, or is linear: /^y$/',
    'scripts/regexes.ts accepts what is not in src/a.ts, or is linear: /z+$/',
    'scripts/regexes.ts accepts what is not in src/b.ts, or is linear: /x+$/',
  ])
})
