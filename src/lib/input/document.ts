import { isAbsolute } from 'node:path'
import { basename } from 'node:path/posix'
import type { Readable } from 'node:stream'
import { badInput, OzgctlError } from '../errors.ts'
import { decode } from './decode.ts'
import { inputFileError } from './file-error.ts'
import { readerOf } from './reader.ts'

/** A whole text that somebody writes by hand, such as a manifest. */
export interface InputDocument {
  /**
   * As given, so that editors find it; an absolute path is cut to its last part, which is nobody's home
   * folder.
   */
  readonly file: string
  readonly text: string
}

/**
 * Reads a document into memory: UTF-8, or UTF-16 with a byte order mark (YAML 1.2.2 §5.2). `-` is standard
 * input.
 * @throws OzgctlError 65 when it is missing, a folder, larger than `maxBytes`, empty or no text
 */
export async function readDocument(path: string, stdin: Readable, maxBytes: number): Promise<InputDocument> {
  const file = path === '-' ? '(stdin)' : isAbsolute(path) ? basename(path) : path
  const bytes = await readBytes(path === '-' ? stdin : await readerOf(path), path, file, maxBytes)
  if (bytes.length === 0) throw badInput('FILE_EMPTY', 'the file is empty', { file })
  let text = ''
  try {
    for await (const part of decode(sourceOf(file, bytes), textEncoding(bytes))) text += part
  } catch (error) {
    throw encodingError(error)
  }
  return { file, text }
}

async function readBytes(
  stream: AsyncIterable<Buffer>,
  path: string,
  file: string,
  maxBytes: number,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of stream) {
      length += part.length
      if (length > maxBytes)
        throw badInput('DOCUMENT_TOO_LARGE', `the document is larger than ${maxBytes >> 20} MiB`, { file })
      parts.push(part)
    }
  } catch (error) {
    throw inputFileError(error, path)
  }
  return Buffer.concat(parts)
}

const textEncoding = (bytes: Buffer): 'utf-8' | undefined =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) ? undefined : 'utf-8'

function sourceOf(file: string, bytes: Buffer) {
  return {
    name: file,
    facts: { name: file, format: '', encoding: '', bytes: bytes.length, sha256: '', records: 0 },
    head: bytes,
    bytes: async function* () {
      yield bytes
    },
  }
}

/** `decode` serves tables too and advises to name their encoding; a document has to be UTF-8. */
function encodingError(error: unknown): unknown {
  if (!(error instanceof OzgctlError)) return error
  const what = error.code === 'NUL_BYTE' ? 'a NUL byte has no place in a text' : 'this byte is no valid UTF-8'
  return badInput(error.code, what, error.place, ['Save the file as UTF-8.'])
}
