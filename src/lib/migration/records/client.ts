import type { HttpClient } from '../../http/client.ts'
import { withoutTail } from '../../text.ts'

/** How a source or target of records speaks with its system. */
export interface RecordClient {
  /** For one origin; whoever made it closes it. */
  readonly http: HttpClient
  /** Address of the connector: all requests go below its path. */
  readonly url: URL
  /** Go along with every request, e.g. the credentials. */
  readonly headers: Readonly<Record<string, string>>
}

/** Path of the connector without a slash at its end. */
export const basePath = ({ url }: RecordClient): string => withoutTail(url.pathname, '/')
