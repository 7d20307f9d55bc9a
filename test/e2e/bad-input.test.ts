import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRegions } from '../../src/lib/register/store.ts'
import { activeSnapshot } from '../../src/lib/snapshot/snapshots.ts'
import { openStore } from '../../src/lib/store/sqlite.ts'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { codeList } from '../support/genericode.ts'
import { gvGemeinde } from '../support/gv100ad.ts'
import { schemaErrors } from '../support/schema.ts'
import { zipOf } from '../support/zip.ts'

const fixture = (path: string) => readFileSync(`${root}/fixtures/${path}`)
const GV = fixture('region/GV100AD_osnabrueck_301123.txt')
const RS = fixture('region/regionalschluessel_2026.xml')
const OZG = fixture('catalog/ozg_leistungen.csv').toString()
const LEIKA = fixture('catalog/leika_leistungen.csv').toString()
const FIM = fixture('catalog/fim-portal.json').toString()
const XZUFI = fixture('catalog/xzufi-2.2.xml')

/** A store with the register of the fixtures, made once and copied for each test. */
let prepared = ''
beforeAll(async () => {
  prepared = join(mkdtempSync(join(tmpdir(), 'ozgctl-test-')), 'ozgctl.db')
  const gv = `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`
  expect((await ozgctl(['region', 'import', gv, '--store', prepared])).code).toBe(0)
})

afterAll(() => rmSync(dirname(prepared), { recursive: true, force: true }))

interface Place {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly byte?: number
}
interface Refusal {
  readonly exit?: number
  readonly code: string
  readonly place: Place
  readonly message: string
}
type Files = Readonly<Record<string, string | Uint8Array>>

function workplace(files: Files = {}) {
  const cwd = temporaryFolder()
  const store = join(cwd, 'ozgctl.db')
  copyFileSync(prepared, store)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), content)
  }
  return { cwd, store, env: { OZGCTL_STORE: store } }
}

