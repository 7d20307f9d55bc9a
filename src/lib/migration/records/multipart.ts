import { randomBytes } from 'node:crypto'
import type { HttpBody } from '../../http/streamed.ts'

/** One field of a form. */
export interface FormPart {
  readonly name: string
  /** Media type; where it is none, `application/octet-stream` is sent. */
  readonly type: string
  readonly fileName?: string
  /** `Content-ID` of a part that another one refers to. */
  readonly id?: string
  /** A text is sent as UTF-8. */
  readonly body: string | HttpBody
}

/** A form as `multipart/form-data` (RFC 7578), ready to be sent once. */
export interface Form {
  /** For the header `content-type`. */
  readonly type: string
  readonly body: HttpBody
}

const encoder = new TextEncoder()

/**
 * Encodes parts in their order.
 * @param boundary that occurs in none of the parts; made by chance, so that nobody who writes a document can know it
 */
export function multipartForm(
  parts: readonly FormPart[],
  boundary = `ozgctl-${randomBytes(18).toString('hex')}`,
): Form {
  const pieces = parts.map((part) => ({ head: encoder.encode(headOf(part, boundary)), body: bodyOf(part) }))
  const end = encoder.encode(`--${boundary}--\r\n`)
  const lengths = pieces.map(({ head, body }) =>
    body.length === undefined ? undefined : head.length + body.length + CRLF.length,
  )
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const { head, body } of pieces) {
      yield head
      yield* body.chunks
      yield CRLF
    }
    yield end
  }
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: { chunks: chunks(), length: total([...lengths, end.length]) },
  }
}

const CRLF = encoder.encode('\r\n')

const total = (lengths: readonly (number | undefined)[]): number | undefined =>
  lengths.reduce((sum, length) => (sum === undefined || length === undefined ? undefined : sum + length), 0)

function headOf({ name, fileName, type, id }: FormPart, boundary: string): string {
  const file = fileName === undefined ? '' : `; filename="${quoted(fileName)}"`
  const lines = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${quoted(name)}"${file}`,
    `Content-Type: ${mediaType(type)}`,
    ...(id === undefined ? [] : [`Content-ID: ${quoted(id)}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/**
 * A name between quotation marks. Letters of all scripts are sent as UTF-8 (RFC 7578 §5.1), the quotation mark and line
 * ends as browsers do it (WHATWG HTML, multipart/form-data encoding algorithm). So is every other control character, and
 * the backslash, which some servers take for the begin of an escape.
 */
const quoted = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a header.
  name.toWellFormed().replace(/["\\\x00-\x1f\x7f]/g, (sign) => {
    const code = sign.charCodeAt(0).toString(16).toUpperCase()
    return `%${code.padStart(2, '0')}`
  })

/** RFC 9110 §8.3.1: type, subtype and plain parameters. */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:; ?[\w-]{1,40}=[\w.-]{1,100}){0,3}$/

/** A media type that can stand in a header: what comes from another system may be anything. */
export const mediaType = (type: string): string => (MEDIA_TYPE.test(type) ? type : 'application/octet-stream')

function bodyOf({ body }: FormPart): HttpBody {
  if (typeof body !== 'string') return body
  const bytes = encoder.encode(body)
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  return { chunks: chunks(), length: bytes.length }
}
