import { badInput } from '../errors.ts'
import type { InputSource } from './source.ts'

export type ContentKind = 'xml' | 'json' | 'text'

/**
 * What a file is by its first bytes. Names and endings lie; content does not.
 * @throws OzgctlError 65 naming what it really is: a web page, a workbook, a PDF, a database
 */
export function recognise(source: InputSource): ContentKind {
  const head = headText(source)
  const start = head.trimStart()
  if (HTML.test(start.replace(PROLOG, ''))) {
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

const HTML = /^<(!doctype\s+html|html|head|body)\b/i
// What may stand before the first element: declaration, processing instructions, comments.
const PROLOG = /^(?:\s*<(?:\?[^>]*|!--(?:(?!-->).)*--)>)*\s*/s

const FOREIGN = [
  ['%PDF', 'a PDF document', 'Look for the same publication as CSV, XML or text.'],
  ['\u00D0\u00CF\u0011\u00E0', 'an old Office document', 'Save the sheet as "CSV UTF-8" and import that.'],
  ['BZh', 'packed with bzip2', 'Unpack it and import the file.'],
  ['\u00FD7zXZ', 'packed with xz', 'Unpack it and import the file.'],
  ["7z\u00BC\u00AF'\u001C", 'a 7-Zip archive', 'Unpack it and import the file.'],
  ['Rar!', 'a RAR archive', 'Unpack it and import the file.'],
  ['SQLite format 3', 'a SQLite database', 'Name it with --store if it is a store.'],
] as const

/** The first characters of a source, one for each byte, good enough to look at: without byte order mark and zero bytes. */
export function headText(source: InputSource): string {
  const text = source.head.subarray(0, 4096).toString('latin1')
  return text.replaceAll('\0', '').replace(/^(\u00EF\u00BB\u00BF|\u00FF\u00FE|\u00FE\u00FF)/, '')
}
