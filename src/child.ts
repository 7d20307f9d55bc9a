import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { usageError } from './lib/errors.ts'

/**
 * Runs a program with our stdin, stdout and stderr.
 * @param end passed on to it as SIGTERM
 * @returns its exit code; 128 and the number of the signal that ended it
 * @throws OzgctlError 64 COMMAND_UNKNOWN
 */
export async function runChild(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  end: AbortSignal,
): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'inherit' })
  const pass = (): void => {
    child.kill('SIGTERM')
  }
  end.addEventListener('abort', pass, { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(usageError('COMMAND_UNKNOWN', `${command} cannot be run (${error.code ?? error.message})`))
    })
    child.once('close', (code, signal) => {
      end.removeEventListener('abort', pass)
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
