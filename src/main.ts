import { flush, type Interfaces, run } from '@oclif/core'
import { reportError } from './error-report.ts'

/** Runs the call of this process. Errors of commands are told by them; here end those from outside any command. */
export async function main(options: Interfaces.LoadOptions): Promise<void> {
  const argv = process.argv.slice(2)
  try {
    await run(argv, options)
    await flush()
  } catch (error) {
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