/** The former snapshot is active, whole, and the only one. */
async function expectUnchanged(path: string): Promise<void> {
  const store = await openStore(path)
  try {
    expect(store.db.prepare('SELECT kind, number, active FROM snapshot').all()).toEqual([
      { kind: 'region', number: 1, active: 1 },
    ])
    const snapshot = await activeSnapshot(store, 'region')
    expect(await readRegions(store, snapshot?.rowId ?? 0)).toHaveLength(70)
    expect(store.db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  } finally {
    store.close()
  }
}

/** Runs an import that must fail: told with code, place and a next step, and nothing changed. */
async function expectRefused(
  args: readonly string[],
  place: { readonly cwd: string; readonly store: string; readonly env: Readonly<Record<string, string>> },
  expected: Refusal,
): Promise<void> {
  const { code, json, stderr } = await ozgctlJson(args, place)
  const error = json.error as { code: string; message: string; place?: Place; suggestions: string[] }
  expect({ exit: code, code: error.code, place: error.place ?? {}, message: error.message }).toEqual({
    exit: 65,
    ...expected,
    message: expected.message,
  })
  expect(error.suggestions.length).toBeGreaterThan(0)
  expect(schemaErrors('error', json)).toEqual([])
  expect(stderr).toBe('')
  await expectUnchanged(place.store)
}

const importing = (files: Files, expected: Refusal, ...args: readonly string[]) =>
  expectRefused(['region', 'import', ...Object.keys(files), ...args], workplace(files), expected)

/** A list whose single row is this. */
const list = (body: string, head = '') => `<?xml version="1.0" encoding="UTF-8"?>${head}\n${body}`
const lines = (text: Uint8Array) => text.toString().split('\n')

describe('a file that was cut off', () => {
  const cases: readonly (readonly [string, string, Uint8Array, Refusal])[] = [
    [
      'GV100AD in a line',
      'gv.txt',
      GV.subarray(0, 1000),
      {
        code: 'GV100AD_WIDTH',
        place: { file: 'gv.txt', line: 5 },
        message: 'gv.txt:5: the line has 116 characters instead of 220',
      },
    ],
    [
      'GV100AD between two lines',
      'gv.txt',
      Buffer.from(`${lines(GV).slice(0, 40).join('\n')}\n`),
      {
        code: 'GV100AD_TRUNCATED',
        place: { file: 'gv.txt', line: 40 },
        message:
          'gv.txt:40: the file ends in the middle of a county: 034590012 Bissendorf (line 16) has no Gemeinde',
      },
    ],
    [
      'genericode',
      'list.xml',
      RS.subarray(0, 5000),
      {
        code: 'XML_TRUNCATED',
        place: { file: 'list.xml', line: 161, column: 18 },
        message: 'list.xml:161:18: the document ends before it is complete (unclosed tag: Row)',
      },
    ],
    [
      'gzip',
      'gv.txt.gz',
      gzipSync(GV).subarray(0, 1500),
      {
        code: 'GZIP_TRUNCATED',
        place: { file: 'gv.txt.gz' },
        message: 'gv.txt.gz: the gzip data ends in the middle',
      },
    ],
    [
      'gzip without its last four bytes, when all of the text is there',
      'gv.txt.gz',
      gzipSync(GV).subarray(0, -4),
      {
        code: 'GZIP_TRUNCATED',
        place: { file: 'gv.txt.gz' },
        message: 'gv.txt.gz: the gzip data ends in the middle',
      },
    ],
    [
      'zip',
      'gv.zip',
      zipOf([{ name: 'gv.txt', content: GV }]).subarray(0, 1500),
      {
        code: 'ZIP_DAMAGED',
        place: { file: 'gv.zip' },
        message:
          'gv.zip: the zip archive cannot be read: End of central directory record signature not found. Either not a zip file, or file is truncated.',
      },
    ],
    [
      'a gzip of text that was cut off before it was packed',
      'gv.txt.gz',
      gzipSync(GV.subarray(0, 1000)),
      {
        code: 'GV100AD_WIDTH',
        place: { file: 'gv.txt.gz', line: 5 },
        message: 'gv.txt.gz:5: the line has 116 characters instead of 220',
      },
    ],
  ]
  test.each(cases)('%s', async (_, name, content, expected) => {
    await importing({ [name]: content }, expected)
  })

  test('whole lines of it, or most of its counties, are seen against the former snapshot', async () => {
    await importing(
      { 'gv.txt': `${gvGemeinde('03459014 0014', 'Bramsche')}\n` },
      {
        code: 'SHRUNK',
        place: {},
        message: 'the input has 1 gemeinde, region-1 has 37: it looks cut off; nothing was imported',
      },
    )
  })
})

describe('an archive', () => {
  const damaged = gzipSync(GV)
  damaged[800] = (damaged[800] ?? 0) ^ 0xff
  const gv = { name: 'gv.txt', content: GV }
  const cases: readonly (readonly [string, string, Uint8Array, Refusal])[] = [
    [
      'gzip with a wrong byte',
      'gv.gz',
      damaged,
      { code: 'GZIP_DAMAGED', place: { file: 'gv.gz' }, message: 'gv.gz: the gzip data is damaged' },
    ],
    [
      'gzip that is a bomb',
      'gv.gz',
      gzipSync(Buffer.alloc(80 << 20, ' ')),
      {
        code: 'REGION_FORMAT',
        place: { file: 'gv.gz', line: 1 },
        message: 'gv.gz:1: this is neither a GV100AD nor a genericode list',
      },
    ],
    [
      'zip that is a bomb',
      'gv.zip',
      zipOf([{ name: 'a.xml', content: `<a>${' '.repeat(80 << 20)}` }]),
      {
        code: 'GENERICODE_ROOT',
        place: { file: 'gv.zip!a.xml', line: 1 },
        message: 'gv.zip!a.xml:1: this is no genericode list: the root element is <a> of ""',
      },
    ],
    [
      'zip whose checksum does not fit',
      'gv.zip',
      zipOf([{ ...gv, crc: 7 }]),
      {
        code: 'ZIP_CRC',
        place: { file: 'gv.zip!gv.txt' },
        message: 'gv.zip!gv.txt: the checksum does not fit: the archive is damaged',
      },
    ],
    [
      'zip that is encrypted',
      'gv.zip',
      zipOf([{ ...gv, flags: 1 }]),
      {
        code: 'ZIP_ENCRYPTED',
        place: { file: 'gv.zip!gv.txt' },
        message: 'gv.zip!gv.txt: this member is encrypted',
      },
    ],
    [
      'Excel workbook',
      'gv.xlsx',
      zipOf([{ name: '[Content_Types].xml', content: '<Types/>' }]),
      {
        code: 'EXCEL_WORKBOOK',
        place: { file: 'gv.xlsx' },
        message: 'gv.xlsx: this is an Office document, not a table as text',
      },
    ],
    [
      'zip without a text',
      'gv.zip',
      zipOf([{ name: 'Satzbeschreibung.pdf', content: '%PDF' }]),
      {
        code: 'ZIP_NO_TEXT',
        place: { file: 'gv.zip' },
        message: 'gv.zip: the archive holds no .xml, .csv, .json, .txt or .asc file',
      },
    ],
    [
      'zip with the same name twice',
      'gv.zip',
      zipOf([gv, gv]),
      {
        code: 'ZIP_DUPLICATE',
        place: { file: 'gv.zip' },
        message: 'gv.zip: the archive holds "gv.txt" twice',
      },
    ],
    [
      'zip with a name that leads elsewhere',
      'gv.zip',
      zipOf([{ name: '../gv.txt', content: GV }]),
      {
        code: 'ZIP_DAMAGED',
        place: { file: 'gv.zip' },
        message: 'gv.zip: the zip archive cannot be read: invalid relative path: ../gv.txt',
      },
    ],
  ]
  test.each(cases)('%s is refused', async (_, name, content, expected) => {
    await importing({ [name]: content }, expected)
  })

  test('bomb of a format that would be read is stopped in the middle', async () => {
    const bomb = `<a:CodeList xmlns:a="http://docs.oasis-open.org/codelist/ns/genericode/1.0/">${'<Annotation/>'.repeat(8 << 20)}`
    await importing(
      { 'list.gz': gzipSync(bomb) },
      {
        code: 'DECOMPRESSION_BOMB',
        place: { file: 'list.gz' },
        message: 'list.gz: more than 200 times its packed size comes out of this archive',
      },
    )
  })

  test('that is whole is read, also from a pipe', async () => {
    const place = workplace({ 'gv.txt.gz': gzipSync(GV), 'gv.zip': zipOf([{ name: 'gv.txt', content: GV }]) })
    for (const name of ['gv.txt.gz', 'gv.zip'])
      expect((await ozgctlJson(['region', 'import', name], place)).json).toMatchObject({
        counts: { gemeinde: 37 },
      })
    const piped = { ...place, stdin: gzipSync(GV) }
    expect((await ozgctlJson(['region', 'import', '-'], piped)).json).toMatchObject({
      counts: { gemeinde: 37 },
    })
  })
})

describe('text in another encoding', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1')
  const row = codeList('rs', [
    ['034590014014', 'Bramsche'],
    ['034040000000', 'Osnabrück'],
  ])
  const at = Buffer.from(row).indexOf('ü')
  const cases: readonly (readonly [string, Uint8Array, Refusal])[] = [
    [
      'ISO-8859-1 that is declared as UTF-8',
      latin1(row),
      {
        code: 'UTF8_INVALID',
        place: { file: 'list.xml', byte: at },
        message: `list.xml: byte ${at}: this byte is no valid UTF-8`,
      },
    ],
    [
      'UTF-8 that is declared as ISO-8859-1',
      Buffer.from(row.replace('UTF-8', 'ISO-8859-1')),
      {
        code: 'ENCODING_MIXED',
        place: { file: 'list.xml', byte: at + 5 },
        message: `list.xml: byte ${at + 5}: this letter is UTF-8, although the file declares iso-8859-1`,
      },
    ],
    [
      'a mix of both',
      Buffer.concat([Buffer.from(row.slice(0, 400)), latin1(row.slice(400))]),
      {
        code: 'UTF8_INVALID',
        place: { file: 'list.xml', byte: at },
        message: `list.xml: byte ${at}: this byte is no valid UTF-8`,
      },
    ],
    [
      'an encoding that nobody should use',
      Buffer.from(row.replace('UTF-8', 'UTF-7')),
      {
        code: 'ENCODING_UNKNOWN',
        place: { file: 'list.xml' },
        message: 'list.xml: the declared encoding "utf-7" is not supported',
      },
    ],
    [
      'UTF-16 without its mark',
      Buffer.from(row, 'utf16le'),
      {
        code: 'NUL_BYTE',
        place: { file: 'list.xml', byte: 1 },
        message: 'list.xml: byte 1: a NUL byte has no place in a text',
      },
    ],
    [
      'UTF-16 that was cut off',
      Buffer.from(`\uFEFF${row}`, 'utf16le').subarray(0, -1),
      {
        code: 'UTF16_TRUNCATED',
        place: { file: 'list.xml', byte: 2 * row.length },
        message: `list.xml: byte ${2 * row.length}: the file ends in the middle of a character`,
      },
    ],
  ]
  test.each(cases)('%s', async (_, content, expected) => {
    await importing({ 'list.xml': content }, expected)
  })

  test('a NUL in the Gemeindeverzeichnis is told with its byte', async () => {
    const text = Buffer.from(GV)
    text[7777] = 0
    await importing(
      { 'gv.txt': text },
      {
        code: 'NUL_BYTE',
        place: { file: 'gv.txt', byte: 7777 },
        message: 'gv.txt: byte 7777: a NUL byte has no place in a text',
      },
    )
  })

  test('UTF-8 after ISO-8859-1 in the Gemeindeverzeichnis is told with its byte', async () => {
    const text = GV.toString()
    const half = text.indexOf('\n', text.indexOf('ü')) + 1
    const bytes = Buffer.concat([latin1(text.slice(0, half)), Buffer.from(text.slice(half))])
    const byte = bytes.indexOf(0xc3)
    await importing(
      { 'gv.txt': bytes },
      {
        code: 'ENCODING_MIXED',
        place: { file: 'gv.txt', byte },
        message: `gv.txt: byte ${byte}: this letter is UTF-8, but text before it was not: the file mixes encodings`,
      },
    )
  })

  test('with a byte order mark, and UTF-16 with one, is read', async () => {
    const place = workplace({
      'bom.txt': Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), GV]),
      'le.txt': Buffer.from(`\uFEFF${GV}`, 'utf16le'),
      'be.xml': Buffer.from(`\uFEFF${RS}`, 'utf16le').swap16(),
    })
    for (const [name, encoding] of [
      ['bom.txt', 'utf-8 with byte order mark'],
      ['le.txt', 'utf-16le'],
      ['be.xml', 'utf-16be'],
    ] as const)
      expect((await ozgctlJson(['region', 'import', name], place)).json).toMatchObject({
        sources: [{ encoding }],
      })
  })
})

