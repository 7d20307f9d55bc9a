import { spawn } from 'node:child_process'
import { delimiter, isAbsolute } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { redacted } from './secret.ts'
import type { ConfigSource } from './source.ts'

/** A helper is waited for so long. */
const HELPER_DEADLINE_MS = 10_000
const MAX_ANSWER = 64 << 10

export type HelperVerb = 'get' | 'store' | 'erase'

/**
 * Asks a credential helper: the program `ozgctl-credential-NAME` on the path, called with a verb, JSON on its standard
 * input and output. It lets a house use its own vault.
 * @returns what it printed
 * @throws OzgctlError 6 HELPER_FAILED
 */
export async function askHelper(
  helper: string,
  verb: HelperVerb,
  request: object,
  { env, signal }: ConfigSource,
  deadlineMs = HELPER_DEADLINE_MS,
): Promise<string> {
  const program = `ozgctl-credential-${helper}`
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(helper)) throw failed(program, 'is no name of a program')
  // No shell: nothing in a name or an answer is ever a command.
  const child = spawn(program, [verb], { env: helperEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] })
  // What it may have started itself would keep the pipes open.
  const end = (): void => {
    child.kill('SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
  }
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part
    if (output.length > MAX_ANSWER) end()
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors = (errors + part).slice(-MAX_ANSWER)
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(`${JSON.stringify(request)}\n`)
  const timer = setTimeout(end, deadlineMs)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted === true) end()
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(failed(program, `cannot be run (${error.code ?? error.message})`)),
      )
      child.once('close', (code) => resolve(code))
    })
    if (code === 0) return output
    throw failed(
      program,
      code === null
        ? 'gave no answer of a usual length in time'
        : `ended with ${code}: ${redacted(errors).trim().slice(-500)}`,
    )
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/**
 * Without relative folders on the path, where anybody could have put a program, and without secrets, which are none of a
 * helper's business.
 */
function helperEnvironment(env: ConfigSource['env']): Record<string, string | undefined> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder))
  const others = Object.entries(env).filter(([name]) => !/^OZGCTL_.*SECRET$/.test(name))
  return { ...Object.fromEntries(others), PATH: folders.join(delimiter) }
}

function failed(program: string, what: string): OzgctlError {
  return new OzgctlError('HELPER_FAILED', `the credential helper ${program} ${what}`, {
    exit: EXIT.unauthorised,
    suggestions: ['Run it by hand to see why, or keep the credentials elsewhere: ozgctl auth login --help'],
  })
}
