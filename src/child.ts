import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { usageError } from './lib/errors.ts'

/**
 * Runs a program with our stdin, stdout and stderr. It never outlives us.
 * @param end passed on to it as SIGTERM, also when it came before
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
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  end.addEventListener('abort', pass, { once: true })
  if (end.aborted) pass()
  // A second signal ends us at once.
  process.once('exit', kill)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        reject(usageError('COMMAND_UNKNOWN', `${command} cannot be run (${error.code ?? error.message})`))
      })
      child.once('close', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      )
    })
  } finally {
    process.off('exit', kill)
    end.removeEventListener('abort', pass)
  }
}