describe('XML that would open or become something else', () => {
  const CANARY = 'canary-5f1c'
  const bomb = Array.from(
    { length: 10 },
    (_, level) => `<!ENTITY l${level} "${level === 0 ? 'ha' : `&l${level - 1};`.repeat(10)}">`,
  )
  const cases: readonly (readonly [string, string, number])[] = [
    ['a bare DOCTYPE', '<!DOCTYPE r>', 51],
    ['a file as entity', `<!DOCTYPE r [<!ENTITY e SYSTEM "CANARY_FILE">]>`, 0],
    ['a file as DTD', '<!DOCTYPE r SYSTEM "CANARY_FILE">', 0],
    ['a parameter entity', '<!DOCTYPE r [<!ENTITY % p SYSTEM "CANARY_FILE"> %p;]>', 0],
    ['an address as DTD', '<!DOCTYPE r PUBLIC "-//x" "http://127.0.0.1:9/x.dtd">', 0],
    ['a billion laughs', `<!DOCTYPE r [${bomb.join('')}]>`, 0],
  ]
  test.each(cases)('%s is refused, and nothing is opened', async (_, doctype) => {
    const place = workplace({ 'canary.txt': CANARY })
    const canary = `file://${place.cwd}/canary.txt`
    const row = codeList('rs', [['034590014014', '&e;']]).replaceAll('&amp;', '&')
    writeFileSync(
      join(place.cwd, 'list.xml'),
      row.replace('?>\n', `?>${doctype.replace('CANARY_FILE', canary)}\n`),
    )
    const { code, json, stdout } = await ozgctlJson(['region', 'import', 'list.xml'], place)
    expect({ code, error: json.error }).toMatchObject({
      code: 65,
      error: { code: 'XML_DOCTYPE', place: { file: 'list.xml', line: 1 } },
    })
    expect(stdout).not.toContain(CANARY)
    await expectUnchanged(place.store)
  })

  test('an entity that is not declared is none', async () => {
    const content = codeList('rs', [['034590014014', 'x']]).replace('>x<', '>&xxe;<')
    await importing(
      { 'list.xml': content },
      {
        code: 'XML_NOT_WELL_FORMED',
        place: { file: 'list.xml', line: 4, column: 132 },
        message: 'list.xml:4:132: not well-formed: undefined entity',
      },
    )
  })

  const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
  test.skipIf(!canTrace)(
    'schema locations, inclusions and style sheets open no file and no connection (needs strace)',
    async () => {
      const place = workplace({ 'canary.txt': CANARY })
      const canary = `file://${place.cwd}/canary.txt`
      const document = codeList('rs', [['034590014014', 'Bramsche']])
        .replace('?>\n', `?><?xml-stylesheet href="${canary}"?>\n`)
        .replace(
          '<Identification>',
          `<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="${canary}" parse="text"/><Identification>`,
        )
        .replace(
          '<gc:CodeList',
          `<gc:CodeList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd urn:y ${canary}"`,
        )
      writeFileSync(join(place.cwd, 'list.xml'), document)
      const command = [
        process.execPath,
        `${root}/bin/run.js`,
        'region',
        'import',
        'list.xml',
        '--allow-shrink',
      ]
      const options = { cwd: place.cwd, env: { PATH: process.env.PATH, HOME: place.cwd, ...place.env } }
      const trace = ['-f', '-qq', '-e', 'trace=open,openat,openat2,connect', '-o', 'calls.log']
      expect(spawnSync('strace', [...trace, ...command], options).status).toBe(0)
      const calls = readFileSync(join(place.cwd, 'calls.log'), 'utf8')
      expect(calls).toContain('list.xml')
      expect(calls).not.toContain('canary.txt')
      expect(calls.split('\n').filter((call) => call.includes('AF_INET'))).toEqual([])
    },
  )
})

