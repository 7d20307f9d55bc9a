import { describe, expect, test } from 'vitest'
import { type Column, renderCsv, renderMarkdown, renderTable } from '../../src/lib/view/table.ts'

interface Row {
  readonly name: string | null
  readonly count: number | null
}
const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', title: { de: 'Name', en: 'name' }, value: (row) => row.name },
  {
    key: 'count',
    title: { de: 'Zahl', en: 'count' },
    value: (row) => row.count,
    show: (value, lang) => (value === null ? '–' : `${value}${lang === 'de' ? ' Stück' : ''}`),
  },
  { key: 'hidden', title: { de: 'H', en: 'H' }, value: () => 'h', csvOnly: true },
]
const ROWS: readonly Row[] = [
  { name: 'Bad Iburg, Stadt', count: 7 },
  { name: '=1\u001B[2J', count: null },
  { name: null, count: 1234 },
]

describe('a table for people', () => {
  test('aligns text left and numbers right, in the language asked for', () => {
    expect(renderTable(COLUMNS, ROWS, 'de', 80)).toBe(
      [
        'Name                    Zahl',
        '────────────────  ──────────',
        'Bad Iburg, Stadt     7 Stück',
        '=1\\x1b[2J                  –',
        '                  1234 Stück',
        '',
      ].join('\n'),
    )
    expect(renderTable(COLUMNS, ROWS, 'en', 80)).toContain('name              count\n')
  })

  test('gives way in its widest text, not below twelve characters and never in a number', () => {
    const lines = (width: number) => renderTable(COLUMNS, ROWS, 'de', width).split('\n')
    expect(lines(26)[2]).toBe('Bad Iburg, St…     7 Stück')
    expect(lines(10)[2]).toBe('Bad Iburg, …     7 Stück')
    expect(lines(10)[4]).toBe('              1234 Stück')
  })

  test('shortens wide texts alike, never a key, and then leaves out spare columns', () => {
    const text = (de: string) => ({ de, en: de })
    type Row = { readonly key: string; readonly a: string; readonly b: string; readonly extra: string }
    const columns = [
      { key: 'key', title: text('Schlüssel'), whole: true, value: (row: Row) => row.key },
      { key: 'a', title: text('A'), value: (row: Row) => row.a },
      { key: 'b', title: text('B'), value: (row: Row) => row.b },
      { key: 'extra', title: text('übrig'), spare: 1, value: (row: Row) => row.extra },
    ]
    const row = { key: '99110009104000', a: 'a'.repeat(30), b: 'b'.repeat(20), extra: 'extra' }
    const last = (width: number) => renderTable(columns, [row], 'de', width).split('\n')[2]
    expect(last(80)).toBe(`99110009104000  ${'a'.repeat(30)}  ${'b'.repeat(20)}  extra`)
    expect(last(60)).toBe(`99110009104000  ${'a'.repeat(16)}…  ${'b'.repeat(17)}…  extra`)
    expect(last(44)).toBe(`99110009104000  ${'a'.repeat(12)}…  ${'b'.repeat(12)}…`)
  })

  test('has room for more rows than a call has arguments', () => {
    const rows = Array.from({ length: 200_000 }, () => 'x')
    const columns = [{ key: 'x', title: { de: 'x', en: 'x' }, value: (row: string) => row }]
    expect(renderTable(columns, rows, 'de', 80)).toHaveLength(2 * 200_002)
  })

  test('without rows is its head', () => {
    expect(renderTable(COLUMNS, [], 'de', 80)).toBe('Name  Zahl\n────  ────\n')
  })

  test('may have its head styled', () => {
    expect(renderTable(COLUMNS, [], 'de', 80, (text) => `<${text}>`)).toBe('<Name  Zahl>\n────  ────\n')
  })
})

test('a rare column without a value is left out for people, never in CSV', () => {
  const columns = COLUMNS.map((column) => (column.key === 'name' ? { ...column, rare: true } : column))
  const none: readonly Row[] = [{ name: null, count: 1 }]
  expect(renderTable(columns, none, 'en', 80)).toBe('count\n─────\n    1\n')
  expect(renderMarkdown(columns, none, 'en')).toBe('| count |\n| ---: |\n| 1 |\n')
  expect(renderCsv(columns, none)).toBe('name;count;hidden\n;1;h\n')
  expect(renderTable(columns, ROWS, 'en', 80)).toMatch(/^name /)
})

test('CSV has all columns under their keys, values untouched by language, neutral', () => {
  expect(renderCsv(COLUMNS, ROWS)).toBe(
    'name;count;hidden\n"Bad Iburg, Stadt";7;h\n\'=1\\x1b[2J;;h\n;1234;h\n',
  )
})

test('Markdown has the columns of the screen, neutral', () => {
  expect(renderMarkdown(COLUMNS, ROWS, 'en')).toBe(
    '| name | count |\n| --- | ---: |\n| Bad Iburg, Stadt | 7 |\n| =1\\\\x1b\\[2J | – |\n|  | 1234 |\n',
  )
})
