import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Keeps the arrows between the folders of src: who may import whom, no cycles, nothing in lib that reaches for the
 * process or the clock. docs/architecture.md draws what is written here.
 */

/** Folders and files of src/lib, the upper layer may import the lower ones. */
const LAYERS: readonly (readonly string[])[] = [
  ['migration'],
  ['catalog', 'offer', 'coverage', 'tenant', 'network', 'register', 'health', 'sandbox'],
  ['connector'],
  ['portal', 'journal', 'snapshot'],
  ['config'],
  ['store', 'http', 'input', 'output'],
  ['leika', 'region'],
  ['context', 'errors', 'exit-codes', 'in-use', 'result', 'text'],
]

/** Within a layer only these, each for a reason. */
const BESIDE: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  { from: 'coverage', to: 'catalog', why: 'joins OZG-Leistungen and LeiKa keys' },
  { from: 'coverage', to: 'offer', why: 'joins the offers' },
  { from: 'coverage', to: 'register', why: 'joins the Gemeinden' },
  { from: 'coverage', to: 'network', why: 'a portal shows what its network shares' },
  { from: 'network', to: 'catalog', why: 'rules name Themenfelder and OZG-Leistungen' },
  { from: 'network', to: 'offer', why: 'counts what rules share' },
  { from: 'offer', to: 'catalog', why: 'knows which keys exist and what they are called' },
  { from: 'offer', to: 'register', why: 'knows which regions exist and what they are called' },
  { from: 'tenant', to: 'register', why: 'a tenant is a region of the register' },
  { from: 'health', to: 'catalog', why: 'names the OZG-Leistungen that are down' },
  { from: 'health', to: 'tenant', why: 'manifests declare the connectors that are checked' },
  { from: 'coverage', to: 'health', why: 'counts only what works now' },
  { from: 'store', to: 'output', why: 'a backup gets its name for good, as any file does' },
  { from: 'errors', to: 'exit-codes', why: 'an error knows its exit code' },
  { from: 'in-use', to: 'errors', why: 'refuses what a result would replace' },
]

/** What view may import as values: pure helpers and lists of terms. The rest of lib it knows by its types. */
const VALUES_FOR_VIEW: Readonly<Record<string, readonly string[]>> = {
  'lib/region/key.ts': ['LEVELS', 'SOURCES'],
  'lib/leika/key.ts': ['formatLeikaKey'],
  'lib/errors.ts': ['printPlace', 'unreachable'],
}

/** Folders without any import from outside src: no file, no network, no library. */
const PURE = ['leika', 'region', 'errors', 'exit-codes', 'result', 'text', 'view']

/** What commands may import from outside of src. */
const FOR_COMMANDS = ['@oclif/core', 'node:path']

/** Code that belongs to the commands; lib gets it through Context. */
const OUT_OF_PLACE: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.\w/, 'process'],
  [/\bconsole\.\w/, 'console'],
  [/\bDate\.now\(|\bnew Date\(\)/, 'the clock'],
]

interface Import {
  readonly file: string
  readonly line: number
  /** Path inside src, or the name of a package. */
  readonly target: string
  readonly inside: boolean
  /** Names taken as values; empty when only types are. */
  readonly values: readonly string[]
}

/** All that is wrong with the imports of a source folder, each as `src/file.ts:line …`. */
export function importErrors(src: string): readonly string[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
  const imports: Import[] = []
  const errors: string[] = []
  for (const file of files) {
    const text = readFileSync(join(src, file), 'utf8')
    imports.push(...importsOf(file, text))
    errors.push(...misplacedCode(file, text))
  }
  for (const one of imports) {
    const reason = one.inside ? arrowError(one) : packageError(one)
    if (reason !== undefined) errors.push(`src/${one.file}:${one.line} ${reason}`)
  }
  return [...errors, ...cycleErrors(imports)].sort()
}

const STATEMENT =
  /^(?:import|export)\s(?<what>(?:type\s)?(?:\*(?:\sas\s\w+)?|\w+|(?:\w+,\s)?\{[^}]*\}))\sfrom\s'(?<from>[^']+)'/gm
const SIDE_EFFECT = /^import\s+'(?<from>[^']+)'/gm
const DYNAMIC = /\bimport\((?:'(?<from>[^']+)'\))?/g

/** Imports of a file in the form that the formatter gives them: statements start a line, quotes are single. */
function importsOf(file: string, text: string): readonly Import[] {
  const found: Import[] = []
  const add = (match: RegExpExecArray, values: readonly string[]): void => {
    const line = text.slice(0, match.index).split('\n').length
    const from = match.groups?.from ?? '(computed)'
    const inside = from.startsWith('.')
    const target = inside ? posix.join(posix.dirname(file), from) : from
    found.push({ file, line, target, inside, values })
  }
  for (const match of text.matchAll(STATEMENT)) add(match, valueNames(match.groups?.what ?? ''))
  for (const match of text.matchAll(SIDE_EFFECT)) add(match, ['(side effect)'])
  for (const match of text.matchAll(DYNAMIC)) if (!isComment(text, match.index)) add(match, ['(dynamic)'])
  return found
}