describe('a document beyond any official one', () => {
  const beyond: readonly (readonly [string, string, Refusal])[] = [
    [
      '200,000 elements in one another',
      list('<a>'.repeat(200_000)),
      {
        code: 'GENERICODE_ROOT',
        place: { file: 'list.xml', line: 1 },
        message: 'list.xml:1: this is no genericode list: the root element is <a> of ""',
      },
    ],
    [
      '200,000 elements in one another in a list',
      codeList('rs', []).replace('<Identification>', '<a>'.repeat(200_000)),
      {
        code: 'XML_TOO_DEEP',
        place: { file: 'list.xml', line: 2, column: 272 },
        message: 'list.xml:2:272: elements are nested more than 64 deep',
      },
    ],
    [
      'more regions than ten countries have',
      codeList(
        'rs',
        Array.from(
          { length: 100_001 },
          (_, at) => [`03459${String(at % 10_000_000).padStart(7, '0')}`, 'x'] as const,
        ),
      ),
      {
        code: 'INPUT_TOO_LARGE',
        place: { file: 'list.xml' },
        message: 'list.xml: the input is larger than a register of municipalities ever is: 100000 records',
      },
    ],
    [
      'a line without end',
      `${gvGemeinde('03459014 0014', 'x')}${'x'.repeat(3 << 20)}`,
      {
        code: 'LINE_TOO_LONG',
        place: { file: 'list.xml', line: 1 },
        message: 'list.xml:1: the line is longer than 1048576 characters',
      },
    ],
  ]
  test.each(beyond)('%s', async (_, content, expected) => {
    await importing({ 'list.xml': content }, expected)
  })

  test('a text of 100 MB is given up with the memory bounded', async () => {
    const place = workplace({
      // Writes the peak of the memory when the process ends.
      'peak.mjs':
        "import { writeFileSync } from 'node:fs'\nprocess.on('exit', () => writeFileSync('peak', String(process.resourceUsage().maxRSS)))\n",
    })
    const file = openSync(join(place.cwd, 'list.xml'), 'w')
    writeSync(
      file,
      codeList('rs', []).replace(/<\/SimpleCodeList>.*/s, '<Row><Value ColumnRef="SCHLUESSEL"><SimpleValue>'),
    )
    for (let part = 0; part < 100; part++) writeSync(file, 'x'.repeat(1 << 20))
    closeSync(file)
    const env = { ...place.env, NODE_OPTIONS: `--import=${place.cwd}/peak.mjs` }
    const { code, json } = await ozgctlJson(['region', 'import', 'list.xml'], { cwd: place.cwd, env })
    expect({ code, error: json.error }).toMatchObject({
      code: 65,
      error: {
        code: 'XML_TEXT_TOO_LONG',
        place: { line: 4 },
        message: expect.stringContaining('a text, comment or attribute is longer than 16 MiB'),
      },
    })
    // In KiB. The process alone takes about 70 MB, the limit of a text allows for 16 million characters.
    expect(Number(readFileSync(join(place.cwd, 'peak'), 'utf8'))).toBeLessThan(250 << 10)
    await expectUnchanged(place.store)
  })
})

