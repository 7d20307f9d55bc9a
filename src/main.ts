import { type Interfaces, run } from '@oclif/core'
import { reportError } from './error-report.ts'
import { flushStdout, guardStderr, guardStdout, ReaderGone } from './stdout.ts'

/** Runs the call of this process. Errors of commands are told by them; here end those from outside any command. */
export async function main(options: Interfaces.LoadOptions): Promise<void> {
  guardStdout()
  guardStderr()
  const argv = process.argv.slice(2)
  try {
    await run(argv, options)
    // Help is written by oclif, whose own flush waits for ever on a pipe that its reader has closed.
    await flushStdout()
  } catch (error) {
    if (error instanceof ReaderGone) return
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'EEXIT' && 'oclif' in error) {
      process.exitCode = (error.oclif as { readonly exit?: number }).exit ?? 0
      return
    }
    await reportError(error, {
      json: argv.includes('--json'),
      verbose: argv.includes('--verbose'),
      command: '',
      flags: [],
    })
  }
}
