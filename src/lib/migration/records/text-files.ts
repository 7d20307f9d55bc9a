import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { choice, integer, optional, type SettingsValues, text } from '../../connector/settings.ts'
import { inputFileError } from '../../input/file-error.ts'
import { syncFolder, writeAllTo } from '../../output/disk.ts'
import { outputError } from '../../output/output-error.ts'
import { filePath, listOf } from '../settings.ts'
import { badRecords, keyOf } from './json-source.ts'
import type { DataRecord, JsonObject, RecordPage, RecordSource, RecordTarget } from './model.ts'

/** A file with a record a line: JSON (NDJSON), or columns (CSV, RFC 4180). */
export const textFileSettings = {
  path: filePath('Path of the file, beside the migration or in a folder that --data allows.'),
  format: optional(
    choice('ndjson: JSON, one a line. csv: columns with a head line, UTF-8.', ['ndjson', 'csv']),
    'ndjson',
  ),
  key: optional(text('Name of the field that holds the key.'), 'id'),
  delimiter: optional(choice('Between columns.', [',', ';', '\t']), ';'),
  size: optional(integer('Records of a page.', 1, 10_000), 500),
}

export const textTargetSettings = {
  ...textFileSettings,
  columns: optional(listOf('Columns of CSV in their order.', text('Name.'))),
}

type SourceValues = SettingsValues<typeof textFileSettings>
type TargetValues = SettingsValues<typeof textTargetSettings>

/** Cursor: the byte at which the next record begins. @param path already allowed */
export function textSource(values: SourceValues, path: string): RecordSource {
  return {
    page: async (cursor) =>
      values.format === 'csv' ? csvPage(values, path, cursor) : ndjsonPage(values, path, cursor),
    close: async () => undefined,
  }
}

const MAX_LINE = 16 << 20

async function ndjsonPage(
  { key, size }: SourceValues,
  path: string,
  cursor: string | null,
): Promise<RecordPage> {
  const start = Number(cursor ?? '0')
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  let at = start
  for await (const { line, next } of linesFrom(path, start)) {
    const begin = at
    at = next
    if (line.trim() === '') continue
    const fields = parsed(line)
    const found = fields === undefined ? undefined : keyOf(fields[key])
    if (fields !== undefined && found !== undefined) records.push({ key: found, fields })
    else
      faults.push({
        key: `byte ${begin}`,
        reason: fields === undefined ? 'it is no JSON object' : 'it has no key',
      })
    if (records.length + faults.length >= size) return { records, faults, next: String(at) }
  }
  return { records, faults, next: null }
}

async function* linesFrom(
  path: string,
  start: number,
): AsyncGenerator<{ readonly line: string; readonly next: number }> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = start
  try {
    for await (const part of createReadStream(path, {
      start,
      highWaterMark: 1 << 20,
    }) as AsyncIterable<Buffer>) {
      let bytes: Buffer = rest.length === 0 ? part : Buffer.concat([rest, part])
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
        offset += end + 1
        yield { line: bytes.toString('utf8', 0, end), next: offset }
        bytes = bytes.subarray(end + 1)
      }
      if (bytes.length > MAX_LINE) throw badRecords(path, `a line at byte ${offset} is longer than 16 MB`)
      rest = bytes
    }
  } catch (error) {
    throw inputFileError(error, path)
  }
  // Without a line end it may be half a record: whoever writes it is not finished, or was stopped.
  if (rest.length > 0) yield { line: rest.toString('utf8'), next: offset + rest.length }
}

async function csvPage(
  { key, size, delimiter }: SourceValues,
  path: string,
  cursor: string | null,
): Promise<RecordPage> {
  const { parse } = await import('csv-parse')
  const start = Number(cursor ?? '0')
  const head = await headOf(path, delimiter)
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  const from = start === 0 ? head.end : start
  const parser = createReadStream(path, { start: from }).pipe(
    parse({
      delimiter,
      columns: [...head.columns],
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }),
  )
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>
      info: { bytes: number; error?: unknown }
    }>) {
      const found = keyOf(record[key])
      const isWhole = Object.keys(record).length === head.columns.length
      if (found !== undefined && isWhole) records.push({ key: found, fields: record })
      else
        faults.push({
          key: `byte ${from + info.bytes}`,
          reason: isWhole ? 'it has no key' : 'it has another number of columns',
        })
      if (records.length + faults.length >= size) {
        parser.destroy()
        return { records, faults, next: String(from + info.bytes) }
      }
    }
  } catch (error) {
    throw badRecords(path, error instanceof Error ? error.message : String(error))
  }
  return { records, faults, next: null }
}

async function headOf(
  path: string,
  delimiter: string,
): Promise<{ readonly columns: readonly string[]; readonly end: number }> {
  const { parse } = await import('csv-parse/sync')
  for await (const { line, next } of linesFrom(path, 0)) {
    const [columns = []] = parse(line.replace(/^\uFEFF/, ''), { delimiter }) as string[][]
    return { columns, end: next }
  }
  throw badRecords(path, 'the file is empty, and has no head line')
}

function parsed(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Appends to a file. What a process that died had appended after its last page is cut off again, so each record is there
 * once and in the order of the source.
 */
export function textTarget(values: TargetValues, path: string): RecordTarget {
  let file: FileHandle | undefined
  let length = 0
  const handle = async (): Promise<FileHandle> => {
    if (file !== undefined) return file
    file = await open(path, 'a+', 0o600)
    length = (await file.stat()).size
    return file
  }
  const append = async (content: string): Promise<void> => {
    const bytes = Buffer.from(content)
    const target = await handle()
    await writeAllTo(target, bytes).catch((error: unknown) => {
      throw outputError(error, basename(path))
    })
    length += bytes.length
  }
  const source = textSource(values, path)
  return {
    repeatable: 'rewind',
    batch: values.size,
    ordered: true,
    write: async (records) => {
      await handle()
      const columns = values.columns ?? Object.keys(records[0]?.fields ?? {})
      if (length === 0 && values.format === 'csv') await append(csvLine(columns, values.delimiter))
      const lines = records.map(({ fields }) =>
        values.format === 'csv'
          ? csvLine(
              columns.map((name) => plainText(fields[name])),
              values.delimiter,
            )
          : `${JSON.stringify(fields)}\n`,
      )
      await append(lines.join(''))
      return records.map(() => ({ kind: 'done', created: true }))
    },
    mark: async () => {
      const target = await handle()
      await target.sync()
      return String(length)
    },
    isEmpty: async () =>
      stat(path).then(
        ({ size }) => size === 0,
        () => true,
      ),
    rewind: async (mark) => {
      const target = await handle()
      length = Math.min(length, Number(mark ?? '0'))
      await target.truncate(length)
      await target.sync()
      await syncFolder(dirname(path))
    },
    page: async (cursor, signal) => source.page(cursor, signal),
    close: async () => file?.close(),
  }
}

const plainText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)

/** A field in quotes where it needs them, RFC 4180 §2. */
const csvLine = (fields: readonly string[], delimiter: string): string =>
  `${fields.map((field) => (/["\r\n]/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field)).join(delimiter)}\n`