describe('XML of something else', () => {
  const cases: readonly (readonly [string, string, Refusal])[] = [
    [
      'a list in a foreign namespace',
      codeList('rs', [['034590014014', 'x']]).replaceAll(
        'http://docs.oasis-open.org/codelist/ns/genericode/1.0/',
        'urn:x',
      ),
      {
        code: 'GENERICODE_ROOT',
        place: { file: 'list.xml', line: 1 },
        message: 'list.xml:1: this is no genericode list: the root element is <CodeList> of "urn:x"',
      },
    ],
    [
      'a list whose rows are in a foreign namespace',
      codeList('rs', [['034590014014', 'x']]).replace('<Row>', '<Row xmlns="urn:x">'),
      {
        code: 'GENERICODE_EMPTY',
        place: { file: 'list.xml' },
        message: 'list.xml: the code list holds no rows',
      },
    ],
    [
      'another code list',
      codeList('bundesland', [['03', 'Niedersachsen']]),
      {
        code: 'CODE_LIST_UNKNOWN',
        place: { file: 'list.xml' },
        message:
          'list.xml: this is the code list urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:bundesland, not one of municipalities',
      },
    ],
    [
      'a prefix that nobody declared',
      list('<gc:CodeList/>'),
      {
        code: 'XML_NOT_WELL_FORMED',
        place: { file: 'list.xml', line: 2, column: 15 },
        message: 'list.xml:2:15: not well-formed: unbound namespace prefix: "gc"',
      },
    ],
  ]
  test.each(cases)('%s', async (_, content, expected) => {
    await importing({ 'list.xml': content }, expected)
  })
})

describe('keys that a spreadsheet or a wrong column changed are named, never mended', () => {
  const cases: readonly (readonly [string, 'rs' | 'ags', string, string, string])[] = [
    ['an AGS without its zero', 'ags', '3459014', 'leading-zero-lost', 'have the column exported as text'],
    ['an ARS without its zero', 'rs', '34590014014', 'leading-zero-lost', 'They are never filled in.'],
    ['a key as a number with an exponent', 'rs', '3,459E+10', 'excel-number', 'digits are lost'],
    ['twelve digits where eight belong', 'ags', '034590014014', 'ars-in-ags-column', 'which have 8'],
    ['eight digits where twelve belong', 'rs', '03459014', 'ags-instead-of-ars', 'where an ARS is wanted'],
  ]
  test.each(cases)('%s', async (_, kind, key, reason, hint) => {
    const place = workplace({ 'list.xml': codeList(kind, [[key, 'Bramsche']]) })
    const call = ['region', 'import', 'list.xml', '--rejects', 'rejects.csv']
    await expectRefused(call, place, {
      code: 'NOTHING_USABLE',
      place: { file: 'list.xml', line: 4 },
      message: `list.xml:4: no row can be used; the first is rejected as ${reason}: ${JSON.stringify(key)}`,
    })
    expect((await ozgctl(call, place)).stderr).toContain(hint)
    expect(readFileSync(join(place.cwd, 'rejects.csv'), 'utf8').split('\n')[1]).toMatch(
      new RegExp(`^list\\.xml;4;;rejected;${reason};SCHLUESSEL;`),
    )
  })

  test('a key twice: equal rows count once, contradicting ones not at all, all with their lines', async () => {
    const rows: (readonly [string, string])[] = [
      ['034590014014', 'Bramsche'],
      ['034590014014', 'Bramsche'],
      ['034590013013', 'Bohmte'],
      ['034590013013', 'Belm'],
    ]
    const files = { 'list.xml': codeList('rs', rows) }
    const place = workplace(files)
    const call = [
      'region',
      'import',
      'list.xml',
      '--allow-shrink',
      '--max-rejects',
      '50%',
      '--rejects',
      'rejects.csv',
    ]
    expect(await ozgctlJson(call, place)).toMatchObject({
      code: 0,
      json: {
        counts: { gemeinde: 1 },
        rejected: { total: 2, byReason: { 'duplicate-key': 2 } },
        kept: { total: 1, byReason: { 'duplicate-row': 1 } },
      },
    })
    expect(
      readFileSync(join(place.cwd, 'rejects.csv'), 'utf8'),
    ).toBe(`file;line;column;action;reason;field;value
list.xml;5;;kept;duplicate-row;same as list.xml line 4;034590014014
list.xml;6;;rejected;duplicate-key;"034590013013, which is ""Belm"" in list.xml line 7";Bohmte
list.xml;7;;rejected;duplicate-key;"034590013013, which is ""Bohmte"" in list.xml line 6";Belm
`)
    await importing(
      files,
      {
        code: 'STRICT',
        place: { file: 'list.xml', line: 6 },
        message: 'list.xml:6: --strict: 2 rows cannot be used (2 duplicate-key); nothing was imported',
      },
      '--strict',
    )
  })
})

