import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, timeOnce } from './timing.ts'

const root = join(import.meta.dirname, '..')
export const data = (name: string): string => join(import.meta.dirname, 'data', name)

/** The built command line as a whole process. */
export function ozgctl(args: readonly string[], store: string): Command {
  return {
    command: process.execPath,
    args: [join(root, 'bin', 'run.js'), ...args],
    env: { OZGCTL_STORE: store },
  }
}

/** An empty store. */
export function newStore(name: string): string {
  const path = data(name)
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
  return path
}

/** Seconds and the most memory (bytes, resident) that a run of ozgctl took. */
export function measure(
  args: readonly string[],
  store: string,
): { readonly seconds: number; readonly rss: number } {
  const report = data('memory.txt')
  const hook = join(import.meta.dirname, 'report-memory.ts')
  const { command, args: all, env } = ozgctl(args, store)
  const took = timeOnce({
    command,
    args: ['--import', hook, ...all],
    env: { ...env, BENCH_MEMORY: report },
  })
  return { seconds: took, rss: Number(readFileSync(report, 'utf8')) }
}
