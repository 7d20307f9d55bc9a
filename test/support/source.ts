import { createHash } from 'node:crypto'
import type { InputSource } from '../../src/lib/input/source.ts'

/** Bytes as a source, handed out in pieces of these sizes, over and over; whole when none is given. */
export function sourceOf(
  content: string | Uint8Array,
  { name = 'test.txt', sizes = [] }: { readonly name?: string; readonly sizes?: readonly number[] } = {},
): InputSource {
  const bytes = Buffer.from(content)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const facts = { name, format: '', encoding: '', bytes: bytes.length, sha256, records: 0 }
  return {
    name,
    facts,
    record: () => facts.records++,
    head: bytes.subarray(0, 4096),
    bytes: () => pieces(bytes, sizes),
  }
}

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length
    yield bytes.subarray(at, at + size)
    at += size
  }
}

export async function textOf(text: AsyncIterable<string>): Promise<string> {
  let whole = ''
  for await (const part of text) whole += part
  return whole
}

/** A text in pieces of one size. */
export async function* inPieces(text: string, size = text.length): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}
