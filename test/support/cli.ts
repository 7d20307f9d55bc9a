import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Run {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** A program that runs it, with its arguments. */
  readonly under?: readonly string[]
}

/** Runs the built command line as its own process, without the caller's OZGCTL_* settings and outside a terminal. */
export async function ozgctl(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  if (!existsSync(`${root}/oclif.manifest.json`)) throw new Error('not built yet: npm run build')
  const [program = '', ...rest] = [...(options.under ?? []), process.execPath, bin, ...args]
  const child = spawn(program, rest, {
    cwd: options.cwd ?? root,
    env: { PATH: process.env.PATH, HOME: options.cwd ?? root, ...options.env },
    stdio: 'pipe',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** Runs with `--json` and reads the answer. */
export async function ozgctlJson(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run & { readonly json: Record<string, unknown> }> {
  const run = await ozgctl([...args, '--json'], options)
  return { ...run, json: JSON.parse(run.stdout) as Record<string, unknown> }
}
