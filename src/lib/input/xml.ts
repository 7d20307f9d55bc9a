import { SaxesParser } from 'saxes'
import { badInput, OzgctlError, type Place } from '../errors.ts'
import type { InputSource } from './source.ts'
import { type Attribute, NamespaceScopes, type ResolvedName } from './xml-names.ts'

/** An element as it opens. `local` is the name without prefix, `uri` its namespace ('' for none). */
export interface XmlElement extends ResolvedName {
  /** Value of an attribute by local name, whatever its prefix; undefined where it is absent. */
  attribute(local: string): string | undefined
}

export interface XmlHandlers {
  open(element: XmlElement, line: number): void
  text(text: string): void
  close(local: string, uri: string): void
  /** Whether the text that follows is wanted; asked after each tag. Most of a transfer is text that nobody reads. */
  readonly wantsText: boolean
}

const MAX_DEPTH = 64
const MAX_ATTRIBUTES = 64
const MAX_TEXT = 16 << 20
const BEYOND = 'No official format comes near: ask the sender what this file is.'

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
  const parser = new SaxesParser({ xmlns: false })
  const place = () => ({ file: source.name, line: parser.line, column: parser.column + 1 })
  const names = new NamespaceScopes()
  const open: ResolvedName[] = []
  let events = 0
  let textLength = 0
  let handlers: XmlHandlers | undefined
  let listening = false
  // A text may come in pieces, between which comments and CDATA stand; all of them count.
  const onText = (part: string): void => {
    events++
    textLength += part.length
    if (textLength > MAX_TEXT) throw tooLong(place())
    handlers?.text(part)
  }
  const afterTag = (): void => {
    events++
    textLength = 0
    const wanted = handlers?.wantsText === true
    if (wanted === listening) return
    listening = wanted
    for (const kind of ['text', 'cdata'] as const) {
      if (wanted) parser.on(kind, onText)
      else parser.off(kind)
    }
  }
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw badInput('XML_DOCTYPE', 'a DOCTYPE is not allowed', place(), [
      'Remove it: the official formats have none, and entities are never read.',
    ])
  })
  // Gathered as they are read: to enumerate those that saxes hands over with the tag takes several times as long.
  let attributes: Attribute[] = []
  parser.on('attribute', (attribute) => {
    if (attributes.length === MAX_ATTRIBUTES)
      throw badInput(
        'XML_TOO_MANY_ATTRIBUTES',
        `an element has more than ${MAX_ATTRIBUTES} attributes`,
        place(),
        [BEYOND],
      )
    attributes.push(attribute)
  })
  parser.on('opentag', ({ name }) => {
    if (open.length === MAX_DEPTH)
      throw badInput('XML_TOO_DEEP', `elements are nested more than ${MAX_DEPTH} deep`, place(), [BEYOND])
    const own = attributes
    if (own.length > 0) attributes = []
    const resolved = names.open(name, own)
    open.push(resolved)
    const element = new Element(resolved, own)
    handlers ??= onRoot(element)
    handlers.open(element, parser.line)
    afterTag()
  })
  parser.on('closetag', () => {
    const resolved = open.pop()
    names.close()
    if (resolved !== undefined) handlers?.close(resolved.local, resolved.uri)
    afterTag()
  })
  try {
    let idle = 0
    for await (const part of text) {
      const before = events
      parser.write(part)
      idle = events === before ? idle + part.length : 0
      if (idle > MAX_TEXT) throw tooLong(place())
    }
    parser.close()
  } catch (error) {
    throw xmlError(error, place())
  }
}

class Element implements XmlElement {
  readonly local: string
  readonly uri: string
  readonly #attributes: readonly Attribute[]

  constructor({ local, uri }: ResolvedName, attributes: readonly Attribute[]) {
    this.local = local
    this.uri = uri
    this.#attributes = attributes
  }

  attribute(local: string): string | undefined {
    const prefixed = `:${local}`
    const found =
      this.#attributes.find(({ name }) => name === local) ??
      this.#attributes.find(({ name }) => name.endsWith(prefixed) && !name.startsWith('xmlns:'))
    return found?.value
  }
}

function tooLong(place: Place): Error {
  return badInput(
    'XML_TEXT_TOO_LONG',
    `a text, comment or attribute is longer than ${MAX_TEXT >> 20} MiB`,
    place,
    [BEYOND],
  )
}

function xmlError(error: unknown, place: Place): unknown {
  if (error instanceof OzgctlError || !(error instanceof Error)) return error
  // saxes puts its own "line:column: " in front.
  const message = error.message.replace(/^(?:undefined:)?\d+:\d+:\s*/, '').replace(/\.$/, '')
  const cut = /unclosed|unexpected end|must contain a root/.test(message)
  return badInput(
    cut ? 'XML_TRUNCATED' : 'XML_NOT_WELL_FORMED',
    cut ? `the document ends before it is complete (${message})` : `not well-formed: ${message}`,
    place,
    [
      cut
        ? 'Fetch the file again.'
        : 'Have the file written anew: a program that follows XML cannot have made it.',
    ],
  )
}
