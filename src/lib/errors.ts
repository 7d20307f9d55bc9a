import { EXIT, type ExitCode } from './exit-codes.ts'

/** Where in the input something is wrong. Lines and columns count from 1, bytes from 0. */
export interface Place {
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
  readonly byte?: number | undefined
}

export interface ErrorDetails {
  readonly exit: ExitCode
  readonly place?: Place
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
  }
}

/** `file:line:column: ` in the form that editors and compilers use, with the byte where there is no line. */
export function printPlace(place: Place): string {
  const parts = [place.file, place.line, place.column].filter((part) => part !== undefined)
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

/** A call that makes no sense as given. Exit 64. */
export function usageError(code: string, message: string, suggestions: readonly string[] = []): OzgctlError {
  return new OzgctlError(code, message, { exit: EXIT.usage, suggestions })
}

/** Marks a branch that the type checker proves unreachable. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
