import { EXIT, type ExitCode } from './exit-codes.ts'

/** Where in the input something is wrong. Lines and columns count from 1, bytes from 0. */
export interface Place {
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
  readonly byte?: number | undefined
}

/** One of several things that are wrong with a document. */
export interface Problem {
  /** Stable kebab-case word. */
  readonly code: string
  readonly place: Place
  /** Where in the document, e.g. `tenants[3].ars`; empty for the document itself. */
  readonly path: string
  readonly message: string
  /** What is wrong, as it is written there. */
  readonly value?: string
  /** What to write instead. */
  readonly hint?: string | undefined
}

export interface ErrorDetails {
  readonly exit: ExitCode
  readonly place?: Place
  /** What is wrong, where one message would hide the rest. */
  readonly problems?: readonly Problem[]
  /** How many there are; more than `problems` where those would be too many to read. */
  readonly problemCount?: number
  /** What the operator can do next: whole sentences or commands. */
  readonly suggestions?: readonly string[]
  readonly cause?: unknown
}

/** An expected failure: it carries a stable code, the exit code, the place and the way out. Anything else is a bug. */
export class OzgctlError extends Error {
  readonly code: string
  readonly exit: ExitCode
  readonly place: Place
  readonly suggestions: readonly string[]
  readonly problems: readonly Problem[]
  readonly problemCount: number

  constructor(code: string, message: string, details: ErrorDetails) {
    const place = details.place ?? {}
    super(
      `${printPlace(place)}${message}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.name = 'OzgctlError'
    this.code = code
    this.exit = details.exit
    this.place = place
    this.suggestions = details.suggestions ?? []
    this.problems = details.problems ?? []
    this.problemCount = details.problemCount ?? this.problems.length
  }
}

/** `file:line:column: ` in the form that editors and compilers use, with the byte where there is no line. */
export function printPlace(place: Place): string {
  // A name in an archive may hold line ends, which would begin a line of its own on the screen.
  const file = place.file?.replace(/[\r\n]/g, ' ')
  const parts = [file, place.line, place.column].filter((part) => part !== undefined)
  const byte = place.byte === undefined ? '' : `byte ${place.byte}: `
  return (parts.length > 0 ? `${parts.join(':')}: ` : '') + byte
}

/** Input that cannot be used. Nothing was changed. Exit 65. */
export function badInput(
  code: string,
  message: string,
  place: Place = {},
  suggestions: readonly string[] = [],
): OzgctlError {
  return new OzgctlError(code, message, { exit: EXIT.badInput, place, suggestions })
}

const PROBLEMS_SHOWN = 50
/** Of them machines get more, and no million either. */
const PROBLEMS_KEPT = 1000
/** Of a text that a document may have made as long as it likes. */
const LONGEST_TEXT = 300

/** A document with problems, the first of them at once: nobody wants to run a command once a typo. Exit 65. */
export function badDocument(code: string, all: readonly Problem[]): OzgctlError {
  const problems = all.slice(0, PROBLEMS_KEPT).map(shortened)
  const details = { exit: EXIT.badInput, problems, problemCount: all.length }
  const [first] = problems
  if (first !== undefined && all.length === 1) {
    const message = (first.path === '' ? '' : `${first.path}: `) + first.message
    const suggestions = first.hint === undefined ? [] : [first.hint]
    return new OzgctlError(code, message, { ...details, place: first.place, suggestions })
  }
  const lines = problems.slice(0, PROBLEMS_SHOWN).flatMap(({ place, path, message, hint }) => {
    const line = `  ${printPlace(place)}${path === '' ? '' : `${path}: `}${message}`
    return hint === undefined ? [line] : [line, `      ${hint}`]
  })
  const more = all.length > PROBLEMS_SHOWN ? [`  … and ${all.length - PROBLEMS_SHOWN} more`] : []
  const message = [`${all.length} problems; nothing was changed`, ...lines, ...more].join('\n')
  return new OzgctlError(code, message, details)
}

const shortened = ({ path, message, value, hint, ...problem }: Problem): Problem => ({
  ...problem,
  path: cut(path),
  message: cut(message),
  ...(value === undefined ? {} : { value: cut(value) }),
  ...(hint === undefined ? {} : { hint: cut(hint) }),
})

const cut = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1).toWellFormed()}…` : text

/** A call that makes no sense as given. Exit 64. */
export function usageError(code: string, message: string, suggestions: readonly string[] = []): OzgctlError {
  return new OzgctlError(code, message, { exit: EXIT.usage, suggestions })
}

/** What was thrown, in a sentence. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Marks a branch that the type checker proves unreachable. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
