import { defineKind } from '../kind.ts'
import { choice, optional, text } from '../settings.ts'
import { CLIENT_AUTHENTICATIONS, fetchToken, TOKEN_CONDITIONS } from '../token.ts'

/** A token endpoint: that it answers, and that the secret is still valid. */
export const oauth2 = defineKind({
  id: 'oauth2',
  title: 'OAuth 2.0 token endpoint, client credentials',
  schemes: ['https:', 'http:'],
  credentials: 'required',
  source: 'RFC 6749 §2.3.1, §4.4, §5.1 and §5.2',
  healthy:
    'With the credentials of the connector it gives a Bearer token. The token is used for nothing and forgotten.',
  settings: {
    clientAuthentication: optional(
      choice('Where the credentials stand: in a header or in the form.', CLIENT_AUTHENTICATIONS),
      'basic',
    ),
    scope: optional(text('Scope to ask for; several are separated by blanks.')),
  },
  conditions: {
    ...TOKEN_CONDITIONS,
  },
  check: async (probe, { clientAuthentication, scope }) => {
    await fetchToken(probe, { url: probe.url, authentication: clientAuthentication, scope })
  },
})