describe('a file that is something else', () => {
  const cases: readonly (readonly [string, string, string | Uint8Array, Refusal])[] = [
    [
      'a web page',
      'gv.txt',
      '<!DOCTYPE html>\n<html><title>Anmeldung</title></html>',
      {
        code: 'IS_HTML',
        place: { file: 'gv.txt', line: 1 },
        message: 'gv.txt:1: this is a web page (HTML), not data',
      },
    ],
    [
      'a web page that begins with a remark',
      'list.xml',
      '<!-- saved from http://x -->\n<HTML><body>',
      {
        code: 'IS_HTML',
        place: { file: 'list.xml', line: 1 },
        message: 'list.xml:1: this is a web page (HTML), not data',
      },
    ],
    [
      'a PDF',
      'gv.txt',
      '%PDF-1.7\n',
      { code: 'IS_FOREIGN', place: { file: 'gv.txt' }, message: 'gv.txt: this is a PDF document, not data' },
    ],
    [
      'nothing',
      'gv.txt',
      '',
      { code: 'FILE_EMPTY', place: { file: 'gv.txt' }, message: 'gv.txt: the file is empty' },
    ],
    [
      'the catalogue',
      'ozg.csv',
      OZG,
      {
        code: 'REGION_FORMAT',
        place: { file: 'ozg.csv', line: 1 },
        message: 'ozg.csv:1: this is neither a GV100AD nor a genericode list',
      },
    ],
  ]
  test.each(cases)('%s', async (_, name, content, expected) => {
    await importing({ [name]: content }, expected)
  })
})

describe('a file that cannot be opened', () => {
  test('a missing one, one in a file, a circle of links, a folder without data', async () => {
    const place = workplace({ 'folder/notes.md': '', plain: '' })
    symlinkSync('circle.txt', join(place.cwd, 'circle.txt'))
    symlinkSync('.', join(place.cwd, 'folder', 'again.xml'))
    for (const [name, code, file, message] of [
      ['missing.txt', 'FILE_UNREADABLE', 'missing.txt', 'there is no such file'],
      ['plain/gv.txt', 'FILE_UNREADABLE', 'gv.txt', 'there is no such file'],
      ['circle.txt', 'FILE_UNREADABLE', 'circle.txt', 'its symbolic links go round in a circle'],
      ['folder', 'FOLDER_EMPTY', 'folder', 'the folder holds no file to import'],
    ] as const)
      await expectRefused(['region', 'import', name], place, {
        code,
        place: { file },
        message: `${file}: ${message}`,
      })
  })

  test('a zip archive in a pipe, which would be needed twice', async () => {
    const place = workplace({ 'gv.zip': zipOf([{ name: 'gv.txt', content: GV }]) })
    execFileSync('mkfifo', [join(place.cwd, 'pipe')])
    spawn('cp', ['gv.zip', 'pipe'], { cwd: place.cwd, stdio: 'ignore' })
    await expectRefused(['region', 'import', 'pipe'], place, {
      code: 'ZIP_FROM_PIPE',
      place: { file: 'pipe' },
      message: 'pipe: a zip archive cannot be read from a pipe',
    })
  })

  test.skipIf(process.getuid?.() !== 0)('one that this user may not read (needs root to become one)', () => {
    const place = workplace({ 'gv.txt': GV, 'folder/gv.txt': GV })
    for (const path of ['gv.txt', 'folder']) chmodSync(join(place.cwd, path), 0o600)
    for (const path of ['.', 'ozgctl.db']) chmodSync(join(place.cwd, path), 0o777)
    const asNobody = (file: string) =>
      spawnSync(process.execPath, [`${root}/bin/run.js`, 'region', 'import', file], {
        uid: 65534,
        gid: 65534,
        cwd: place.cwd,
        env: { PATH: process.env.PATH, HOME: place.cwd, ...place.env },
        encoding: 'utf8',
      })
    expect(asNobody('gv.txt')).toMatchObject({
      status: 65,
      stdout: '',
      stderr:
        'Error: gv.txt: the file may not be read by this user\n  Ask for the right to read it, or copy it.\n',
    })
    expect(asNobody('folder')).toMatchObject({ status: 65 })
    expect(asNobody('folder').stderr).toMatch(/^Error: folder: the file may not be read by this user\n/)
  })
})

