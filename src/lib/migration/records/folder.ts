import { createHash } from 'node:crypto'
import { lstat, mkdir, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { integer, optional, type SettingsValues } from '../../connector/settings.ts'
import { HttpFailure } from '../../http/failure.ts'
import { writeWholeFile } from '../../output/disk.ts'
import { outputError } from '../../output/output-error.ts'
import { pathInside } from '../paths.ts'
import { filePath } from '../settings.ts'
import { GONE, later, refused } from './exchange.ts'
import { codeOf, fileRecord, filesAfter, PART } from './folder-files.ts'
import type { Content, DataRecord, RecordOutcome, RecordPage, RecordSource, RecordTarget } from './model.ts'
import { ContentRefused } from './refused.ts'

/** A folder with files, each of them a record; its path inside is the key. */
export const folderSettings = {
  path: filePath('Path of the folder, beside the migration or in one that --data allows.'),
  size: optional(integer('Files of a page.', 1, 10_000), 100),
}

type Values = SettingsValues<typeof folderSettings>

/** Files in the order of their paths. Cursor: the path of the last one. @param root already allowed */
export function folderSource({ size }: Values, root: string): RecordSource {
  return { page: async (cursor) => filesAfter(root, cursor, size), close: async () => undefined }
}

/** Writes each file whole or not at all. It keeps bytes and paths, and no fields. */
export function folderTarget(values: Values, root: string): RecordTarget {
  return {
    repeatable: 'by-key',
    batch: 1,
    ordered: false,
    keeps: withoutFields,
    write: async (records, signal) => Promise.all(records.map((record) => writeFile(root, record, signal))),
    find: async (key) => {
      const found = nameFault(key) === undefined ? await fileRecord(root, key) : undefined
      return found === undefined ? undefined : withoutFields(found)
    },
    page: async (cursor) => {
      // It is made with the first file.
      if (!(await isThere(root))) return { records: [], next: null }
      const page: RecordPage = await filesAfter(root, cursor, values.size)
      return { ...page, records: page.records.map(withoutFields) }
    },
    remove: async (key) => removeFile(root, key),
    close: async () => undefined,
  }
}

const withoutFields = (record: DataRecord): DataRecord => ({ ...record, fields: {} })

const LONGEST_NAME = 255
/** With the folder before it 4096 are not reached, which is the end for the system. */
const LONGEST_PATH = 3000

/** Why a key cannot be the path of a file; undefined when it can. */
function nameFault(key: string): string | undefined {
  const names = key.split('/')
  if (key.includes('\0') || names.some((name) => ['', '.', '..'].includes(name)))
    return 'its key is no path of a file'
  if (Buffer.byteLength(key) > LONGEST_PATH) return `its key has more than ${LONGEST_PATH} bytes`
  if (!key.isWellFormed()) return 'its key holds half a character'
  if (names.some((name) => Buffer.byteLength(name) > LONGEST_NAME))
    return `its key holds a name of more than ${LONGEST_NAME} bytes`
  return names.some((name) => PART.test(name))
    ? 'its key is like the names of files that are not finished'
    : undefined
}

async function writeFile(
  root: string,
  { key, content }: DataRecord,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  if (content === undefined) return refused('it has no file')
  const fault = nameFault(key)
  if (fault !== undefined) return refused(fault)
  try {
    await mkdir(root, { recursive: true })
    const path = isInside(key, root) ? join(root, key) : undefined
    if (path === undefined) return refused('its key leads out of the folder')
    await mkdir(dirname(path), { recursive: true })
    const former = await formerAt(path)
    if (former === 'other') return refused('something else than this file is there already')
    await writeWhole(path, key, content, signal)
    return { kind: 'done', created: former === 'none' }
  } catch (error) {
    return outcomeOf(error, join(root, key))
  }
}

function isInside(key: string, root: string): boolean {
  try {
    pathInside(key, root)
    return true
  } catch {
    return false
  }
}

/**
 * What stands at a path: a link or a folder must not be replaced, and where capitals and small letters are the same it may
 * be the file of another key.
 */
async function formerAt(path: string): Promise<'none' | 'file' | 'other'> {
  const facts = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (facts === undefined) return 'none'
  if (!facts.isFile()) return 'other'
  const name = basename(await realpath(path))
  return name.normalize() === basename(path).normalize() ? 'file' : 'other'
}

/** Beside its place and under a name of its own until all of it is on the disk. @throws OzgctlError 74 */
async function writeWhole(path: string, key: string, content: Content, signal: AbortSignal): Promise<void> {
  const part = join(dirname(path), partOf(key))
  // What an attempt before left, or a link that somebody put there.
  await rm(part, { force: true })
  await writeWholeFile(path, part, await content.open(signal))
}

/** The same for every attempt: what one left behind is written over by the next. */
const partOf = (key: string): string =>
  `.ozgctl-part-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`

/** Of a name, and no other record will have it. */
const ABOUT_THE_NAME = new Map([
  ['EEXIST', 'a file is where its folder has to be'],
  ['ENOTDIR', 'a file is where its folder has to be'],
  ['EISDIR', 'a folder is where it has to be'],
  ['ENAMETOOLONG', 'its path is too long'],
  ['EINVAL', 'its name cannot be one here'],
  ['EILSEQ', 'its name cannot be one here'],
  ['ELOOP', 'its path goes through too many links'],
])

/** @throws OzgctlError 74 for what is about the disk and not about this record */
function outcomeOf(error: unknown, path: string): RecordOutcome {
  if (error instanceof ContentRefused) return refused(error.message)
  // Nothing of it is in its place.
  if (error instanceof HttpFailure) return later(error.message)
  const reason = ABOUT_THE_NAME.get(codeOf(error))
  if (reason !== undefined) return refused(reason)
  throw error instanceof Error && 'syscall' in error ? outputError(error, basename(path)) : error
}

async function removeFile(root: string, key: string): Promise<RecordOutcome> {
  // What cannot be there was never written.
  if (nameFault(key) !== undefined || !isInside(key, root)) return GONE
  const path = join(root, key)
  try {
    if ((await formerAt(path)) === 'other') return refused('something else than a file is there now')
    await rm(path, { force: true })
    return GONE
  } catch (error) {
    return ['ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error)) ? GONE : outcomeOf(error, path)
  }
}

const isThere = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