/** `type A, B as C` of an import clause: the names that exist at run time. */
function valueNames(clause: string): readonly string[] {
  if (clause.startsWith('type ')) return []
  return clause
    .split(/[{},]/)
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.replace(/ as .*/, ''))
}

function isComment(text: string, at: number): boolean {
  return /^\s*(?:\/\/|\/?\*)/.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))
}

function misplacedCode(file: string, text: string): readonly string[] {
  if (!file.startsWith('lib/')) return []
  return text.split('\n').flatMap((line, at) => {
    if (/^\s*(?:\/\/|\/?\*)/.test(line)) return []
    return OUT_OF_PLACE.filter(([pattern]) => pattern.test(line)).map(
      ([, what]) => `src/${file}:${at + 1} may not use ${what}: it comes in through Context`,
    )
  })
}

/** `store` of `lib/store/sqlite.ts`, `errors` of `lib/errors.ts`; undefined outside of lib. */
function partOf(file: string): string | undefined {
  return /^lib\/([^/.]+)/.exec(file)?.[1]
}

const layerOf = (part: string): number => LAYERS.findIndex((layer) => layer.includes(part))

function arrowError({ file, target, values }: Import): string | undefined {
  const arrow = `may not import ${target}`
  if (target.startsWith('commands/')) return `${arrow}: nothing imports a command`
  const from = partOf(file)
  const to = partOf(target)
  if (from === undefined || from === to) return undefined
  if (to === undefined) return `${arrow}: lib imports nothing outside of lib`
  if (from === 'view') {
    const allowed = VALUES_FOR_VIEW[target] ?? []
    const value = values.find((name) => !allowed.includes(name))
    return value === undefined ? undefined : `${arrow} (${value}): view imports types only`
  }
  if (to === 'view') return `${arrow}: only commands show something`
  const unknown = [from, to].find((part) => layerOf(part) < 0)
  if (unknown !== undefined) return `${arrow}: lib/${unknown} stands in no layer of scripts/imports.ts`
  if (layerOf(from) < layerOf(to)) return undefined
  if (layerOf(from) > layerOf(to)) return `${arrow}: ${to} stands above ${from}`
  return BESIDE.some((pair) => pair.from === from && pair.to === to)
    ? undefined
    : `${arrow}: ${from} and ${to} stand side by side`
}

function packageError({ file, target, values }: Import): string | undefined {
  const part = partOf(file)
  if (file.startsWith('commands/') && !FOR_COMMANDS.includes(target))
    return `may not import ${target}: a command calls lib and hands the result to a view`
  if (part === undefined) return undefined
  if (target.startsWith('@oclif/')) return `may not import ${target}: lib knows nothing of the command line`
  if (target === 'node:process' || target === 'node:console') return `may not import ${target}`
  if (PURE.includes(part) && values.length > 0) return `may not import ${target}: lib/${part} is pure`
  return undefined
}

/**
 * Cycles of files at run time (types are erased, so only values count there), and of folders with types counted too:
 * two folders that know each other's types are one folder.
 */
function cycleErrors(imports: readonly Import[]): readonly string[] {
  const inside = imports.filter((one) => one.inside)
  const files = inside.filter((one) => one.values.length > 0).map((one) => [one.file, one.target] as const)
  const folders = inside
    .map((one) => [folderOf(one.file), folderOf(one.target)] as const)
    .filter(([from, to]) => from !== to)
  return [...cyclesIn(files), ...cyclesIn(folders)].map((cycle) => `cycle: ${cycle.join(' → ')}`)
}

function folderOf(file: string): string {
  const part = partOf(file)
  return part === undefined ? dirname(file) : `lib/${part}`
}

/** One cycle for every group of nodes that can reach themselves. */
function cyclesIn(edges: readonly (readonly [string, string])[]): readonly (readonly string[])[] {
  const targets = Map.groupBy(edges, ([from]) => from)
  const done = new Set<string>()
  const cycles: (readonly string[])[] = []
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node)
    if (at >= 0) cycles.push([...path.slice(at), node])
    if (at >= 0 || done.has(node)) return
    for (const to of new Set(targets.get(node)?.map(([, target]) => target))) visit(to, [...path, node])
    done.add(node)
  }
  for (const node of [...targets.keys()].sort()) visit(node, [])
  return cycles
}

if (import.meta.main) {
  const src = fileURLToPath(new URL('../src', import.meta.url))
  const errors = importErrors(src)
  for (const error of errors) console.error(error)
  console.log(`${errors.length} errors in the imports of ${relative(process.cwd(), src)}`)
  process.exitCode = errors.length > 0 ? 1 : 0
}
