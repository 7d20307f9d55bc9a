import { closeSync, existsSync, mkdirSync, openSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/**
 * File systems whose files other machines may write at the same time, by the number that statfs(2) gives them. The log
 * of writes is shared by memory, which ends at the machine (SQLite, wal.html §2.2), and locks may not reach further.
 * FUSE and 9p are among them: behind them may be anything, e.g. sshfs, virtiofs or a folder of the host of a guest.
 */
const SHARED: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0x564c, 'NCP'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x786f4256, 'a folder shared by VirtualBox'],
  [0xbacbacbc, 'a folder shared by VMware'],
])

/** Number of the file system at a path, as statfs(2) has it. */
const fileSystemAt = (path: string): number => Number(BigInt.asUintN(32, BigInt(statfsSync(path).type)))

/**
 * Refuses a file system on which a store can be lost.
 * @param typeAt number of the file system at a path
 * @throws OzgctlError 64 STORE_SHARED
 */
export function refuseShared(path: string, typeAt: (path: string) => number = fileSystemAt): void {
  const found = SHARED.get(typeAt(path))
  if (found === undefined) return
  throw new OzgctlError(
    'STORE_SHARED',
    `the store ${path} is on a file system that other machines may write to (${found}); there it can be damaged`,
    {
      exit: EXIT.usage,
      suggestions: [
        'Name a file on a disk of this machine with --store or OZGCTL_STORE.',
        'A store that is there already can be copied to it while no ozgctl works.',
      ],
    },
  )
}

/** Makes an empty file that only this user may read, where there is none. @throws OzgctlError 74 STORE_UNWRITABLE */
export function createPrivately(path: string): void {
  if (existsSync(path)) return
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new OzgctlError(
      'STORE_UNWRITABLE',
      `the store ${path} cannot be created: ${CAUSES[code] ?? code}`,
      {
        exit: EXIT.output,
        suggestions: ['Name a file in a folder you may write to with --store.'],
      },
    )
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EEXIST: 'its folder is a file',
  ENOTDIR: 'its folder is a file',
  EACCES: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

/** Which file stands at a path; undefined where none does. */
export function fileAt(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}

/**
 * A look whether a store still stands where it was opened, with its log of writes beside it.
 * @param file what stood there before it was opened
 */
export function watch(path: string, file: string | undefined): () => boolean {
  const log = `${realpathSync(path)}-wal`
  const logFile = fileAt(log)
  return () => fileAt(path) === file && fileAt(log) === logFile
}

/**
 * Looks whether a store that somebody named is there: in place of one that is mistyped, an empty one would answer.
 * @param by flag or variable that names it
 * @throws OzgctlError 64 STORE_MISSING
 */
export function requireStore(path: string, by: string): void {
  const missing = whyMissing(path)
  if (missing === undefined) return
  throw usageError('STORE_MISSING', missing, [
    `Check ${by}, which names it.`,
    'A new one is made by an import: ozgctl region import FILE',
  ])
}

/** An empty file is what a full disk or a broken copy leaves of a store; SQLite would take it for a new one. */
function whyMissing(path: string): string | undefined {
  try {
    return statSync(path).size === 0 ? `the store ${path} is an empty file` : undefined
  } catch (error) {
    const hidden = error instanceof Error && 'code' in error && error.code === 'EACCES'
    return hidden
      ? `the store ${path} is in a folder that this user may not enter`
      : `there is no store ${path}`
  }
}
