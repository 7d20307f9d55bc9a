import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { choice, optional } from '../../connector/settings.ts'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { inputFileError } from '../../input/file-error.ts'

/** What the letters of a file are written in. */
export const encodingSetting = optional(
  choice(
    'What the letters of the file are written in. A record with other bytes is set aside; iso-8859-1 is read as windows-1252, as browsers do it.',
    ['utf-8', 'iso-8859-1', 'windows-1252'],
  ),
  'utf-8',
)
export type FileEncoding = 'utf-8' | 'iso-8859-1' | 'windows-1252'

/** The longest line or row of a file: more is no record. */
export const MAX_RECORD = 16 << 20
/** A page ends with so many bytes, however few its records are. */
export const MAX_PAGE = 16 << 20

/** Where in a file something begins. */
export interface FilePlace {
  readonly byte: number
  /** From 1. */
  readonly line: number
}

export const cursorAt = ({ byte, line }: FilePlace): string => `${byte} ${line}`

/** @throws OzgctlError BAD_RECORDS for a cursor that no file made */
export function placeAt(path: string, cursor: string): FilePlace {
  const [, byte, line] = /^(\d{1,15}) (\d{1,15})$/.exec(cursor) ?? []
  if (byte === undefined || line === undefined) throw badFile(path, 'this is no place in it to go on from')
  return { byte: Number(byte), line: Number(line) }
}

/** What can be said of a file before it is read. */
export interface FileEnds {
  /** Behind the mark of the byte order, if there is one. */
  readonly begin: FilePlace
  readonly size: number
  /** Whether its last line has its end. */
  readonly endsWithLine: boolean
}

/** @throws OzgctlError BAD_RECORDS when it cannot be read, or is written in another encoding */
export async function fileEnds(path: string, encoding: FileEncoding): Promise<FileEnds> {
  try {
    // To open a pipe waits for somebody who writes to it.
    if (!(await stat(path)).isFile()) throw badFile(path, 'it is no file')
    const file = await open(path, 'r')
    try {
      return await endsOf(path, file, encoding)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(error, path)
  }
}

async function endsOf(path: string, file: FileHandle, encoding: FileEncoding): Promise<FileEnds> {
  const { size } = await file.stat()
  const head = (await file.read(Buffer.alloc(3), 0, 3, 0)).buffer.toString('latin1')
  const last = (await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))).buffer[0]
  if (head.startsWith('\xff\xfe') || head.startsWith('\xfe\xff'))
    throw badFile(path, 'it is written in UTF-16: have it written in UTF-8')
  const isMarked = head === '\xef\xbb\xbf'
  if (isMarked && encoding !== 'utf-8') throw badFile(path, `it says that it is UTF-8, and not ${encoding}`)
  return {
    begin: { byte: isMarked ? 3 : 0, line: 1 },
    size,
    endsWithLine: last === 10 || last === 13,
  }
}

/** @throws OzgctlError BAD_RECORDS */
export async function* bytesFrom(path: string, byte: number): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { start: byte, highWaterMark: CHUNK }) as AsyncIterable<Buffer>
  } catch (error) {
    throw unreadable(error, path)
  }
}

const CHUNK = 1 << 18

/** Text of bytes; undefined for those that are none in this encoding. */
export type Decode = (bytes: Uint8Array) => string | undefined

export function decoderOf(encoding: FileEncoding): Decode {
  if (encoding !== 'utf-8') {
    const decoder = new TextDecoder('windows-1252')
    return (bytes) => decoder.decode(bytes)
  }
  return (bytes) =>
    isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined
}

/** Why a record that cannot be decoded is set aside. */
export const notDecoded = (encoding: FileEncoding): string =>
  `it is no ${encoding.toUpperCase()}: say with encoding what the file is written in`

/** A file that is not what it was said to be: nothing of it fits any more. */
export const badFile = (path: string, what: string): OzgctlError =>
  new OzgctlError('BAD_RECORDS', `${path}: ${what}`, {
    exit: EXIT.unavailable,
    suggestions: ['Look at the file, and at the settings of the step.'],
  })

/** The same for what an import would say of it. */
export const badRecordsFor = ({ message, suggestions }: OzgctlError): OzgctlError =>
  new OzgctlError('BAD_RECORDS', message, { exit: EXIT.unavailable, suggestions })

function unreadable(error: unknown, path: string): unknown {
  const known = inputFileError(error, path)
  return known instanceof OzgctlError && known.code !== 'BAD_RECORDS' ? badRecordsFor(known) : known
}
