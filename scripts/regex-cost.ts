import { type AST, RegExpParser } from '@eslint-community/regexpp'
import type { CharSet } from 'refa'
import {
  Chars,
  getConsumedChars,
  getFirstConsumedChar,
  isZeroLength,
  type ReadonlyFlags,
  toUnicodeSet,
} from 'regexp-ast-analysis'
import { analyse } from 'scslre'

/**
 * Whether a text can be made that keeps a regular expression busy for longer than its length warrants. Three things are
 * looked for:
 *
 * - loops that get into each other's way (scslre): `(a+)+$` doubles its work with every letter;
 * - ways through one loop that begin alike: `(?:\w|\d)*!` tries both for every digit;
 * - two loops with something between that fits into both of them. What fills the text can be shared out between them in as
 *   many ways as it is long, and all are tried when what follows does not come. The search for the beginning is a loop, too,
 *   unless the expression begins with `^`: `/+$` looks at every slash as a beginning.
 */

/** More repetitions than this count as endless. */
const ENDLESS = 1000

export type Cost = 'linear' | 'polynomial' | 'exponential'

/** @throws SyntaxError */
export function costOf(pattern: string, flags: string): Cost {
  const literal = new RegExpParser().parseLiteral(`/${pattern}/${flags}`)
  const { reports } = analyse(literal)
  const search = new Search(literal)
  if (search.isForked || reports.some(({ exponential }) => exponential)) return 'exponential'
  return search.isShared || reports.length > 0 ? 'polynomial' : 'linear'
}

/** A loop that has been passed, or the search for the beginning, with what is in it and what stands behind it. */
interface Passed {
  readonly chars: CharSet
  readonly elements: readonly AST.Element[]
}

class Search {
  /** Two loops can share out a text. */
  isShared = false
  /** A loop has several ways through what it repeats. */
  isForked = false
  readonly #flags: ReadonlyFlags
  readonly #all: CharSet

  constructor({ pattern, flags }: AST.RegExpLiteral) {
    this.#flags = flags
    this.#all = Chars.all(flags)
    const start: Passed = { chars: this.#all, elements: [] }
    this.#alternatives(pattern, flags.sticky ? [] : [start], false)
  }

  /** @param mayReject whether something behind it can keep the whole from matching */
  #alternatives(
    { alternatives }: { readonly alternatives: readonly AST.Alternative[] },
    before: readonly Passed[],
    mayReject: boolean,
  ): readonly Passed[] {
    return alternatives.flatMap(({ elements }) => this.#sequence(elements, before, mayReject))
  }

  #sequence(
    elements: readonly AST.Element[],
    before: readonly Passed[],
    mayReject: boolean,
  ): readonly Passed[] {
    let passed = before
    for (const [at, element] of elements.entries())
      passed = this.#element(element, passed, mayReject || elements.slice(at + 1).some(rejects))
    return passed
  }

  #element(element: AST.Element, before: readonly Passed[], mayReject: boolean): readonly Passed[] {
    switch (element.type) {
      case 'Assertion':
        if (element.kind === 'lookahead' || element.kind === 'lookbehind')
          this.#alternatives(element, before, true)
        if (element.kind !== 'start') return before
        // Nothing that was passed can give anything to what stands behind the beginning.
        return this.#flags.multiline ? behind(before, element) : []
      case 'Group':
      case 'CapturingGroup':
        return this.#alternatives(element, before, mayReject)
      case 'Quantifier':
        return this.#quantifier(element, before, mayReject)
      case 'Backreference':
      case 'Character':
      case 'CharacterClass':
      case 'CharacterSet':
      case 'ExpressionCharacterClass':
        return behind(before, element)
    }
  }

  #quantifier(loop: AST.Quantifier, before: readonly Passed[], mayReject: boolean): readonly Passed[] {
    const { element, min, max } = loop
    const inner = this.#element(element, before, mayReject || max > 1)
    if (max <= ENDLESS) return min === 0 ? [...before, ...inner] : inner
    const chars = getConsumedChars(element, this.#flags).chars
    if (mayReject && before.some((passed) => this.#areShared(passed, chars, element))) this.isShared = true
    if (mayReject && this.#beginAlike(element)) this.isForked = true
    return [...behind(before, loop), { chars, elements: [element] }]
  }

  #beginAlike(element: AST.QuantifiableElement): boolean {
    if (element.type !== 'Group' && element.type !== 'CapturingGroup') return false
    const firsts = element.alternatives.map((one) => getFirstConsumedChar(one, 'ltr', this.#flags).char)
    return firsts.some((first, at) => firsts.slice(at + 1).some((other) => !first.isDisjointWith(other)))
  }

  /** Whether something fits into both loops and what stands between them. */
  #areShared({ chars, elements }: Passed, others: CharSet, element: AST.Element): boolean {
    const both = chars.intersect(others)
    return !both.isEmpty && [...elements, element].every((one) => this.#fits(one, both))
  }

  /** Whether an element can consist of nothing but these. */
  #fits(element: AST.Element, chars: CharSet): boolean {
    switch (element.type) {
      case 'Assertion':
        // A line begins behind the end of another.
        return element.kind !== 'start' || !chars.isDisjointWith(Chars.lineTerminator(this.#flags))
      case 'Backreference':
        return true
      case 'Group':
      case 'CapturingGroup':
        return element.alternatives.some(({ elements }) => elements.every((one) => this.#fits(one, chars)))
      case 'Quantifier':
        return element.min === 0 || this.#fits(element.element, chars)
      case 'Character':
      case 'CharacterClass':
      case 'CharacterSet':
      case 'ExpressionCharacterClass': {
        const set = toUnicodeSet(element, this.#flags)
        return !set.chars.isDisjointWith(chars) || !set.accept.isEmpty
      }
    }
  }
}

const behind = (passed: readonly Passed[], element: AST.Element): readonly Passed[] =>
  passed.map(({ chars, elements }) => ({ chars, elements: [...elements, element] }))

/** Whether it can keep the whole from matching. */
function rejects(element: AST.Element): boolean {
  switch (element.type) {
    case 'Quantifier':
      return element.min > 0 && rejects(element.element)
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.every(({ elements }) => elements.some(rejects))
    case 'Backreference':
      return !isZeroLength(element, {})
    case 'Assertion':
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet':
    case 'ExpressionCharacterClass':
      return true
  }
}
