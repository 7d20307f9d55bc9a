import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/** A file that appears whole or not at all: written beside its place, synced, then renamed. */
export class AtomicFile {
  readonly #path: string
  readonly #temporary: string
  #fd: number | undefined
  #buffer = ''

  constructor(path: string) {
    this.#path = path
    this.#temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  }

  /** @throws OzgctlError 74 when the file cannot be written */
  write(text: string): void {
    this.#buffer += text
    if (this.#buffer.length > 1 << 16) this.#guard(() => this.#flush())
  }

  /** Makes the file appear. @throws OzgctlError 74; a former file of that name then stays as it was */
  commit(): void {
    this.#guard(() => {
      const fd = this.#flush()
      fsyncSync(fd)
      closeSync(fd)
      renameSync(this.#temporary, this.#path)
      const folder = openSync(dirname(this.#path), 'r')
      fsyncSync(folder)
      closeSync(folder)
    })
  }

  abort(): void {
    if (this.#fd === undefined) return
    try {
      closeSync(this.#fd)
    } catch {
      // It may be closed already; what counts is that the remains go.
    }
    rmSync(this.#temporary, { force: true })
  }

  #flush(): number {
    this.#fd ??= openSync(this.#temporary, 'w', 0o644)
    const bytes = Buffer.from(this.#buffer)
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd, bytes, written)
    this.#buffer = ''
    return this.#fd
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.abort()
      throw outputError(error, this.#path)
    }
  }
}

/** Writes a file whole or not at all. @throws OzgctlError 74 */
export function writeFileAtomically(path: string, text: string): void {
  const file = new AtomicFile(path)
  file.write(text)
  file.commit()
}

/** Names why something could not be written. Exit 74. */
export function outputError(error: unknown, target: string): OzgctlError {
  if (error instanceof OzgctlError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return new OzgctlError('OUTPUT_FAILED', `${target} cannot be written (${code})`, {
    exit: EXIT.output,
    suggestions: [
      code === 'ENOSPC'
        ? 'Make room on the disk and repeat.'
        : 'Check that the folder exists and may be written.',
    ],
  })
}
