import { isProtected } from '../config/protected.ts'
import { isSecretName } from '../config/secret-name.ts'
import { type Misread, no } from '../connector/settings.ts'
import type { Json, JsonObject } from './records/model.ts'

/** Values that are secrets by their form: PEM keys, login headers, addresses with a password. */
const SECRET_FORM: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /^(Basic|Bearer) \S{8,}/i,
  /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:[^/\s@]+@/i,
]

const HINT = 'Name a profile in credentials instead, and keep the secret there: ozgctl auth login.'

/**
 * Places where a secret seems to be written. A migration is reviewed and kept in version control: it names profiles, and
 * never holds what they keep.
 */
export function secretsIn(
  value: JsonObject,
  at: readonly (string | number)[] = [],
): readonly (Misread & { readonly at: readonly (string | number)[] })[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = [...at, name]
    // Names that the operator gives, with ways into answers.
    if (name === 'save') return []
    if (isSecretName(name) && isPlain(inner)) return [{ ...no('holds a secret', HINT), at: here }]
    return inValue(inner, here)
  })
}

function inValue(value: Json, at: readonly (string | number)[]): ReturnType<typeof secretsIn> {
  if (typeof value === 'string')
    return holdsToken(value) || SECRET_FORM.some((form) => form.test(value))
      ? [{ ...no('looks like a secret', HINT), at }]
      : []
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((inner: Json, index) => inValue(inner, [...at, index]))
  return secretsIn(value as JsonObject, at)
}

const LEAST = 10

/** Whether there is a token of RFC 7519 in it: three parts, the first of which is JSON in Base64. */
function holdsToken(text: string): boolean {
  return text.split(/[^A-Za-z0-9_.-]/).some((word) => {
    const parts = word.split('.')
    return parts.some((part, at) => {
      const begin = part.search(/\beyJ/)
      const isLong = begin >= 0 && part.length - begin - 'eyJ'.length >= LEAST
      return isLong && (parts[at + 1]?.length ?? 0) >= LEAST && parts[at + 2] !== undefined
    })
  })
}

/** Addresses that credentials would be sent to and that others can listen to. What only a tenant fills in is looked at then. */
export function unprotectedIn(value: Json, at: readonly (string | number)[] = []): readonly Misread[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((inner: Json, index) => unprotectedIn(inner, [...at, index]))
  const { url, credentials } = value as JsonObject
  const address = typeof url === 'string' && typeof credentials === 'string' ? URL.parse(url) : null
  const own: readonly Misread[] =
    address === null || isProtected(address) ? [] : [{ ...no(UNPROTECTED, PROTECTED), at: [...at, 'url'] }]
  return [...own, ...Object.entries(value).flatMap(([name, inner]) => unprotectedIn(inner, [...at, name]))]
}

const UNPROTECTED = 'would be sent credentials that others can read'
const PROTECTED = 'They go by https only, or by http to this machine.'

const isPlain = (value: Json): boolean =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'
