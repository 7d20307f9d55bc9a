import type { HttpClient } from '../../http/client.ts'

/** A server, and the headers that say who asks. */
export interface RecordClient {
  readonly http: HttpClient
  readonly headers: Readonly<Record<string, string>>
}
