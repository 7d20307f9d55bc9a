import { basename } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createGunzip } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { badInput, OzgctlError } from '../errors.ts'

const CHUNK = 1 << 20
const MAX_MEMBERS = 10_000
// A text can shrink to a fortieth; a bomb shrinks to a thousandth.
const MAX_RATIO = 200
const RATIO_FROM = 64 << 20
// Workbooks are zip archives: Office Open XML Part 2 §7.2.3, OpenDocument 1.3 Part 2 §3.3.
const OFFICE_MEMBER = /^(\[Content_Types\]\.xml|mimetype)$/
const TEXT_MEMBER = /\.(xml|csv|json|txt|asc)$/i

/**
 * Decompresses strictly: a stream that ends early is an error, never a short file.
 * @throws OzgctlError 65 for truncated or damaged data and for a decompression bomb
 */
export async function* gunzipped(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK })
  const out = new PassThrough({ readableHighWaterMark: CHUNK, writableHighWaterMark: CHUNK })
  let packed = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      packed += chunk.length
      yield chunk
    }
  }
  const flow = pipeline(Readable.from(counted()), gunzip, out)
  flow.catch(() => undefined)
  let unpacked = 0
  try {
    for await (const chunk of out) {
      unpacked += chunk.length
      guardRatio(unpacked, packed, name)
      yield chunk
    }
    await flow
  } catch (error) {
    throw gzipError(error, name)
  }
}

function gzipError(error: unknown, name: string): unknown {
  if (error instanceof OzgctlError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') {
    return badInput('GZIP_TRUNCATED', 'the gzip data ends in the middle', { file: name }, [
      'Fetch the file again; the download was cut off.',
    ])
  }
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return badInput('GZIP_DAMAGED', 'the gzip data is damaged', { file: name }, ['Fetch the file again.'])
  }
  return error
}

function guardRatio(unpacked: number, packed: number, name: string): void {
  if (unpacked > RATIO_FROM && unpacked > packed * MAX_RATIO) {
    throw badInput(
      'DECOMPRESSION_BOMB',
      `more than ${MAX_RATIO} times its packed size comes out of this archive`,
      { file: name },
      ['No text shrinks like this. If it is meant, unpack it by hand and import the file.'],
    )
  }
}

export interface ZipMember {
  readonly name: string
  readonly bytes: AsyncIterable<Buffer>
}

/**
 * Text members of a zip archive in its order. Nothing is ever extracted to disk; other members (record
 * descriptions as PDF) are passed over.
 * @throws OzgctlError 65 for an Excel workbook, encrypted, duplicate, damaged or no usable members, and when all
 * members together unpack to a multiple of the archive that no text reaches
 */
export async function* zipMembers(path: string): AsyncGenerator<ZipMember> {
  const name = basename(path)
  const zip = await openZip(path, name)
  const seen = new Set<string>()
  const total = { unpacked: 0 }
  let usable = 0
  try {
    for await (const entry of zip.eachEntry()) {
      if (OFFICE_MEMBER.test(entry.fileName))
        throw badInput('EXCEL_WORKBOOK', 'this is an Office document, not a table as text', { file: name }, [
          'Save the sheet as "CSV UTF-8" and import that.',
        ])
      if (seen.has(entry.fileName))
        throw badInput(
          'ZIP_DUPLICATE',
          `the archive holds ${JSON.stringify(entry.fileName)} twice`,
          { file: name },
          ['Unpack it by hand and import the file that counts.'],
        )
      seen.add(entry.fileName)
      if (seen.size > MAX_MEMBERS)
        throw badInput('ZIP_TOO_MANY', `the archive holds more than ${MAX_MEMBERS} members`, { file: name }, [
          'Unpack it by hand and import the files that count.',
        ])
      if (!TEXT_MEMBER.test(entry.fileName)) continue
      usable++
      yield { name: entry.fileName, bytes: memberBytes(zip, entry, name, total) }
    }
  } catch (error) {
    throw zipError(error, name)
  } finally {
    zip.close()
  }
  if (usable === 0)
    throw badInput(
      'ZIP_NO_TEXT',
      'the archive holds no .xml, .csv, .json, .txt or .asc file',
      { file: name },
      ['Look into it: another archive may be inside.'],
    )
}

async function openZip(path: string, name: string): Promise<ZipFile> {
  const { openPromise } = await import('yauzl')
  try {
    return await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true })
  } catch (error) {
    throw zipError(error, name)
  }
}

async function* memberBytes(
  zip: ZipFile,
  entry: Entry,
  archive: string,
  total: { unpacked: number },
): AsyncGenerator<Buffer> {
  const file = `${archive}!${entry.fileName}`
  if (entry.isEncrypted())
    throw badInput('ZIP_ENCRYPTED', 'this member is encrypted', { file }, [
      'Unpack it by hand and import the file.',
    ])
  let sum = 0
  try {
    const stream = await zip.openReadStreamPromise(entry)
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      total.unpacked += chunk.length
      guardRatio(total.unpacked, zip.fileSize, file)
      sum = crc32(chunk, sum)
      yield chunk
    }
  } catch (error) {
    throw zipError(error, file)
  }
  if (sum !== entry.crc32)
    throw badInput('ZIP_CRC', 'the checksum does not fit: the archive is damaged', { file }, [
      'Fetch the file again.',
    ])
}

function zipError(error: unknown, name: string): unknown {
  if (error instanceof OzgctlError || !(error instanceof Error)) return error
  return badInput('ZIP_DAMAGED', `the zip archive cannot be read: ${error.message}`, { file: name }, [
    'Fetch the file again.',
  ])
}
