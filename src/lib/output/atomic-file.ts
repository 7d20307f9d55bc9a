import { randomUUID } from 'node:crypto'
import {
  constants,
  fchmodSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { useAsOutput } from '../in-use.ts'
import { DISK, type Disk, moveIntoPlace, writeAll } from './disk.ts'
import { outputError } from './output-error.ts'

/** Files that have been begun and neither committed nor given up. */
const unfinished = new Set<AtomicFile>()

/** Removes what unfinished files left beside their places: for a process that ends before its time. */
export function abortUnfinishedFiles(): void {
  for (const file of unfinished) file.abort()
}

/**
 * A file that appears whole or not at all: written beside its place, synced, then renamed. It keeps the mode of the
 * file that it replaces and follows a symbolic link, also one that leads to nothing yet. A device or a pipe, which must not
 * be replaced, is written as it is. What the process works from is never replaced.
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
  readonly #disk: Disk
  #buffer = ''

  /**
   * @param denied rights that a new file does not give, besides those that the umask denies
   * @throws OzgctlError 64 OUTPUT_IN_USE; 74 when nothing can be written there: it is known before the work is done
   */
  constructor(path: string, denied = 0, disk: Disk = DISK) {
    this.#name = path
    this.#disk = disk
    try {
      const former = statSync(path, { throwIfNoEntry: false })
      this.#descriptor = descriptorOf(path)
      this.#path = this.#descriptor === undefined ? placeOf(path, former) : path
      this.#temporary =
        this.#descriptor === undefined && (former === undefined || former.isFile() || former.isDirectory())
          ? besides(this.#path)
          : undefined
      useAsOutput(path)
      this.#fd = this.#descriptor ?? begin(this.#path, this.#temporary, former, denied, disk)
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
      if (this.#temporary !== undefined) this.#disk.sync(this.#fd)
      if (this.#descriptor === undefined) this.#disk.close(this.#fd)
      if (this.#temporary !== undefined) moveIntoPlace(this.#temporary, this.#path, this.#disk)
    })
    unfinished.delete(this)
  }

  /** Gives up: nothing appears, and nothing is left behind. Does nothing after `commit`. */
  abort(): void {
    if (!unfinished.delete(this)) return
    try {
      if (this.#descriptor === undefined) this.#disk.close(this.#fd)
    } catch {
      // It may be closed already; what counts is that the remains go.
    }
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true })
  }

  #flush(): void {
    writeAll(this.#fd, Buffer.from(this.#buffer), this.#disk)
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

/** Where a name leads to, at the end of all links. */
function placeOf(path: string, former: Stats | undefined): string {
  if (former !== undefined) return realpathSync(path)
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
  return isLink ? placeOf(resolve(dirname(path), readlinkSync(path)), undefined) : path
}

/**
 * `/dev/stdout` may lead to a file, or to a pipe that has no path. Opened anew it would write over what this process
 * writes there itself.
 */
function descriptorOf(path: string): number | undefined {
  const name = /^\/dev\/(stdout|stderr|fd\/\d+)$/.exec(path)?.[1]
  if (name === undefined) return undefined
  return { stdout: 1, stderr: 2 }[name] ?? Number(name.slice('fd/'.length))
}

function begin(
  path: string,
  temporary: string | undefined,
  former: Stats | undefined,
  denied: number,
  disk: Disk,
): number {
  if (former?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  // To open a pipe waits for a reader, and no signal ends that.
  if (former?.isFIFO() === true) return disk.open(path, constants.O_WRONLY | constants.O_NONBLOCK)
  if (temporary === undefined) return disk.open(path, 'w')
  const fd = disk.open(temporary, 'wx', 0o666 & ~denied)
  if (former !== undefined) fchmodSync(fd, former.mode & 0o777)
  return fd
}

/**
 * Writes a file whole or not at all.
 * @param denied rights that a new file does not give, besides those that the umask denies
 * @throws OzgctlError 74
 */
export function writeFileAtomically(path: string, text: string, denied = 0): void {
  const file = new AtomicFile(path, denied)
  file.write(text)
  file.commit()
}
