import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { HttpFailure } from '../../http/failure.ts'
import { type Answer, isAbsent, type LiferaySession, problemText } from './session.ts'
import { accepted, before, Settled } from './settle.ts'
import type { Page } from './types.ts'

const PAGE_SIZE = 500

/** The APIs that are used; which of them a Liferay has depends on its version. */
export const API = {
  user: '/o/headless-admin-user/v1.0',
  site: '/o/headless-site/v1.0',
  instance: '/o/headless-portal-instances/v1.0',
  batch: '/o/headless-batch-engine/v1.0',
} as const

/** Address of something by its external reference code. */
export const byErc = (collection: string, code: string): string =>
  `${collection}/by-external-reference-code/${encodeURIComponent(code)}`

/** One resource, or undefined where there is none. @throws OzgctlError 69 PORTAL_API_MISSING, PORTAL_ANSWER */
export async function readOne<T>(session: LiferaySession, path: string): Promise<T | undefined> {
  const answer = await session.read(path)
  if (isAbsent(answer)) return undefined
  return bodyOf<T>(session, path, answer)
}

/** The same once, in the course of a write. @throws Settled */
export async function lookUp<T>(
  session: LiferaySession,
  path: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  const answer = await before(() => readAgain(session, path, signal))
  if (isAbsent(answer)) return undefined
  if (answer.status === 404) throw missingApi(session.portal, path)
  if (answer.status >= 500 || answer.status === 429)
    throw new Settled({ kind: 'later', reason: problemText(answer), afterMs: answer.retryAfterMs })
  accepted(answer)
  return bodyOf<T>(session, path, answer)
}

/** A cut connection says nothing about the next one, and reading twice does no harm. */
const READS = 3

async function readAgain(session: LiferaySession, path: string, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.send('GET', path, undefined, signal)
    } catch (error) {
      const isCut = error instanceof HttpFailure && (error.fault === 'reset' || error.fault === 'truncated')
      if (!isCut || attempt === READS) throw error
    }
  }
}

/**
 * All pages of a list to the last.
 * @throws OzgctlError 69 PORTAL_MOVED when the list changed while it was read
 */
export async function* readPages<T extends { readonly id?: string | number }>(
  session: LiferaySession,
  path: string,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string | number>()
  for (let page = 1; ; page++) {
    const query = `${path}${path.includes('?') ? '&' : '?'}page=${page}&pageSize=${PAGE_SIZE}`
    const answer = await session.read(query)
    const { items, lastPage, totalCount } = bodyOf<Page<T>>(session, query, answer)
    for (const { id } of items) {
      if (id === undefined) continue
      if (seen.has(id)) throw moved(session)
      seen.add(id)
    }
    yield items
    if (page < lastPage && items.length > 0) continue
    if (seen.size < totalCount) throw moved(session)
    return
  }
}

function moved(session: LiferaySession): OzgctlError {
  return new OzgctlError('PORTAL_MOVED', `the list of ${session.portal} changed while it was read`, {
    exit: EXIT.unavailable,
    suggestions: ['Run the command again.'],
  })
}

/** The JSON of an answer that says yes. */
function bodyOf<T>(session: LiferaySession, path: string, answer: Answer): T {
  const { status, json } = answer
  if (status === 404 && json === undefined) throw missingApi(session.portal, path)
  if (status >= 200 && status < 300 && typeof json === 'object' && json !== null) return json as T
  const what = status >= 200 && status < 300 ? 'an answer that is no JSON' : problemText(answer)
  throw new OzgctlError(
    'PORTAL_ANSWER',
    `${session.portal} answers ${path.replace(/\?.*/, '')} with ${what}`,
    {
      exit: EXIT.unavailable,
      suggestions: ['Is the address in the profile that of a Liferay portal, and is it well?'],
    },
  )
}

/** Liferay answers 404 without a Problem document where it has no such API at all. */
export function missingApi(portal: string, path: string): OzgctlError {
  const api = /^\/o\/([^/]+)/.exec(path)?.[1] ?? path
  return new OzgctlError('PORTAL_API_MISSING', `${portal} has no API ${api}`, {
    exit: EXIT.unavailable,
    suggestions: [WITHOUT[api] ?? 'A newer version of Liferay may have it.'],
  })
}

const WITHOUT: Readonly<Record<string, string>> = {
  'headless-site':
    'It makes the sites of tenants. Without it, use layout: organization or instance in the profile.',
  'headless-portal-instances':
    'It makes virtual instances. Without it, use layout: organization or site in the profile.',
  'headless-batch-engine':
    'It imports many tenants at once. Without it, leave out batchImport in the profile.',
  'headless-admin-user': 'Is the address in the profile that of a Liferay portal?',
}
