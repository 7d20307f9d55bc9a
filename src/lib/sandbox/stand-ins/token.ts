import type { StandInReply, StandInRequest } from './http-stand-in.ts'
import type { StandInControl } from './stand-in.ts'

/** The token that stand-ins give; it opens nothing but them. */
const TOKEN = 'a-token-of-the-sandbox'

/** A token endpoint for client credentials (RFC 6749 §4.4), in the header or in the form. */
export function tokenReply(
  request: StandInRequest,
  { clientId, clientSecret }: StandInControl,
): StandInReply {
  const form = new URLSearchParams(request.body)
  const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
  const [id, secret] =
    basic === undefined
      ? [form.get('client_id'), form.get('client_secret')]
      : Buffer.from(basic, 'base64').toString('utf8').split(':').map(decodeURIComponent)
  const headers = { 'cache-control': 'no-store' }
  if (form.get('grant_type') !== 'client_credentials')
    return { status: 400, headers, body: { error: 'unsupported_grant_type' } }
  if (id !== clientId || secret !== clientSecret)
    return { status: 401, headers, body: { error: 'invalid_client' } }
  return { status: 200, headers, body: { access_token: TOKEN, token_type: 'Bearer', expires_in: 600 } }
}

export const hasToken = ({ headers }: StandInRequest): boolean => headers.authorization === `Bearer ${TOKEN}`
