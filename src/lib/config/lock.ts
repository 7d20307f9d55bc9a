import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { outputError } from '../output/output-error.ts'
import type { StoreDatabase } from '../store/database.ts'
import { makePrivateFolder } from './private-file.ts'

const PATIENCE_MS = 10_000

/**
 * Lets one process at a time change a file of the settings, for who reads and writes it at the same time would lose what
 * the other wrote. The lock is that of an empty database: the system takes it back when its holder ends, however it
 * ends, so none is ever left behind, and nobody has to be guessed dead.
 * @param file in the folder of the settings, which is made where it is missing
 * @throws OzgctlError 5 CONFIG_LOCKED; 6 CREDENTIALS_EXPOSED; 74; what `work` throws
 */
export async function withConfigLock<T>(file: string, work: () => T, patience = PATIENCE_MS): Promise<T> {
  makePrivateFolder(file)
  const { StoreDatabase, transaction } = await import('../store/database.ts')
  const path = join(dirname(file), '.lock')
  let db: StoreDatabase
  try {
    closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
    db = new StoreDatabase(path, { busyMs: patience })
  } catch (error) {
    throw outputError(error, basename(file))
  }
  try {
    return await transaction(db, work)
  } catch (error) {
    if (!(error instanceof OzgctlError && error.code === 'STORE_LOCKED')) throw error
    throw new OzgctlError('CONFIG_LOCKED', `another ozgctl has held ${path} for ${patience / 1000} s`, {
      exit: EXIT.locked,
      suggestions: [`See who holds it: fuser ${path}`, 'Run the command again when it is done.'],
    })
  } finally {
    db.close()
  }
}
