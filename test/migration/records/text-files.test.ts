import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withTexts } from '../../../src/lib/migration/records/csv-file.ts'
import { hashOf } from '../../../src/lib/migration/records/digest.ts'
import type { DataRecord, JsonObject, RecordPage } from '../../../src/lib/migration/records/model.ts'
import {
  textFileSettings,
  textSource,
  textTarget,
  textTargetSettings,
} from '../../../src/lib/migration/records/text-files.ts'
import { failure } from '../../support/failure.ts'
import { temporaryFile, temporaryFolder } from '../../support/folder.ts'
import { SIGNAL, settingsOf } from '../../support/records.ts'

type More = Readonly<Record<string, unknown>>

const source = (path: string, more: More = {}) =>
  textSource(settingsOf(textFileSettings, { path, ...more }), path)
const target = (path: string, more: More = {}) =>
  textTarget(settingsOf(textTargetSettings, { path, ...more }), path)

/** Everything of a file, page by page. */
async function all({ page }: Pick<ReturnType<typeof source>, 'page'>) {
  const records: JsonObject[] = []
  const faults: string[] = []
  let cursor: string | null = null
  do {
    const read: RecordPage = await page(cursor, SIGNAL)
    records.push(...read.records.map(({ fields }) => fields))
    faults.push(...(read.faults ?? []).map(({ key, reason }) => `${key}: ${reason}`))
    cursor = read.next
  } while (cursor !== null)
  return { records, faults }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const CSV = { format: 'csv' }
const NO_UTF8 = 'it is no UTF-8: say with encoding what the file is written in'

describe('a CSV file', () => {
  it.each<[string, Buffer, More, readonly JsonObject[], readonly string[]]>([
    ['quoted heads', bytes('"id";"a;b"\n1;x\n'), {}, [{ id: '1', 'a;b': 'x' }], []],
    [
      'a head of two lines',
      bytes('id;"a\r\nb"\n1;x\n2\n'),
      {},
      [{ id: '1', 'a\r\nb': 'x' }],
      ['line 4: it has 1 cells, and the head line 2'],
    ],
    ['a mark at the front', Buffer.from('\uFEFFid;n\n1;ö\n'), {}, [{ id: '1', n: 'ö' }], []],
    [
      'a mark and quotes',
      Buffer.from('\uFEFF"id","n"\r\n1,ö\r\n'),
      { delimiter: ',' },
      [{ id: '1', n: 'ö' }],
      [],
    ],
    [
      'CR alone',
      bytes('id;n\r1;a\r2;b\r'),
      {},
      [
        { id: '1', n: 'a' },
        { id: '2', n: 'b' },
      ],
      [],
    ],
    [
      'all kinds of line ends',
      bytes('id;n\r1;a\n2;b\r\n\r\n3;"c\rd"\n'),
      {},
      [
        { id: '1', n: 'a' },
        { id: '2', n: 'b' },
        { id: '3', n: 'c\rd' },
      ],
      [],
    ],
    [
      'a cell too many',
      bytes('id;n\n1;a\n2;b;c\n3;d\n'),
      {},
      [
        { id: '1', n: 'a' },
        { id: '3', n: 'd' },
      ],
      ['line 3: it has 3 cells, and the head line 2'],
    ],
    [
      'a cell too few',
      bytes('id;n\n"1\n";a\n\n2\n3;d\n'),
      {},
      [{ id: '3', n: 'd' }],
      ['line 2: it has no key', 'line 5: it has 1 cells, and the head line 2'],
    ],
    [
      'other bytes than UTF-8',
      bytes('id;n\n1;Gr\xfcn\n2;b\n'),
      {},
      [{ id: '2', n: 'b' }],
      [`line 2: ${NO_UTF8}`],
    ],
    [
      'the same, when it is said',
      bytes('id;n\xe4\n1;Gr\xfcn \x80\n'),
      { encoding: 'windows-1252' },
      [{ id: '1', nä: 'Grün €' }],
      [],
    ],
    ['a NUL', bytes('id;n\n1;a\0b\n'), {}, [{ id: '1', n: 'a\0b' }], []],
    [
      'names of JavaScript',
      bytes('id;__proto__;constructor\n1;a;b\n'),
      {},
      [
        Object.fromEntries([
          ['id', '1'],
          ['__proto__', 'a'],
          ['constructor', 'b'],
        ]),
      ],
      [],
    ],
    [
      'a last row without its end',
      bytes('id;n\n1;a\n2;Geb'),
      {},
      [{ id: '1', n: 'a' }],
      ['line 3: the file ends in it without a line end: perhaps it was cut off'],
    ],
    ['a head and nothing else', bytes('id;n'), {}, [], []],
  ])('with %s', async (_name, content, more, records, faults) => {
    for (const size of [1, 2, 500])
      expect(await all(source(temporaryFile('in.csv', content), { ...CSV, size, ...more }))).toEqual({
        records,
        faults,
      })
  })

  it.each<[string, Buffer, More, string]>([
    ['is empty', bytes(''), {}, 'the file is empty, and has no head line'],
    ['has no such column', bytes('nr;n\n1;a\n'), {}, 'it has no column id; there are: nr, n'],
    ['has a column twice', bytes('id;n;n\n1;a;b\n'), {}, 'it has the column "n" twice'],
    [
      'is UTF-16',
      Buffer.from('\uFEFFid;n\n', 'utf16le'),
      {},
      'it is written in UTF-16: have it written in UTF-8',
    ],
    [
      'is UTF-16 the other way',
      Buffer.from('\uFEFFid;n\n', 'utf16le').swap16(),
      {},
      'it is written in UTF-16: have it written in UTF-8',
    ],
    [
      'is UTF-8 and said to be another',
      Buffer.from('\uFEFFid;n\n'),
      { encoding: 'iso-8859-1' },
      'it says that it is UTF-8, and not iso-8859-1',
    ],
    ['has other letters in its head', bytes('id;Stra\xdfe\n1;a\n'), {}, `in its head line: ${NO_UTF8}`],
  ])('that %s is refused', async (_name, content, more, what) => {
    const path = temporaryFile('in.csv', content)
    expect(await failure(() => source(path, { ...CSV, ...more }).page(null, SIGNAL))).toMatchObject({
      code: 'BAD_RECORDS',
      message: `${path}: ${what}`,
    })
  })

  it.each([
    [
      'a quotation mark that is never closed',
      '2;"b\n3;c\n',
      'a quotation mark in the row that begins here is never closed',
    ],
    [
      'one that is never closed in a huge file',
      `2;"b\n${'3;c\n'.repeat(4_500_000)}`,
      'the row that begins here is longer than 16777216 characters',
    ],
    [
      'a cell of 17 MB',
      `2;"${'x'.repeat(17 << 20)}"\n3;c\n`,
      'the row that begins here is longer than 16777216 characters',
    ],
  ])('ends at %s, with its line', async (_name, rest, what) => {
    const path = temporaryFile('in.csv', `id;n\n"1\n1";a\n\n${rest}`)
    expect(await failure(() => all(source(path, CSV)))).toMatchObject({
      code: 'BAD_RECORDS',
      message: `${path}:5: ${what}`,
    })
  })

  it('is read by pages of 16 MB at most', async () => {
    const row = `${'x'.repeat(5 << 20)}\n`
    const path = temporaryFile('in.csv', `id;n\n${[1, 2, 3, 4, 5].map((id) => `${id};${row}`).join('')}`)
    const { records, next } = await source(path, CSV).page(null, SIGNAL)
    expect(records.map(({ key }) => key)).toEqual(['1', '2', '3', '4'])
    expect((await source(path, CSV).page(next, SIGNAL)).records.map(({ key }) => key)).toEqual(['5'])
  })
})

describe('an NDJSON file', () => {
  it.each<[string, Buffer, More, readonly string[], readonly string[]]>([
    [
      'numbers of any size',
      bytes('{"id":"a","n":98765432109876543210,"m":[1.50,-0,2e308]}\n'),
      {},
      ['{"id":"a","n":98765432109876543210,"m":[1.50,-0,2e308]}'],
      [],
    ],
    ['a mark at the front', Buffer.from('\uFEFF{"id":1}\n'), {}, ['{"id":1}'], []],
    ['CR alone', bytes('{"id":1}\r{"id":2}\r'), {}, ['{"id":1}', '{"id":2}'], []],
    [
      'all kinds of line ends',
      bytes('{"id":1}\r\n\r\n{"id":\n{"id":3}\r{"id":4}'),
      {},
      ['{"id":1}', '{"id":3}', '{"id":4}'],
      ['line 3: it is no JSON object'],
    ],
    [
      'other bytes than UTF-8',
      bytes('{"id":1,"n":"\xf6"}\n{"id":2}\n'),
      {},
      ['{"id":2}'],
      [`line 1: ${NO_UTF8}`],
    ],
    [
      'the same, when it is said',
      bytes('{"id":1,"n":"\xf6\x84"}\n'),
      { encoding: 'iso-8859-1' },
      ['{"id":1,"n":"ö„"}'],
      [],
    ],
    [
      'a name twice',
      bytes('{"id":1,"n":{"a":1,"a":1}}\n{"id":2}\n'),
      {},
      ['{"id":2}'],
      ['line 1: it names "a" twice'],
    ],
    [
      'halves of characters',
      bytes('{"id":1,"n":"\\ud83d"}\n{"id":"\\udc00"}\n'),
      {},
      ['{"id":1,"n":"\\ud83d"}'],
      ['line 2: it has no key'],
    ],
    [
      'NULs',
      bytes('{"id":1,"n":"\\u0000"}\n\0\n'),
      {},
      ['{"id":1,"n":"\\u0000"}'],
      ['line 2: it is no JSON object'],
    ],
    [
      'blanks that are none of JSON',
      Buffer.from('\u00a0\n \t\n{"id":1}\n'),
      {},
      ['{"id":1}'],
      ['line 1: it is no JSON object'],
    ],
    [
      'what is nested too deeply',
      bytes(`{"id":1,"n":${'['.repeat(600)}${']'.repeat(600)}}\n{"id":2}\n`),
      {},
      ['{"id":2}'],
      ['line 1: its values are nested too deeply'],
    ],
    [
      'a line of 17 MB',
      bytes(`{"id":1,"n":"${'x'.repeat(17 << 20)}"}\r\n{"id":2}\n`),
      {},
      ['{"id":2}'],
      ['line 1: it is longer than 16 MiB'],
    ],
    [
      'a last line of 17 MB',
      bytes(`{"id":2}\r{"id":1,"n":"${'x'.repeat(17 << 20)}`),
      {},
      ['{"id":2}'],
      ['line 2: it is longer than 16 MiB'],
    ],
  ])('with %s', async (_name, content, more, records, faults) => {
    for (const size of [1, 500]) {
      const read = await all(source(temporaryFile('in.ndjson', content), { size, ...more }))
      expect(read.records.map((fields) => JSON.stringify(fields))).toEqual(records)
      expect(read.faults).toEqual(faults)
    }
  })

  it('has as many lines as an editor shows, also where a part that is read ends between CR and LF', async () => {
    for (const length of [(1 << 18) - 1, 1 << 18]) {
      const first = '{"id":1,"n":"'
      const line = `${first}${'x'.repeat(length - first.length - 2)}"}`
      expect(line.length).toBe(length)
      const path = temporaryFile('in.ndjson', `${line}\r\nno\r\n{"id":2}\r\n`)
      expect((await all(source(path))).faults).toEqual(['line 2: it is no JSON object'])
    }
  })

  it('keeps keys apart that JavaScript takes for one', async () => {
    const ids = ['9007199254740992', '9007199254740993', '-9007199254740993', '1.0', '2']
    const path = temporaryFile('in.ndjson', ids.map((id) => `{"id":${id}}\n`).join(''))
    const { records } = await source(path).page(null, SIGNAL)
    expect(records.map(({ key }) => key)).toEqual([
      '9007199254740992',
      '9007199254740993',
      '-9007199254740993',
      '1',
      '2',
    ])
  })
})

it.each(['folder', 'missing'])('a %s is no file', async (name) => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'folder'))
  const what = { folder: 'it is no file', missing: 'there is no such file' }[name]
  expect((await failure(() => source(join(folder, name)).page(null, SIGNAL))).message).toContain(what)
})

