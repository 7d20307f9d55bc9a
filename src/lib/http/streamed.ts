import { Readable } from 'node:stream'
import type { HttpFailure } from './failure.ts'

/** Bytes that are sent as they come. */
export interface HttpBody {
  readonly chunks: AsyncIterable<Uint8Array>
  /** In bytes; undefined where it is not known before the end. */
  readonly length: number | undefined
}

/** An answer whose bytes are handed on as they come. */
export interface StreamedAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Can be read once. @throws HttpFailure while it is read when not all of it comes */
  readonly body: AsyncIterable<Uint8Array>
  /** For an answer that is not read to its end: its connection is closed. */
  cancel(): void
}

/** A body for undici. */
export const readableOf = ({ chunks }: HttpBody): Readable => Readable.from(chunks, { objectMode: false })

/**
 * @param explained what an error while reading means
 * @param ended is called once, when there is nothing more to come
 */
export function streamedAnswer(
  { status, headers, body }: { status: number; headers: StreamedAnswer['headers']; body: Readable },
  explained: (error: unknown) => Promise<HttpFailure>,
  ended: () => void,
): StreamedAnswer {
  // One that is destroyed before anybody reads it has nobody else to tell.
  body.on('error', () => undefined)
  body.once('close', ended)
  return {
    status,
    headers,
    body: {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const chunk of body) yield bytesOf(chunk)
        } catch (error) {
          throw await explained(error)
        } finally {
          ended()
        }
      },
    },
    cancel: () => void body.destroy(),
  }
}

/** Streams say nothing about their chunks; those of undici are bytes. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError('a chunk that is no bytes')
}
