/**
 * Outside text is hostile in every output. One escaper a format, all of them here.
 * OWASP ASVS 5.0: 1.2.1 (HTML), 1.2.10 (CSV formulas), 16.4.1 (logs and terminals).
 */

// C0 and C1 controls, and marks that reorder or hide text: soft hyphen, zero width, bidi, line separators, tags.
const HIDDEN =
  '\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB\\u{E0000}-\\u{E007F}'
const UNSAFE = new RegExp(`[\\u0000-\\u001F${HIDDEN}]`, 'gu')
const UNSAFE_IN_JSON = new RegExp(`[${HIDDEN}]`, 'gu')

/** For a terminal or a log line: controls become visible escapes. */
export function neutralTerminal(text: string): string {
  return text.replace(UNSAFE, visible)
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
}

/** For text of several lines, on a terminal or in Markdown. */
export function neutralLines(text: string, neutral: (line: string) => string = neutralTerminal): string {
  return text.split('\n').map(neutral).join('\n')
}

/**
 * For a CSV cell: no formula when a spreadsheet opens it, quoted by RFC 4180 where needed. A text that has such an
 * apostrophe already gets another one, so that a reader of ours can take one away.
 */
export function neutralCsv(text: string, delimiter = ';'): string {
  const plain = text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? ' ' : visible(character),
  )
  const formula =
    /^'*[\s\u00A0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|%]/.test(plain) && !/^-?\d+(\.\d+)?$/.test(plain)
  const safe = formula ? `'${plain}` : plain
  return safe.includes(delimiter) || /["\r\n,]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** For a cell of a Markdown table. */
export function neutralMarkdown(text: string): string {
  return neutralTerminal(text).replace(/[\\`*_{}[\]<>|#&!~]/g, (character) =>
    character === '<' ? '&lt;' : character === '&' ? '&amp;' : `\\${character}`,
  )
}

/** For JSON on a terminal: the same document, with C1 controls and hidden marks as escapes too. */
export function neutralJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (character) =>
    Array.from({ length: character.length }, (_, at) => jsonEscape(character.charCodeAt(at))).join(''),
  )
}

const jsonEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`

/**
 * For the text of a monitoring plugin: a pipe would end it and begin performance data, and web pages of monitoring take
 * angle brackets as HTML.
 */
export function neutralPlugin(text: string): string {
  return wellFormed(text).replace(/[|<>]/g, (character) => PLUGIN_SIGNS[character] ?? ' ')
}

const PLUGIN_SIGNS: Readonly<Record<string, string>> = { '|': '¦', '<': '‹', '>': '›' }

/** For a label of performance data, without the quotes around it: only what every reader of them can take. */
export function neutralPerfLabel(text: string): string {
  return text.replace(/[^A-Za-z0-9_.:/ -]/gu, '_')
}

/** For a value of a label in the text format of Prometheus, without the quotes around it. */
export function neutralPrometheus(text: string): string {
  return wellFormed(text).replace(/[\\"]/g, '\\$&')
}

/** For text and attributes of XML 1.0 (fifth edition, §2.2 and §2.4), on one line. */
export function neutralXml(text: string): string {
  return wellFormed(text).replace(
    /[&<>"'\uFFFE\uFFFF]/g,
    (character) => XML_SIGNS[character] ?? visible(character),
  )
}

const XML_SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Without controls, and without halves of characters, which have no UTF-8. */
const wellFormed = (text: string): string => neutralTerminal(text.toWellFormed())

/** At most so many UTF-16 units, the last of them … where something is missing; never half a character. */
export function clipped(text: string, size: number): string {
  if (text.length <= size) return text
  const cut = text.slice(0, size - 1)
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and attributes of HTML. */
export function neutralHtml(text: string): string {
  return neutralTerminal(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