/** Any text that can be written as UTF-8, with all that a table has a meaning for. */
const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ';', '\n', '\r', ',', '\t', ' ', '\uFEFF', 'ö', '\0') }),
)
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', 'a', '\\') }),
  fc.bigInt().map((number) => JSON.rawJSON(`${number}.0`)),
)
const asRecord = (fields: JsonObject, at: number): DataRecord => ({
  key: `k${at}`,
  fields: { ...fields, id: `k${at}` },
})
const plainHash = (record: DataRecord): string => hashOf(record).toString('hex')

async function thereAndBack(
  records: readonly DataRecord[],
  more: More,
  size: number,
): Promise<readonly string[]> {
  const path = join(temporaryFolder(), 'out')
  const to = target(path, more)
  for (let at = 0; at < records.length; at += size) await to.write(records.slice(at, at + size), SIGNAL)
  const hashes: string[] = []
  let cursor: string | null = null
  do {
    const read: RecordPage = await (to.page?.(cursor, SIGNAL) ?? { records: [], next: null })
    hashes.push(...read.records.map(plainHash))
    cursor = read.next
  } while (cursor !== null)
  await to.close()
  return hashes
}

describe('what is written is read back the same', () => {
  it('as CSV, whatever the cells hold', async () => {
    const rows = fc.array(fc.record({ a: cell, 'b;"c': cell }, { requiredKeys: [] }), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(',', ';', '\t'),
        fc.integer({ min: 1, max: 3 }),
        async (fields, delimiter, size) => {
          const records = fields.map(asRecord)
          const columns = ['a', 'b;"c', 'id']
          const kept = records.map(withTexts)
          expect(await thereAndBack(kept, { ...CSV, delimiter, columns, size }, size)).toEqual(
            kept.map(plainHash),
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it('as a CSV of one column, too', async () => {
    const path = join(temporaryFolder(), 'out.csv')
    const one = target(path, { ...CSV, columns: ['\uFEFFid'], key: '\uFEFFid' })
    await one.write(
      [
        { key: 'a', fields: { '\uFEFFid': 'a' } },
        { key: '', fields: { '\uFEFFid': null } },
      ],
      SIGNAL,
    )
    expect(readFileSync(path, 'utf8')).toBe('"\uFEFFid"\na\n""\n')
    expect((await one.page?.(null, SIGNAL))?.faults).toEqual([{ key: 'line 3', reason: 'it has no key' }])
    await one.close()
  })

  it('as NDJSON, whatever the values are', async () => {
    const rows = fc.array(fc.dictionary(fc.string(), value), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 3 }), async (fields, size) => {
        // What fast-check makes of JSON is JSON.
        const records = fields.map((one, at) => asRecord(one as JsonObject, at))
        expect(await thereAndBack(records, { size }, size)).toEqual(records.map(plainHash))
      }),
      { numRuns: 150 },
    )
  })
})

it('halves of characters are different, and not the sign that stands for them', () => {
  const hashes = ['\ud800', '\udbff', '\ufffd', '\udc00'].map((n) => plainHash({ key: 'a', fields: { n } }))
  expect(new Set(hashes).size).toBe(4)
})

describe('a CSV file that is written', () => {
  const rows = (...fields: readonly JsonObject[]) => fields.map((one, at) => ({ key: `${at}`, fields: one }))

  it('keeps its columns over pages, and sets aside what has no column', async () => {
    const path = join(temporaryFolder(), 'out.csv')
    const first = target(path, CSV)
    expect(await first.write(rows({ id: '1', a: 'x' }, { b: 'y', id: '2' }), SIGNAL)).toEqual([DONE, DONE])
    await first.close()
    const second = target(path, CSV)
    expect(
      await second.write(rows({ b: '3', id: '3' }, { id: '4', c: 'z' }, { a: '\ud800', id: '5' }), SIGNAL),
    ).toEqual([
      DONE,
      { kind: 'refused', reason: 'the file has no column for "c": name all in columns' },
      { kind: 'refused', reason: 'it holds half a character, which no file can hold' },
    ])
    await second.rewind?.(null)
    expect(readFileSync(path, 'utf8')).toBe('')
    await second.write(rows({ n: '6', id: '7' }), SIGNAL)
    await second.close()
    expect(readFileSync(path, 'utf8')).toBe('n;id\n6;7\n')
  })

  it('has a text for every value', () => {
    const fields = {
      a: 1,
      b: JSON.rawJSON('1.0'),
      c: true,
      d: null,
      e: '',
      f: ['x', JSON.rawJSON('-0')],
      g: 'ö',
    }
    expect(withTexts({ key: '1', fields }).fields).toEqual({
      a: '1',
      b: '1.0',
      c: 'true',
      d: null,
      e: null,
      f: '["x",-0]',
      g: 'ö',
    })
  })
})

const DONE = { kind: 'done', created: true }

it('a file that cannot be opened is the fault of this transfer alone', async () => {
  const path = join(temporaryFolder(), 'none', 'out.ndjson')
  expect(await failure(() => target(path).write([{ key: '1', fields: {} }], SIGNAL))).toMatchObject({
    code: 'BAD_RECORDS',
  })
  await target(path).close()
})

it('a place that no file gave is refused', async () => {
  const path = temporaryFile('in.ndjson', '{"id":1}\n')
  writeFileSync(path, '{"id":1}\n')
  appendFileSync(path, '{"id":2}\n')
  expect((await source(path).page('9 2', SIGNAL)).records.map(({ key }) => key)).toEqual(['2'])
  for (const cursor of ['', '9', '-9 2', '9 x'])
    expect(await failure(() => source(path).page(cursor, SIGNAL))).toMatchObject({ code: 'BAD_RECORDS' })
})