describe('tables and other formats of the catalogue', () => {
  const cases: readonly (readonly [string, string, string | Uint8Array, Refusal])[] = [
    [
      'rows with another delimiter than the header',
      'ozg.csv',
      OZG.replace(/(?<=\n).*/s, (rows) => rows.replaceAll(';', ',')),
      {
        code: 'NOTHING_USABLE',
        place: { file: 'ozg.csv', line: 2 },
        message: expect.stringMatching(
          /^ozg\.csv:2: no row can be used; the first is rejected as column-count: /,
        ),
      },
    ],
    [
      'a column twice',
      'ozg.csv',
      OZG.replace(/^([^;]+);/, '$1;$1;'),
      {
        code: 'CSV_DUPLICATE_COLUMN',
        place: { file: 'ozg.csv', line: 1, column: 2 },
        message: expect.stringMatching(/^ozg\.csv:1:2: the column "\w+" stands twice in the header$/),
      },
    ],
    [
      'unknown columns',
      'x.csv',
      'a;b\n1;2\n',
      {
        code: 'CSV_UNKNOWN',
        place: { file: 'x.csv', line: 1 },
        message: expect.stringContaining('are not known'),
      },
    ],
    [
      'a quotation mark that is never closed',
      'ozg.csv',
      OZG.split('\n').with(3, '10001;"offen').join('\n'),
      {
        code: 'CSV_QUOTE_NOT_CLOSED',
        place: { file: 'ozg.csv', line: 4 },
        message: 'ozg.csv:4: a quotation mark in the row that begins here is never closed',
      },
    ],
    [
      'a table cut off in a row',
      'ozg.csv',
      OZG.slice(0, OZG.indexOf(';', OZG.length - 200)),
      {
        code: 'CSV_TRUNCATED',
        place: expect.anything(),
        message: expect.stringContaining('the file may be cut off there'),
      },
    ],
    [
      'XZuFi cut off',
      'x.xml',
      XZUFI.subarray(0, 3000),
      {
        code: 'XML_TRUNCATED',
        place: expect.anything(),
        message: expect.stringContaining('the document ends before it is complete'),
      },
    ],
    [
      'JSON cut off',
      'fim.json',
      FIM.slice(0, 2000),
      {
        code: 'JSON_TRUNCATED',
        place: expect.anything(),
        message: expect.stringContaining('the document ends before it is complete'),
      },
    ],
    [
      'JSON with a stray sign',
      'fim.json',
      '{\n  "a": 1,\n}',
      {
        code: 'JSON_INVALID',
        place: { file: 'fim.json', line: 3, column: 1 },
        message: 'fim.json:3:1: this is no valid JSON: unexpected "}"',
      },
    ],
    [
      'a million lists in one another',
      'fim.json',
      '['.repeat(1_000_000),
      {
        code: 'JSON_TRUNCATED',
        place: expect.anything(),
        message: expect.stringContaining('the document ends before it is complete'),
      },
    ],
  ]
  test.each(cases)('%s', async (_, name, content, expected) => {
    await expectRefused(['catalog', 'import', name], workplace({ [name]: content }), expected)
  })

  test('keys that a spreadsheet turned into numbers', async () => {
    const table = LEIKA.split('\n').slice(0, 5).join('\n')
    const place = workplace({ 'leika.csv': `${table.replace(/\b99\d{12}\b/g, '9,91020131E+13')}\n` })
    await expectRefused(['catalog', 'import', 'leika.csv', '--strict'], place, {
      code: 'STRICT',
      place: { file: 'leika.csv', line: 2, column: 1 },
      message: 'leika.csv:2:1: --strict: 4 rows cannot be used (4 excel-number); nothing was imported',
    })
  })

  const transfers: readonly (readonly [string, string, string, number | undefined, string])[] = [
    ['an empty index', '', 'INDEX_EMPTY', undefined, 'index.txt: the index names no file'],
    [
      'a file that is not there',
      'a.xml\nmissing.xml\n',
      'INDEX_MISSING_FILE',
      2,
      'index.txt:2: "missing.xml" is not there',
    ],
    ['a file twice', 'a.xml\na.xml\n', 'INDEX_TWICE', 2, 'index.txt:2: "a.xml" is named twice'],
    ['a file elsewhere', '../a.xml\n', 'INDEX_NAME', 1, 'index.txt:1: "../a.xml" is no plain file name'],
  ]
  test.each(transfers)('a transfer with %s', async (_, index, code, line, message) => {
    const place = workplace({ 'transfer/index.txt': index, 'transfer/a.xml': XZUFI, 'a.xml': XZUFI })
    await expectRefused(['catalog', 'import', 'transfer'], place, {
      code,
      place: line === undefined ? { file: 'index.txt' } : { file: 'index.txt', line },
      message,
    })
  })
})

