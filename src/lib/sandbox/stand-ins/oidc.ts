import { httpStandIn } from './http-stand-in.ts'
import { signingKey } from './keys.ts'

const ISSUER = '/realms/sandbox'
let key: ReturnType<typeof signingKey> | undefined

/** An identity provider. Nobody can log in: only what it says of itself is there. */
export const oidc = httpStandIn({
  kind: 'oidc',
  wrong: 'The document names another issuer, as behind a proxy that nobody told it of.',
  path: ISSUER,
  wantsCredentials: false,
  settings: () => ({ pkce: true }),
  reply: ({ path, origin }, mode) => {
    key ??= signingKey('sandbox-1', 'RS256')
    const issuer = `${origin}${ISSUER}`
    switch (path) {
      case `${ISSUER}/.well-known/openid-configuration`:
        return {
          status: 200,
          body: {
            issuer: mode === 'wrong' ? `http://sso.internal${ISSUER}` : issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            userinfo_endpoint: `${issuer}/userinfo`,
            jwks_uri: `${issuer}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['pairwise'],
            id_token_signing_alg_values_supported: ['RS256'],
            scopes_supported: ['openid', 'profile'],
            code_challenge_methods_supported: ['S256'],
          },
        }
      case `${ISSUER}/keys`:
        return { status: 200, body: { keys: [key.jwk] } }
      default:
        return { status: 404 }
    }
  },
})
