import { onTestFinished } from 'vitest'
import { HttpClient, type HttpOptions } from '../../src/lib/http/client.ts'
import { HttpFailure } from '../../src/lib/http/failure.ts'

export const NOW = new Date('2026-11-23T12:00:00Z')

export interface TestClient {
  readonly client: HttpClient
  /** How long it would have waited, in milliseconds. */
  readonly slept: readonly number[]
}

/** A client whose waiting takes no time and whose dice always show one half. It is closed with the test. */
export function testClient(origin: URL, more: Partial<HttpOptions> = {}): TestClient {
  const slept: number[] = []
  const client = new HttpClient({
    origin,
    connections: 1,
    // Long: where the deadline is not what a test is about, it must not come first.
    deadlineMs: 20_000,
    userAgent: 'ozgctl-test',
    now: () => NOW,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
    },
    random: () => 0.5,
    ...more,
  })
  onTestFinished(() => client.close())
  return { client, slept }
}

/** All bytes of a stream. */
export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** The failure that `work` ends with. Anything else, an answer included, fails the test. */
export async function httpFailure(work: Promise<unknown>): Promise<HttpFailure> {
  try {
    await work
  } catch (error) {
    if (error instanceof HttpFailure) return error
    throw error
  }
  throw new Error('there was an answer, but a failure was expected')
}

/** What callers decide by: the fault, and whether the other side can have acted. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  const { fault, sent } = await httpFailure(work)
  return `${fault}, sent: ${sent}`
}
