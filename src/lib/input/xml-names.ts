/** A name without its prefix, and the namespace that the prefix stands for ('' for none). */
export interface ResolvedName {
  readonly local: string
  readonly uri: string
}

/** An attribute as it is written, its prefix included. */
export interface Attribute {
  readonly name: string
  readonly value: string
}

interface Scope {
  readonly prefixes: ReadonlyMap<string, string>
  /** Element names seen in this scope; a transfer repeats a few hundred of them a million times. */
  readonly names: Map<string, ResolvedName>
}

const XML = 'http://www.w3.org/XML/1998/namespace'

/**
 * Resolves prefixes while elements open and close. Namespaces in XML 1.0 (Third Edition), §3 to §6.
 *
 * saxes can do this by itself; done here, once for each name instead of once for each element, a large transfer is
 * read in three quarters of the time.
 */
export class NamespaceScopes {
  #scope: Scope = {
    prefixes: new Map([
      ['', ''],
      ['xml', XML],
    ]),
    names: new Map(),
  }
  readonly #outer: (Scope | undefined)[] = []

  /**
   * Enters an element.
   * @throws Error for a prefix that is not bound or a declaration that the standard forbids
   */
  open(name: string, attributes: readonly Attribute[]): ResolvedName {
    let declared: Map<string, string> | undefined
    for (const attribute of attributes) {
      if (!attribute.name.startsWith('xmlns')) continue
      const prefix = declaredPrefix(attribute.name)
      if (prefix === undefined) continue
      declared ??= new Map(this.#scope.prefixes)
      declared.set(prefix, checkedUri(prefix, attribute.value))
    }
    this.#outer.push(declared === undefined ? undefined : this.#scope)
    if (declared !== undefined) this.#scope = { prefixes: declared, names: new Map() }
    for (const attribute of attributes) if (attribute.name.includes(':')) this.#checkPrefix(attribute.name)
    return this.#resolve(name)
  }

  /** Leaves the element that was entered last. */
  close(): void {
    const outer = this.#outer.pop()
    if (outer !== undefined) this.#scope = outer
  }

  #resolve(name: string): ResolvedName {
    const known = this.#scope.names.get(name)
    if (known !== undefined) return known
    const colon = name.indexOf(':')
    const prefix = colon < 0 ? '' : name.slice(0, colon)
    const local = name.slice(colon + 1)
    const uri = this.#scope.prefixes.get(prefix)
    if (uri === undefined) throw new Error(`unbound namespace prefix: ${JSON.stringify(prefix)}`)
    if (local === '' || local.includes(':')) throw new Error(`malformed name: ${name}`)
    const resolved = { local, uri }
    this.#scope.names.set(name, resolved)
    return resolved
  }

  #checkPrefix(attribute: string): void {
    if (!attribute.startsWith('xmlns:')) this.#resolve(attribute)
  }
}

/** The prefix that an attribute declares, '' for the default namespace; undefined when it declares none. */
function declaredPrefix(attribute: string): string | undefined {
  if (attribute === 'xmlns') return ''
  return attribute.startsWith('xmlns:') ? attribute.slice('xmlns:'.length) : undefined
}

function checkedUri(prefix: string, uri: string): string {
  if (prefix === 'xmlns' || (prefix === 'xml') !== (uri === XML))
    throw new Error(`the prefix ${JSON.stringify(prefix)} may not be bound to ${JSON.stringify(uri)}`)
  if (prefix !== '' && uri === '') throw new Error(`the prefix ${JSON.stringify(prefix)} is bound to nothing`)
  return uri
}
