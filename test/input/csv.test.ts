import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCsv } from '../../src/lib/input/csv.ts'
import type { Delimiter } from '../../src/lib/input/csv-header.ts'
import { type Defect, DefectLog } from '../../src/lib/input/defects.ts'
import { neutralCsv } from '../../src/lib/view/neutral.ts'
import { failure } from '../support/failure.ts'
import { inPieces, sourceOf } from '../support/source.ts'

const PAIR = { name: 'pair', columns: ['Schluessel', 'Name'] } as const
const TRIPLE = { name: 'triple', columns: ['Schluessel', 'Name', 'Typ'] } as const

async function read(text: string, { size = 7, delimiter }: { size?: number; delimiter?: Delimiter } = {}) {
  const defects: Defect[] = []
  const source = sourceOf(text, { name: 't.csv' })
  const log = new DefectLog((defect) => defects.push(defect))
  const table = await readCsv(source, inPieces(text, size), [PAIR, TRIPLE], log, delimiter)
  const rows: { line: number; key: string; name: string }[] = []
  for await (const row of table.rows())
    rows.push({ line: row.line, key: row.cell('SCHLUESSEL'), name: row.cell('name') })
  return { format: table.format, delimiter: table.delimiter, rows, defects, records: source.facts.records }
}

test.each([
  ['a semicolon', 'Schluessel;Name\n1;a\n', ';'],
  ['a comma', 'Schluessel,Name\n1,a\n', ','],
  ['a tab', 'Schluessel\tName\n1\ta\n', '\t'],
  ['a bar', 'Schluessel|Name\n1|a\n', '|'],
  ['CRLF', 'Schluessel;Name\r\n1;a\r\n', ';'],
  ['CR', 'Schluessel;Name\r1;a\r', ';'],
  ['quotes around all cells', ' "Schluessel" ;"Name"\n"1";"a"\n', ';'],
  ['blanks and another case in the header', ' SCHLUESSEL ; name\n1;a\n', ';'],
])('a table with %s is read', async (_, text, delimiter) => {
  expect(await read(text)).toEqual({
    format: 'pair',
    delimiter,
    rows: [{ line: 2, key: '1', name: 'a' }],
    defects: [],
    records: 1,
  })
})

test('lines count as an editor counts them: over a mix of line ends, empty lines, sep= and quoted line ends', async () => {
  const text = '\r\nsep=;\nSchluessel;Name\r\n1;a\n\n2;"b\r\nc"\r\n3;d\n'
  expect((await read(text)).rows).toEqual([
    { line: 4, key: '1', name: 'a' },
    { line: 6, key: '2', name: 'b\r\nc' },
    { line: 8, key: '3', name: 'd' },
  ])
})

test('the format with more columns wins, and columns that nobody knows are passed over', async () => {
  expect(await read('Name;Typ;Schluessel;Extra\na;5;1;x\n')).toMatchObject({
    format: 'triple',
    rows: [{ line: 2, key: '1', name: 'a' }],
  })
})

test('the number of a column counts from 1, for places', async () => {
  const source = sourceOf('', { name: 't.csv' })
  const table = await readCsv(source, inPieces('Extra;Schluessel;Name\nx;1;a\n'), [PAIR], new DefectLog())
  for await (const row of table.rows())
    expect([row.columnNumber('schluessel'), row.columnNumber('Typ'), row.cell('Typ')]).toEqual([
      2,
      undefined,
      '',
    ])
})

test('columns that are named like parts of JavaScript objects are columns', async () => {
  expect(await read('__proto__;constructor;Schluessel;Name\nx;y;1;a\n')).toMatchObject({
    rows: [{ line: 2, key: '1', name: 'a' }],
  })
})

test('a row with another number of columns is rejected, the others are read', async () => {
  const result = await read('Schluessel;Name\n1;a\n2;b;c\n3\n4;d\n')
  expect(result.rows.map(({ key }) => key)).toEqual(['1', '4'])
  expect(result.defects).toEqual([
    {
      action: 'rejected',
      reason: 'column-count',
      place: { file: 't.csv', line: 3 },
      field: '3 of 2 columns',
      value: '2 b c',
    },
    {
      action: 'rejected',
      reason: 'column-count',
      place: { file: 't.csv', line: 4 },
      field: '1 of 2 columns',
      value: '3',
    },
  ])
})

test('rows with another delimiter than the header are all rejected', async () => {
  const result = await read('Schluessel;Name\n1,a\n2\tb\n')
  expect(result.rows).toEqual([])
  expect(result.defects.map(({ reason, place }) => [reason, place.line])).toEqual([
    ['column-count', 2],
    ['column-count', 3],
  ])
})

