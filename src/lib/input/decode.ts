import { isAscii, isUtf8 } from 'node:buffer'
import { badInput } from '../errors.ts'
import type { InputSource } from './source.ts'

export const ENCODINGS = ['utf-8', 'iso-8859-1', 'windows-1252', 'utf-16le', 'utf-16be'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * Text of a source, decoded strictly. The encoding comes from the byte order mark, else from `declared`
 * (an option or an XML declaration), else from the bytes: UTF-8 as long as they are UTF-8, a single-byte
 * encoding when the first byte outside ASCII is none. What was seen stands in `source.facts.encoding`.
 * @throws OzgctlError 65 with the byte offset for bytes that fit no encoding, a mix of two, or a NUL byte
 */
export function decode(source: InputSource, declared?: Encoding): AsyncIterable<string> {
  const marked = byteOrderMark(source.head)
  const encoding = marked?.encoding ?? declared
  switch (encoding) {
    case 'utf-16le':
    case 'utf-16be':
      return decodeUtf16(source, encoding, marked?.length ?? 0)
    case 'iso-8859-1':
    case 'windows-1252':
      return decodeSingleByte(source, encoding)
    case 'utf-8':
      return decodeUtf8(source, marked?.length ?? 0, 'strict')
    case undefined:
      return decodeUtf8(source, 0, 'or-single-byte')
  }
}

/** Reads `encoding="…"` of an XML declaration. XML 1.0 §4.3.3: UTF-8 where nothing is declared. */
export function xmlEncoding(source: InputSource): Encoding {
  const head = source.head.subarray(0, 200).toString('latin1')
  const name = /^(?:\u00EF\u00BB\u00BF)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/
    .exec(head)?.[1]
    ?.toLowerCase()
  if (name === undefined || name === 'us-ascii') return 'utf-8'
  if (name === 'utf-16') return 'utf-16le'
  const known = ENCODINGS.find(
    (encoding) => encoding === name || (encoding === 'iso-8859-1' && name === 'latin1'),
  )
  if (known !== undefined) return known
  throw badInput(
    'ENCODING_UNKNOWN',
    `the declared encoding "${name}" is not supported`,
    { file: source.name },
    [`Supported: ${ENCODINGS.join(', ')}.`],
  )
}

function byteOrderMark(head: Buffer): { encoding: Encoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 }
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 }
  return undefined
}

async function* decodeUtf8(
  source: InputSource,
  skip: number,
  mode: 'strict' | 'or-single-byte',
): AsyncGenerator<string> {
  source.facts.encoding = skip > 0 ? 'utf-8 with byte order mark' : 'utf-8'
  let offset = skip
  let skipNow = skip
  let carry = Buffer.alloc(0)
  let onlyAscii = true
  let single = false
  for await (const part of source.bytes()) {
    const chunk = carry.length === 0 ? part.subarray(skipNow) : Buffer.concat([carry, part])
    skipNow = 0
    refuseNul(chunk, offset, source.name)
    const text: Buffer = single ? chunk : chunk.subarray(0, completeUtf8(chunk))
    carry = Buffer.from(chunk.subarray(text.length))
    if (!single && !isUtf8(text)) {
      const bad = firstBadByte(text)
      single = mode === 'or-single-byte' && onlyAscii && isAscii(text.subarray(0, bad))
      if (!single) throw badUtf8(source.name, offset + bad, !onlyAscii || !isAscii(text.subarray(0, bad)))
    }
    offset += text.length
    const ascii = isAscii(text)
    onlyAscii &&= ascii
    yield ascii ? text.toString('latin1') : single ? singleByte(source, text) : text.toString('utf8')
  }
  if (carry.length === 0) return
  if (single || (mode === 'or-single-byte' && onlyAscii)) yield singleByte(source, carry)
  else
    throw badInput(
      'UTF8_TRUNCATED',
      'the file ends in the middle of a character',
      { file: source.name, byte: offset },
      ['Fetch the file again.'],
    )
}

async function* decodeSingleByte(source: InputSource, encoding: Encoding): AsyncGenerator<string> {
  source.facts.encoding = encoding
  let offset = 0
  for await (const chunk of source.bytes()) {
    refuseNul(chunk, offset, source.name)
    offset += chunk.length
    yield singleByte(source, chunk)
  }
}

function singleByte(source: InputSource, chunk: Buffer): string {
  // 0x80 to 0x9F are control characters in ISO-8859-1; where they occur the file really is Windows-1252.
  if (chunk.some((byte) => byte >= 0x80 && byte <= 0x9f)) source.facts.encoding = 'windows-1252'
  else if (source.facts.encoding !== 'windows-1252') source.facts.encoding = 'iso-8859-1'
  return new TextDecoder('windows-1252').decode(chunk)
}

async function* decodeUtf16(
  source: InputSource,
  encoding: 'utf-16le' | 'utf-16be',
  skip: number,
): AsyncGenerator<string> {
  source.facts.encoding = encoding
  const decoder = new TextDecoder(encoding, { fatal: true })
  let offset = 0
  for await (const chunk of source.bytes()) {
    const from = offset === 0 ? skip : 0
    yield decodeStrict(decoder, chunk.subarray(from), true, source.name, offset)
    offset += chunk.length
  }
  yield decodeStrict(decoder, Buffer.alloc(0), false, source.name, offset)
}

function decodeStrict(
  decoder: InstanceType<typeof TextDecoder>,
  chunk: Buffer,
  stream: boolean,
  file: string,
  byte: number,
): string {
  try {
    return decoder.decode(chunk, { stream })
  } catch {
    throw badInput('ENCODING_INVALID', 'bytes from here on are no valid UTF-16', { file, byte }, [
      'Name the encoding with --encoding, or fetch the file again.',
    ])
  }
}

function refuseNul(chunk: Buffer, offset: number, file: string): void {
  const at = chunk.indexOf(0)
  if (at >= 0)
    throw badInput('NUL_BYTE', 'a NUL byte has no place in a text', { file, byte: offset + at }, [
      'If the file is UTF-16, say so with --encoding utf-16le.',
    ])
}

function badUtf8(file: string, byte: number, mixed: boolean): Error {
  const what = mixed
    ? 'this byte is no UTF-8, but text before it was: the file mixes encodings'
    : 'this byte is no valid UTF-8'
  return badInput('UTF8_INVALID', what, { file, byte }, [
    'Name the encoding with --encoding iso-8859-1, or have the file written anew.',
  ])
}

/** End of the last complete UTF-8 sequence in the chunk. */
function completeUtf8(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? chunk.length - back : chunk.length
    }
  }
  return chunk.length
}

/** Index of the first byte that breaks UTF-8: binary search, since a prefix of valid text cut at a boundary is valid. */
function firstBadByte(bytes: Buffer): number {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const prefix = bytes.subarray(0, middle)
    if (isUtf8(prefix.subarray(0, completeUtf8(prefix)))) low = middle
    else high = middle - 1
  }
  return completeUtf8(bytes.subarray(0, low))
}
