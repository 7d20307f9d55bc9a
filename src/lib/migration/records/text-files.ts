import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { choice, integer, optional, type SettingsValues, text } from '../../connector/settings.ts'
import { syncFolder, writeAllTo } from '../../output/disk.ts'
import { outputError } from '../../output/output-error.ts'
import { filePath, listOf } from '../settings.ts'
import { columnsOf, csvLine, csvPage, csvRow, withTexts } from './csv-file.ts'
import { refused } from './exchange.ts'
import { badRecordsFor, encodingSetting } from './file-bytes.ts'
import type { DataRecord, RecordOutcome, RecordPage, RecordSource, RecordTarget } from './model.ts'
import { ndjsonPage } from './ndjson.ts'

/** A file with a record a line: JSON (NDJSON), or columns (CSV, RFC 4180). */
const shared = {
  path: filePath('Path of the file, beside the migration or in a folder that --data allows.'),
  format: optional(
    choice('ndjson: JSON, one a line. csv: columns with a head line.', ['ndjson', 'csv']),
    'ndjson',
  ),
  key: optional(text('Name of the field that holds the key.'), 'id'),
  delimiter: optional(choice('Between columns.', [',', ';', '\t']), ';'),
  size: optional(integer('Records of a page.', 1, 10_000), 500),
}

export const textFileSettings = { ...shared, encoding: encodingSetting }

export const textTargetSettings = {
  ...shared,
  columns: optional(
    listOf(
      'Columns of CSV in their order; those of the first records where nothing is said. A record with another field is set aside.',
      text('Name.'),
    ),
  ),
}

type SourceValues = SettingsValues<typeof textFileSettings>
type TargetValues = SettingsValues<typeof textTargetSettings>

/** Cursor: the byte and the line at which the next record begins. @param path already allowed */
export function textSource(values: SourceValues, path: string): RecordSource {
  return {
    page: async (cursor) =>
      values.format === 'csv' ? csvPage(values, path, cursor) : ndjsonPage(values, path, cursor),
    close: async () => undefined,
  }
}

/**
 * Appends to a file, in UTF-8. What a process that died had appended after its last page is cut off again, so each record
 * is there once and in the order of the source.
 */
export function textTarget(values: TargetValues, path: string): RecordTarget {
  const file = new AppendedFile(path)
  const reading = { ...values, encoding: 'utf-8' } as const
  const isCsv = values.format === 'csv'
  /** Of a file that has a head line. */
  let columns: readonly string[] | undefined
  const columnsFor = async (records: readonly DataRecord[]): Promise<readonly string[]> => {
    if ((await file.length()) > 0) return columnsOf(reading, path)
    return values.columns ?? [...new Set(records.flatMap(({ fields }) => Object.keys(fields)))]
  }
  const rowsOf = async (records: readonly DataRecord[]): Promise<Lines> => {
    columns ??= await columnsFor(records)
    const head = (await file.length()) === 0 ? csvLine(columns, values.delimiter) : ''
    const rows = records.map(({ fields }) => csvRow(fields, columns ?? [], values.delimiter))
    return {
      text: head + rows.map((row) => (row.ok ? row.text : '')).join(''),
      outcomes: rows.map((row) => (row.ok ? WRITTEN : refused(row.reason))),
    }
  }
  return {
    repeatable: 'rewind',
    batch: values.size,
    ordered: true,
    ...(isCsv ? { keeps: withTexts } : {}),
    write: async (records) => {
      const { text: lines, outcomes } = isCsv ? await rowsOf(records) : objectsOf(records)
      await file.append(lines)
      return outcomes
    },
    mark: async () => String(await file.synced()),
    isEmpty: async () =>
      stat(path).then(
        ({ size }) => size === 0,
        () => true,
      ),
    rewind: async (mark) => {
      columns = undefined
      await file.cut(Number(mark ?? '0'))
    },
    page: async (cursor) => {
      const page: RecordPage = await textSource(reading, path).page(cursor, NEVER)
      return isCsv ? { ...page, records: page.records.map(withTexts) } : page
    },
    close: async () => file.close(),
  }
}

interface Lines {
  readonly text: string
  readonly outcomes: readonly RecordOutcome[]
}

const WRITTEN: RecordOutcome = { kind: 'done', created: true }
const NEVER = new AbortController().signal

const objectsOf = (records: readonly DataRecord[]): Lines => ({
  text: records.map(({ fields }) => `${JSON.stringify(fields)}\n`).join(''),
  outcomes: records.map(() => WRITTEN),
})

/** A file that grows at its end, and is cut there. @throws OzgctlError 74 when the disk does not take it */
class AppendedFile {
  readonly #path: string
  #opened: Promise<{ readonly handle: FileHandle; length: number }> | undefined

  /** It is opened, and made, with the first thing that is asked of it. */
  constructor(path: string) {
    this.#path = path
  }

  async length(): Promise<number> {
    return (await this.#file()).length
  }

  /** Appends all of a text; when it throws, it may have appended a part, which is behind the length that it knows. */
  async append(text: string): Promise<void> {
    const file = await this.#file()
    const bytes = Buffer.from(text)
    await this.#guard(() => writeAllTo(file.handle, bytes))
    file.length += bytes.length
  }

  /** Puts what was appended on the disk. @returns how long the file is */
  async synced(): Promise<number> {
    const file = await this.#file()
    await this.#guard(() => file.handle.sync())
    return file.length
  }

  /** @param length that it has then at most */
  async cut(length: number): Promise<void> {
    const file = await this.#file()
    file.length = Math.min(file.length, length)
    await this.#guard(async () => {
      await file.handle.truncate(file.length)
      await file.handle.sync()
      await syncFolder(dirname(this.#path))
    })
  }

  async close(): Promise<void> {
    await this.#opened?.then(
      ({ handle }) => handle.close(),
      () => undefined,
    )
  }

  #file() {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /** @throws OzgctlError BAD_RECORDS: the place of another tenant may be a good one */
  async #open() {
    try {
      const handle = await open(this.#path, 'a+', 0o600)
      return { handle, length: (await handle.stat()).size }
    } catch (error) {
      throw badRecordsFor(outputError(error, this.#path))
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw outputError(error, basename(this.#path))
    }
  }
}
