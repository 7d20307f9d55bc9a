import { excerpt } from '../../config/secret.ts'
import { fieldOf, isHtml, isRecord, statusHint, whatElse } from '../../connector/probe/json.ts'
import { OzgctlError, unreachable } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { HttpAnswer, HttpRequest } from '../../http/client.ts'
import { denialOf } from '../../http/denial.ts'
import { HttpFailure } from '../../http/failure.ts'
import { isTooDeep, readExactJson } from '../../input/exact-json.ts'
import type { RecordClient } from './client.ts'
import type { RecordOutcome } from './model.ts'
import { ContentRefused } from './refused.ts'

/** What an answer says, by the four things that a caller can do about it. */
export type Found = { readonly kind: 'found'; readonly value: unknown } | { readonly kind: 'missing' }

/**
 * Whether an answer of 404 or 410 is one of the system itself. A proxy without a way to it, or a server that is just
 * being started, answers so with a page, and with that nothing is said about what was asked for.
 */
export type OwnAnswer = (answer: HttpAnswer) => boolean

/** The widest sense: with an object in JSON, which pages are not. */
export const isOwnJson: OwnAnswer = (answer) => isRecord(jsonOf(answer))

/** Whether a status says that something is not there, whoever gave it. */
export const saysMissing = ({ status }: Pick<HttpAnswer, 'status'>): boolean =>
  status === 404 || status === 410

/**
 * Asks for JSON, again where the other side is busy for a moment.
 * @returns what the JSON holds, or `missing` for 404 and 410 of the system
 * @throws HttpFailure, OzgctlError UNAUTHORISED, RECORDS_UNAVAILABLE, BAD_RECORDS
 */
export async function ask(
  client: RecordClient,
  request: HttpRequest,
  signal: AbortSignal,
  isOwn: OwnAnswer = isOwnJson,
): Promise<Found> {
  const headers = { ...client.headers, ...request.headers }
  const answer = await client.http.read({ ...request, headers }, signal)
  const { status } = answer
  if (status === 401 || status === 403) throw unauthorised(client, answer)
  if (saysMissing(answer) && isOwn(answer)) return { kind: 'missing' }
  if (saysMissing(answer) || status === 408 || status === 429 || status >= 500)
    throw new OzgctlError('RECORDS_UNAVAILABLE', `${client.http.origin} answers ${reasonOf(answer)}`, {
      exit: EXIT.unavailable,
      suggestions: ['Try again later; if it stays so, look at the address.'],
    })
  if (status >= 400) throw badRecords(client, `answers ${reasonOf(answer)}`)
  const value = jsonOf(answer)
  if (value === undefined) throw badRecords(client, `answers with ${otherThanJson(answer)} in place of JSON`)
  if (isTooDeep(value)) throw badRecords(client, 'answers with JSON that is nested too deeply')
  return { kind: 'found', value }
}

/** Like `ask`, for what has to be there. @throws OzgctlError BAD_RECORDS, too, when it is missing */
export async function askFor(
  client: RecordClient,
  request: HttpRequest,
  signal: AbortSignal,
  what: string,
  isOwn: OwnAnswer = isOwnJson,
): Promise<unknown> {
  const found = await ask(client, request, signal, isOwn)
  if (found.kind === 'missing')
    throw badRecords(client, `has no ${what}`, 'Are the address and the settings right?')
  return found.value
}

/** An answer that is not what the system was said to give. Exit 69. */
export function badRecords(client: RecordClient, what: string, suggestion?: string): OzgctlError {
  return new OzgctlError('BAD_RECORDS', `${client.http.origin} ${what}`, {
    exit: EXIT.unavailable,
    suggestions: suggestion === undefined ? [] : [suggestion],
  })
}

function unauthorised(client: RecordClient, answer: HttpAnswer): OzgctlError {
  const hint = statusHint(answer.status)
  return new OzgctlError('UNAUTHORISED', `${client.http.origin} answers ${reasonOf(answer)}`, {
    exit: EXIT.unauthorised,
    suggestions: hint === undefined ? [] : [hint],
  })
}

/**
 * What a write came to, by the status of its answer. See `denialOf` for what is certainly not done; a 404 may be the page
 * of a proxy.
 * @returns undefined for an answer that says yes
 * @throws OzgctlError UNAUTHORISED for 401: no other record fares better
 */
