/** A request as a resource sees it. */
export interface SandboxRequest {
  readonly method: string
  /** Parts of the path that stand for something, decoded, in their order. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  /** JSON of the body; undefined where there is none. */
  readonly body: unknown
}

export interface SandboxAnswer {
  readonly status: number
  /** JSON of the answer; undefined for none. */
  readonly body?: unknown
}

/** Liferay's Problem documents name the status as an enum and not by number. */
export class Problem extends Error {
  readonly status: number
  readonly title: string

  constructor(status: 400 | 403 | 404 | 409 | 500, title: string) {
    super(title)
    this.status = status
    this.title = title
  }

  answer(): SandboxAnswer {
    return { status: this.status, body: { status: NAMES[this.status], title: this.title } }
  }
}

const NAMES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  500: 'INTERNAL_SERVER_ERROR',
}

export const ok = (body: unknown): SandboxAnswer => ({ status: 200, body })
export const noContent: SandboxAnswer = { status: 204 }

/** One page of a list; pages count from 1. @param shown an item as it is answered */
export function pageOf<T>(
  items: readonly T[],
  query: URLSearchParams,
  shown: (item: T) => unknown = (item) => item,
): SandboxAnswer {
  const page = positive(query.get('page'), 1)
  const pageSize = positive(query.get('pageSize'), 20)
  const lastPage = Math.max(1, Math.ceil(items.length / pageSize))
  return ok({
    actions: {},
    facets: [],
    items: items.slice((page - 1) * pageSize, page * pageSize).map(shown),
    lastPage,
    page,
    pageSize,
    totalCount: items.length,
  })
}

function positive(text: string | null, otherwise: number): number {
  const value = Number(text ?? otherwise)
  return Number.isInteger(value) && value > 0 ? value : otherwise
}

/** The body as a JSON object. @throws Problem 400 */
export function objectIn({ body }: SandboxRequest): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  throw new Problem(400, 'Unable to map JSON')
}
