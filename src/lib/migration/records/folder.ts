import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { integer, optional, type SettingsValues } from '../../connector/settings.ts'
import { writeWholeFile } from '../../output/disk.ts'
import { pathInside } from '../paths.ts'
import { filePath } from '../settings.ts'
import type { Content, DataRecord, RecordOutcome, RecordPage, RecordSource, RecordTarget } from './model.ts'

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

async function filesAfter(root: string, after: string | null, size: number): Promise<RecordPage> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(PART))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join(posix.sep))
    .filter((name) => after === null || name > after)
    .sort()
  const page = names.slice(0, size)
  const records = await Promise.all(page.map((name) => fileRecord(root, name)))
  return { records, next: names.length > size ? (page.at(-1) ?? null) : null }
}

async function fileRecord(root: string, name: string): Promise<DataRecord> {
  const path = join(root, name)
  const { size } = await stat(path)
  const content: Content = {
    type: 'application/octet-stream',
    name: posix.basename(name),
    length: size,
    open: async () => createReadStream(path) as AsyncIterable<Uint8Array>,
  }
  return { key: name, fields: { path: name }, content }
}

const PART = '.ozgctl-part'

/** Writes each file whole or not at all. */
export function folderTarget(values: Values, root: string): RecordTarget {
  const source = folderSource(values, root)
  return {
    repeatable: 'by-key',
    batch: 1,
    ordered: false,
    write: async (records, signal) => Promise.all(records.map((record) => writeFile(root, record, signal))),
    find: async (key) => ((await exists(join(root, key))) ? fileRecord(root, key) : undefined),
    page: source.page,
    remove: async (key) => {
      await rm(pathInside(key, root), { force: true })
      return { kind: 'done', created: null }
    },
    close: async () => undefined,
  }
}

async function writeFile(
  root: string,
  { key, content }: DataRecord,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  if (content === undefined) return { kind: 'refused', reason: 'it has no file' }
  let path: string
  try {
    await mkdir(root, { recursive: true })
    path = pathInside(key, root)
  } catch {
    return { kind: 'refused', reason: 'its key leads out of the folder' }
  }
  const created = !(await exists(path))
  await mkdir(dirname(path), { recursive: true })
  await writeWholeFile(path, `${path}${PART}`, await content.open(signal))
  return { kind: 'done', created }
}

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
