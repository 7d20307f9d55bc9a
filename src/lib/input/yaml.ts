import type * as Yaml from 'yaml'
import type { Place, Problem } from '../errors.ts'
import type { InputDocument } from './document.ts'

/** A value of a YAML document with its place, so that whoever finds it wrong can say where. */
export type YamlNode = YamlMap | YamlList | YamlScalar

export interface YamlMap {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: ReadonlyMap<string, YamlEntry>
}

export interface YamlEntry {
  readonly key: Place
  readonly value: YamlNode
}

export interface YamlList {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly YamlNode[]
}

export interface YamlScalar {
  readonly kind: 'scalar'
  readonly place: Place
  /** By the core schema: `true`, `12` and `~` are no texts, `no` and `2026-11-23` are. */
  readonly value: string | number | boolean | null
  /** As it is written: a key such as 034590014014 keeps its digits, quoted or not. */
  readonly text: string
}

export type YamlResult =
  | { readonly ok: true; readonly root: YamlNode; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Values that aliases may repeat, all together: ten lines of them can stand for billions. */
const MAX_ALIASED = 100_000

/**
 * Reads one YAML 1.2 document by the core schema (§10.3). Merge keys are keys like any other, tags outside
 * the core schema are refused. Duplicate keys and bad aliases are listed and leave the rest readable; text
 * that does not parse at all gives `ok: false`.
 */
export async function parseYaml({ file, text }: InputDocument): Promise<YamlResult> {
  // Loaded here: most commands never see YAML.
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, {
    schema: 'core',
    version: '1.2',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    lineCounter: lines,
  })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const syntax = document.errors.map((error) => syntaxProblem(error, placeAt(error.pos[0])))
  const [first] = syntax
  // One slip makes the parser stumble over all that follows; what comes after the first is seldom true.
  if (first !== undefined) return { ok: false, problems: [first] }
  if (document.contents === null)
    return {
      ok: false,
      problems: [
        { code: 'document-empty', place: { file, line: 1 }, path: '', message: 'there is nothing in it' },
      ],
    }
  const tags = document.warnings.map((warning) => tagProblem(warning, placeAt(warning.pos[0])))
  const walk = new Walk(yaml, placeAt)
  const root = walk.node(document.contents, '')
  return { ok: true, root, problems: [...tags, ...walk.problems] }
}

class Walk {
  readonly problems: Problem[] = []
  readonly #yaml: typeof Yaml
  readonly #anchors = new Map<string, unknown>()
  readonly #placeAt: (offset: number) => Place
  readonly #open = new Set<unknown>()
  #aliased = 0
  #inAlias = 0

  constructor(yaml: typeof Yaml, placeAt: (offset: number) => Place) {
    this.#yaml = yaml
    this.#placeAt = placeAt
  }

  node(node: unknown, path: string): YamlNode {
    const { isAlias, isMap, isSeq, isScalar, isNode } = this.#yaml
    const place = this.#placeAt(isNode(node) ? (node.range?.[0] ?? 0) : 0)
    if (this.#inAlias > 0 && ++this.#aliased > MAX_ALIASED) return this.#tooMany(place, path)
    if (isAlias(node)) return this.#alias(node, place, path)
    if (this.#inAlias === 0 && (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node)
    if (isMap(node)) return this.#inside(node, () => this.#map(node, place, path))
    if (isSeq(node)) {
      return this.#inside(node, () => ({
        kind: 'list',
        place,
        items: node.items.map((item, at) => this.node(item, `${path}[${at}]`)),
      }))
    }
    return isScalar(node) ? scalar(node, place) : { ...EMPTY, place }
  }

  #map(node: Yaml.YAMLMap, place: Place, path: string): YamlMap {
    const entries = new Map<string, YamlEntry>()
    for (const { key, value } of node.items) {
      const name = this.#yaml.isScalar(key) ? String(key.value) : ''
      const at = this.#yaml.isNode(key) ? this.#placeAt(key.range?.[0] ?? 0) : place
      const inner = path === '' ? name : `${path}.${name}`
      const first = entries.get(name)
      if (first === undefined)
        entries.set(name, {
          key: at,
          value: value === null ? { ...EMPTY, place: at } : this.node(value, inner),
        })
      else
        this.problems.push({
          code: 'duplicate-key',
          place: at,
          path: inner,
          message: `is there twice, first in line ${first.key.line ?? '?'}`,
          hint: 'Keep one of them.',
        })
    }
    return { kind: 'map', place, entries }
  }

  #alias(node: Yaml.Alias, place: Place, path: string): YamlNode {
    const target = this.#anchors.get(node.source)
    if (target === undefined || this.#open.has(target)) {
      const message =
        target === undefined
          ? `there is no anchor &${node.source} before it`
          : `*${node.source} stands inside of what it repeats`
      this.problems.push({ code: 'alias-invalid', place, path, message })
      return { ...EMPTY, place }
    }
    this.#inAlias++
    try {
      return this.node(target, path)
    } finally {
      this.#inAlias--
    }
  }

  /** Runs `work` with `node` marked as open, so that an alias inside that repeats it is seen. */
  #inside<T>(node: unknown, work: () => T): T {
    this.#open.add(node)
    try {
      return work()
    } finally {
      this.#open.delete(node)
    }
  }

  #tooMany(place: Place, path: string): YamlNode {
    if (this.#aliased === MAX_ALIASED + 1)
      this.problems.push({
        code: 'too-many-aliases',
        place,
        path: path.slice(0, 60),
        message: `aliases repeat more than ${MAX_ALIASED} values`,
        hint: 'Write the values out.',
      })
    return { ...EMPTY, place }
  }
}

const EMPTY = { kind: 'scalar', value: null, text: '' } as const

function scalar(node: Yaml.Scalar, place: Place): YamlScalar {
  const { value } = node
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { kind: 'scalar', place, value: known ? value : null, text: node.source ?? String(value ?? '') }
}

const SYNTAX: Readonly<Partial<Record<Yaml.ErrorCode, readonly [string, string]>>> = {
  TAB_AS_INDENT: ['a tab indents this line', 'Indent with blanks.'],
  MULTIPLE_DOCS: ['a second document begins here', 'Put it into a file of its own.'],
  NON_STRING_KEY: [
    'a list or a map stands where the name of a field belongs',
    'See docs/tenants.md for an example.',
  ],
  RESOURCE_EXHAUSTION: ['the values are nested too deep', 'Is this really a manifest?'],
}

function syntaxProblem(error: Yaml.YAMLError, place: Place): Problem {
  const [message, hint] = SYNTAX[error.code] ?? [`this is no valid YAML: ${error.message}`, undefined]
  return { code: 'yaml-invalid', place, path: '', message, hint }
}

function tagProblem(warning: Yaml.YAMLWarning, place: Place): Problem {
  const tag = warning.message.replace('Unresolved tag: ', '').replace('tag:yaml.org,2002:', '!!')
  return {
    code: 'tag-refused',
    place,
    path: '',
    message: `the tag ${tag} is not allowed here`,
    hint: 'Remove it.',
  }
}
