import { spawnSync } from 'node:child_process'

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Timing {
  /** Seconds of each run, from start to exit. */
  readonly seconds: readonly number[]
  readonly median: number
}

/**
 * Runs commands in turn (A, B, A, B, …), so that whatever else the machine does meets both, and times whole
 * processes. The first turn warms caches and is not counted.
 * @throws Error when a command does not end with 0
 */
export function timeInTurn<Name extends string>(
  commands: Readonly<Record<Name, Command>>,
  turns: number,
): Readonly<Record<Name, Timing>> {
  const names = Object.keys(commands) as Name[]
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let turn = 0; turn <= turns; turn++)
    for (const name of names) {
      const took = timeOnce(commands[name])
      if (turn > 0) seconds[name].push(took)
    }
  return Object.fromEntries(
    names.map((name) => [name, { seconds: seconds[name], median: median(seconds[name]) }]),
  ) as unknown as Readonly<Record<Name, Timing>>
}

export function timeOnce({ command, args, env }: Command): number {
  const started = process.hrtime.bigint()
  const { status, stderr, error } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 24,
  })
  const took = Number(process.hrtime.bigint() - started) / 1e9
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status ?? error?.message}: ${String(stderr)}`)
  return took
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Whether a program can be run here. */
export function exists(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined
}
