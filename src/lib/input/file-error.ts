import { basename } from 'node:path'
import { badInput, OzgctlError } from '../errors.ts'

const MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read by this user',
  EISDIR: 'this is a folder',
}

/** Turns a failure of the file system into an error that names the file; other errors pass unchanged. */
export function inputFileError(error: unknown, path: string): unknown {
  if (error instanceof OzgctlError) return error
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  return badInput('FILE_UNREADABLE', MESSAGES[error.code] ?? `the file cannot be read (${error.code})`, {
    file: basename(path),
  })
}
