import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { Address } from './addresses.ts'
import { type Answer, apiOf, isAbsent, type LiferaySession, problemText } from './session.ts'
import { before, Settled } from './settle.ts'

/**
 * One resource, or undefined where there is none.
 * @throws OzgctlError 69 PORTAL_API_MISSING, PORTAL_ANSWER
 */
export async function readOne<T>(session: LiferaySession, address: Address<T>): Promise<T | undefined> {
  const answer = await session.read(address.path)
  if (isAbsent(answer)) return undefined
  return itself(session, address, bodyOf(session, address.path, answer))
}

/** The same once, in the course of a write. @throws Settled, OzgctlError as `readOne` */
export async function lookUp<T>(
  session: LiferaySession,
  address: Address<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const answer = await before(() => readAgain(session, address.path, signal))
  const { status, json, retryAfterMs } = answer
  if (isAbsent(answer)) return undefined
  if (session.lacksApi(address.path, answer)) throw missingApi(session.portal, address.path)
  if (isYes(answer) && isObject(json)) return itself(session, address, json)
  // Nothing is asked of the portal yet but to say what it has.
  if (isYes(answer) || status === 404 || status === 408 || status === 429 || status >= 500) {
    const reason = isYes(answer) ? NO_JSON : problemText(answer)
    throw new Settled({ kind: 'later', reason, afterMs: retryAfterMs })
  }
  throw new Settled({ kind: 'refused', reason: problemText(answer) })
}

/** Passes what is what was asked for. A cache or proxy that mixes up answers cannot be used at all. */
function itself<T>({ portal }: LiferaySession, { path, name, read, nameOf }: Address<T>, json: object): T {
  const resource = read(json)
  if (nameOf(resource) === name) return resource
  throw new OzgctlError('PORTAL_ANSWER', `${portal} answers ${path} with something else than ${name}`, {
    exit: EXIT.unavailable,
    suggestions: ['Is there a cache between ozgctl and the portal?'],
  })
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

const NO_JSON = 'an answer that is no JSON'
const isYes = ({ status }: Answer): boolean => status >= 200 && status < 300
const isObject = (json: unknown): json is object => typeof json === 'object' && json !== null

/** The JSON object of an answer that says yes. @throws OzgctlError 69 PORTAL_API_MISSING, PORTAL_ANSWER */
export function bodyOf(session: LiferaySession, path: string, answer: Answer): object {
  const { json } = answer
  if (session.lacksApi(path, answer)) throw missingApi(session.portal, path)
  if (isYes(answer) && isObject(json)) return json
  throw badAnswer(session, path, isYes(answer) ? NO_JSON : problemText(answer))
}

/** An answer that cannot be used. Exit 69 */
export function badAnswer({ portal }: LiferaySession, path: string, what: string): OzgctlError {
  return new OzgctlError('PORTAL_ANSWER', `${portal} answers ${path.replace(/\?.*/, '')} with ${what}`, {
    exit: EXIT.unavailable,
    suggestions: ['Is the address in the profile that of a Liferay portal, and is it well?'],
  })
}

/** Liferay answers 404 without a Problem document where it has no such API at all. */
export function missingApi(portal: string, path: string): OzgctlError {
  const api = apiOf(path)
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
