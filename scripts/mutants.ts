import { parseSync, Visitor } from 'oxc-parser'

/** One change of a source file that its tests should notice. */
export interface Mutant {
  /** 1-based. */
  readonly line: number
  readonly start: number
  readonly end: number
  /** What stands there, and what is put in its place. */
  readonly from: string
  readonly to: string
}

/** Operators and what each is mistaken for: bounds one off, signs and conditions turned round. */
const MISTAKEN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '===': '!==',
    '!==': '===',
    '<': '<=',
    '<=': '<',
    '>': '>=',
    '>=': '>',
    '+': '-',
    '-': '+',
    '*': '/',
    '/': '*',
    '&&': '||',
    '||': '&&',
    '&': '|',
    '|': '&',
    '>>': '<<',
    '<<': '>>',
    '+=': '-=',
    '-=': '+=',
    '++': '--',
    '--': '++',
  }),
)

/** Methods that are mistaken for one another. */
const CONFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    some: 'every',
    every: 'some',
    min: 'max',
    max: 'min',
    ceil: 'floor',
    floor: 'ceil',
    round: 'floor',
    startsWith: 'endsWith',
    endsWith: 'startsWith',
  }),
)

const SQL = /\b(?:SELECT|UPDATE|DELETE|INSERT|WHERE)\b/
const CONDITION = /\b(?:WHERE|AND|OR)\s+/g
/** What a condition is made of; space before one of these words is its end. */
const OF_CONDITION = /'[^']*'|[({]|[)}]|\s+(?:AND|OR|ORDER|GROUP|LIMIT|RETURNING|UNION|THEN|END)\b|./gs

/** All the changes of a TypeScript file that are tried, in the order of their places. @throws Error when it does not parse */
export function mutantsOf(source: string): readonly Mutant[] {
  const { program, errors } = parseSync('source.ts', source)
  const [error] = errors
  if (error !== undefined) throw new Error(error.message)
  const found: Mutant[] = []
  const types = new Set<number>()
  const add = (start: number, end: number, to: string): void => {
    const from = source.slice(start, end)
    if (from !== to) found.push({ line: lineAt(source, start), start, end, from, to })
  }
  const operator = (left: { end: number }, right: { start: number }, sign: string): void => {
    const to = MISTAKEN.get(sign)
    const at = source.indexOf(sign, left.end)
    if (to !== undefined && at < right.start) add(at, at + sign.length, to)
  }
  const inSql = (start: number, end: number): void => {
    const text = source.slice(start, end)
    if (!SQL.test(text)) return
    for (const { index, 0: word } of text.matchAll(CONDITION)) {
      const at = index + word.length
      const condition = conditionAt(text.slice(at, -1))
      // Left out, with its parameters in their places.
      add(start + at, start + at + condition.length, `(${condition} OR 1)`)
    }
  }
  new Visitor({
    BinaryExpression: ({ left, right, operator: sign }) => operator(left, right, sign),
    LogicalExpression: ({ left, right, operator: sign }) => {
      if (sign === '??') add(left.end, right.end, '')
      else operator(left, right, sign)
    },
    AssignmentExpression: ({ left, right, operator: sign }) => operator(left, right, sign),
    UpdateExpression: ({ start, end, prefix, operator: sign }) => {
      const to = MISTAKEN.get(sign)
      if (to !== undefined) add(prefix ? start : end - 2, prefix ? start + 2 : end, to)
    },
    UnaryExpression: ({ start, operator: sign }) => {
      if (sign === '!' || sign === '-') add(start, start + 1, '')
    },
    IfStatement: ({ test }) => {
      add(test.start, test.end, 'true')
      add(test.start, test.end, 'false')
    },
    ConditionalExpression: ({ test: { start, end } }) => add(start, end, `!(${source.slice(start, end)})`),
    CallExpression: ({ callee }) => {
      if (callee.type !== 'MemberExpression' || callee.computed) return
      const to = CONFUSED.get(callee.property.type === 'Identifier' ? callee.property.name : '')
      if (to !== undefined) add(callee.property.start, callee.property.end, to)
    },
    // A statement that is there for its effect; the semicolon keeps what follows out of an `if` before it.
    ExpressionStatement: ({ start, end, expression }) => {
      const call = expression.type === 'AwaitExpression' ? expression.argument : expression
      if (call.type === 'CallExpression' && call.callee.type !== 'Super') add(start, end, ';')
    },
    // Types are gone when the tests run.
    TSLiteralType: ({ start }) => types.add(start),
    Literal: ({ start, end, value }) => {
      if (types.has(start)) return
      if (typeof value === 'boolean') add(start, end, String(!value))
      else if (typeof value === 'number') add(start, end, String(value + 1))
      else if (typeof value === 'string') inSql(start, end)
    },
    TemplateLiteral: ({ start, end }) => inSql(start, end),
  }).visit(program)
  return found.sort((a, b) => a.start - b.start || a.to.localeCompare(b.to))
}

/** The source with one change in it. */
export function mutated(source: string, { start, end, to }: Mutant): string {
  return source.slice(0, start) + to + source.slice(end)
}

/** The first condition of a text of SQL, which may hold the placeholders of a template. */
function conditionAt(sql: string): string {
  let depth = 0
  for (const { index, 0: part } of sql.matchAll(OF_CONDITION)) {
    if (depth === 0 && (part === ')' || (part !== ' ' && /^\s/.test(part)))) return sql.slice(0, index)
    if ('({'.includes(part)) depth++
    if (')}'.includes(part)) depth--
  }
  return sql.trimEnd()
}

const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length
