import { spawnSync } from 'node:child_process'
import { ozgctl, type Run, type RunOptions } from '../../support/cli.ts'
import type { Workplace } from './operator.ts'

const answers = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args).status === 0

export const canTrace = answers('strace', '-o', '/dev/null', 'true')
export const canLimit = answers('prlimit', '--fsize=1000', 'true')
/** Answers the day after tomorrow where it works: some systems do not let it. */
export const canShift = spawnSync('faketime', ['2031-01-01', 'date', '+%Y']).stdout?.toString() === '2031\n'
/** Linux lets the first user only make namespaces, some systems nobody. */
export const canUnshare = answers('unshare', '--pid', '--fork', '--mount-proc', '--uts', 'true')

/** Runs the built command line under another program, and waits for its end, however long that takes. */
export const callUnder = (
  place: Workplace,
  args: readonly string[],
  options: Pick<RunOptions, 'stdin' | 'under'> = {},
): Promise<Run> => ozgctl(args, { ...place, ...options })

/** From the n-th of these system calls on, each fails with this error. */
export const failing = (calls: string, error: string, from: number): readonly string[] => [
  'strace',
  ...['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`],
  ...['-e', `inject=${calls}:error=${error}:when=${from}+`],
]

/** No file can become larger: what a full disk or a quota does in the middle of a write. */
export const limited = (bytes: number): readonly string[] => ['prlimit', `--fsize=${bytes}`]

/** Lets a process believe in another time of day, as `+1d`. The time since the start of the machine stays what it is. */
export const shifted = (by: string): readonly string[] => [
  'env',
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
  'faketime',
  '-f',
  by,
]

/** Lets a process see the machine otherwise than we do: namespaces(7), as containers have them. */
export const unshared = (...namespaces: readonly string[]): readonly string[] => ['unshare', ...namespaces]
