import { badInput } from '../errors.ts'
import type { InputSource } from './source.ts'

export type ContentKind = 'xml' | 'json' | 'text'

/**
 * What a file is by its first bytes. Names and endings lie; content does not.
 * @throws OzgctlError 65 naming what it really is: a web page, a workbook, a PDF, a database
 */
export function recognise(source: InputSource): ContentKind {
  const head = readable(source.head)
  const start = head.trimStart().slice(0, 200).toLowerCase()
  if (
    /^(<!doctype html|<html|<head|<body)/.test(start) ||
    /^<\?xml[^>]*\?>\s*(<!doctype html|<html)/.test(start)
  ) {
    throw badInput('IS_HTML', 'this is a web page (HTML), not data', { file: source.name, line: 1 }, [
      'Open it in a browser: it is often a login or error page. Then fetch the file again.',
    ])
  }
  for (const [magic, what, hint] of FOREIGN) {
    if (head.startsWith(magic))
      throw badInput('IS_FOREIGN', `this is ${what}, not data`, { file: source.name }, [hint])
  }
  if (start.startsWith('<')) return 'xml'
  return start.startsWith('{') || start.startsWith('[') ? 'json' : 'text'
}

const FOREIGN = [
  ['%PDF', 'a PDF document', 'Look for the same publication as CSV, XML or text.'],
  ['\u00D0\u00CF\u0011\u00E0', 'an old Office document', 'Save the sheet as "CSV UTF-8" and import that.'],
  ['SQLite format 3', 'a SQLite database', 'Name it with --store if it is a store.'],
] as const

/** The head as text, good enough to look at: without byte order mark and, for UTF-16, without the zero bytes. */
function readable(head: Buffer): string {
  const bytes = head.subarray(0, 4096)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le').slice(1)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return bytes.toString('latin1').replaceAll('\0', '').slice(2)
  return bytes.toString('latin1').replace(/^\u00EF\u00BB\u00BF/, '')
}
