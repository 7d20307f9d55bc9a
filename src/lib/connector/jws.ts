import { constants, type KeyObject, verify } from 'node:crypto'
import { fieldOf } from './probe/json.ts'

/** A signed text (RFC 7515 §7.1), taken apart. Nothing in it can be trusted before it is verified. */
export interface Jws {
  readonly algorithm: string
  readonly kid: string | null
  readonly payload: unknown
  /** What is signed. */
  readonly input: string
  readonly signature: Buffer
}

const LONGEST = 64 << 10

/** @returns undefined for anything that is no compact JWS with a JSON payload */
export function parseJws(text: unknown): Jws | undefined {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined
  const [header, payload, signature, ...rest] = text.split('.')
  if (header === undefined || payload === undefined || !signature || rest.length > 0) return undefined
  const head = json(header)
  const algorithm = fieldOf(head, 'alg')
  const kid = fieldOf(head, 'kid')
  const content = json(payload)
  if (typeof algorithm !== 'string' || content === undefined) return undefined
  return {
    algorithm,
    kid: typeof kid === 'string' ? kid : null,
    payload: content,
    input: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function json(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

/** Whether the signature is one with PS512 (RFC 7518 §3.5) of this key. No other algorithm is ever taken. */
export function isSignedPs512({ algorithm, input, signature }: Jws, key: KeyObject): boolean {
  if (algorithm !== 'PS512' || key.asymmetricKeyType !== 'rsa') return false
  return verify(
    'sha512',
    Buffer.from(input),
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    signature,
  )
}
