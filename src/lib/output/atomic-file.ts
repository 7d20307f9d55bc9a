import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/** Files that have been begun and neither committed nor given up. */
const unfinished = new Set<AtomicFile>()

/** Removes what unfinished files left beside their places: for a process that ends before its time. */
export function abortUnfinishedFiles(): void {
  for (const file of unfinished) file.abort()
}

/**
 * A file that appears whole or not at all: written beside its place, synced, then renamed. It keeps the mode of the
 * file that it replaces and follows a symbolic link. A device or a pipe, which must not be replaced, is written as
 * it is.
 */
export class AtomicFile {
  /** As the caller named it, for messages. */
  readonly #name: string
  readonly #path: string
  /** Undefined for a device or a pipe. */
  readonly #temporary: string | undefined
  readonly #fd: number
  /** Of a stream that this process has anyway: it is not closed. */
  readonly #descriptor: number | undefined
  #buffer = ''

  /** @throws OzgctlError 74 when nothing can be written there: it is known before the work is done */
  constructor(path: string) {
    this.#name = path
    try {
      const former = statSync(path, { throwIfNoEntry: false })
      this.#descriptor = descriptorOf(path)
      this.#path = former === undefined || this.#descriptor !== undefined ? path : realpathSync(path)
      this.#temporary =
        this.#descriptor === undefined && (former === undefined || former.isFile() || former.isDirectory())
          ? besides(this.#path)
          : undefined
      this.#fd = this.#descriptor ?? begin(this.#path, this.#temporary, former)
    } catch (error) {
      throw outputError(error, path)
    }
    unfinished.add(this)
  }

  /** @throws OzgctlError 74 when the file cannot be written */
  write(text: string): void {
    this.#buffer += text
    if (this.#buffer.length > 1 << 16) this.#guard(() => this.#flush())
  }

  /**
   * Makes the file appear. Does nothing when it has been committed or given up.
   * @throws OzgctlError 74; a former file of that name then stays as it was
   */
  commit(): void {
    if (!unfinished.has(this)) return
    this.#guard(() => {
      this.#flush()
      if (this.#temporary !== undefined) fsyncSync(this.#fd)
      if (this.#descriptor === undefined) closeSync(this.#fd)
      if (this.#temporary === undefined) return
      renameSync(this.#temporary, this.#path)
      const folder = openSync(dirname(this.#path), 'r')
      fsyncSync(folder)
      closeSync(folder)
    })
    unfinished.delete(this)
  }

  /** Gives up: nothing appears, and nothing is left behind. Does nothing after `commit`. */
  abort(): void {
    if (!unfinished.delete(this)) return
    try {
      if (this.#descriptor === undefined) closeSync(this.#fd)
    } catch {
      // It may be closed already; what counts is that the remains go.
    }
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true })
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffer)
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd, bytes, written)
    this.#buffer = ''
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.abort()
      throw outputError(error, this.#name)
    }
  }
}

const besides = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`)

/**
 * `/dev/stdout` may lead to a file, or to a pipe that has no path. Opened anew it would write over what this process
 * writes there itself.
 */
function descriptorOf(path: string): number | undefined {
  const name = /^\/dev\/(stdout|stderr|fd\/\d+)$/.exec(path)?.[1]
  if (name === undefined) return undefined
  return { stdout: 1, stderr: 2 }[name] ?? Number(name.slice('fd/'.length))
}

function begin(path: string, temporary: string | undefined, former: Stats | undefined): number {
  if (former?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  if (temporary === undefined) return openSync(path, 'w')
  const fd = openSync(temporary, 'wx', 0o666)
  if (former !== undefined) fchmodSync(fd, former.mode & 0o777)
  return fd
}

/** Writes a file whole or not at all. @throws OzgctlError 74 */
export function writeFileAtomically(path: string, text: string): void {
  const file = new AtomicFile(path)
  file.write(text)
  file.commit()
}

const CAUSES: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['its folder does not exist', 'Make the folder, or name another file.'],
  ENOTDIR: ['its folder is a file', 'Name another file.'],
  EISDIR: ['it is a folder', 'Name a file in it.'],
  EACCES: ['this user may not write there', 'Ask for the right to write there, or name another file.'],
  EROFS: ['the file system is read-only', 'Name another file.'],
  ENOSPC: ['the disk is full', 'Make room on the disk and repeat.'],
  EDQUOT: ['the quota is used up', 'Make room and repeat.'],
  EFBIG: ['it would exceed the limit for files', 'Raise the limit (ulimit -f) and repeat.'],
}

/** @param target the file as the caller named it, or "standard output" */
export function outputError(error: unknown, target: string): OzgctlError {
  if (error instanceof OzgctlError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const [cause, suggestion] = CAUSES[code] ?? [code, 'Name another file.']
  return new OzgctlError('OUTPUT_FAILED', `${target} cannot be written: ${cause}`, {
    exit: EXIT.output,
    suggestions: [suggestion],
  })
}
