import { constants, generateKeyPairSync, sign } from 'node:crypto'

/** An RSA key with its public half as JWK, for stand-ins that sign. */
export function signingKey(kid: string, alg: string, bits = 3072) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}

/** A compact JWS with PS512 (RFC 7515 §7.1, RFC 7518 §3.5). */
export function signPs512(payload: object, { privateKey, jwk }: ReturnType<typeof signingKey>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'PS512', kid: jwk.kid })}.${part(payload)}`
  const signature = sign('sha512', Buffer.from(input), {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
  return `${input}.${signature.toString('base64url')}`
}
