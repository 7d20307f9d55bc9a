import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { emptyStore, guardStore, type Store } from '../store/sqlite.ts'

/**
 * Whether connectors work has nothing to do with our store: they are asked, and what they answered is told, also where it is
 * locked, full or damaged. What is missing then is a remark.
 */

/** Troubles of a store that is the right one. */
const TROUBLES = ['STORE_LOCKED', 'STORE_FULL', 'STORE_UNWRITABLE', 'STORE_DAMAGED', 'STORE_REPLACED']

const isTrouble = (error: unknown): error is OzgctlError =>
  error instanceof OzgctlError && TROUBLES.includes(error.code)

/**
 * Opens a store, or an empty one in its place.
 * @throws OzgctlError for a store that is not the right one, e.g. STORE_FOREIGN
 */
export async function openedDespite(
  { warn, storePath }: Pick<Context, 'warn' | 'storePath'>,
  open: () => Promise<Store>,
): Promise<Store> {
  try {
    return await open()
  } catch (error) {
    if (!isTrouble(error)) throw error
    warn(`connectors are asked without the store, and nothing is recorded: ${error.message}`)
    return emptyStore(storePath)
  }
}

/** Does some work with the store. @param missing what is missing without it, for the remark @param instead what there is then */
export async function despiteStore<T>(
  { warn }: Pick<Context, 'warn'>,
  { path }: Store,
  missing: string,
  work: () => Promise<T>,
  instead: T,
): Promise<T> {
  try {
    return await guardStore(path, work)
  } catch (error) {
    warn(`${missing}: ${error instanceof Error ? error.message : String(error)}`)
    return instead
  }
}
