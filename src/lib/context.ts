import type { Readable } from 'node:stream'

/** Everything a command needs from the world around it. Nothing in `lib` reads process, clock or environment by itself. */
export interface Context {
  now(): Date
  /** Milliseconds since the machine was started: it never steps back and is the same for all of its processes. */
  uptime(): number
  /** Waits that long, or until the signal is aborted; that is no error. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** From 0 to less than 1. */
  random(): number
  /** Who runs this, for the record. */
  readonly actor: string
  readonly host: string
  /** Number of this user; undefined where the system has none. */
  readonly uid: number | undefined
  /** Of this process. */
  readonly pid: number
  /** The call as it was typed, for the record. No secret is ever part of one. */
  readonly command: string
  /** Settings of the environment, e.g. `OZGCTL_TEST_URL`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Home folder of the operator. */
  readonly home: string
  /** Path of the SQLite file. */
  readonly storePath: string
  readonly stdin: Readable
  /** A remark for the operator; goes to stderr and, in JSON, into `warnings`. */
  warn(message: string): void
  /** Progress of long work; shown on a terminal only. */
  readonly progress: Progress
}

export interface Progress {
  /** @param total 0 when it is not known @param unit of total; bytes are shown as MB */
  start(label: string, total: number, unit?: 'bytes' | 'items'): void
  /** @param note what else there is to say, on the same line */
  update(done: number, note?: string): void
  stop(): void
}

export const silentProgress: Progress = {
  start: () => undefined,
  update: () => undefined,
  stop: () => undefined,
}
