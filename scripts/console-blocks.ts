import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Examples in the documentation: blocks marked `console` with lines `$ command`, the output below each, and
 * `# exit N` at its end where the command does not end with 0. They are run in bash from the checkout.
 */
export interface Example {
  readonly command: string
  readonly output: string
  readonly exit: number
  /** Lines of the page that output and exit stand on, from 0; `end` is excluded. */
  readonly start: number
  readonly end: number
}

const root = fileURLToPath(new URL('..', import.meta.url))

export function examplesIn(page: string): readonly Example[] {
  const examples: Example[] = []
  const lines = page.split('\n')
  let inBlock = false
  lines.forEach((line, at) => {
    if (line === '```console') inBlock = true
    else if (line === '```') inBlock = false
    else if (inBlock && line.startsWith('$ ')) examples.push(exampleAt(lines, at))
  })
  return examples
}

function exampleAt(lines: readonly string[], at: number): Example {
  let end = at + 1
  while (end < lines.length && lines[end] !== '```' && lines[end]?.startsWith('$ ') !== true) end++
  const body = lines.slice(at + 1, end)
  const exit = /^# exit (\d+)$/.exec(body.at(-1) ?? '')
  const output = exit === null ? body : body.slice(0, -1)
  return {
    command: lines[at]?.slice(2) ?? '',
    output: output.map((line) => `${line}\n`).join(''),
    exit: Number(exit?.[1] ?? 0),
    start: at + 1,
    end,
  }
}

export interface Outcome {
  readonly output: string
  readonly exit: number
}

/** Runs examples one after another with `ozgctl` on the path and a store of their own. @param folder is theirs alone */
export function runExamples(examples: readonly Example[], folder: string): readonly Outcome[] {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'ozgctl'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'run.js')}' "$@"\n`,
  )
  chmodSync(join(bin, 'ozgctl'), 0o755)
  const env = {
    PATH: [bin, process.env.PATH].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    OZGCTL_STORE: join(folder, 'ozgctl.db'),
    LC_ALL: 'C.UTF-8',
  }
  return examples.map(({ command }) => runOne(command, env))
}

const LONGEST_MS = 60_000

function runOne(command: string, env: Readonly<Record<string, string | undefined>>): Outcome {
  try {
    const output = execFileSync('bash', ['-o', 'pipefail', '-c', command], {
      cwd: root,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      // An example that waits for something that never comes is wrong, and says so.
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    })
    return { output, exit: 0 }
  } catch (error) {
    if (error instanceof Error && 'status' in error && 'stdout' in error)
      // Killed after its time, it has no status of its own: that of timeout(1).
      return { output: String(error.stdout), exit: Number(error.status ?? 124) }
    throw error
  }
}
