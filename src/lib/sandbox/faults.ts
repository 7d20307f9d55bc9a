import { usageError } from '../errors.ts'
import { closest } from '../text.ts'

/**
 * What the sandbox can do wrong. `reset`: the connection is cut in the middle of the answer to a request that was
 * done; `reset-before`: before it was done; `truncate`: the packed answer ends early; `hang`: it never answers.
 */
export const FAULT_KINDS = [
  'latency',
  '400',
  '429',
  '500',
  '503',
  'reset',
  'reset-before',
  'truncate',
  'hang',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One fault and to which requests it happens. */
export interface FaultRule {
  readonly kind: FaultKind
  /** How the operator wrote it. */
  readonly text: string
  readonly when: { readonly every: number } | { readonly first: number } | { readonly percent: number }
  readonly method: string | undefined
  /** Part of the path. */
  readonly path: string | undefined
  /** Value of Retry-After: seconds, or a date so many seconds from now. */
  readonly retryAfter: { readonly seconds: number; readonly asDate: boolean } | undefined
  readonly milliseconds: number
}

const KEYS = ['every', 'first', 'percent', 'method', 'path', 'retry-after', 'ms'] as const
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Reads `503,every=5,retry-after=2,method=PUT,path=organizations`.
 * @throws OzgctlError 64 FAULT_INVALID
 */
export function parseFault(text: string): FaultRule {
  const [kindText = '', ...pairs] = text.split(',').map((part) => part.trim())
  const kind = FAULT_KINDS.find((one) => one === kindText)
  if (kind === undefined)
    throw invalid(text, `"${kindText}" is no fault`, [
      ...closest(kindText, FAULT_KINDS).map((near) => `Did you mean ${near}?`),
      `There are: ${FAULT_KINDS.join(', ')}.`,
    ])
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? []
    if (!KEYS.some((one) => one === key) || value === '')
      throw invalid(text, `"${pair}" is no KEY=VALUE with one of ${KEYS.join(', ')}`)
    values.set(key, value)
  }
  const method = values.get('method')?.toUpperCase()
  if (method !== undefined && !METHODS.includes(method)) throw invalid(text, `"${method}" is no method`)
  return {
    kind,
    text,
    when: whenIn(text, values),
    method,
    path: values.get('path'),
    retryAfter: retryAfterIn(text, values.get('retry-after')),
    milliseconds: numberIn(text, values.get('ms') ?? '100'),
  }
}

function whenIn(text: string, values: ReadonlyMap<string, string>): FaultRule['when'] {
  const given = (['every', 'first', 'percent'] as const).filter((key) => values.has(key))
  if (given.length > 1) throw invalid(text, `${given.join(' and ')} exclude each other`)
  const first = values.get('first')
  if (first !== undefined) return { first: numberIn(text, first) }
  const percent = values.get('percent')
  if (percent !== undefined) return { percent: Math.min(100, numberIn(text, percent)) }
  return { every: Math.max(1, numberIn(text, values.get('every') ?? '1')) }
}

function retryAfterIn(text: string, value: string | undefined): FaultRule['retryAfter'] {
  if (value === undefined) return undefined
  const [, seconds = '', date] = /^(\d+)(d?)$/.exec(value) ?? []
  if (seconds === '')
    throw invalid(
      text,
      'retry-after is a number of seconds, with d behind it when it is to be sent as a date',
    )
  return { seconds: Number(seconds), asDate: date === 'd' }
}

function numberIn(text: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw invalid(text, `"${value}" is no number`)
}

const invalid = (text: string, what: string, suggestions: readonly string[] = []) =>
  usageError('FAULT_INVALID', `--fault ${text}: ${what}`, [
    ...suggestions,
    'Write it like 503,every=5 or 429,first=3,retry-after=2,method=PUT.',
  ])

/** Decides which request gets which fault; the same requests in the same order get the same ones. */
export class FaultPlan {
  readonly #rules: readonly { readonly rule: FaultRule; seen: number }[]
  /** How often each fault happened, as the operator wrote it. */
  readonly injected = new Map<string, number>()

  constructor(rules: readonly FaultRule[]) {
    this.#rules = rules.map((rule) => ({ rule, seen: 0 }))
  }

  /** The fault of the next request, if any. */
  next(method: string, path: string): FaultRule | undefined {
    let chosen: FaultRule | undefined
    for (const one of this.#rules) {
      const { rule } = one
      if (rule.method !== undefined && rule.method !== method) continue
      if (rule.path !== undefined && !path.includes(rule.path)) continue
      one.seen++
      if (chosen === undefined && happens(rule, one.seen)) chosen = rule
    }
    if (chosen !== undefined) this.injected.set(chosen.text, (this.injected.get(chosen.text) ?? 0) + 1)
    return chosen
  }
}

function happens({ when }: FaultRule, seen: number): boolean {
  if ('first' in when) return seen <= when.first
  if ('every' in when) return seen % when.every === 0
  // A hash of the number instead of chance: a run can be repeated.
  return ((Math.imul(seen, 0x9e3779b1) >>> 0) / 0x1_0000_0000) * 100 < when.percent
}
