import type { Readable } from 'node:stream'

/** Everything a command needs from the world around it. Nothing in `lib` reads process, clock or environment by itself. */
export interface Context {
  now(): Date
  /** Who runs this, for the record of snapshots. */
  readonly actor: string
  readonly host: string
  /** Path of the SQLite file. */
  readonly storePath: string
  readonly stdin: Readable
  /** A remark for the operator; goes to stderr and, in JSON, into `warnings`. */
  warn(message: string): void
  /** Progress of long work; shown on a terminal only. */
  readonly progress: Progress
}

export interface Progress {
  /** @param total 0 when it is not known */
  start(label: string, total: number): void
  update(done: number): void
  stop(): void
}

export const silentProgress: Progress = {
  start: () => undefined,
  update: () => undefined,
  stop: () => undefined,
}
