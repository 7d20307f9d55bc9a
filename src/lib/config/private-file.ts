import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/** Whether others than the owner may read or write something. */
const OTHERS = 0o077
const WORLD_WRITABLE = 0o002
const STICKY = 0o1000

/**
 * Reads a file with secrets, if nobody else could have: a regular file of this user, with mode 0600 or stricter, in a
 * folder in which others cannot replace it. As ssh does it with keys.
 * @returns undefined where there is no such file
 * @throws OzgctlError 6 CREDENTIALS_EXPOSED with the command that mends it
 */
export function readPrivateFile(path: string, uid: number | undefined): string | undefined {
  const stats = statOf(path)
  if (stats === undefined) return undefined
  const problem = exposure(path, stats, uid)
  if (problem !== undefined) throw exposed(path, problem)
  // Between the look and the reading nobody else can have put another file there.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** What is wrong with the place of a secret, and how to mend it; undefined when nothing is. */
export function privateFileProblem(path: string, uid: number | undefined): string | undefined {
  const stats = statOf(path)
  return stats === undefined ? undefined : exposure(path, stats, uid)?.what
}

/** Writes a file that only this user can read, whole or not at all, whatever the umask is. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  rmSync(temporary, { force: true })
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = openSync(temporary, flags, 0o600)
  try {
    fchmodSync(file, 0o600)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

interface Exposure {
  readonly what: string
  readonly mend: string
}

function exposure(path: string, stats: Stats, uid: number | undefined): Exposure | undefined {
  if (stats.isSymbolicLink()) return { what: 'is a link', mend: `Put the file itself there: ${path}` }
  if (!stats.isFile()) return { what: 'is no file', mend: `Put a file there: ${path}` }
  if (uid !== undefined && stats.uid !== uid)
    return { what: 'belongs to somebody else', mend: `chown ${uid} ${path}` }
  if ((stats.mode & OTHERS) !== 0)
    return { what: `can be read or written by others (mode ${octal(stats)})`, mend: `chmod 600 ${path}` }
  const folder = dirname(path)
  const above = statOf(folder)
  if (above !== undefined && (above.mode & WORLD_WRITABLE) !== 0 && (above.mode & STICKY) === 0)
    return {
      what: `is in a folder that everybody can write to (mode ${octal(above)})`,
      mend: `chmod 700 ${folder}`,
    }
  return undefined
}

const octal = ({ mode }: Stats): string => `0${(mode & 0o7777).toString(8)}`

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function exposed(path: string, { what, mend }: Exposure): OzgctlError {
  return new OzgctlError('CREDENTIALS_EXPOSED', `${path} ${what}; it is not read`, {
    exit: EXIT.unauthorised,
    suggestions: [`Mend it: ${mend}`, 'If others could read it, have the portal issue a new secret.'],
  })
}
