import { httpStandIn } from './http-stand-in.ts'
import { tokenReply } from './token.ts'

/** A token endpoint. */
export const oauth2 = httpStandIn({
  kind: 'oauth2',
  wrong: 'The secret of the client has expired.',
  path: '/token',
  wantsCredentials: true,
  settings: () => ({}),
  reply: (request, mode, control) =>
    mode === 'wrong' ? { status: 401, body: { error: 'invalid_client' } } : tokenReply(request, control),
})
