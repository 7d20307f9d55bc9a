import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { HttpFailure } from '../../http/failure.ts'
import { exactly } from './document.ts'
import { printable } from './exchange.ts'
import { badFile } from './file-bytes.ts'
import type { Content, DataRecord, RecordPage } from './model.ts'
import { ContentRefused } from './refused.ts'

/** What stands in a folder: a file, or what is none and why. */
interface Entry {
  /** Path from the folder on, with slashes. */
  readonly name: string
  readonly fault: string | undefined
}

/** A file that a transfer writes to before it gets its name. */
export const PART = /^\.ozgctl-part-[0-9a-f]{32}$/

/**
 * Files in the order of their paths, so many at most. Whatever else there is, is told: nothing is left out in silence.
 * @param after path of the last one; null for the first page
 * @throws OzgctlError BAD_RECORDS when there is no such folder
 */
export async function filesAfter(root: string, after: string | null, size: number): Promise<RecordPage> {
  const entries = (await entriesIn(root))
    .filter(({ name }) => after === null || name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const page = entries.slice(0, size)
  const records = await Promise.all(
    page.map(({ name, fault }) => (fault === undefined ? fileRecord(root, name) : undefined)),
  )
  return {
    // One that has gone since is gone.
    records: records.filter((record) => record !== undefined),
    faults: page.flatMap(({ name, fault }) => (fault === undefined ? [] : [{ key: name, reason: fault }])),
    next: entries.length > size ? (page.at(-1)?.name ?? null) : null,
  }
}

async function entriesIn(root: string): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  const open = ['']
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const found = await namesIn(root, folder)
    if (typeof found === 'string') {
      if (folder === '') throw badFile(root, found)
      entries.push({ name: folder, fault: found })
      continue
    }
    for (const entry of found) {
      const isText = isUtf8(entry.name)
      const name = posix.join(folder, isText ? entry.name.toString('utf8') : escaped(entry.name))
      if (!isText) entries.push({ name, fault: 'its name is no UTF-8' })
      else if (entry.isDirectory()) open.push(name)
      else entries.push({ name, fault: faultOf(entry, posix.basename(name)) })
    }
  }
  return entries
}

/** Names as bytes: not all are texts. @returns why a folder cannot be read as a text */
async function namesIn(root: string, folder: string): Promise<readonly Dirent<Buffer>[] | string> {
  try {
    return await readdir(join(root, folder), { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    return `the folder cannot be read (${codeOf(error)})`
  }
}

function faultOf(entry: Dirent<Buffer>, name: string): string | undefined {
  if (entry.isSymbolicLink()) return 'it is a symbolic link, and these are not followed'
  if (!entry.isFile()) return 'it is neither a file nor a folder'
  return PART.test(name) ? 'a transfer that was interrupted left it' : undefined
}

/** Bytes outside of ASCII as %XX. */
const escaped = (name: Buffer): string =>
  name
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

/** @returns undefined for one that is not there */
export async function fileRecord(root: string, name: string): Promise<DataRecord | undefined> {
  const path = join(root, name)
  const facts = await stat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined
    throw new HttpFailure('protocol', 'no', `${path} cannot be looked at (${codeOf(error)})`)
  })
  if (facts?.isFile() !== true) return undefined
  const content = { type: 'application/octet-stream', name: posix.basename(name), length: facts.size }
  return {
    key: name,
    fields: { path: name },
    content: { ...content, isNear: true, open: async () => bytesOf(path, content) },
  }
}

async function* bytesOf(path: string, content: Omit<Content, 'open'>): AsyncGenerator<Uint8Array> {
  try {
    yield* exactly(content, createReadStream(path) as AsyncIterable<Uint8Array>, 'the folder')
  } catch (error) {
    if (error instanceof HttpFailure) throw error
    const what = `the file ${printable(path)} cannot be read (${codeOf(error)})`
    throw LASTING.has(codeOf(error)) ? new ContentRefused(what) : new HttpFailure('protocol', 'no', what)
  }
}

/** What is the same the next time. */
const LASTING = new Set(['EACCES', 'EPERM', 'ENOENT', 'EISDIR', 'ELOOP', 'ENOTDIR'])

/** What the system calls a failure. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
