import { readExactJson } from '../../input/exact-json.ts'
import {
  bytesFrom,
  cursorAt,
  decoderOf,
  type FileEncoding,
  type FilePlace,
  fileEnds,
  MAX_PAGE,
  MAX_RECORD,
  notDecoded,
  placeAt,
} from './file-bytes.ts'
import { recordIn } from './json-source.ts'
import type { DataRecord, RecordPage } from './model.ts'
import { keyOf } from './scalar.ts'

interface Reading {
  readonly key: string
  readonly size: number
  readonly encoding: FileEncoding
}

/** A page of a file with a JSON object a line; lines end with LF, CRLF or CR, none of which JSON has in a text. */
export async function ndjsonPage(reading: Reading, path: string, cursor: string | null): Promise<RecordPage> {
  const { size, encoding } = reading
  const { begin } = await fileEnds(path, encoding)
  const from = cursor === null ? begin : placeAt(path, cursor)
  const decode = decoderOf(encoding)
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  for await (const { bytes, line, next } of linesFrom(path, from)) {
    const text = bytes === undefined ? undefined : decode(bytes)
    if (text !== undefined && /^[ \t]*$/.test(text)) continue
    const record =
      bytes === undefined
        ? TOO_LONG
        : text === undefined
          ? notDecoded(encoding)
          : lineRecord(text, reading.key)
    if (typeof record === 'string') faults.push({ key: `line ${line}`, reason: record })
    else records.push(record)
    if (records.length + faults.length >= size || next.byte - from.byte >= MAX_PAGE)
      return { records, faults, next: cursorAt(next) }
  }
  return { records, faults, next: null }
}

const TOO_LONG = `it is longer than ${MAX_RECORD >> 20} MiB`

function lineRecord(text: string, key: string): DataRecord | string {
  const { value, twice = [] } = readExactJson(text) ?? {}
  const names = twice.map((path) => String(path.at(-1)))
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  return recordIn(value, isObject ? keyOf(Reflect.get(value, key)) : undefined, names)
}

interface Line {
  /** Without its end; undefined for one that is too long, which is not kept. */
  readonly bytes: Buffer | undefined
  readonly line: number
  readonly next: FilePlace
}

const LF = 10
const CR = 13

async function* linesFrom(path: string, from: FilePlace): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  /** Bytes of the line that were let go. */
  let dropped = 0
  let { byte, line } = from
  for await (const part of bytesFrom(path, from.byte)) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part])
    let at = 0
    for (const [end, length] of lineEnds(bytes)) {
      byte += dropped + end + length - at
      const isLong = dropped > 0 || end - at > MAX_RECORD
      yield { bytes: isLong ? undefined : bytes.subarray(at, end), line, next: { byte, line: ++line } }
      dropped = 0
      at = end + length
    }
    rest = bytes.subarray(at)
    if (rest.length <= MAX_RECORD && dropped === 0) continue
    // The last byte may be the CR of a CRLF.
    dropped += rest.length - 1
    rest = Buffer.from(rest.subarray(-1))
  }
  if (rest.length === 0) return
  // Without a line end it may be half a record: whoever writes it is not finished, or was stopped.
  const text = rest.at(-1) === CR ? rest.subarray(0, -1) : rest
  byte += dropped + rest.length
  yield { bytes: dropped > 0 ? undefined : text, line, next: { byte, line: line + 1 } }
}

/** Where lines end, and how long their ends are. A CR at the very end of the bytes may be half an end. */
function* lineEnds(bytes: Buffer): Generator<readonly [end: number, length: number]> {
  let lf = bytes.indexOf(LF)
  let cr = bytes.indexOf(CR)
  while (lf >= 0 || cr >= 0) {
    const isCr = cr >= 0 && (lf < 0 || cr < lf)
    if (isCr && cr === bytes.length - 1) return
    const end = isCr ? cr : lf
    const length = isCr && lf === cr + 1 ? 2 : 1
    yield [end, length]
    const from = end + length
    if (lf >= 0 && lf < from) lf = bytes.indexOf(LF, from)
    if (cr >= 0 && cr < from) cr = bytes.indexOf(CR, from)
  }
}
