import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { badInput } from '../errors.ts'
import { gunzipped, zipMembers } from './archive.ts'
import { inputFileError } from './file-error.ts'
import { type InputLimits, Tally } from './limits.ts'
import { readerOf } from './reader.ts'
import { readIndex } from './transfer-index.ts'

/** One file of an import as it was read; part of the snapshot's record. Filled while the bytes flow. */
export interface SourceFacts {
  readonly name: string
  format: string
  encoding: string
  bytes: number
  sha256: string
  records: number
}

/** A file (or a member of an archive) that can be read once, as bytes after decompression. */
export interface InputSource {
  readonly name: string
  readonly facts: SourceFacts
  /** The first bytes, for recognition by content. */
  readonly head: Buffer
  bytes(): AsyncIterable<Buffer>
  /** Counts one more record. @throws OzgctlError 65 INPUT_TOO_LARGE */
  record(): void
}

/** One whose records nobody counts. */
export type ByteSource = Omit<InputSource, 'record'>

export interface SourceOptions {
  /** Called with the number of bytes read from disk so far, over all files. */
  readonly onBytes?: (read: number) => void
  readonly stdin?: AsyncIterable<Buffer>
  /** Of all files together. */
  readonly limits?: InputLimits | undefined
}

/** How much of a file is looked at to tell what it is; a pipe may deliver it byte by byte. */
const HEAD = 4096

/**
 * Opens files, folders, archives and transfers one after another. A folder stands for its files (or for those its
 * `index.txt` names), `.gz` and `.zip` for their content, `-` for standard input.
 * @throws OzgctlError 65 when a file is missing, empty or no usable archive
 */
export async function* openSources(
  paths: readonly string[],
  options: SourceOptions = {},
): AsyncGenerator<InputSource> {
  let read = 0
  const count = (bytes: number): void => {
    read += bytes
    options.onBytes?.(read)
  }
  const tally = new Tally(options.limits)
  for (const path of paths)
    for (const file of expand(path))
      for await (const source of openFile(file, count, options.stdin))
        yield {
          ...source,
          bytes: () => tally.bytes(source.bytes(), source.name),
          record: () => tally.record(source.facts),
        }
}

/** Total size on disk of everything that the paths stand for; 0 for standard input. For progress. */
export function totalBytes(paths: readonly string[]): number {
  return paths.flatMap(expand).reduce((sum, file) => sum + (file === '-' ? 0 : stat(file).size), 0)
}

function expand(path: string): readonly string[] {
  if (path === '-') return [path]
  if (!stat(path).isDirectory()) return basename(path) === 'index.txt' ? readIndex(path) : [path]
  const names = namesIn(path)
  if (names.includes('index.txt')) return readIndex(join(path, 'index.txt'))
  const files = names
    .filter((name) => /\.(xml|csv|json|txt|asc|gz|zip)$/i.test(name))
    .map((name) => join(path, name))
    .filter((file) => stat(file).isFile())
  if (files.length === 0)
    throw badInput('FOLDER_EMPTY', 'the folder holds no file to import', { file: path }, [
      'Files end in .xml, .csv, .json, .txt, .asc, .gz or .zip; folders in it are not looked into.',
    ])
  return files.sort()
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw inputFileError(error, folder)
  }
}

function stat(path: string) {
  try {
    return statSync(path)
  } catch (error) {
    throw inputFileError(error, path)
  }
}

async function* openFile(
  path: string,
  count: (bytes: number) => void,
  stdin?: AsyncIterable<Buffer>,
): AsyncGenerator<ByteSource> {
  const name = path === '-' ? '(stdin)' : basename(path)
  const facts: SourceFacts = { name, format: '', encoding: '', bytes: 0, sha256: '', records: 0 }
  const raw = path === '-' ? requireStdin(stdin) : await readerOf(path)
  const peeked = await peek(hashed(raw, facts, count, path))
  if (peeked.head.length === 0) throw emptyFile(name)
  if (isZip(peeked.head)) {
    yield* openZip(path, facts, peeked.rest)
  } else {
    yield isGzip(peeked.head)
      ? await sourceOf(facts, gunzipped(peeked.rest(), name))
      : { name, facts, head: peeked.head, bytes: peeked.rest }
  }
}

function emptyFile(file: string): Error {
  return badInput('FILE_EMPTY', 'the file is empty', { file }, ['Fetch it again.'])
}

function requireStdin(stdin: AsyncIterable<Buffer> | undefined): AsyncIterable<Buffer> {
  if (stdin === undefined) throw badInput('NO_STDIN', 'standard input is not available here')
  return stdin
}

async function* openZip(
  path: string,
  facts: SourceFacts,
  rest: () => AsyncIterable<Buffer>,
): AsyncGenerator<ByteSource> {
  if (path === '-')
    throw badInput('ZIP_FROM_STDIN', 'a zip archive cannot be read from standard input', {}, [
      'Save it and name the file.',
    ])
  if (!stat(path).isFile())
    throw badInput('ZIP_FROM_PIPE', 'a zip archive cannot be read from a pipe', { file: facts.name }, [
      'Save it and name the file.',
    ])
  for await (const _ of rest()) {
    // Read to the end once, for the SHA-256 of the file as it was delivered.
  }
  for await (const member of zipMembers(path)) {
    yield await sourceOf({ ...facts, name: `${facts.name}!${member.name}` }, member.bytes)
  }
}

async function sourceOf(facts: SourceFacts, bytes: AsyncIterable<Buffer>): Promise<ByteSource> {
  const { head, rest } = await peek(bytes)
  if (head.length === 0) throw emptyFile(facts.name)
  return { name: facts.name, facts, head, bytes: rest }
}

async function* hashed(
  raw: AsyncIterable<Buffer>,
  facts: SourceFacts,
  count: (bytes: number) => void,
  path: string,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of raw) {
      hash.update(chunk)
      facts.bytes += chunk.length
      count(chunk.length)
      yield chunk
    }
  } catch (error) {
    throw inputFileError(error, path)
  }
  facts.sha256 = hash.digest('hex')
}

/** Reads the beginning and hands it out again: recognition must not cost a second pass, which a pipe does not allow. */
async function peek(
  bytes: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; rest: () => AsyncIterable<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < HEAD) {
    const next = await iterator.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head, rest }
}

const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b
/** A member first, or nothing but the end of the directory. APPNOTE 4.3.7, 4.3.16. */
const isZip = (head: Buffer): boolean =>
  ['PK\x03\x04', 'PK\x05\x06'].includes(head.subarray(0, 4).toString('latin1'))