describe('a table that cannot be read is told with its place', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['nothing but empty lines', '\n\n', 'CSV_EMPTY', 't.csv: the file holds no header line'],
    [
      'unknown columns',
      '\nId;Titel\n1;a\n',
      'CSV_UNKNOWN',
      't.csv:2: the columns of this table are not known',
    ],
    [
      'columns that are nearly known',
      'Schluessel;Titel\n1;a\n',
      'CSV_UNKNOWN',
      't.csv:1: the columns of this table are not known; nearest is pair, which lacks Name',
    ],
    [
      'a column twice',
      'Schluessel;Name;name\n1;a;b\n',
      'CSV_DUPLICATE_COLUMN',
      't.csv:1:3: the column "name" stands twice in the header',
    ],
    [
      'a quotation mark that is never closed',
      'Schluessel;Name\n1;"a\r\nb"\n2;"b\n3;c\n4;d\n',
      'CSV_QUOTE_NOT_CLOSED',
      't.csv:4: a quotation mark in the row that begins here is never closed',
    ],
    [
      'a quotation mark in a plain field',
      'Schluessel;Name\n1;a"b\n',
      'CSV_BROKEN',
      't.csv:2: a quotation mark stands in a field that is not quoted',
    ],
    [
      'text after a quotation mark',
      'Schluessel;Name\n1;"a"b\n',
      'CSV_BROKEN',
      't.csv:2: text follows the quotation mark that ends a field',
    ],
    [
      'a last row that is cut off',
      'Schluessel;Name;Typ\n1;a;5\n2;b',
      'CSV_TRUNCATED',
      't.csv:3: the last row has 2 of 3 columns and ends in "b" without a line end: the file may be cut off there',
    ],
    ...[
      ['in its last cell', '2;b;Geb', 'Geb'],
      ['before its last cell', '2;b;', ''],
      ['behind it', '2;b;"Geburt"', 'Geburt'],
      ['inside of a doubled quotation mark', '2;b;"eine "', 'eine '],
    ].map(
      ([where, row, end]) =>
        [
          `a last row that is cut off ${where}`,
          `Schluessel;Name;Typ\r\n1;a;5\r\n${row}`,
          'CSV_TRUNCATED',
          `t.csv:3: the last row ends in ${JSON.stringify(end)} without a line end: the file may be cut off there`,
        ] as const,
    ),
    [
      'a cell in quotes that has no end',
      `Schluessel;Name\n1;"${'x\n'.repeat(1 << 20)}`,
      'CSV_ROW_TOO_LONG',
      't.csv:2: the row that begins here is longer than 1048576 characters',
    ],
    [
      'more columns than any table has',
      `Schluessel;Name;${Array.from({ length: 499 }, (_, at) => `c${at}`).join(';')}\n`,
      'CSV_TOO_MANY_COLUMNS',
      't.csv:1: the header has 501 columns; at most 500 are read',
    ],
  ]
  test.each(cases)('%s', async (_, text, code, message) => {
    for (const size of [1, 5, 1000]) {
      const error = await failure(() => read(text, { size }))
      expect({ code: error.code, exit: error.exit, message: error.message }).toEqual({
        code,
        exit: 65,
        message,
      })
      expect(error.suggestions.length).toBeGreaterThan(0)
    }
  })

  test('a row or a first line of more than a million characters, before it is all in memory', async () => {
    const endless = async function* (start: string, seen: { parts: number }) {
      yield start
      for (; seen.parts < 1000; seen.parts++) yield 'x'.repeat(1 << 16)
    }
    const seen = { parts: 0 }
    const source = sourceOf('', { name: 't.csv' })
    const readAll = async (start: string) => {
      const table = await readCsv(source, endless(start, seen), [PAIR], new DefectLog())
      for await (const _ of table.rows());
    }
    expect((await failure(() => readAll('Schluessel;Name\n1;a\n2;'))).message).toBe(
      't.csv:3: the row that begins here is longer than 1048576 characters',
    )
    expect(seen.parts).toBeLessThan(40)
    seen.parts = 0
    expect((await failure(() => readAll('Schluessel'))).message).toBe(
      't.csv:1: the first line is longer than 1048576 characters',
    )
    expect(seen.parts).toBeLessThan(40)
  })
})

test('a header that fits two delimiters is not guessed, and --delimiter decides', async () => {
  const text = 'Schluessel;Name;x,Schluessel,Name\n1;a;2,3,b\n'
  expect(await failure(() => read(text))).toMatchObject({
    code: 'CSV_AMBIGUOUS',
    message: 't.csv:1: the header fits with ";" and with ","',
    suggestions: ['Name it with --delimiter.'],
  })
  expect((await read(text, { delimiter: ';' })).rows).toEqual([{ line: 2, key: '1', name: 'a' }])
  expect((await read(text, { delimiter: ',' })).rows).toEqual([{ line: 2, key: '3', name: 'b' }])
})

test('cells that ozgctl writes read back as they were, but for the mark before a formula', async () => {
  const cells = fc.string({
    unit: fc.oneof(fc.constantFrom(...'=+-@|%;,"\' '), fc.string({ minLength: 1, maxLength: 1 })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cells, cells), { minLength: 1 }), async (written) => {
      const lines = written.map(([key, name]) => `${neutralCsv(`k${key}`)};${neutralCsv(name)}\n`)
      const { rows } = await read(`Schluessel;Name\n${lines.join('')}`)
      expect(rows.map(({ key }) => key)).toEqual(written.map(([key]) => `k${key}`.trim()))
      rows.forEach(({ name }, at) => {
        const original = written[at]?.[1] ?? ''
        expect([original.trim(), `'${original}`.trim()]).toContain(name)
        expect(name).not.toMatch(/^[=+@|%]/)
      })
    }),
  )
})

test.each(['\n', '\r\n', '\r'])(
  'a table that is cut off anywhere is refused, or lost whole rows: %j',
  async (end) => {
    const rows = ['Schluessel;Name;Typ', '1;Geburt;5', '2;"a; ""b"" c";', '3;"zwei', 'Zeilen";44', '']
    const text = rows.join(end)
    const whole = (await read(text)).rows
    expect(whole).toHaveLength(3)
    const readable: number[] = []
    for (let cut = 'Schluessel;Name;Typ'.length; cut < text.length; cut++) {
      const found = await read(text.slice(0, cut)).catch(() => undefined)
      if (found === undefined) continue
      readable.push(cut)
      expect.soft(found.rows, text.slice(0, cut)).toEqual(whole.slice(0, found.rows.length))
    }
    // Behind a line end alone, and between its two characters.
    expect(readable.every((cut) => /[\r\n]$|;Typ$/.test(text.slice(0, cut)))).toBe(true)
    expect(readable.length).toBeGreaterThan(2)
  },
)
