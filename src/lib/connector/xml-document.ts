import { SaxesParser, type SaxesTagNS } from 'saxes'

/** An element with its namespace resolved. */
export interface XmlNode {
  readonly uri: string
  readonly local: string
  /** By local name; those without prefix go before others of the same name. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlNode[]
  /** Text right in it, without that of its children. */
  readonly text: string
}

export interface XmlLimits {
  readonly elements: number
}

export type XmlReading =
  | { readonly ok: true; readonly root: XmlNode }
  | { readonly ok: false; readonly message: string }

const MAX_DEPTH = 100
const MAX_ATTRIBUTES = 100

/** Ends the parser at once. */
class Refused extends Error {}

interface Growing extends XmlNode {
  readonly children: Growing[]
  text: string
}

/**
 * Reads a small document from somewhere else into a tree. saxes alone, and no second parser on top: it refuses what is not
 * well-formed, knows namespaces by their address, and the tree costs a few lines. A DOCTYPE is refused before anything in
 * it is looked at, so that no entity is ever expanded; depth, elements and attributes are capped.
 */
export function readXmlDocument(bytes: Uint8Array, { elements: most }: XmlLimits): XmlReading {
  const text = decoded(bytes)
  if (text === undefined) return { ok: false, message: 'text in no known encoding' }
  const parser = new SaxesParser({ xmlns: true })
  const open: Growing[] = []
  let root: Growing | undefined
  let count = 0
  parser.on('doctype', () => refuse('a DOCTYPE, which is refused'))
  parser.on('opentag', (tag) => {
    if (++count > most) refuse(`more than ${most} elements`)
    if (open.length >= MAX_DEPTH) refuse(`elements more than ${MAX_DEPTH} deep`)
    const node = nodeOf(tag)
    open.at(-1)?.children.push(node)
    root ??= node
    open.push(node)
  })
  parser.on('closetag', () => void open.pop())
  const onText = (part: string): void => {
    const node = open.at(-1)
    if (node !== undefined) node.text += part
  }
  parser.on('text', onText)
  parser.on('cdata', onText)
  parser.on('error', (error) => {
    throw error
  })
  try {
    parser.write(text).close()
  } catch (error) {
    return { ok: false, message: faultOf(error) }
  }
  return root === undefined ? { ok: false, message: 'no element' } : { ok: true, root }
}

function refuse(what: string): never {
  throw new Refused(what)
}

/** `12:5: unclosed tag: a`, as saxes says it, or why it was refused. */
function faultOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof Refused ? message : `no well-formed XML (${message})`
}

function nodeOf({ uri, local, attributes }: SaxesTagNS): Growing {
  const found = Object.values(attributes)
  if (found.length > MAX_ATTRIBUTES) refuse(`more than ${MAX_ATTRIBUTES} attributes`)
  const ordered = [
    ...found.filter(({ prefix }) => prefix !== ''),
    ...found.filter(({ prefix }) => prefix === ''),
  ]
  return {
    uri,
    local,
    attributes: new Map(ordered.map((one) => [one.local, one.value])),
    children: [],
    text: '',
  }
}

/** XML 1.0 §4.3.3: by the mark at the front, or by the declaration, else UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const marked = markOf(bytes)
  const declared = /^<\?xml[^>]{0,150}?encoding\s*=\s*["']([\w.-]{1,30})["']/.exec(head)?.[1]
  try {
    return new TextDecoder(marked ?? declared ?? 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function markOf([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** Children of a name, in their order. */
export const childrenOf = (node: XmlNode, uri: string, local: string): readonly XmlNode[] =>
  node.children.filter((child) => child.uri === uri && child.local === local)

export const childOf = (node: XmlNode | undefined, uri: string, local: string): XmlNode | undefined =>
  node === undefined ? undefined : childrenOf(node, uri, local)[0]

/** The node and everything in it, from the top. */
export function* nodesIn(root: XmlNode): Generator<XmlNode> {
  const waiting: XmlNode[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node
    waiting.push(...node.children.toReversed())
  }
}
