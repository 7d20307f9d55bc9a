import { describe, expect, test } from 'vitest'
import { type CodeList, genericodeHandlers, nameColumn } from '../../src/lib/input/genericode.ts'
import { readXml } from '../../src/lib/input/xml.ts'
import { failure } from '../support/failure.ts'
import { inPieces, sourceOf } from '../support/source.ts'

const NS = 'http://docs.oasis-open.org/codelist/ns/genericode/1.0/'
const COLUMNS =
  '<ColumnSet><Column Id="KEY"/><Column Id="Name"/><Column Id="Note"/><Key><ColumnRef Ref="KEY"/></Key></ColumnSet>'

async function read(body: string, root = `gc:CodeList xmlns:gc="${NS}"`) {
  const text = `<${root}>${body}</${root.split(' ')[0]}>`
  const source = sourceOf(text, { name: 'list.xml' })
  const rows: string[] = []
  let list: CodeList | undefined
  await readXml(source, inPieces(text, 7), (element) =>
    genericodeHandlers(source, element, (row, ofList) => {
      list = ofList
      rows.push(['KEY', 'Name', 'Note'].map((column) => row.cell(column)).join('|'))
    }),
  )
  return { rows, list, records: source.facts.records }
}

const value = (column: string, text: string) =>
  `<Value ColumnRef="${column}"><SimpleValue>${text}</SimpleValue></Value>`

test('rows come with their cells, and the list with what it is', async () => {
  const result = await read(
    `<Identification><Version> 2026 </Version><CanonicalUri>urn:x</CanonicalUri></Identification>${COLUMNS}
    <SimpleCodeList><Row>${value('KEY', ' 1 ')}${value('Name', 'a &amp; <![CDATA[b]]>')}</Row>
    <Row>${value('Name', 'c')}${value('KEY', '2')}<Value ColumnRef="Note"/></Row></SimpleCodeList>`,
  )
  expect(result.rows).toEqual(['1|a & b|', '2|c|'])
  expect(result.list).toMatchObject({
    canonicalUri: 'urn:x',
    version: '2026',
    keyColumn: 'KEY',
    columns: ['KEY', 'Name', 'Note'],
  })
  expect(result.records).toBe(2)
})

test('a value without a column belongs to the one after the former value', async () => {
  const plain = (text: string) => `<Value><SimpleValue>${text}</SimpleValue></Value>`
  const { rows } = await read(
    `${COLUMNS}<Row>${plain('1')}${plain('a')}${plain('n')}</Row><Row>${value('Name', 'b')}${plain('m')}</Row>`,
  )
  expect(rows).toEqual(['1|a|n', '|b|m'])
})

test('a value of a column that is not declared belongs nowhere', async () => {
  expect((await read(`${COLUMNS}<Row>${value('KEY', '1')}${value('Other', 'x')}</Row>`)).rows).toEqual([
    '1||',
  ])
})

test('the key is the column that the first key names, wherever it stands', async () => {
  const columns =
    '<ColumnSet><Column Id="A"/><ColumnRef Ref="A"/><Column Id="KEY"/><Key><ColumnRef Ref="KEY"/></Key><Key><ColumnRef Ref="A"/></Key></ColumnSet>'
  const { list } = await read(`${columns}<Row>${value('KEY', '1')}</Row>`)
  expect(list?.keyColumn).toBe('KEY')
})

test('where no key is declared it is the first column', async () => {
  const { list } = await read(
    `<ColumnSet><Column Id="A"/><Column Id="B"/></ColumnSet><Row>${value('A', '1')}</Row>`,
  )
  expect(list?.keyColumn).toBe('A')
})

test('elements of another namespace are no rows, whatever they are called', async () => {
  const foreign = `<x:Row xmlns:x="urn:x"><x:Value ColumnRef="KEY"><x:SimpleValue>9</x:SimpleValue></x:Value></x:Row>`
  const { rows, list } = await read(
    `<Annotation><x:CanonicalUri xmlns:x="urn:x">urn:false</x:CanonicalUri>${foreign}</Annotation>${COLUMNS}
    <Row>${value('KEY', '1')}${foreign}${value('Name', 'a')}</Row>`,
  )
  expect(rows).toEqual(['1|a|'])
  expect(list?.canonicalUri).toBe('')
})

test('the children may stand in the namespace of the list', async () => {
  const body = `${COLUMNS}<Row>${value('KEY', '1')}</Row>`
  expect((await read(body, `CodeList xmlns="${NS}"`)).rows).toEqual(['1||'])
})

describe('what is no list is told', () => {
  test.each([
    [
      'another root',
      `gc:CodeListSet xmlns:gc="${NS}"`,
      '',
      'GENERICODE_ROOT',
      `list.xml:1: this is no genericode list: the root element is <CodeListSet> of "${NS}"`,
    ],
    [
      'a root of another namespace',
      'CodeList xmlns="urn:x"',
      COLUMNS,
      'GENERICODE_ROOT',
      'list.xml:1: this is no genericode list: the root element is <CodeList> of "urn:x"',
    ],
    [
      'rows before columns',
      `gc:CodeList xmlns:gc="${NS}"`,
      '\n<Row/>',
      'GENERICODE_COLUMNS',
      'list.xml:2: a row stands before the columns are declared',
    ],
    [
      'columns without end',
      `gc:CodeList xmlns:gc="${NS}"`,
      '<Column Id="a"/>'.repeat(501),
      'GENERICODE_TOO_MANY_COLUMNS',
      'list.xml:1: the list has more than 500 columns',
    ],
    [
      'a row without end',
      `gc:CodeList xmlns:gc="${NS}"`,
      `${COLUMNS}<Row>\n${`<Value><SimpleValue>${'x'.repeat(1 << 19)}</SimpleValue></Value>`.repeat(3)}</Row>`,
      'GENERICODE_ROW_TOO_LONG',
      'list.xml:1: the row that begins here is longer than 1048576 characters',
    ],
  ])('%s', async (_, root, body, code, message) => {
    const error = await failure(() => read(body, root))
    expect({ code: error.code, exit: error.exit, message: error.message }).toEqual({
      code,
      exit: 65,
      message,
    })
    expect(error.suggestions).toHaveLength(1)
  })
})

test.each([
  [['KEY', 'Bezeichnung', 'Hinweis'], 'Bezeichnung'],
  [['KEY', 'Hinweis', 'name'], 'name'],
  [['KEY', 'Beschreibung_kurz'], 'Beschreibung_kurz'],
  [['KEY'], ''],
])('of the columns %j the name is %j', (columns, expected) => {
  expect(nameColumn({ canonicalUri: '', version: '', keyColumn: 'KEY', columns })).toBe(expected)
})