describe('names that would act where they are shown', () => {
  const NAMES = [
    '=HYPERLINK("http://x";"Bramsche")',
    '+49 Bohmte',
    '@SUM(1+1)*cmd|calc',
    'Clear\u009B2Jscreen',
    'abc\u202Egnp.exe',
    'Zero\u200Bwidth',
    '<script>alert(1)</script>',
    '[click](javascript:1) | `x`',
  ]
  /** Controls other than the line feed, a zero width space, a reversal of direction. */
  const ACTIVE = /(?!\n)[\p{Cc}\u200B\u202E]/u

  async function registerOfNames() {
    const rows = NAMES.map((name, at) => [`03459${String(at).padStart(4, '0')}0${20 + at}`, name] as const)
    const place = workplace({ 'list.xml': codeList('rs', rows) })
    expect((await ozgctl(['region', 'import', 'list.xml', '--allow-shrink'], place)).code).toBe(0)
    return (...args: readonly string[]) => ozgctl(args, place)
  }

  test('are shown as signs in every format, and the JSON holds them as they are', async () => {
    const run = await registerOfNames()
    const call = ['region', 'list', '--level', 'gemeinde']
    const outputs = await Promise.all(
      ['table', 'csv', 'markdown', 'json'].map(
        async (format) => (await run(...call, '--output', format)).stdout,
      ),
    )
    for (const output of outputs) expect(output).not.toMatch(ACTIVE)
    const [table = '', csv = '', markdown = '', json = ''] = outputs
    expect(table).toContain('Clear\\x9b2Jscreen')
    expect(csv).toContain(';"\'=HYPERLINK(""http://x"";""Bramsche"")";')
    expect(csv).toContain(";'+49 Bohmte;")
    expect(csv).toContain(";'@SUM(1+1)*cmd|calc;")
    expect(csv.split('\n').filter((line) => /;[=+@]/.test(line))).toEqual([])
    expect(markdown).toContain('&lt;script\\>')
    expect(markdown).toContain('\\[click\\](javascript:1) \\| \\`x\\`')
    const answer = JSON.parse(json) as { regions: { name: string }[] }
    expect(answer.regions.map(({ name }) => name)).toEqual(NAMES)
    for (const [at, name] of NAMES.entries()) {
      const shown = await run('region', 'show', `03459${String(at).padStart(4, '0')}0${20 + at}`)
      expect(shown.stdout).not.toMatch(ACTIVE)
      expect(shown.stdout.split('\n')[0]?.slice(0, 3)).toBe(name.slice(0, 3))
    }
    expect((await run('region', 'diff')).stdout).not.toMatch(ACTIVE)
  })

  test('escapes in the Gemeindeverzeichnis, in rejected values and in names of files', async () => {
    const name = 'gv\u001B[31m\n.txt'
    const place = workplace({
      [name]: `${gvGemeinde('03459014 0014', 'Bram\u001B]0;x\u0007sche')}\n${gvGemeinde('0345\u001B[2 0013', '=1')}\n`,
    })
    const lenient = ['--allow-shrink', '--max-rejects', '50%']
    const call = ['region', 'import', name, ...lenient, '--rejects', 'rejects.csv']
    const run = await ozgctl(call, place)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).not.toMatch(ACTIVE)
    expect(run.stdout.split('\n')[0]).toBe(
      'gv\\x1b[31m\\x0a.txt: gv100ad, utf-8, 2 Datensätze, sha256 ' +
        run.stdout.slice(run.stdout.indexOf('sha256 ') + 7, run.stdout.indexOf('…') + 1),
    )
    expect(readFileSync(join(place.cwd, 'rejects.csv'), 'utf8')).not.toMatch(ACTIVE)
    expect((await ozgctl(['region', 'show', '03459014'], place)).stdout).toMatch(/^Bram\\x1b\]0;x\\x07sche\n/)
    expect((await ozgctl(['region', 'history'], place)).stdout).not.toMatch(ACTIVE)
    writeFileSync(join(place.cwd, name), 'x')
    const failed = await ozgctl(['region', 'import', name], place)
    expect(failed.stderr.split('\n')[0]).toBe(
      'Error: gv\\x1b[31m .txt:1: this is neither a GV100AD nor a genericode list',
    )
  })
})

test('people read the same as machines: place, what is wrong, and the next step; never a stack', async () => {
  const place = workplace({ 'gv.txt': GV.subarray(0, 1000) })
  expect(await ozgctl(['region', 'import', 'gv.txt'], place)).toMatchObject({
    code: 65,
    stdout: '',
    stderr: `Error: gv.txt:5: the line has 116 characters instead of 220
  The file was cut off, or an editor or a spreadsheet changed it: fetch it again.
`,
  })
  expect(existsSync(join(place.cwd, 'rejects.csv'))).toBe(false)
})
