import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { outputError } from './output-error.ts'

/** The system calls that files are written by; tests put a disk with faults in their place. */
export interface Disk {
  open(path: string, flags: string | number, mode?: number): number
  /** @returns how many bytes were taken, which may be fewer than there are */
  write(fd: number, bytes: Uint8Array): number
  sync(fd: number): void
  close(fd: number): void
  rename(from: string, to: string): void
}

export const DISK: Disk = {
  open: openSync,
  write: (fd, bytes) => writeSync(fd, bytes),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
}

/** The same for files whose bytes arrive over time. */
export interface Files {
  open(path: string, flags: string, mode?: number): Promise<OpenFile>
  rename(from: string, to: string): Promise<void>
}

/** The part of a `FileHandle` that is used here. */
interface OpenFile extends Handle {
  sync(): Promise<void>
  close(): Promise<void>
}

const FILES: Files = { open, rename }

/** A pipe whose reader is slow is tried again after so long. */
const FULL_PIPE_MS = 5

/**
 * Writes all bytes or throws. One call may take fewer than it is given, without an error: where a disk or a limit for
 * files has room for some, only the next call says that there is none for the rest.
 */
export function writeAll(fd: number, bytes: Uint8Array, disk: Pick<Disk, 'write'> = DISK): void {
  let rest = bytes
  while (rest.length > 0) {
    try {
      const taken = disk.write(fd, rest)
      if (taken === 0) throw nothingTaken()
      rest = rest.subarray(taken)
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS)
    }
  }
}

/** The part of a `FileHandle` that bytes go through. */
interface Handle {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>
}

/** The same through a handle: `FileHandle.write` is one call, and may take fewer bytes than it is given. */
export async function writeAllTo(file: Handle, bytes: Uint8Array): Promise<void> {
  let rest = bytes
  while (rest.length > 0) {
    const { bytesWritten } = await file.write(rest)
    if (bytesWritten === 0) throw nothingTaken()
    rest = rest.subarray(bytesWritten)
  }
}

/** Else a disk that takes nothing and gives no reason would be asked for ever. */
const nothingTaken = (): Error => Object.assign(new Error('nothing was written'), { code: 'EIO' })

/**
 * Lets a synced file appear under its name, for good: without the sync of its folder a power failure could take the
 * name back.
 */
export function moveIntoPlace(temporary: string, path: string, disk: Disk = DISK): void {
  disk.rename(temporary, path)
  try {
    const folder = disk.open(dirname(path), 'r')
    try {
      disk.sync(folder)
    } finally {
      disk.close(folder)
    }
  } catch (error) {
    if (!CANNOT_SYNC.includes(codeOf(error))) throw error
  }
}

/** A folder that may be written to and not listed, and file systems that sync files only. The file itself is there. */
const CANNOT_SYNC = ['EACCES', 'EINVAL', 'ENOTSUP']

/**
 * Writes a file from parts that arrive over time, whole or not at all: into `temporary` in the same folder, synced, then
 * moved into its place. What was begun is removed when a part fails.
 * @throws OzgctlError 74 when it cannot be written, and what `parts` throws
 */
export async function writeWholeFile(
  path: string,
  temporary: string,
  parts: AsyncIterable<Uint8Array>,
  files: Files = FILES,
): Promise<void> {
  const onDisk = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw outputError(error, basename(path))
    })
  try {
    const file = await onDisk(files.open(temporary, 'w', 0o600))
    try {
      for await (const part of parts) await onDisk(writeAllTo(file, part))
      await onDisk(file.sync())
    } finally {
      await onDisk(file.close())
    }
    await onDisk(files.rename(temporary, path))
    await onDisk(syncFolder(dirname(path), files))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string, files: Files = FILES): Promise<void> {
  try {
    const folder = await files.open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    if (!CANNOT_SYNC.includes(codeOf(error))) throw error
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
