import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes'
import { badInput, OzgctlError } from '../errors.ts'
import type { InputSource } from './source.ts'

/** An element as it opens. `local` is the name without prefix, `uri` its namespace ('' for none). */
export interface XmlElement {
  readonly local: string
  readonly uri: string
  /** Value of an attribute by local name, whatever its prefix; undefined where it is absent. */
  attribute(local: string): string | undefined
}

export interface XmlHandlers {
  open(element: XmlElement, line: number): void
  text(text: string): void
  close(local: string, uri: string): void
}

const MAX_DEPTH = 64
const MAX_ATTRIBUTES = 64
const MAX_TEXT = 16 << 20

/**
 * Streams a document through `onRoot`'s handlers. A DOCTYPE is refused before anything in it is looked at, so no
 * entity is ever expanded and no other file opened; depth, attributes and text are capped.
 * @throws OzgctlError 65 with line and column when the text is not well-formed, cut off, or beyond a limit
 */
export async function readXml(
  source: InputSource,
  text: AsyncIterable<string>,
  onRoot: (root: XmlElement) => XmlHandlers,
): Promise<void> {
  const parser = new SaxesParser({ xmlns: true })
  const place = () => ({ file: source.name, line: parser.line, column: parser.column + 1 })
  let depth = 0
  let events = 0
  let handlers: XmlHandlers | undefined
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw badInput('XML_DOCTYPE', 'a DOCTYPE is not allowed', place(), [
      'Remove it: the official formats have none, and entities are never read.',
    ])
  })
  parser.on('opentag', (tag) => {
    events++
    if (++depth > MAX_DEPTH)
      throw badInput('XML_TOO_DEEP', `elements are nested more than ${MAX_DEPTH} deep`, place())
    if (Object.keys(tag.attributes).length > MAX_ATTRIBUTES)
      throw badInput(
        'XML_TOO_MANY_ATTRIBUTES',
        `an element has more than ${MAX_ATTRIBUTES} attributes`,
        place(),
      )
    const element = new Element(tag)
    handlers ??= onRoot(element)
    handlers.open(element, parser.line)
  })
  parser.on('text', (part) => {
    events++
    handlers?.text(part)
  })
  parser.on('cdata', (part) => {
    events++
    handlers?.text(part)
  })
  parser.on('closetag', (tag) => {
    events++
    depth--
    handlers?.close(tag.local, tag.uri)
  })
  try {
    let idle = 0
    for await (const part of text) {
      const before = events
      parser.write(part)
      idle = events === before ? idle + part.length : 0
      if (idle > MAX_TEXT)
        throw badInput(
          'XML_TEXT_TOO_LONG',
          `a text, comment or attribute is longer than ${MAX_TEXT >> 20} MiB`,
          place(),
        )
    }
    parser.close()
  } catch (error) {
    throw xmlError(error, place())
  }
}

class Element implements XmlElement {
  readonly local: string
  readonly uri: string
  readonly #attributes: Readonly<Record<string, SaxesAttributeNS>>

  constructor(tag: SaxesTagNS) {
    this.local = tag.local
    this.uri = tag.uri
    this.#attributes = tag.attributes
  }

  attribute(local: string): string | undefined {
    for (const name in this.#attributes) {
      const attribute = this.#attributes[name]
      if (attribute?.local === local) return attribute.value
    }
    return undefined
  }
}

function xmlError(error: unknown, place: { file: string; line: number; column: number }): unknown {
  if (error instanceof OzgctlError || !(error instanceof Error)) return error
  // saxes puts its own "line:column: " in front.
  const message = error.message.replace(/^(?:undefined:)?\d+:\d+:\s*/, '').replace(/\.$/, '')
  const cut = /unclosed|unexpected end/.test(message)
  return badInput(
    cut ? 'XML_TRUNCATED' : 'XML_NOT_WELL_FORMED',
    cut ? `the document ends before it is complete (${message})` : `not well-formed: ${message}`,
    place,
    ['Fetch the file again.'],
  )
}
