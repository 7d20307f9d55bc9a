import { excerpt, redacted } from '../../config/secret.ts'
import type { HttpAsk, HttpReply } from './exchange.ts'
import type { Probe } from './probe.ts'

/**
 * A request whose answer has to be JSON, with the conditions `NAME-status` and `NAME-json`.
 * @param name what it is for
 * @returns whatever the JSON holds
 * @throws ProbeFailure, Unmet
 */
export async function askJson(probe: Probe, name: string, ask: HttpAsk): Promise<unknown> {
  const reply = await probe.http(name, { ...ask, headers: { accept: 'application/json', ...ask.headers } })
  requireStatus(probe, name, reply)
  return requireJson(probe, name, reply)
}

/** The condition `NAME-status`. @throws Unmet */
export function requireStatus(probe: Probe, name: string, reply: HttpReply, wanted = 200): void {
  const { status } = reply
  probe.require(`${name}-status`, {
    met: status === wanted,
    expected: `HTTP ${wanted}`,
    seen: `HTTP ${status}`,
    hint: statusHint(status),
  })
}

/** The condition `NAME-json`. Says so when a page stands where JSON should, as after a log-in that has run out. @throws Unmet */
export function requireJson(probe: Probe, name: string, reply: HttpReply): unknown {
  const value = parsed(reply.body)
  const isJson = value !== undefined
  probe.require(`${name}-json`, {
    met: isJson,
    expected: 'JSON',
    seen: isJson ? 'JSON' : whatElse(reply),
    hint: isHtml(reply)
      ? 'A page answers there, perhaps of a log-in or a proxy. Is the address right?'
      : undefined,
  })
  return value
}

/** What can be done about a status. */
export function statusHint(status: number): string | undefined {
  if (status === 401) return 'It wants credentials, or does not accept these.'
  if (status === 403)
    return 'These credentials may not do this, or the address of this machine is not allowed.'
  if (status === 404) return 'Nothing is there: is the address right?'
  return status === 429 ? 'It is asked too often.' : undefined
}

function parsed(body: Buffer): unknown {
  try {
    // RFC 8259 §8.1: a mark at the front may be ignored; bytes that are no UTF-8 are no JSON.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown
  } catch {
    return undefined
  }
}

export const isHtml = ({ headers, body }: Pick<HttpReply, 'headers' | 'body'>): boolean =>
  /^\s*(<!doctype html|<html|<head)/i.test(body.subarray(0, 200).toString('latin1')) ||
  (headers['content-type'] ?? '').toLowerCase().startsWith('text/html')

/** What stands in an answer in place of what was wanted. */
export function whatElse(reply: Pick<HttpReply, 'headers' | 'body'>): string {
  if (reply.body.length === 0) return 'nothing'
  const text = redacted(reply.body.subarray(0, 4096).toString('utf8'))
  if (!isHtml(reply)) return `${reply.headers['content-type'] ?? 'something'}: ${text.slice(0, 80)}`
  const title = /<title[^>]{0,200}>([^<]{0,100})/i.exec(text)?.[1]?.trim() ?? ''
  return title === '' ? 'an HTML page' : `an HTML page “${title}”`
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of an own field of an object; undefined for anything else. */
export const fieldOf = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** A value as a condition shows it: `"UP"`, `12`, `missing`, `3 items`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value))
    return value.length <= 5 ? excerpt(JSON.stringify(value), 200) : `a list of ${value.length}`
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).slice(0, 5).join(', ')}`
  return excerpt(JSON.stringify(value), 200)
}
