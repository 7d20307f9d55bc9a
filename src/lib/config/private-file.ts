import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { DISK, type Disk, moveIntoPlace, writeAll } from '../output/disk.ts'
import { outputError } from '../output/output-error.ts'

/** Whether others than the owner may read or write something. */
const OTHERS = 0o077
const WORLD = 0o007
const WORLD_WRITABLE = 0o002
const STICKY = 0o1000

/** The end of a name under which a file is written before it gets its own. */
const TEMPORARY = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.new$/

/**
 * Who may have access to a file: nobody but its owner, or, where systemd hands it over, its group, too, for there the
 * folder is the unit's own (systemd.exec(5), CREDENTIALS_DIRECTORY).
 */
export type Rights = 'private' | 'systemd'

/**
 * Reads a file with secrets, if nobody else could have: a regular file of this user, with mode 0600 or stricter, in a
 * folder in which others cannot replace it. As ssh does it with keys.
 * @returns undefined where there is no such file
 * @throws OzgctlError 6 CREDENTIALS_EXPOSED with the command that mends it
 */
export function readPrivateFile(
  path: string,
  uid: number | undefined,
  rights: Rights = 'private',
): string | undefined {
  return readPrivateBytes(path, uid, rights)?.toString('utf8')
}

/** The same for a file that is no text. */
export function readPrivateBytes(
  path: string,
  uid: number | undefined,
  rights: Rights = 'private',
): Buffer | undefined {
  const file = openFor(path)
  if (file === undefined) return undefined
  try {
    // Of the very file that is read, whatever happens to its name meanwhile.
    const problem = exposure(path, fstatSync(file), uid, rights)
    if (problem !== undefined) throw exposed(path, problem, 'read')
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** A pipe must not keep us waiting, and a link is never followed. */
function openFor(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'ELOOP')
      throw exposed(path, { what: 'is a link', mend: `Put the file itself there: ${path}` }, 'read')
    const what = `cannot be read (${String(code)})`
    throw exposed(path, { what, mend: 'Check the rights of its folders.' }, 'read')
  }
}

/** What is wrong with the place of a secret; undefined when nothing is. */
export function privateFileProblem(
  path: string,
  uid: number | undefined,
  rights: Rights,
): string | undefined {
  const stats = statOf(path)
  return stats === undefined ? undefined : exposure(path, stats, uid, rights)?.what
}

/**
 * Writes a file that only this user can read, whole or not at all, whatever the umask is. A place from which it would
 * not be read is refused.
 * @throws OzgctlError 6 CREDENTIALS_EXPOSED; 74
 */
export function writePrivateFile(path: string, text: string, disk: Disk = DISK): void {
  makePrivateFolder(path)
  const temporary = `${path}.${randomUUID()}.new`
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const file = disk.open(temporary, flags, 0o600)
    try {
      fchmodSync(file, 0o600)
      writeAll(file, Buffer.from(text), disk)
      disk.sync(file)
    } finally {
      disk.close(file)
    }
    moveIntoPlace(temporary, path, disk)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw outputError(error, basename(path))
  }
}

/**
 * Makes the folder of a file with secrets, where it is missing.
 * @throws OzgctlError 6 CREDENTIALS_EXPOSED for one that everybody can write to; 74
 */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw outputError(error, basename(path))
  }
  const problem = folderExposure(path)
  if (problem !== undefined) throw exposed(path, problem, 'written')
}

/** What a process that was killed left behind while it wrote a file with secrets. */
export function leftovers(path: string, uid: number | undefined): readonly string[] {
  const folder = dirname(path)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(basename(path)) && TEMPORARY.test(name.slice(basename(path).length)))
    .map((name) => join(folder, name))
    .filter((one) => {
      const stats = statOf(one)
      return stats?.isFile() === true && (uid === undefined || stats.uid === uid)
    })
}

interface Exposure {
  readonly what: string
  readonly mend: string
}

function exposure(path: string, stats: Stats, uid: number | undefined, rights: Rights): Exposure | undefined {
  const quoted = inQuotes(path)
  const owners = rights === 'systemd' ? [uid, 0] : [uid]
  if (stats.isSymbolicLink()) return { what: 'is a link', mend: `Put the file itself there: ${path}` }
  if (!stats.isFile()) return { what: 'is no file', mend: `Put a file there: ${path}` }
  if (uid !== undefined && !owners.includes(stats.uid))
    return { what: 'belongs to somebody else', mend: `chown ${uid} ${quoted}` }
  if ((stats.mode & (rights === 'systemd' ? WORLD : OTHERS)) !== 0)
    return { what: `can be read or written by others (mode ${octal(stats)})`, mend: `chmod 600 ${quoted}` }
  return folderExposure(path)
}

function folderExposure(path: string): Exposure | undefined {
  const folder = dirname(path)
  const above = statOf(folder)
  if (above === undefined || (above.mode & WORLD_WRITABLE) === 0 || (above.mode & STICKY) !== 0)
    return undefined
  const what = `is in a folder that everybody can write to (mode ${octal(above)})`
  return { what, mend: `chmod 700 ${inQuotes(folder)}` }
}

/** For the shell. */
const inQuotes = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`

const octal = ({ mode }: Stats): string => `0${(mode & 0o7777).toString(8)}`

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function exposed(path: string, { what, mend }: Exposure, done: 'read' | 'written'): OzgctlError {
  return new OzgctlError('CREDENTIALS_EXPOSED', `${path} ${what}; it is not ${done}`, {
    exit: EXIT.unauthorised,
    suggestions: [`Mend it: ${mend}`, 'If others could read it, have the portal issue a new secret.'],
  })
}
