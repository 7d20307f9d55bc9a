import { basicLogin, sentAs } from '../config/secret.ts'
import type { HttpReply } from './probe/exchange.ts'
import { describe, fieldOf, isHtml, statusHint, whatElse } from './probe/json.ts'
import type { Probe } from './probe/probe.ts'

/** How a client shows who it is (RFC 6749 §2.3.1). */
export const CLIENT_AUTHENTICATIONS = ['basic', 'post'] as const
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number]

/** Conditions of a kind that fetches a token, for its page. */
export const TOKEN_CONDITIONS = {
  'token-status': 'There is a token for the credentials.',
  'token-json': 'The answer of the token endpoint is JSON.',
  'access-token': 'There is a token in it.',
  'token-type': 'It is a Bearer token.',
  'expires-in': 'It says how long the token lasts.',
  'no-store': 'It forbids to keep the answer.',
} as const

interface TokenRequest {
  readonly url: URL
  readonly authentication: ClientAuthentication
  readonly scope?: string | undefined
}

/**
 * Fetches a token with the credentials of the connector (client credentials grant, RFC 6749 §4.4), by the conditions
 * `token-…`. Nothing of the answer is shown but the names of errors.
 * @throws ProbeFailure, Unmet; OzgctlError where there are no credentials
 */
export async function fetchToken(
  probe: Probe,
  { url, authentication, scope }: TokenRequest,
): Promise<string> {
  const { clientId, clientSecret } = await probe.credentials(url)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope === undefined ? {} : { scope }),
  })
  if (authentication === 'post') {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret.reveal())
  }
  const reply = await probe.http('token', {
    url,
    method: 'POST',
    body: form.toString(),
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(authentication === 'basic'
        ? { authorization: basicLogin(inForm(clientId), inForm(clientSecret.reveal())) }
        : {}),
    },
  })
  if (reply.status !== 200) {
    const error = isHtml(reply) ? undefined : errorIn(reply.body)
    probe.require('token-status', {
      met: false,
      expected: 'HTTP 200',
      seen: `HTTP ${reply.status}${error === undefined ? `, ${whatElse(reply).split(':')[0]}` : `, ${error}`}`,
      hint: HINTS[error ?? ''] ?? statusHint(reply.status),
    })
  }
  probe.expect('token-status', { met: true, expected: 'HTTP 200', seen: 'HTTP 200' })
  const answer = requireToken(probe, reply)
  const token = fieldOf(answer, 'access_token')
  probe.require('access-token', {
    met: isToken(token),
    expected: 'a token',
    seen: isToken(token)
      ? 'a token'
      : typeof token === 'string' && token !== ''
        ? 'characters that no token has'
        : describe(typeof token),
  })
  judgeToken(probe, answer, reply.headers)
  return sentAs(String(token))
}

/** RFC 6749 §2.3.1: as in a form, before it is put into the header. */
const inForm = (text: string): string => encodeURIComponent(text.toWellFormed())

/** Printable ASCII, RFC 6749 appendix A.12; anything else could not be sent back in a header. */
const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)

/** RFC 6749 §5.1. */
function judgeToken(probe: Probe, answer: unknown, headers: Readonly<Record<string, string>>): void {
  const type = fieldOf(answer, 'token_type')
  probe.expect('token-type', {
    met: typeof type === 'string' && type.toLowerCase() === 'bearer',
    expected: 'Bearer',
    seen: describe(type),
  })
  const lifetime = fieldOf(answer, 'expires_in')
  probe.expect('expires-in', {
    met: typeof lifetime === 'number' && lifetime > 0,
    severity: 'warning',
    expected: 'seconds that it lasts',
    seen: describe(lifetime),
  })
  const control = headers['cache-control']
  probe.expect('no-store', {
    met: control?.toLowerCase().includes('no-store') === true,
    severity: 'warning',
    expected: 'Cache-Control: no-store',
    seen: control ?? 'missing',
  })
}

/** §5.2 of RFC 6749: `error` has one of a few words. */
function errorIn(body: Buffer): string | undefined {
  const error = fieldOf(parsed(body), 'error')
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined
}

/** What is no JSON may still hold a token: nothing of it is shown. */
function requireToken(probe: Probe, reply: HttpReply): unknown {
  const value = parsed(reply.body)
  probe.require('token-json', {
    met: value !== undefined,
    expected: 'JSON',
    seen: value !== undefined ? 'JSON' : isHtml(reply) ? whatElse(reply) : 'something else',
  })
  return value
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

const HINTS: Readonly<Record<string, string>> = {
  invalid_client: 'The client is not known, or its secret is wrong or has expired: ozgctl auth login PROFILE',
  unauthorized_client: 'The client may not use client credentials: its registration needs that grant.',
  invalid_scope: 'The client may not have this scope.',
  unsupported_grant_type: 'The server does not offer client credentials.',
}
