import type { KeyObject, X509Certificate } from 'node:crypto'

/** How strong a key is. */
export interface Strength {
  /** Kind and size, e.g. `RSA 3072`, `EC P-256`. */
  readonly name: string
  readonly grade: KeyGrade
}

/** `broken` is below what anybody allows, `weak` below what the BSI recommends. */
export type KeyGrade = 'good' | 'weak' | 'broken'

/** How strong the key in a certificate is. Node decodes it only now, and throws where it cannot: whoever needs it, cannot either. */
export function keyStrength(certificate: X509Certificate): Strength {
  try {
    return strengthOf(certificate.publicKey)
  } catch {
    return { name: 'a key that cannot be read', grade: 'broken' }
  }
}

/** How strong a public key is, by BSI TR-02102-1 (2024): RSA from 3000 bit, elliptic curves from 250 bit. */
export function strengthOf({
  asymmetricKeyType: type = 'rsa',
  asymmetricKeyDetails: details = {},
}: KeyObject): Strength {
  const { modulusLength, namedCurve } = details
  if (modulusLength !== undefined) {
    const name = `${type.startsWith('rsa') ? 'RSA' : type.toUpperCase()} ${modulusLength}`
    return { name, grade: modulusLength < 2048 ? 'broken' : modulusLength < 3000 ? 'weak' : 'good' }
  }
  if (namedCurve === undefined) return { name: type, grade: 'good' }
  const bits = Number(/\d{3}/.exec(namedCurve)?.[0] ?? 0)
  return { name: `EC ${CURVES[namedCurve] ?? namedCurve}`, grade: bits > 0 && bits < 250 ? 'broken' : 'good' }
}

/** Names of NIST for those of SEC 2. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}