export function settled(client: RecordClient, answer: HttpAnswer): RecordOutcome | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  if (status === 401) throw unauthorised(client, answer)
  const reason = reasonOf(answer)
  if (saysMissing(answer) && !isOwnJson(answer)) return { kind: 'unknown', reason }
  const afterMs = client.http.waitAsked(answer)
  const denial = denialOf(status)
  switch (denial) {
    case 'refused':
      return { kind: 'refused', reason }
    case 'later':
      return { kind: 'later', reason, afterMs }
    case 'unknown':
      return doubtful(reason, afterMs)
    default:
      return unreachable(denial)
  }
}

/** Perhaps written. @param afterMs what the answer asks to wait before it is looked at again */
export const doubtful = (reason: string, afterMs: number | null): RecordOutcome => ({
  kind: 'unknown',
  reason,
  ...(afterMs === null ? {} : { afterMs }),
})

/**
 * What taking something away came to. A page says yes, too, when the log-in is over.
 * @returns undefined where an answer says that it is not there
 * @throws OzgctlError UNAUTHORISED
 */
export function removal(client: RecordClient, answer: HttpAnswer): RecordOutcome | undefined {
  if (saysMissing(answer)) return undefined
  const outcome = settled(client, answer)
  if (outcome !== undefined) return outcome
  if (answer.text.trim() === '' || jsonOf(answer) !== undefined) return GONE
  return {
    kind: 'unknown',
    reason: `${client.http.origin} answers ${answer.status} with ${otherThanJson(answer)}`,
  }
}

/** What became of taking a document away. `absent`: an answer says that it is not there, and may be that of another. */
export type Removal = RecordOutcome | { readonly kind: 'absent'; readonly reason: string }

export const absent = (answer: HttpAnswer): Removal => ({ kind: 'absent', reason: reasonOf(answer) })

/** It is not there, whoever took it away. */
export const GONE: RecordOutcome = { kind: 'done', created: null }

/**
 * Does a write, and takes a failure of the connection for what it means.
 * @throws whatever else goes wrong
 */
export async function writing(work: () => Promise<RecordOutcome>): Promise<RecordOutcome> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ContentRefused) return refused(error.message)
    if (error instanceof HttpFailure) return outcomeOf(error)
    if (error instanceof OzgctlError && error.code === 'RECORDS_UNAVAILABLE') return later(error.message)
    throw error
  }
}

const outcomeOf = ({ sent, message }: HttpFailure): RecordOutcome =>
  sent === 'no' ? later(message) : { kind: 'unknown', reason: message }

export const later = (reason: string): RecordOutcome => ({ kind: 'later', reason, afterMs: null })
export const refused = (reason: string): RecordOutcome => ({ kind: 'refused', reason })

/** What an answer holds; undefined when it is no JSON. */
export function jsonOf({ text }: Pick<HttpAnswer, 'text'>): unknown {
  return readExactJson(text)?.value
}

/** What stands in an answer in place of JSON. */
export const otherThanJson = ({ headers, text }: HttpAnswer): string => {
  const type = headers['content-type']
  return printable(
    whatElse({ headers: typeof type === 'string' ? { 'content-type': type } : {}, body: Buffer.from(text) }),
  )
}

/** Whether a page for people stands in the place of an answer, as of a log-in. */
export const isPage = ({ headers: { 'content-type': type }, text }: HttpAnswer): boolean =>
  isHtml({
    headers: typeof type === 'string' ? { 'content-type': type } : {},
    body: Buffer.from(text),
  }) && jsonOf({ text }) === undefined

/** Where systems write what went wrong: CMIS §5.2.10, d.velop, Spring. */
const REASONS = ['exception', 'message', 'reason', 'detail', 'title', 'error']

/** Status of an answer and what it says about it, for people. */
export function reasonOf(answer: HttpAnswer): string {
  const value = jsonOf(answer)
  const said = isRecord(value)
    ? REASONS.map((name) => fieldOf(value, name)).filter((part) => typeof part === 'string' && part !== '')
    : []
  const page = isPage(answer) ? [otherThanJson(answer)] : []
  const what = [...said, ...page].join(': ')
  return printable(what === '' ? `${answer.status}` : `${answer.status} (${what})`)
}

const LONGEST_REASON = 300

/** A text of another system that cannot move the cursor or begin a line. */
export const printable = (text: string): string =>
  excerpt(text, LONGEST_REASON)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
