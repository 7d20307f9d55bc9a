import { coloursFor } from './colour.ts'
import { redacted, redactedJson } from './lib/config/secret.ts'
import { OzgctlError } from './lib/errors.ts'
import { EXIT, type ExitCode } from './lib/exit-codes.ts'
import { closest } from './lib/text.ts'
import { neutralTerminal } from './lib/view/neutral.ts'
import { formatJson, printToStdout } from './stdout.ts'

/** How and where an error is told. */
interface ErrorReport {
  readonly json: boolean
  readonly verbose: boolean
  /** The command that failed as people write it, empty when none was found. */
  readonly command: string
  /** Its flags, to guess what a mistyped one was meant to be. */
  readonly flags: readonly string[]
}

/**
 * Tells an error in the form that was asked for and sets the exit code, which is the same in both. Where standard output
 * takes nothing, it is told on stderr.
 */
export async function reportError(error: Error, report: ErrorReport): Promise<void> {
  process.exitCode = exitOf(error)
  if (report.json && (await isPrinted(formatJson(errorDocument(error, report))))) return
  const colours = await coloursFor(process.stderr)
  const [first = '', ...more] = errorLines(error, report)
  const head = colours?.red.bold('Error:') ?? 'Error:'
  process.stderr.write([`${head} ${first}`, ...more].map((line) => `${line}\n`).join(''))
}

async function isPrinted(text: string): Promise<boolean> {
  try {
    await printToStdout(text)
    return true
  } catch {
    return false
  }
}

/** oclif throws for a wrong call with the parse state or an exit code attached. */
function isUsageError(error: Error): boolean {
  return 'parse' in error || 'oclif' in error
}

function exitOf(error: Error): ExitCode {
  if (error instanceof OzgctlError) return error.exit
  return isUsageError(error) ? EXIT.usage : EXIT.failed
}

/** The error as others may see it: no argv, no paths of the home directory, no configuration. */
function errorDocument(error: Error, report: ErrorReport): object {
  const known = error instanceof OzgctlError
  return {
    schemaVersion: 1,
    error: {
      code: known ? error.code : isUsageError(error) ? 'USAGE' : 'INTERNAL',
      message: messageOf(error),
      suggestions: suggestionsOf(error, report),
      ...(known && Object.keys(error.place).length > 0 ? { place: error.place } : {}),
      ...(known && error.problems.length > 0
        ? { problems: redactedJson(error.problems), problemCount: error.problemCount }
        : {}),
    },
  }
}

function errorLines(error: Error, report: ErrorReport): readonly string[] {
  const expected = error instanceof OzgctlError || isUsageError(error)
  const fault = report.verbose
    ? redacted(error.stack ?? '')
    : 'This is a fault of ozgctl. Repeat with --verbose and report it.'
  const hints = expected ? suggestionsOf(error, report) : [fault]
  const text = [messageOf(error), ...hints.map((hint) => `  ${hint}`)].join('\n')
  return text.split('\n').map(neutralTerminal)
}

/** oclif puts its own words around a message. */
function messageOf(error: Error): string {
  return redacted(error.message)
    .replace(/^Parsing (--[\w-]+) \n\t/, '$1: ')
    .replace(/\nSee more help with --help$/, '')
    .trim()
}

function suggestionsOf(error: Error, { command, flags }: ErrorReport): readonly string[] {
  if (error instanceof OzgctlError) return error.suggestions.map(redacted)
  if (!isUsageError(error)) return []
  const unknown = 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String) : []
  const meant = unknown.flatMap((flag) => closest(flag, flags))
  return [
    ...meant.map((flag) => `Did you mean: ${flag}`),
    `See: ozgctl ${command === '' ? '' : `${command} `}--help`,
  ]
}
