import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { gunzipped, zipMembers } from '../../src/lib/input/archive.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile } from '../support/folder.ts'
import { sourceOf } from '../support/source.ts'
import { type ZipEntry, zipOf } from '../support/zip.ts'

const TEXT = 'Schluessel;Name\n03459014;Bramsche\n'.repeat(200)

async function whole(bytes: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts).toString()
}

describe('gzip', () => {
  const gunzip = (bytes: Uint8Array, sizes: readonly number[] = []) =>
    whole(gunzipped(sourceOf(bytes, { sizes }).bytes(), 'a.gz'))

  test('comes out whole, however it arrives, and members one after another are one text', async () => {
    const packed = gzipSync(TEXT)
    expect(await gunzip(packed)).toBe(TEXT)
    expect(await gunzip(packed, [1, 7])).toBe(TEXT)
    expect(await gunzip(Buffer.concat([packed, gzipSync('end\n')]))).toBe(`${TEXT}end\n`)
  })

  test('that is cut off at any byte is told, never a short text', async () => {
    const packed = gzipSync(TEXT)
    for (let end = 1; end < packed.length; end++) {
      const error = await failure(() => gunzip(packed.subarray(0, end)))
      expect({ code: error.code, end }).toEqual({ code: 'GZIP_TRUNCATED', end })
    }
  })

  test('in which a byte is wrong is told, or was one of those that say nothing about the content', async () => {
    const packed = gzipSync(TEXT)
    // RFC 1952 §2.3: bytes 4 to 9 are time, extra flags and system.
    for (let at = 0; at < packed.length; at++) {
      const damaged = Buffer.from(packed)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      const text = await gunzip(damaged).catch((error: unknown) => error)
      if (at >= 4 && at < 10) expect(text).toBe(TEXT)
      else expect(text).toMatchObject({ exit: 65, message: expect.stringMatching(/^a\.gz: the gzip data /) })
    }
  })

  test('a large text that does not shrink much is no bomb', async () => {
    const large = gzipSync(randomBytes(70 << 20), { level: 0 })
    let read = 0
    for await (const part of gunzipped(sourceOf(large).bytes(), 'large.gz')) read += part.length
    expect(read).toBe(70 << 20)
  })

  test('a bomb is stopped long before it is through', async () => {
    const bomb = gzipSync(Buffer.alloc(200 << 20), { level: 9 })
    let read = 0
    const error = await failure(async () => {
      for await (const part of gunzipped(sourceOf(bomb).bytes(), 'bomb.gz')) read += part.length
    })
    expect(error).toMatchObject({
      code: 'DECOMPRESSION_BOMB',
      message: 'bomb.gz: more than 200 times its packed size comes out of this archive',
    })
    expect(read).toBeLessThan(80 << 20)
  })
})

describe('zip', () => {
  const zip = async (content: Uint8Array) => {
    const found: string[] = []
    for await (const { name, bytes } of zipMembers(temporaryFile('a.zip', content)))
      found.push(`${name}: ${await whole(bytes)}`)
    return found
  }

  test('gives its text members in their order and passes over the rest', async () => {
    const entries = [
      { name: 'b/GV100AD.txt', content: 'one' },
      { name: 'Beschreibung.pdf', content: '%PDF' },
      { name: 'a.csv', content: 'two', stored: true },
      { name: 'leer/', content: '' },
      { name: 'C.XML', content: 'three' },
    ]
    expect(await zip(zipOf(entries))).toEqual(['b/GV100AD.txt: one', 'a.csv: two', 'C.XML: three'])
  })

  const member: ZipEntry = { name: 'a.csv', content: TEXT }
  const cases: readonly (readonly [string, readonly ZipEntry[], string, string])[] = [
    [
      'an Excel workbook',
      [{ name: '[Content_Types].xml', content: '<Types/>' }, member],
      'EXCEL_WORKBOOK',
      'a.zip: this is an Office document, not a table as text',
    ],
    [
      'an OpenDocument table',
      [{ name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet', stored: true }],
      'EXCEL_WORKBOOK',
      'a.zip: this is an Office document, not a table as text',
    ],
    [
      'nothing but a PDF',
      [{ name: 'a.pdf', content: '%PDF' }],
      'ZIP_NO_TEXT',
      'a.zip: the archive holds no .xml, .csv, .json, .txt or .asc file',
    ],
    ['nothing at all', [], 'ZIP_NO_TEXT', 'a.zip: the archive holds no .xml, .csv, .json, .txt or .asc file'],
    ['the same name twice', [member, member], 'ZIP_DUPLICATE', 'a.zip: the archive holds "a.csv" twice'],
    [
      'an encrypted member',
      [{ ...member, flags: 1 }],
      'ZIP_ENCRYPTED',
      'a.zip!a.csv: this member is encrypted',
    ],
    [
      'a checksum that does not fit',
      [{ ...member, crc: 1 }],
      'ZIP_CRC',
      'a.zip!a.csv: the checksum does not fit: the archive is damaged',
    ],
    [
      'a name that leads out of the folder',
      [{ name: '../../etc/passwd.txt', content: 'x' }],
      'ZIP_DAMAGED',
      'a.zip: the zip archive cannot be read: invalid relative path: ../../etc/passwd.txt',
    ],
    [
      'an absolute name',
      [{ name: '/etc/passwd.txt', content: 'x' }],
      'ZIP_DAMAGED',
      'a.zip: the zip archive cannot be read: absolute path: /etc/passwd.txt',
    ],
    [
      'a bomb',
      [{ name: 'a.csv', content: Buffer.alloc(100 << 20) }],
      'DECOMPRESSION_BOMB',
      'a.zip!a.csv: more than 200 times its packed size comes out of this archive',
    ],
    [
      'a bomb in small parts',
      [1, 2, 3, 4].map((part) => ({ name: `${part}.csv`, content: Buffer.alloc(30 << 20) })),
      'DECOMPRESSION_BOMB',
      'a.zip!3.csv: more than 200 times its packed size comes out of this archive',
    ],
  ]
  test.each(cases)('%s is refused', async (_, entries, code, message) => {
    const error = await failure(() => zip(zipOf(entries)))
    expect({ code: error.code, exit: error.exit, message: error.message }).toEqual({
      code,
      exit: 65,
      message,
    })
    expect(error.suggestions).toHaveLength(1)
  })

  test('that is cut off at any byte is told', async () => {
    const packed = zipOf([{ name: 'a.csv', content: 'Schluessel;Name\n1;a\n' }])
    for (let end = 4; end < packed.length; end++) {
      const error = await failure(() => zip(packed.subarray(0, end)))
      expect({ code: error.code, end }).toEqual({ code: 'ZIP_DAMAGED', end })
    }
  })

  test('in which a byte is wrong never gives another text', async () => {
    const packed = zipOf([{ name: 'a.csv', content: TEXT }])
    for (let at = 0; at < packed.length; at++) {
      const damaged = Buffer.from(packed)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      const found = await zip(damaged).catch((error: unknown) => error)
      if (Array.isArray(found)) expect(found.map((text: string) => text.split(': ')[1])).toEqual([TEXT])
      else expect(found).toMatchObject({ exit: 65 })
    }
  })
})
