import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

const CAUSES: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['its folder does not exist', 'Make the folder, or name another file.'],
  ENOTDIR: ['its folder is a file', 'Name another file.'],
  EISDIR: ['it is a folder', 'Name a file in it.'],
  EACCES: ['this user may not write there', 'Ask for the right to write there, or name another file.'],
  ENXIO: ['nobody reads from it', 'Begin to read from it first, or name another file.'],
  EROFS: ['the file system is read-only', 'Name another file.'],
  ENOSPC: ['the disk is full', 'Make room on the disk and repeat.'],
  EDQUOT: ['the quota is used up', 'Make room and repeat.'],
  EFBIG: ['it would exceed the limit for files', 'Raise the limit (ulimit -f) and repeat.'],
}

/**
 * What kept a file from being written, and the way out.
 * @param target the file as the caller named it, or "standard output"
 */
export function outputError(error: unknown, target: string): OzgctlError {
  if (error instanceof OzgctlError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const [cause, suggestion] = CAUSES[code] ?? [code, 'Name another file.']
  return new OzgctlError('OUTPUT_FAILED', `${target} cannot be written: ${cause}`, {
    exit: EXIT.output,
    suggestions: [suggestion],
  })
}
