import { basename } from 'node:path'
import { badInput, OzgctlError } from '../errors.ts'

const CAUSES: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['there is no such file', 'Check the name and the folder you are in.'],
  ENOTDIR: ['there is no such file', 'Check the name: a part of its path is no folder.'],
  EACCES: ['the file may not be read by this user', 'Ask for the right to read it, or copy it.'],
  EISDIR: ['this is a folder', 'Name the files in it.'],
  ELOOP: ['its symbolic links go round in a circle', 'Name the file itself.'],
  ENAMETOOLONG: ['the name is too long for a file', 'Check the name.'],
}

/** Turns a failure of the file system into an error that names the file; other errors pass unchanged. */
export function inputFileError(error: unknown, path: string): unknown {
  if (error instanceof OzgctlError) return error
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  if (!('syscall' in error)) return error
  const [cause, suggestion] = CAUSES[error.code] ?? [
    `the file cannot be read (${error.code})`,
    'Copy it to a local disk and import the copy.',
  ]
  return badInput('FILE_UNREADABLE', cause, { file: basename(path) }, [suggestion])
}
