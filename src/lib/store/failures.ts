import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

const SQLITE_BUSY = 5

/** Gives SQLite's failures a name and a way out. */
export async function guardStore<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeError(error, path)
  }
}

/** SQLite's result code without its extension. sqlite.org/rescode.html */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined
}

/** Whether another process is writing. */
export const isBusy = (error: unknown): boolean => resultCode(error) === SQLITE_BUSY

/** Another process did not end its writing. @param waited in milliseconds */
export function storeLocked(path: string, waited: number): OzgctlError {
  return new OzgctlError(
    'STORE_LOCKED',
    `another ozgctl has been writing to ${path} for more than ${waited / 1000} s`,
    {
      exit: EXIT.locked,
      suggestions: [`See who holds it: fuser ${path}`, 'Run the command again when it is done.'],
    },
  )
}

/** The file was taken away. */
export function storeReplaced(path: string): OzgctlError {
  return new OzgctlError(
    'STORE_REPLACED',
    `the store ${path} was removed or replaced while this worked with it; this process stopped`,
    {
      exit: EXIT.output,
      suggestions: [
        'What it had done by then is written down in the store that stood there before: put that one back, with its -wal file, and see: ozgctl run list',
        'Put a backup back only while no ozgctl works.',
      ],
    },
  )
}

/** Whether it is that the file of the store was taken away. */
export const isReplaced = (error: unknown): boolean =>
  error instanceof OzgctlError && error.code === 'STORE_REPLACED'

function storeError(error: unknown, path: string): unknown {
  if (error instanceof OzgctlError || !(error instanceof Error)) return error
  switch (resultCode(error)) {
    case SQLITE_BUSY:
      return new OzgctlError('STORE_LOCKED', `another ozgctl is writing to ${path}`, {
        exit: EXIT.locked,
        suggestions: [`See who holds it: fuser ${path}`, 'Run the command again when it is done.'],
      })
    case 8:
    case 14:
      return new OzgctlError('STORE_UNWRITABLE', `the store ${path} cannot be opened for writing`, {
        exit: EXIT.output,
        suggestions: ['Check the rights of the file and its folder, or name another with --store.'],
      })
    case 10:
    case 13:
      // What was done before only the command knows.
      return new OzgctlError('STORE_FULL', `the store ${path} cannot be written (${error.message})`, {
        exit: EXIT.output,
        suggestions: ['Make room on the disk and run the command again.'],
      })
    case 11:
    case 26:
      return new OzgctlError('STORE_DAMAGED', `${path} is no readable store (${error.message})`, {
        exit: EXIT.failed,
        suggestions: ['Put back a backup, or name another file with --store.'],
      })
    default:
      return error
  }
}
