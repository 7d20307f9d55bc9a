import { httpStandIn } from './http-stand-in.ts'
import { signingKey, signPs512 } from './keys.ts'
import { hasToken, tokenReply } from './token.ts'

const DESTINATION = '11111111-2222-4333-8444-555555555555'
const OTHER = '99999999-2222-4333-8444-555555555555'
const LEIKA_KEY = '99115002060000'
const ARS = '034590014014'
const ZUSTELLPUNKT = `v2/destinations/${DESTINATION}`
const ENCRYPTION_KID = 'encryption-1'
let key: ReturnType<typeof signingKey> | undefined

/** FIT-Connect with one Zustellpunkt: routing at the address of the connector, submission and destination beside it. */
export const fitconnect = httpStandIn({
  kind: 'fitconnect',
  wrong: 'The route is signed for another Zustellpunkt.',
  path: '/v2',
  wantsCredentials: false,
  settings: (origin) => ({
    api: 'routing',
    leikaKey: LEIKA_KEY,
    ars: ARS,
    destinationId: DESTINATION,
    jwksUrl: `${origin}/.well-known/jwks.json`,
  }),
  reply: (request, mode, control) => {
    const { path } = request
    key ??= signingKey('sandbox-1', 'PS512', 4096)
    switch (path) {
      case '/v2/info':
        return { status: 200, body: { version: { major: 2, minor: 0, patch: 0 } } }
      case '/.well-known/jwks.json':
        return { status: 200, body: { keys: [key.jwk] } }
      case '/v2/routes': {
        const payload = {
          submissionHost: 'submission.sandbox.invalid',
          iss: 'sandbox',
          destinationId: mode === 'wrong' ? OTHER : DESTINATION,
          services: [
            {
              gebietIDs: [`urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:${ARS.slice(0, 9)}`],
              leistungIDs: [`urn:de:fim:leika:leistung:${LEIKA_KEY}`],
            },
          ],
        }
        const route = { destinationId: DESTINATION, destinationSignature: signPs512(payload, key) }
        return { status: 200, body: { count: 1, offset: 0, totalCount: 1, routes: [route] } }
      }
      case '/destination-api/token':
        return tokenReply(request, control)
      case `/destination-api/${ZUSTELLPUNKT}`:
        return hasToken(request) ? { status: 200, body: zustellpunkt(mode) } : { status: 401 }
      case `/destination-api/${ZUSTELLPUNKT}/keys/${ENCRYPTION_KID}`:
        return hasToken(request) ? { status: 200, body: encryptionKey(key.jwk) } : { status: 401 }
      case '/submission-api/.well-known/jwks.json':
        return { status: 200, body: { keys: [key.jwk] } }
      case `/submission-api/${ZUSTELLPUNKT}`:
        return { status: 200, body: zustellpunkt(mode) }
      case `/submission-api/${ZUSTELLPUNKT}/keys/${ENCRYPTION_KID}`:
        return { status: 200, body: encryptionKey(key.jwk) }
      default:
        return { status: 404 }
    }
  },
})

const zustellpunkt = (mode: 'healthy' | 'wrong') => ({
  destinationId: DESTINATION,
  status: mode === 'wrong' ? 'inactive' : 'active',
  encryptionKid: ENCRYPTION_KID,
  publicServices: [{ identifier: `urn:de:fim:leika:leistung:${LEIKA_KEY}`, regions: [`DE${ARS}`] }],
})

const encryptionKey = (jwk: object) => ({
  ...jwk,
  kid: ENCRYPTION_KID,
  alg: 'RSA-OAEP-256',
  key_ops: ['wrapKey'],
  use: undefined,
})
