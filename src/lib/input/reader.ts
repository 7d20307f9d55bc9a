import { constants, createReadStream, openSync, readFileSync, statSync } from 'node:fs'
import { badInput } from '../errors.ts'
import { useAsInput } from '../in-use.ts'
import { inputFileError } from './file-error.ts'

const CHUNK = 1 << 20

/**
 * Bytes of a file. A pipe is read as a socket is: a thread that waits in a read for a writer who says nothing would
 * keep the whole process from ending, also after a signal.
 * @throws OzgctlError 65 FILE_UNREADABLE
 */
export async function readerOf(path: string): Promise<AsyncIterable<Buffer>> {
  try {
    useAsInput(path)
    if (!statSync(path).isFIFO()) return createReadStream(path, { highWaterMark: CHUNK })
    const { Socket } = await import('node:net')
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return new Socket({ fd, readable: true, writable: false })
  } catch (error) {
    throw inputFileError(error, path)
  }
}

/**
 * A small text at once. Only of a regular file: a read of a pipe could wait for ever, and no signal would end it.
 * @throws OzgctlError 65 FILE_UNREADABLE
 */
export function readSmallFile(path: string): string {
  try {
    useAsInput(path)
    if (statSync(path).isFile()) return readFileSync(path, 'utf8')
  } catch (error) {
    throw inputFileError(error, path)
  }
  throw badInput('FILE_UNREADABLE', 'this is no regular file', { file: path }, ['Name a file on a disk.'])
}
