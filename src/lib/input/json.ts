import { badInput } from '../errors.ts'
import { jsonFaultOffset } from './json-fault.ts'
import type { InputSource } from './source.ts'

const MAX_CHARACTERS = 256 << 20

/** A JSON value whose shape nobody has checked yet. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Reads a whole JSON document. The paged interfaces deliver a few hundred records a document, so it is not streamed.
 * @throws OzgctlError 65 with line and column when the text is cut off or no JSON
 */
export async function readJson(source: InputSource, text: AsyncIterable<string>): Promise<Json> {
  const parts: string[] = []
  let length = 0
  for await (const part of text) {
    length += part.length
    if (length > MAX_CHARACTERS) {
      throw badInput(
        'JSON_TOO_LARGE',
        `the document is larger than ${MAX_CHARACTERS >> 20} MiB`,
        { file: source.name },
        ['Fetch it in pages and name all files in one call.'],
      )
    }
    parts.push(part)
  }
  const whole = parts.join('')
  try {
    return JSON.parse(whole) as Json
  } catch (error) {
    throw jsonError(error, whole, source.name)
  }
}

function jsonError(error: unknown, text: string, file: string): unknown {
  if (!(error instanceof SyntaxError)) return error
  const at = jsonFaultOffset(text)
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const cut = at === text.length
  return badInput(
    cut ? 'JSON_TRUNCATED' : 'JSON_INVALID',
    cut
      ? 'the document ends before it is complete'
      : `this is no valid JSON: unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))}`,
    { file, line, column: at - before.lastIndexOf('\n') },
    [cut ? 'Fetch the file again.' : 'Have the file written anew.'],
  )
}

export function isJsonObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Items of an array field; a missing or null field is an empty list. */
export function jsonArray(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** Text of a field: numbers as they are written, null and missing as the empty text. */
export function jsonText(value: Json | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
