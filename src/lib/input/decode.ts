import { isAscii, isUtf8 } from 'node:buffer'
import { badInput } from '../errors.ts'
import type { ByteSource } from './source.ts'

export const ENCODINGS = ['utf-8', 'iso-8859-1', 'windows-1252', 'utf-16le', 'utf-16be'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * Text of a source, decoded strictly. The encoding comes from the byte order mark, else from `chosen` (an option),
 * else from `declared` (an XML declaration), else from the bytes: UTF-8 as long as they are UTF-8, a single-byte
 * encoding when the first byte outside ASCII is none. What was seen stands in `source.facts.encoding`.
 *
 * Every sequence of bytes is valid in a single-byte encoding, so UTF-8 letters in one that nobody chose are refused:
 * they would pass as `Ã¼`.
 * @throws OzgctlError 65 with the byte offset for bytes that fit no encoding, a mix of two, or a NUL
 */
export function decode(source: ByteSource, declared?: Encoding, chosen?: Encoding): AsyncIterable<string> {
  const marked = byteOrderMark(source.head)
  const encoding = marked?.encoding ?? chosen ?? declared
  switch (encoding) {
    case 'utf-16le':
    case 'utf-16be':
      return decodeUtf16(source, encoding, marked?.length ?? 0)
    case 'iso-8859-1':
    case 'windows-1252':
      return decodeSingleByte(source, encoding, chosen === undefined)
    case 'utf-8':
      return decodeUtf8(source, marked?.length ?? 0, 'strict')
    case undefined:
      return decodeUtf8(source, 0, 'or-single-byte')
  }
}

/** Reads `encoding="…"` of an XML declaration. XML 1.0 §4.3.3: UTF-8 where nothing is declared. */
export function xmlEncoding(source: ByteSource): Encoding {
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
  source: ByteSource,
  skip: number,
  mode: 'strict' | 'or-single-byte',
): AsyncGenerator<string> {
  source.facts.encoding = skip > 0 ? 'utf-8 with byte order mark' : 'utf-8'
  let offset = skip
  let skipNow = skip
  let carry = Buffer.alloc(0)
  let onlyAscii = true
  let single: SingleByte | undefined
  for await (const part of source.bytes()) {
    const fresh = part.subarray(skipNow)
    const chunk = carry.length === 0 ? fresh : Buffer.concat([carry, fresh])
    skipNow -= part.length - fresh.length
    refuseNul(chunk, offset, source.name)
    const text: Buffer = single !== undefined ? chunk : chunk.subarray(0, completeUtf8(chunk))
    carry = Buffer.from(chunk.subarray(text.length))
    if (single === undefined && !isUtf8(text)) {
      const bad = firstBadByte(text)
      const mixed = !onlyAscii || !isAscii(text.subarray(0, bad))
      if (mode === 'strict' || mixed) throw badUtf8(source.name, offset + bad, mixed)
      single = new SingleByte(source, offset, MIXED)
    }
    offset += text.length
    const ascii = isAscii(text)
    onlyAscii &&= ascii
    yield single?.text(text) ?? text.toString(ascii ? 'latin1' : 'utf8')
  }
  if (carry.length === 0) return
  if (single === undefined && mode === 'or-single-byte' && onlyAscii)
    single = new SingleByte(source, offset, MIXED)
  if (single !== undefined) yield single.text(carry)
  else
    throw badInput(
      'UTF8_TRUNCATED',
      'the file ends in the middle of a character',
      { file: source.name, byte: offset },
      ['Fetch the file again.'],
    )
}

async function* decodeSingleByte(
  source: ByteSource,
  encoding: 'iso-8859-1' | 'windows-1252',
  doubtful: boolean,
): AsyncGenerator<string> {
  const single = new SingleByte(source, 0, doubtful ? `although the file declares ${encoding}` : undefined)
  source.facts.encoding = encoding
  let offset = 0
  for await (const chunk of source.bytes()) {
    refuseNul(chunk, offset, source.name)
    offset += chunk.length
    yield single.text(chunk)
  }
}

const MIXED = 'but text before it was not: the file mixes encodings'

/** Turns the bytes of a single-byte encoding into text, chunk by chunk. */
class SingleByte {
  readonly #source: ByteSource
  readonly #decoder = new TextDecoder('windows-1252')
  /** Why UTF-8 is a fault here; undefined where the encoding was chosen and is not to be doubted. */
  readonly #complaint: string | undefined
  #offset: number
  #last = 0

  constructor(source: ByteSource, offset: number, complaint: string | undefined) {
    this.#source = source
    this.#offset = offset
    this.#complaint = complaint
  }

  text(chunk: Buffer): string {
    if (this.#complaint !== undefined) this.#refuseUtf8(chunk, this.#complaint)
    const { facts } = this.#source
    // 0x80 to 0x9F are control characters in ISO-8859-1; where they occur the file really is Windows-1252.
    if (chunk.some((byte) => byte >= 0x80 && byte <= 0x9f)) facts.encoding = 'windows-1252'
    else if (facts.encoding !== 'windows-1252') facts.encoding = 'iso-8859-1'
    return this.#decoder.decode(chunk)
  }

  /** German umlauts and ß are 0xC3 and a byte from 0x80 to 0xBF in UTF-8: `Ã` and a sign that follows no letter. */
  #refuseUtf8(chunk: Buffer, complaint: string): void {
    const bytes = this.#last === 0xc3 ? Buffer.concat([Buffer.of(0xc3), chunk]) : chunk
    for (let at = bytes.indexOf(0xc3); at >= 0; at = bytes.indexOf(0xc3, at + 1)) {
      const next = bytes[at + 1] ?? 0
      if (next < 0x80 || next > 0xbf) continue
      throw badInput(
        'ENCODING_MIXED',
        `this letter is UTF-8, ${complaint}`,
        { file: this.#source.name, byte: this.#offset + chunk.length - bytes.length + at },
        ['Name the encoding with --encoding, or have the file written anew in UTF-8.'],
      )
    }
    this.#last = chunk.at(-1) ?? this.#last
    this.#offset += chunk.length
  }
}

async function* decodeUtf16(
  source: ByteSource,
  encoding: 'utf-16le' | 'utf-16be',
  skip: number,
): AsyncGenerator<string> {
  source.facts.encoding = encoding
  let offset = skip
  let skipNow = skip
  let carry = Buffer.alloc(0)
  for await (const part of source.bytes()) {
    const fresh = part.subarray(skipNow)
    const chunk = carry.length === 0 ? fresh : Buffer.concat([carry, fresh])
    skipNow -= part.length - fresh.length
    const bytes = chunk.subarray(0, completeUtf16(chunk, encoding))
    carry = Buffer.from(chunk.subarray(bytes.length))
    const text = utf16Text(bytes, encoding)
    refuseInText(text, offset, source.name)
    offset += bytes.length
    yield text
  }
  if (carry.length > 0)
    throw badInput(
      'UTF16_TRUNCATED',
      'the file ends in the middle of a character',
      { file: source.name, byte: offset },
      ['Fetch the file again.'],
    )
}

/** Whole code units, without the first half of a surrogate pair at the end. */
function completeUtf16(chunk: Buffer, encoding: 'utf-16le' | 'utf-16be'): number {
  const even = chunk.length - (chunk.length % 2)
  const high = chunk[even - (encoding === 'utf-16le' ? 1 : 2)] ?? 0
  return even > 0 && high >= 0xd8 && high <= 0xdb ? even - 2 : even
}

function utf16Text(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): string {
  return (encoding === 'utf-16le' ? bytes : Buffer.from(bytes).swap16()).toString('utf16le')
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

function refuseInText(text: string, offset: number, file: string): void {
  const nul = text.indexOf('\0')
  if (nul >= 0) throw nulByte(file, offset + 2 * nul)
  if (text.isWellFormed()) return
  throw badInput(
    'UTF16_INVALID',
    'this is half of a character: no valid UTF-16',
    { file, byte: offset + 2 * text.search(LONE_SURROGATE) },
    ['Name the encoding with --encoding, or fetch the file again.'],
  )
}

function refuseNul(chunk: Buffer, offset: number, file: string): void {
  const at = chunk.indexOf(0)
  if (at >= 0) throw nulByte(file, offset + at)
}

function nulByte(file: string, byte: number): Error {
  return badInput('NUL_BYTE', 'a NUL byte has no place in a text', { file, byte }, [
    'If the file is UTF-16, say so with --encoding utf-16le; else fetch it again, for it is damaged.',
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
