import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'oxc-parser'
import { type Cost, costOf } from './regex-cost.ts'

/**
 * Finds the regular expressions of src that a text from outside could keep busy: nothing else runs meanwhile, and no
 * signal is heard. What cannot be told (an expression that is put together) counts as such a one.
 */

/** Those that stay, each for a reason. One that is not there any more, or is linear now, must leave this list. */
const ACCEPTED: readonly Accepted[] = [
  {
    file: 'lib/migration/records/paging.ts',
    expression: '/;\\s*rel\\s*=\\s*(?:"[^"]*\\bnext\\b[^"]*"|next(?=\\s*(?:;|$)))/i',
    why: 'the HTTP client takes at most 16 KiB of headers, which are over in a moment',
  },
  {
    file: 'lib/view/neutral.ts',
    expression: "new RegExp(`[\\\\u0000-\\\\u001F${HIDDEN}]`, 'gu')",
    why: 'one class of characters, put together of constants',
  },
  {
    file: 'lib/view/neutral.ts',
    expression: "new RegExp(`[${HIDDEN}]`, 'gu')",
    why: 'one class of characters, put together of constants',
  },
]

export interface Accepted {
  /** Below src. */
  readonly file: string
  /** As it is written there. */
  readonly expression: string
  readonly why: string
}

interface Found {
  readonly file: string
  readonly line: number
  readonly expression: string
  readonly cost: Cost | 'unknown'
}

type Costly = Exclude<Found['cost'], 'linear'>

/** What is wrong with the regular expressions below a folder, sorted; empty when nothing is. */
export function regexErrors(src: string, accepted: readonly Accepted[] = ACCEPTED): readonly string[] {
  const costs = new Map<string, Cost>()
  const costly = filesBelow(src)
    .flatMap((file) => regexesIn(relative(src, file).split(sep).join('/'), readFileSync(file, 'utf8'), costs))
    .flatMap(({ cost, ...found }) => (cost === 'linear' ? [] : [{ ...found, cost }]))
  const same = (found: Omit<Found, 'cost'>) => (one: Accepted) =>
    one.file === found.file && one.expression === found.expression
  const refused = costly
    .filter((found) => !accepted.some(same(found)))
    .map(({ file, line, expression, cost }) => `src/${file}:${line} ${SAYS[cost]}: ${expression}`)
  const stale = accepted
    .filter((one) => !costly.some((found) => same(found)(one)))
    .map(
      ({ file, expression }) =>
        `scripts/regexes.ts accepts what is not in src/${file}, or is linear: ${expression}`,
    )
  return [...refused, ...stale].sort()
}

const SAYS: Readonly<Record<Costly, string>> = {
  polynomial: 'takes the square of the length of a text, or more',
  exponential: 'doubles its work with every character of a text',
  unknown: 'is put together, and nobody knows what it costs',
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** @param costs of expressions that were looked at before */
function regexesIn(file: string, source: string, costs: Map<string, Cost>): readonly Found[] {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const found: Found[] = []
  const add = ({ start, end }: { start: number; end: number }, cost: Found['cost']): void => {
    const line = source.slice(0, start).split('\n').length
    found.push({ file, line, expression: source.slice(start, end), cost })
  }
  const known = (pattern: string, flags: string): Cost => {
    const key = `/${pattern}/${flags}`
    const cost = costs.get(key) ?? costOf(pattern, flags)
    costs.set(key, cost)
    return cost
  }
  new Visitor({
    Literal: (node) => {
      if ('regex' in node) add(node, known(node.regex.pattern, node.regex.flags))
    },
    NewExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'RegExp') add(node, 'unknown')
    },
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'RegExp') add(node, 'unknown')
    },
  }).visit(program)
  return found
}

if (import.meta.main) {
  const errors = regexErrors(fileURLToPath(new URL('../src', import.meta.url)))
  for (const error of errors) console.error(error)
  console.log(`${errors.length} errors in the regular expressions of src`)
  process.exitCode = errors.length > 0 ? 1 : 0
}
